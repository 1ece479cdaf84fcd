//! What changes of an organisation at large: rows of all its files follow.

use domain::Uscc;
use domain::ids::DistrictId;
use domain::organization::OrganizationEvent;

/// A change of name, district or number.
pub(crate) enum Identity<'a> {
    Name(&'a str),
    District(&'a DistrictId),
    Number(&'a Uscc),
}

impl<'a> Identity<'a> {
    /// The change that the event makes, if it makes one.
    pub(crate) fn changed_by(event: &'a OrganizationEvent) -> Option<Self> {
        match event {
            OrganizationEvent::OrganizationRenamed { name } => Some(Self::Name(name)),
            OrganizationEvent::DistrictChanged { district } => Some(Self::District(district)),
            OrganizationEvent::UsccChanged { uscc } | OrganizationEvent::UsccCorrected { uscc, .. } => {
                Some(Self::Number(uscc))
            }
            OrganizationEvent::OrganizationRegistered { .. }
            | OrganizationEvent::NumberAssigned { .. }
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
