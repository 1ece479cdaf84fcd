//! The resources: one file each, with paths, bodies, handlers and `routes()`.

pub mod applications;
pub mod classifications;
pub mod cycles;
pub mod departures;
pub mod eligibility;
pub mod enrolments;
pub mod nominations;
pub mod removals;
pub mod survey_reports;
pub mod surveys;

use utoipa_axum::router::OpenApiRouter;

use crate::state::Api;

/// All resources, for [`router`](crate::router::router) to mount.
#[must_use]
pub fn resources() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .merge(cycles::routes())
        .merge(enrolments::routes())
        .merge(applications::routes())
        .merge(nominations::routes())
        .merge(departures::routes())
        .merge(eligibility::routes())
        .merge(surveys::routes())
        .merge(survey_reports::routes())
        .merge(classifications::routes())
        .merge(removals::routes())
}
