//! Applications as they are read: in a list with references to people, alone with what is on record of them.

use domain::cycle::Stage;
use domain::ids::{CycleId, DistrictId, OrganizationId};
use domain::{Actor, Role, Uscc};
use projections::enrolments::{Enrolment, HandedIn};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::people::{PersonView, Sight};
use crate::problem::Problem;
use crate::resources::cycles;
use crate::state::Api;

/// An application in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ApplicationRow {
    /// The organisation.
    pub organization: OrganizationId,
    /// Its number in force.
    pub uscc: Uscc,
    /// Its name in force.
    pub name: String,
    /// Its district in force.
    pub district: Option<DistrictId>,
    /// Where the file stands.
    pub stage: Stage,
    /// Fresh starts in the cycle, from 1.
    pub attempt: u32,
    /// The form, and how it was handed in.
    pub application: Option<HandedIn>,
}

impl From<Enrolment> for ApplicationRow {
    fn from(file: Enrolment) -> Self {
        let Enrolment { organization, uscc, name, district, stage, attempt, application, .. } = file;
        Self { organization, uscc, name, district, stage, attempt, application }
    }
}

/// An application with what is on record of the people whom it names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ApplicationShown {
    /// The cycle.
    pub cycle: CycleId,
    /// The organisation.
    pub organization: OrganizationId,
    /// Its number in force.
    pub uscc: Uscc,
    /// Where the file stands.
    pub stage: Stage,
    /// Fresh starts in the cycle, from 1.
    pub attempt: u32,
    /// The form, and how it was handed in.
    pub application: HandedIn,
    /// The contact (W-81, W-82), masked, to those who work with the file.
    pub contact: PersonView,
    /// The legal representative (W-39), to those who work with the file.
    pub legal_representative: PersonView,
}

/// The application of a file, as this reader may see it.
pub(super) async fn shown(api: &Api, file: Enrolment, reader: Option<&Actor>) -> Result<ApplicationShown, Problem> {
    let (cycle, _) = cycles::shown(api, api.app().store().db(), &file.cycle).await?;
    let known = reader.is_some_and(|reader| reader.is_office(&cycle.program) || works_with(reader, &file));
    let application = file.application.ok_or_else(|| Problem::not_found("application"))?;
    let form = &application.form;
    let (contact, representative) = (form.contact.person, form.supplement.legal_representative.person);
    let sight = if known { Sight::of(reader) } else { Sight::Reference };
    let people = api.people([contact, representative], sight).await?;
    Ok(ApplicationShown {
        cycle: file.cycle,
        organization: file.organization,
        uscc: file.uscc,
        stage: file.stage,
        attempt: file.attempt,
        application,
        contact: people.view(contact),
        legal_representative: people.view(representative),
    })
}

/// Whether the reader has to do with the file: its district, recommender or station, or the organisation itself.
fn works_with(reader: &Actor, file: &Enrolment) -> bool {
    match reader.role {
        Role::District => file.district.as_ref().is_some_and(|district| reader.is_district(district)),
        Role::Recommender => file.recommendation.as_ref().is_some_and(|r| reader.is_recommender(&r.recommender)),
        Role::Station => file.survey.as_ref().is_some_and(|survey| reader.is_station(&survey.station)),
        Role::Organization => reader.is_organization([&file.uscc, file.organization.first_uscc()].into_iter()),
        Role::Office | Role::Expert => false,
    }
}
