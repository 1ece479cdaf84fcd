//! The resources: one file each, with paths, bodies, handlers and `routes()`.

pub mod accounts;
pub mod applications;
pub mod audit;
pub mod carry_over;
pub mod classifications;
pub mod cycles;
pub mod departures;
pub mod documents;
pub mod eligibility;
pub mod enrolments;
pub mod events;
pub mod facts;
pub mod me;
pub mod nominations;
pub mod organizations;
pub mod outreach;
pub mod persons;
pub mod programs;
pub mod recommenders;
pub mod register;
pub mod removals;
pub mod roster;
pub mod schedule;
pub mod sessions;
pub mod sign_ins;
pub mod survey_reports;
pub mod surveys;
pub mod tokens;
pub mod visits;

use utoipa_axum::router::OpenApiRouter;

use crate::state::Api;

/// All resources, without their layers: for the description, and for [`service`](crate::service::service) to mount.
#[must_use]
pub fn resources() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .merge(cycles::routes())
        .merge(documents::routes())
        .merge(events::routes())
        .merge(me::routes())
        .merge(programs::routes())
        .merge(outreach::routes())
        .merge(recommenders::routes())
        .merge(register::routes())
        .merge(persons::routes())
        .merge(roster::routes())
        .merge(enrolments::routes())
        .merge(applications::routes())
        .merge(nominations::routes())
        .merge(departures::routes())
        .merge(eligibility::routes())
        .merge(surveys::routes())
        .merge(survey_reports::routes())
        .merge(classifications::routes())
        .merge(removals::routes())
        .merge(facts::routes())
        .merge(visits::routes())
        .merge(sessions::routes())
        .merge(schedule::routes())
        .merge(carry_over::routes())
        .merge(organizations::routes())
        .merge(sign_ins::routes())
        .merge(tokens::routes())
        .merge(accounts::routes())
        .merge(audit::routes())
}
