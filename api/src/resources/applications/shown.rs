//! Applications as they are read: in a list with references to people, alone with what is on record of them.

use domain::Uscc;
use domain::cycle::Stage;
use domain::ids::{CycleId, DistrictId, OrganizationId};
use projections::enrolments::{Enrolment, HandedIn};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::people::{PersonView, Sight};
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
    /// The contact (W-81, W-82), masked, to those who work with the file.
    pub contact: PersonView,
    /// The legal representative (W-39), to those who work with the file.
    pub legal_representative: PersonView,
}

/// The application of a file, as this reader may see it.
pub(super) async fn shown(api: &Api, file: Enrolment, sight: Sight) -> Result<ApplicationShown, Problem> {
    let application = file.application.ok_or_else(|| Problem::not_found("application"))?;
    let form = &application.form;
    let (contact, representative) = (form.contact.person, form.supplement.legal_representative.person);
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
