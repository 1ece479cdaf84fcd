//! Activities (群众性质量提升活动、技能培训及竞赛, §四（四）, W-72) of one file.

use domain::enrolment::{CorrectActivity, EnrolmentCommand, RecordActivity, VoidActivity};
use domain::forms::facts::Activity;
use domain::ids::ActivityId;

use super::operations::fact_operations;

fact_operations! {
    kind: Activities,
    collection: "activities",
    permission: "activity.write",
    commands: Enrolment(EnrolmentCommand) { RecordActivity, CorrectActivity, VoidActivity },
    key: ActivityKey { activity_id: ActivityId },
    content: activity: Activity,
    example: {
        on: "2025-09-20",
        content: { "kind": "mass_quality_activity", "title": "QC小组成果发布会", "participants": 60 }
    },
    /// Records an activity (W-72); by the organisation, or by whoever is responsible for it.
    record: record_activity(RecordActivityBody),
    /// Lists the activities of an organisation in a cycle.
    list: list_activities,
    /// Shows an activity with all its versions.
    get: get_activity,
    /// Corrects an activity: whole new content; by the unit that recorded it, or by the award office.
    correct: correct_activity(CorrectActivityBody),
    /// Voids an activity; by the unit that recorded it, or by the award office.
    void: void_activity,
}

pub(super) fn routes() -> OpenApiRouter<Api> {
    operations()
}
