//! Follow-up visits (回访, §四（四）, W-74, W-75) of one file.

use domain::enrolment::{CorrectVisit, EnrolmentCommand, RecordVisit, VoidVisit};
use domain::forms::facts::Visit;
use domain::ids::VisitId;

use super::operations::fact_operations;

fact_operations! {
    kind: Visits,
    collection: "visits",
    permission: "visit.write",
    commands: Enrolment(EnrolmentCommand) { RecordVisit, CorrectVisit, VoidVisit },
    key: VisitKey { visit_id: VisitId },
    content: visit: Visit,
    example: {
        on: "2025-09-10",
        content: {
            "station": "jinghu-1",
            "channel": "on_site",
            "findings": "已在两个车间试点卓越绩效管理模式。",
            "needs": "希望安排自评师培训。",
            "carry_over": "下个周期扩大到全部车间。"
        }
    },
    /// Records a follow-up visit (回访, W-74); by a station responsible for the organisation.
    record: record_visit(RecordVisitBody),
    /// Lists the visits to an organisation in a cycle.
    list: list_enrolment_visits,
    /// Shows a visit with all its versions.
    get: get_visit,
    /// Corrects a visit: whole new content; by the station that recorded it, or by the award office.
    correct: correct_visit(CorrectVisitBody),
    /// Voids a visit; by the station that recorded it, or by the award office.
    void: void_visit,
}

pub(super) fn routes() -> OpenApiRouter<Api> {
    operations()
}
