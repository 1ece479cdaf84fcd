//! The register (名录): districts, stations, recommenders and experts of a program, as they change over time.
//!
//! The four kinds share all their operations; a kind adds its body for a new entry and its filters. The paths
//! are written out per kind, because the contract names them so.

pub mod bodies;
pub mod entry;
pub mod filters;
mod operations;

pub use entry::RegisterEntry;

use axum::extract::State;
use projections::register::EntryKind;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::answer::{Answer, Answered, Found};
use crate::body::Body;
use crate::headers::{CommandHeaders, Commanding, ReadHeaders, Reading};
use crate::keys::{EntryKey, Keys, ProgramKey};
use crate::openapi::{CommandProblems, ReadProblems};
use crate::page::{List, Page};
use crate::problem::Problem;
use crate::state::Api;

use bodies::{
    ChangeEntryBody, ChangeExpertBody, CloseEntryBody, MergeEntryBody, NewDistrict, NewExpert, NewRecommender,
    NewStation,
};
use filters::{Everywhere, InDistricts};

/// The operations of one kind of entry.
macro_rules! operations {
    ($module:ident, $kind:expr, $new:ty, $change:ty, $filter:ty, $one:literal, $many:literal) => {
        mod $module {
            use super::*;

            #[utoipa::path(get, path = concat!("/programs/{program}/", $many), tag = "register", extensions(("x-permission" = json!("register.read"))),
                operation_id = concat!("list_", $many), summary = concat!("Lists the ", $many, " of a program."),
                params(ProgramKey, List<$filter>, ReadHeaders),
                responses((status = 200, description = "The entries, active or not.", body = Page<RegisterEntry>),
                    ReadProblems))]
            async fn list(
                State(api): State<Api>,
                Keys(key): Keys<ProgramKey>,
                reading: Reading,
                list: List<$filter>,
            ) -> Result<Found<Page<RegisterEntry>>, Problem> {
                operations::list(&api, $kind, &key.program, &reading, &list).await
            }

            #[utoipa::path(post, path = concat!("/programs/{program}/", $many), tag = "register", extensions(("x-permission" = json!("register.write"))),
                operation_id = concat!("add_", $one), summary = concat!("Adds one to the register's ", $many, "."),
                params(ProgramKey, CommandHeaders), request_body = $new,
                responses((status = 201, description = "The entry.", body = Answer<RegisterEntry>), CommandProblems))]
            async fn add(
                State(api): State<Api>,
                Keys(key): Keys<ProgramKey>,
                commanding: Commanding,
                Body(body): Body<$new>,
            ) -> Result<Answered<RegisterEntry>, Problem> {
                let new = body.registration(&api);
                let location = format!("/api/v1/programs/{}/{}/{}", key.program, $many, new.entry.as_str());
                Ok(operations::add(&api, &key.program, commanding, new).await?.created(location))
            }

            #[utoipa::path(get, path = concat!("/programs/{program}/", $many, "/{id}"), tag = "register", extensions(("x-permission" = json!("register.read"))),
                operation_id = concat!("get_", $one), summary = concat!("Shows one of the register's ", $many, ", active or not."),
                params(EntryKey, ReadHeaders),
                responses((status = 200, description = "The entry.", body = RegisterEntry), ReadProblems))]
            async fn get(
                State(api): State<Api>,
                Keys(key): Keys<EntryKey>,
                reading: Reading,
            ) -> Result<Found<RegisterEntry>, Problem> {
                operations::get(&api, $kind, &key, &reading).await
            }

            #[utoipa::path(post, path = concat!("/programs/{program}/", $many, "/{id}/changes"), tag = "register", extensions(("x-permission" = json!("register.write"))),
                operation_id = concat!("change_", $one), summary = concat!("Changes one of the register's ", $many, "."),
                description = "A new name, or another district, one at a time; of an expert who it is, its field, or both.",
                params(EntryKey, CommandHeaders), request_body = $change,
                responses((status = 200, description = "The entry.", body = Answer<RegisterEntry>), CommandProblems))]
            async fn change(
                State(api): State<Api>,
                Keys(key): Keys<EntryKey>,
                commanding: Commanding,
                Body(body): Body<$change>,
            ) -> Result<Answered<RegisterEntry>, Problem> {
                let changing = body.changing(&api)?;
                operations::change(&api, $kind, &key, commanding, changing).await
            }

            #[utoipa::path(post, path = concat!("/programs/{program}/", $many, "/{id}/mergers"), tag = "register", extensions(("x-permission" = json!("register.write"))),
                operation_id = concat!("merge_", $one), summary = concat!("Merges one of the register's ", $many, " into another one."),
                description = "What was its own counts as the successor's from then on.",
                params(EntryKey, CommandHeaders), request_body = MergeEntryBody,
                responses((status = 200, description = "The entry merged.", body = Answer<RegisterEntry>),
                    CommandProblems))]
            async fn merge(
                State(api): State<Api>,
                Keys(key): Keys<EntryKey>,
                commanding: Commanding,
                Body(body): Body<MergeEntryBody>,
            ) -> Result<Answered<RegisterEntry>, Problem> {
                operations::merge(&api, $kind, &key, commanding, body).await
            }

            #[utoipa::path(post, path = concat!("/programs/{program}/", $many, "/{id}/closure"), tag = "register", extensions(("x-permission" = json!("register.write"))),
                operation_id = concat!("close_", $one), summary = concat!("Closes one of the register's ", $many, "."),
                description = "It stays known, because files of earlier cycles name it.",
                params(EntryKey, CommandHeaders), request_body = CloseEntryBody,
                responses((status = 200, description = "The entry.", body = Answer<RegisterEntry>), CommandProblems))]
            async fn close(
                State(api): State<Api>,
                Keys(key): Keys<EntryKey>,
                commanding: Commanding,
                Body(body): Body<CloseEntryBody>,
            ) -> Result<Answered<RegisterEntry>, Problem> {
                operations::close(&api, $kind, &key, commanding, body).await
            }

            pub(super) fn routes() -> OpenApiRouter<Api> {
                OpenApiRouter::new()
                    .routes(routes!(list, add))
                    .routes(routes!(get))
                    .routes(routes!(change))
                    .routes(routes!(merge))
                    .routes(routes!(close))
            }
        }
    };
}

operations!(districts, EntryKind::District, NewDistrict, ChangeEntryBody, Everywhere, "district", "districts");
operations!(stations, EntryKind::Station, NewStation, ChangeEntryBody, InDistricts, "station", "stations");
operations!(
    recommenders,
    EntryKind::Recommender,
    NewRecommender,
    ChangeEntryBody,
    InDistricts,
    "recommender",
    "recommenders"
);
operations!(experts, EntryKind::Expert, NewExpert, ChangeExpertBody, Everywhere, "expert", "experts");

/// The paths of this resource.
pub(crate) fn routes() -> OpenApiRouter<Api> {
    districts::routes().merge(stations::routes()).merge(recommenders::routes()).merge(experts::routes())
}

#[cfg(test)]
mod tests;
