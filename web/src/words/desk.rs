//! 工作台: what waits.

use super::words;

words! {
    /// The desk.
    Desk {
        title: "工作台", "Desk";
        nothing: "目前没有等您办理的事项。", "Nothing waits for you.";
        no_cycle: "目前没有进行中的孵化周期。", "No cycle is open.";
        more: "查看全部", "See all";
        since: "起", "since";
        applied: "申报于", "Applied";
        due: "期限", "Due";
        to_classify: "待分类入池", "To be classified";
        to_settle: "待审定的调查", "Surveys to settle";
        to_survey: "待报送的调查", "Surveys to file";
        visits_due: "待回访", "Visits due";
        open_requests: "待答复的帮扶需求", "Requests for help to answer";
        requests: "项", "open";
        balance: "孵化池失衡", "The pool is out of balance";
        balance_text: "各类数量超出约束，超出数：", "Class counts are beyond their bound by ";
        repair_reclassify: "可调整类别", "could be reclassified";
        repair_admit: "可新入池", "could be admitted";
        sessions: "近期教学", "Sessions to come";
        not_nominated: "尚无推荐的申报", "Applications without a recommendation";
        quota: "推荐名额", "Places to recommend";
        quota_left: "剩余名额", "places left";
        quota_free: "不限名额", "no bound";
        own: "我的档案", "My file";
        own_none: "您的组织在进行中的周期没有档案。", "Your organisation has no file in an open cycle.";
        read_only: "您的身份只查看，不办理事项。", "Your role reads and decides nothing.";
        accounts: "账号管理目前由接口或命令行完成。", "Accounts are looked after by the API or the command line for now.";
    }
}
