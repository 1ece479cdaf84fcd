//! 组织档案.

use super::words;

words! {
    /// A file.
    File {
        title: "组织档案", "File";
        stage: "阶段", "Stage";
        uscc: "统一社会信用代码", "USCC";
        district: "区县", "District";
        recommender: "推荐单位", "Recommender";
        applied_on: "申报日期", "Applied on";
        admitted_on: "入池日期", "Admitted on";
        attempt: "第几次申报", "Attempt";
        own_class: "自评类别", "Own class";
        station_class: "服务站建议", "Station's class";
        class: "类别", "Class";
        report_no: "审定文号", "Report no.";
        outcome: "结果", "Outcome";
        former_names: "曾用名", "Former names";
        former_numbers: "曾用代码", "Former numbers";
        gone: "该组织已不存续", "This organisation is no more";
        other_files: "各周期档案", "Files by cycle";
        cycle: "周期", "Cycle";
        live: "进行中", "Live";
        scores: "自我评价得分", "Scores of self-evaluations";
        scores_text: "各次自我评价的总分，按评价期结束日排列。", "Total scores of each self-evaluation, by the end of its period.";
        no_scores: "还没有带得分的自我评价。", "No self-evaluation with scores yet.";
        period: "评价期", "Period";
        total: "总分", "Total";
        of: "满分", "of";
        timeline: "经过", "What happened";
        timeline_text: "最近的在前，含以往各周期。每条写明发生日、记录时间和记录人。", "The latest first, over all cycles: when it happened, when it was recorded, and by whom.";
        recorded: "记录于", "Recorded";
        by: "记录人", "by";
        undone: "后被更正或撤销：", "Put right later: ";
        entry: "第", "entry ";
        papers: "文件", "Papers";
        waiver: "例外", "Waiver";
        visits: "回访", "Visits";
        record_visit: "记录回访", "Record a visit";
        assistance: "帮扶需求", "Requests for help";
        incidents: "事故与移出", "Incidents and removal";
        earlier: "更早的记录请到该周期的档案查看。", "For what lies further back, open the file of that cycle.";
    }
}
