//! 事故与移出.

use super::words;

words! {
    /// Incidents, what the authority found of them, removal and its rescission.
    Incidents {
        title: "事故与移出", "Incidents and removal";
        none: "没有事故记录。", "No incident is recorded.";
        report: "报告事故", "Report an incident";
        report_done: "事故已记录。", "The incident is recorded.";
        determine: "登记认定", "Record the determination";
        determine_done: "认定已登记。", "The determination is recorded.";
        dismiss: "登记不成立", "Record that it is unfounded";
        dismiss_done: "已登记为不成立。", "It is recorded as unfounded.";
        remove: "移出孵化池", "Remove from the pool";
        remove_done: "该组织已移出孵化池。", "The organisation is removed from the pool.";
        rescind: "撤销移出", "Rescind the removal";
        rescind_done: "移出已撤销，该组织重新在池。", "The removal is rescinded: the organisation is a member again.";
        correct: "更正报告", "Correct the report";
        correct_done: "更正已记录。", "The correction is recorded.";
        void: "作废报告", "Void the report";
        void_done: "该报告已作废。", "The report is voided.";
        sent_before: "这份表单此前已提交过，内容与这次不同，没有再记录。", "This form was sent before with other content, and nothing was recorded now.";
        on: "发生日期", "Day that it happened";
        learned_on: "收到认定文件的日期", "Day that the paper was received";
        decided_on: "决定日期", "Day of the decision";
        voided_on: "作废日期", "Day of the voiding";
        kind: "种类", "Kind";
        description: "经过", "What happened";
        no_people: "不要写姓名、电话等个人信息。", "No names, phones or other data of people.";
        finding: "认定结果", "Finding";
        authority: "认定部门", "Authority";
        document_no: "文号", "Number of its paper";
        determined_on: "认定日期", "Day of its paper";
        reason: "理由", "Reason";
        paper: "文件扫描件", "Scan of the paper";
        paper_hint: "PDF、JPEG 或 PNG，不超过 20 MB。", "PDF, JPEG or PNG of at most 20 MB.";
        paper_title: "认定文件", "Determination";
        balance_after: "移出后的数量平衡", "The balance after the removal";
        balance_back: "撤销后的数量平衡", "The balance after the rescission";
        never_refused: "移出和撤销不因数量失衡而被拒绝；失衡时，看板会给出恢复办法。", "Neither is refused for the balance; where the pool falls out of balance, the board names the moves that repair it.";
        stale: "在您填写期间，孵化池有了新的决定。下面的数量已更新，请核对后再提交。", "The pool has changed while you were typing. The counts below are up to date: check them, then send again.";
        recorded_by: "报告人", "Reported by";
        reported_on: "记录时间", "Recorded at";
        found_by: "认定", "Determination";
        papers: "文件", "Papers";
        voided: "已作废", "Voided";
        versions: "已更正，现为第 {n} 版", "Corrected; this is version {n}";
        on_board: "分类看板", "Board of classes";
    }
}
