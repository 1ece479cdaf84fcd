//! What an organisation is called at large, and where it belongs: rows of all its files follow.
//!
//! Name and district in force are the organisation's own; what a form says of them is the form's.

use domain::Uscc;
use domain::ids::DistrictId;
use domain::organization::OrganizationEvent;

/// A first or a new name, district or number.
pub(crate) enum Identity<'a> {
    Registered { uscc: &'a Uscc, name: &'a str, district: &'a DistrictId },
    Name(&'a str),
    District(&'a DistrictId),
    Number(&'a Uscc),
}

impl<'a> Identity<'a> {
    /// What the event says of it, if anything.
    pub(crate) fn told_by(event: &'a OrganizationEvent) -> Option<Self> {
        match event {
            OrganizationEvent::OrganizationRenamed { name } => Some(Self::Name(name)),
            OrganizationEvent::DistrictChanged { district } => Some(Self::District(district)),
            OrganizationEvent::UsccChanged { uscc } | OrganizationEvent::UsccCorrected { uscc, .. } => {
                Some(Self::Number(uscc))
            }
            OrganizationEvent::OrganizationRegistered { uscc, name, district, program: _ } => {
                Some(Self::Registered { uscc, name, district })
            }
            OrganizationEvent::NumberAssigned { .. }
            | OrganizationEvent::MergedInto { .. }
            | OrganizationEvent::Dissolved { .. }
            | OrganizationEvent::EnrolmentOpened { .. }
            | OrganizationEvent::EnrolmentEnded { .. }
            | OrganizationEvent::EnrolmentReopened { .. }
            | OrganizationEvent::IncidentReported(_)
            | OrganizationEvent::IncidentCorrected(_)
            | OrganizationEvent::IncidentVoided(_)
            | OrganizationEvent::IncidentDetermined { .. }
            | OrganizationEvent::IncidentDismissed { .. }
            | OrganizationEvent::HonourRecorded(_) => None,
        }
    }
}
