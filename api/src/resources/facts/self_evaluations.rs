//! Self-evaluations (自我评价, GB/T 19580, §四（四）, W-71, W-77) of one file.

use domain::enrolment::{CorrectSelfEvaluation, EnrolmentCommand, RecordSelfEvaluation, VoidSelfEvaluation};
use domain::forms::facts::SelfEvaluation;
use domain::ids::SelfEvaluationId;

use super::operations::fact_operations;

fact_operations! {
    kind: SelfEvaluations,
    collection: "self-evaluations",
    permission: "self_evaluation.write",
    commands: Enrolment(EnrolmentCommand) { RecordSelfEvaluation, CorrectSelfEvaluation, VoidSelfEvaluation },
    key: SelfEvaluationKey { self_evaluation_id: SelfEvaluationId },
    content: self_evaluation: SelfEvaluation,
    example: {
        on: "2025-12-20",
        content: {
            "period_from": "2025-01-01",
            "period_to": "2025-11-30",
            "strengths": "高层推动有力，过程方法系统展开。",
            "gaps": "标杆对比数据不足。",
            "actions": "建立行业标杆数据库。",
            "scores": []
        }
    },
    /// Records a self-evaluation (自我评价, W-71); by the organisation, at any time.
    record: record_self_evaluation(RecordSelfEvaluationBody),
    /// Lists the self-evaluations of an organisation in a cycle.
    list: list_self_evaluations,
    /// Shows a self-evaluation with all its versions.
    get: get_self_evaluation,
    /// Corrects a self-evaluation: whole new content; by the organisation, or by the award office.
    correct: correct_self_evaluation(CorrectSelfEvaluationBody),
    /// Voids a self-evaluation; by the organisation, or by the award office.
    void: void_self_evaluation,
}

pub(super) fn routes() -> OpenApiRouter<Api> {
    operations()
}
