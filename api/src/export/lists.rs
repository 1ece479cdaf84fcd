//! The lists that are exported: what each is called, and how its rows are laid out.

/// What the document does not say of a list.
#[derive(Debug)]
pub(super) struct Known {
    /// The operation.
    pub(super) operation: &'static str,
    /// What the list is called.
    pub(super) name: &'static str,
    /// Which of several forms its rows have.
    pub(super) form: Option<&'static str>,
    /// Fields that only rows of another kind have.
    pub(super) absent: &'static [&'static str],
    /// Lists inside of a row, one inside the other, whose elements have a row each.
    pub(super) spread: &'static [&'static str],
}

/// The entry of a list. One that nobody named is called by its operation.
pub(super) fn known(operation: &str) -> Option<&'static Known> {
    LISTS.iter().find(|known| known.operation == operation)
}

const fn list(operation: &'static str, name: &'static str) -> Known {
    Known { operation, name, form: None, absent: &[], spread: &[] }
}

const fn facts(
    operation: &'static str,
    name: &'static str,
    form: &'static str,
    absent: &'static [&'static str],
) -> Known {
    Known { operation, name, form: Some(form), absent, spread: &[] }
}

const fn spread(operation: &'static str, name: &'static str, spread: &'static [&'static str]) -> Known {
    Known { operation, name, form: None, absent: &[], spread }
}

/// What only requests for help and incidents have.
const NEITHER: &[&str] = &["answer", "determination"];

pub(super) const LISTS: &[Known] = &[
    list("list_cycles", "孵化周期"),
    list("list_applications", "申报"),
    spread("get_carry_over", "延续事项", &["organizations"]),
    list("list_nominations", "推荐"),
    facts("list_activities", "质量提升活动", "Activity", NEITHER),
    facts("list_assistance_requests", "帮扶需求", "AssistanceRequest", &["determination"]),
    facts("list_enrolment_incidents", "周期内事故", "Incident", &["answer"]),
    facts("list_self_evaluations", "自我评价", "SelfEvaluation", NEITHER),
    list("list_surveys", "基本情况调查"),
    list("list_timeline", "档案经过"),
    facts("list_enrolment_visits", "组织回访", "Visit", NEITHER),
    list("list_outreach", "宣传动员"),
    list("list_quotas", "推荐名额"),
    list("list_roster", "孵化名册"),
    list("get_schedule", "教学应授"),
    list("list_sessions", "课程"),
    spread("list_survey_reports", "调查报告", &["reports", "files"]),
    facts("list_visits", "回访", "Visit", NEITHER),
    list("list_due_visits", "待回访"),
    list("list_honours", "荣誉"),
    facts("list_incidents", "事故", "Incident", &["answer"]),
    list("list_programs", "培育项目"),
    list("list_districts", "区县"),
    list("list_experts", "专家"),
    list("list_recommenders", "推荐单位"),
    list("list_stations", "服务站"),
    list("list_sign_ins", "登录记录"),
    list("list_tokens", "令牌"),
    list("list_accounts", "账号"),
    list("list_account_tokens", "账号令牌"),
    list("list_audit", "审计记录"),
];
