//! Applications as they are read: in a list with references to people, alone with what is on record of them.

use domain::Uscc;
use domain::cycle::Stage;
use domain::ids::{CycleId, DistrictId, OrganizationId, PersonId};
use projections::enrolments::{Enrolment, HandedIn};
use serde::{Deserialize, Serialize};
use store::persons;
use utoipa::ToSchema;

use crate::people::Sight;
use crate::problem::Problem;
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
    /// The contact (W-81, W-82).
    pub contact: PersonShown,
    /// The legal representative (W-39).
    pub legal_representative: PersonShown,
}

/// What is on record of a person; all null where it was erased, or is not the reader's to see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PersonShown {
    /// The reference that events hold.
    pub person_id: PersonId,
    /// Name.
    pub name: Option<String>,
    /// Phone.
    pub phone: Option<String>,
    /// Mail.
    pub email: Option<String>,
}

/// The application of a file, as this reader may see it.
pub(super) async fn shown(api: &Api, file: Enrolment, sight: Sight) -> Result<ApplicationShown, Problem> {
    let known = sight == Sight::Person;
    let application = file.application.ok_or_else(|| Problem::not_found("application"))?;
    let form = &application.form;
    let contact = person(api, form.contact.person, known).await?;
    let legal_representative = person(api, form.supplement.legal_representative.person, known).await?;
    Ok(ApplicationShown {
        cycle: file.cycle,
        organization: file.organization,
        uscc: file.uscc,
        stage: file.stage,
        attempt: file.attempt,
        application,
        contact,
        legal_representative,
    })
}

async fn person(api: &Api, person_id: PersonId, known: bool) -> Result<PersonShown, Problem> {
    let nothing = PersonShown { person_id, name: None, phone: None, email: None };
    if !known {
        return Ok(nothing);
    }
    let record = persons::get(api.app().store().db(), person_id).await?;
    Ok(record.map_or(nothing, |record| PersonShown {
        person_id,
        name: record.name,
        phone: record.phone,
        email: record.email,
    }))
}
