//! What happened, in words: the types of events that a timeline shows, and the parts of what they say.

use api::language::Language;

/// Types of events: name, Chinese, English.
const EVENTS: &[(&str, &str, &str)] = &[
    ("ApplicationSubmitted", "提交申报", "Applied"),
    ("ApplicationAmended", "补正申报", "Application amended"),
    ("RecommendationReceived", "收到推荐意见", "Recommendation received"),
    ("RecommendationRefused", "不予推荐", "Recommendation refused"),
    ("ApplicationWithdrawn", "撤回申报", "Application withdrawn"),
    ("ConditionChecked", "核查申报条件", "Condition checked"),
    ("SurveyAssigned", "指派调查", "Survey assigned"),
    ("SurveyFiled", "报送调查", "Survey filed"),
    ("SurveyReturned", "退回调查", "Survey returned"),
    ("SurveyApproved", "审定调查", "Survey settled"),
    ("SurveyReopened", "发回重查", "Survey reopened"),
    ("VisitRecorded", "回访", "Follow-up visit"),
    ("VisitCorrected", "更正回访", "Visit corrected"),
    ("VisitVoided", "作废回访", "Visit voided"),
    ("ActivityRecorded", "质量提升活动", "Activity"),
    ("ActivityCorrected", "更正活动", "Activity corrected"),
    ("ActivityVoided", "作废活动", "Activity voided"),
    ("SelfEvaluationRecorded", "自我评价", "Self-evaluation"),
    ("SelfEvaluationCorrected", "更正自我评价", "Self-evaluation corrected"),
    ("SelfEvaluationVoided", "作废自我评价", "Self-evaluation voided"),
    ("AssistanceRequested", "提出帮扶需求", "Help requested"),
    ("AssistanceCorrected", "更正帮扶需求", "Request corrected"),
    ("AssistanceVoided", "作废帮扶需求", "Request voided"),
    ("AssistanceAnswered", "答复帮扶需求", "Request answered"),
    ("OrganizationRegistered", "首次登记", "First registered"),
    ("OrganizationRenamed", "更名", "Renamed"),
    ("DistrictChanged", "迁址", "Moved to another district"),
    ("UsccChanged", "换发统一社会信用代码", "New number issued"),
    ("UsccCorrected", "更正统一社会信用代码", "Number corrected"),
    ("NumberAssigned", "登记新代码", "Number assigned"),
    ("MergedInto", "并入其他组织", "Merged into another"),
    ("Dissolved", "注销", "Dissolved"),
    ("EnrolmentOpened", "建立档案", "File opened"),
    ("EnrolmentEnded", "档案终止", "File ended"),
    ("EnrolmentReopened", "档案恢复", "File reopened"),
    ("IncidentReported", "报告事故", "Incident reported"),
    ("IncidentCorrected", "更正事故报告", "Incident corrected"),
    ("IncidentVoided", "作废事故报告", "Incident voided"),
    ("IncidentDetermined", "事故认定", "Incident determined"),
    ("IncidentDismissed", "事故不成立", "Incident dismissed"),
    ("HonourRecorded", "获得荣誉", "Honour"),
    ("CycleOpened", "开启周期", "Cycle opened"),
    ("IntakeSet", "设定申报期", "Intake set"),
    ("CycleExtended", "延长周期", "Cycle extended"),
    ("OutreachRecorded", "宣传动员", "Outreach"),
    ("OutreachCorrected", "更正宣传动员", "Outreach corrected"),
    ("OutreachVoided", "作废宣传动员", "Outreach voided"),
    ("ApplicantEntered", "成为申请组织", "Became an applicant"),
    ("ApplicantLeft", "申请组织离开", "Applicant left"),
    ("OrganizationNominated", "推荐", "Recommended"),
    ("NominationCorrected", "更正推荐单位", "Recommender corrected"),
    ("NominationWithdrawn", "撤回推荐", "Recommendation withdrawn"),
    ("NominationDeclined", "不予入池", "Declined"),
    ("OrganizationAdmitted", "入池", "Admitted"),
    ("OrganizationClassified", "分类", "Classified"),
    ("OrganizationReclassified", "调整类别", "Reclassified"),
    ("ClassificationCorrected", "更正类别", "Class corrected"),
    ("OrganizationRemoved", "移出孵化池", "Removed"),
    ("RemovalRescinded", "撤销移出", "Removal rescinded"),
    ("MemberWithdrawn", "退出孵化池", "Withdrew"),
    ("QuotaWaived", "增加推荐名额", "Extra places"),
    ("SessionBooked", "排课", "Session booked"),
    ("SessionReleased", "取消排课", "Session released"),
    ("CycleClosed", "周期结束", "Cycle closed"),
    ("SessionScheduled", "安排教学", "Session scheduled"),
    ("SessionRescheduled", "教学改期", "Session moved"),
    ("SessionCancelled", "取消教学", "Session cancelled"),
    ("ExpertAssigned", "指派专家", "Experts assigned"),
    ("AttendanceRecorded", "参加教学", "Attended"),
    ("AttendanceCorrected", "更正出席", "Attendance corrected"),
    ("AttendanceVoided", "作废出席", "Attendance voided"),
    ("OutcomeRecorded", "教学成果", "Outcome of teaching"),
];

/// Parts of what an event says that are told in a line: name, Chinese, English.
const KEYS: &[(&str, &str, &str)] = &[
    ("reason", "理由", "Reason"),
    ("reasons", "理由", "Reasons"),
    ("grounds", "理由", "Grounds"),
    ("opinion", "意见", "Opinion"),
    ("report_no", "报告文号", "Report no."),
    ("document_no", "文号", "Document no."),
    ("authority", "主管部门", "Authority"),
    ("department", "部门", "Department"),
    ("class", "类别", "Class"),
    ("from", "由", "From"),
    ("to", "至", "To"),
    ("recommender", "推荐单位", "Recommender"),
    ("station", "服务站", "Station"),
    ("text", "理由", "Grounds"),
    ("name", "名称", "Name"),
    ("title", "标题", "Title"),
    ("subject", "主题", "Subject"),
    ("findings", "孵化成效", "Findings"),
    ("needs", "需求", "Needs"),
    ("carry_over", "下周期延续事项", "For the next cycle"),
    ("description", "说明", "Description"),
    ("answer", "答复", "Answer"),
    ("strengths", "优势", "Strengths"),
    ("gaps", "差距", "Gaps"),
    ("actions", "改进措施", "Actions"),
    ("place", "地点", "Place"),
    ("revision", "修订号", "Revision"),
    ("attempt", "第几次申报", "Attempt"),
];

fn find<'w>(table: &'w [(&str, &'w str, &'w str)], name: &str, language: Language) -> Option<&'w str> {
    table.iter().find(|(known, ..)| *known == name).map(|(_, zh, en)| match language {
        Language::Chinese => *zh,
        Language::English => *en,
    })
}

/// What happened; an event of a later version by its type.
pub(crate) fn event(event_type: &str, language: Language) -> &str {
    find(EVENTS, event_type, language).unwrap_or(event_type)
}

/// What a part of an event is called; none where it is not told.
pub(crate) fn key(name: &str, language: Language) -> Option<&'static str> {
    find(KEYS, name, language)
}

#[cfg(test)]
mod tests {
    use domain::cycle::CycleEvent;
    use domain::enrolment::EnrolmentEvent;
    use domain::organization::OrganizationEvent;
    use domain::session::SessionEvent;
    use strum::VariantNames as _;

    use super::*;

    #[test]
    fn every_event_of_a_timeline_has_words() {
        let all = [EnrolmentEvent::VARIANTS, OrganizationEvent::VARIANTS, CycleEvent::VARIANTS, SessionEvent::VARIANTS];
        let silent: Vec<_> =
            all.concat().into_iter().filter(|name| find(EVENTS, name, Language::Chinese).is_none()).collect();
        assert_eq!(silent, Vec::<&str>::new());
    }
}
