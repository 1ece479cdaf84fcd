//! The organisation (组织): what stays true of it across cycles and programs.
//!
//! Holds names, numbers, district, the files opened and ended, incidents and honours. It enforces one live
//! file per program (lifecycle 1) and the look-back on incidents (W-36, Q-06).
//!
//! A second number of an organisation has a stream of its own with one event, `NumberAssigned`, that points to
//! the organisation: so a number belongs to one organisation by the same version check as everything else.
//!
//! An incident goes its own way beside that:
//!
//! ```text
//!  reported ──┬── determined (major or below) ──┬── determined again: the last one counts
//!             └── dismissed ────────────────────┴── dismissed: overturns the determination
//! ```

mod changes;
mod determinations;
mod honours;
mod incidents;

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

pub use self::changes::{ChangeOrganization, OrganizationChange};
pub use self::determinations::{DetermineIncident, DismissIncident, Severity};
pub use self::honours::RecordHonour;
pub use self::incidents::{CorrectIncident, ReportIncident, VoidIncident};
use crate::actor::Actor;
use crate::context::{Context, add_years};
use crate::cycle::Outcome;
use crate::fact::{Corrected, Facts, Recorded, Voided};
use crate::forms::facts::{Honour, Incident};
use crate::ids::{CycleId, DistrictId, HonourId, IncidentId, OrganizationId, ProgramId};
use crate::refusal::{Refusal, Refused};
use crate::stream::At;
use crate::uscc::Uscc;
use crate::world::{Decision, Stop, World};

/// Events of an organisation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, strum::IntoStaticStr, strum::VariantNames)]
#[allow(missing_docs, reason = "fields carry what the event's name says")]
pub enum OrganizationEvent {
    /// First heard of, by its first application.
    OrganizationRegistered {
        uscc: Uscc,
        name: String,
        district: DistrictId,
        program: ProgramId,
    },
    OrganizationRenamed {
        name: String,
    },
    /// Moved to another district of the city; the responsible station follows.
    DistrictChanged {
        district: DistrictId,
    },
    /// The authority gave it a new number; both resolve.
    UsccChanged {
        uscc: Uscc,
    },
    /// The number was entered wrongly; both resolve.
    UsccCorrected {
        uscc: Uscc,
        reason: String,
    },
    /// On the stream of a later number: whose number it is.
    NumberAssigned {
        organization: OrganizationId,
    },
    /// Merged into another organisation.
    MergedInto {
        organization: OrganizationId,
        reason: String,
    },
    Dissolved {
        reason: String,
    },
    /// A file was opened in a cycle.
    EnrolmentOpened {
        cycle: CycleId,
        program: ProgramId,
        attempt: u32,
    },
    /// The file is no longer live.
    EnrolmentEnded {
        cycle: CycleId,
        outcome: Outcome,
    },
    /// The file is live again: its removal was rescinded.
    EnrolmentReopened {
        cycle: CycleId,
    },
    IncidentReported(Recorded<IncidentId, Incident>),
    IncidentCorrected(Corrected<IncidentId, Incident>),
    IncidentVoided(Voided<IncidentId>),
    /// The competent authority's determination, as recorded by the award office (Q-14).
    IncidentDetermined {
        incident_id: IncidentId,
        authority: String,
        document_no: String,
        major: bool,
        determined_on: NaiveDate,
    },
    /// The authority found no incident, or the report was unfounded; also overturns a determination.
    IncidentDismissed {
        incident_id: IncidentId,
        authority: String,
        document_no: String,
        reason: String,
    },
    HonourRecorded(Recorded<HonourId, Honour>),
}

/// A file of the organisation in some cycle.
#[derive(Debug, Clone, PartialEq)]
pub struct File {
    /// The program of the cycle.
    pub program: ProgramId,
    /// The day that it was opened on, in the present attempt.
    pub opened_on: NaiveDate,
    /// How it ended; `None` while it is live.
    pub outcome: Option<Outcome>,
}

/// What the authority said of an incident.
#[derive(Debug, Clone, PartialEq)]
pub enum Determination {
    /// Nothing yet.
    Open,
    /// Determined, major or not.
    Determined {
        /// Whether it is a major incident (重大事故).
        major: bool,
    },
    /// Dismissed.
    Dismissed,
}

/// An incident as rules see it.
#[derive(Debug, Clone, PartialEq)]
pub struct IncidentState {
    /// The day of the incident.
    pub occurred_on: NaiveDate,
    /// What the authority said.
    pub determination: Determination,
    /// The day of its determination, if that stands.
    pub determined_on: Option<NaiveDate>,
    /// Who reported it.
    pub reported_by: Actor,
}

/// The state of an organisation.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Organization {
    /// Set on the stream of a later number: whose it is.
    pub pointer: Option<OrganizationId>,
    /// The present name; `None` before registration.
    pub name: Option<String>,
    /// All numbers, the first registered first, the one in force last.
    pub numbers: Vec<Uscc>,
    /// The present district.
    pub district: Option<DistrictId>,
    /// Dissolved or merged: no new file.
    pub gone: Option<Gone>,
    /// Files by cycle.
    pub files: BTreeMap<CycleId, File>,
    /// Facts of incidents.
    pub incident_facts: Facts<IncidentId>,
    /// Incidents by id; voided ones are taken out.
    pub incidents: BTreeMap<IncidentId, IncidentState>,
    /// Honours recorded.
    pub honours: BTreeSet<HonourId>,
}

/// Why an organisation is no more.
#[derive(Debug, Clone, PartialEq)]
pub enum Gone {
    /// Dissolved.
    Dissolved,
    /// Merged into another.
    Merged(OrganizationId),
}

impl Gone {
    /// `dissolved` or `merged`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Dissolved => "dissolved",
            Self::Merged(_) => "merged",
        }
    }
}

impl Organization {
    /// Whose number this stream's number is, if it is a later number of another organisation.
    #[must_use]
    pub const fn points_to(&self) -> Option<&OrganizationId> {
        self.pointer.as_ref()
    }

    /// The cycle in which it has a live file of `program`, if any.
    #[must_use]
    pub fn live_file(&self, program: &ProgramId) -> Option<&CycleId> {
        self.files.iter().find(|(_, f)| f.program == *program && f.outcome.is_none()).map(|(cycle, _)| cycle)
    }

    /// The organisation itself; refuses where nobody of this number was ever registered.
    pub fn registered(&self) -> Result<&Self, Refused> {
        if self.name.is_some() { Ok(self) } else { Err(Refusal::NotFound { resource: "organization" }.into()) }
    }

    /// Whether it ever had a file in the program: only then its award office may act on it.
    #[must_use]
    pub fn has_file_in(&self, program: &ProgramId) -> bool {
        self.files.values().any(|f| f.program == *program)
    }

    /// The major incident, if any, whose look-back of `years` still covers `on`, and the day it is free from (W-36).
    ///
    /// Only what the competent authority has determined bars (按照国家有关规定认定, Q-14): a mere report could come
    /// from anybody. Where several bar, the one that bars longest is named. An incident after `on` lies outside
    /// the look-back; it is a matter of removal.
    #[must_use]
    pub fn barring_incident(&self, on: NaiveDate, years: i32) -> Option<(IncidentId, NaiveDate)> {
        self.incidents
            .iter()
            .filter(|(_, incident)| incident.determination == Determination::Determined { major: true })
            .filter(|(_, incident)| incident.occurred_on <= on)
            .map(|(id, incident)| (*id, add_years(incident.occurred_on, years)))
            .filter(|(_, free_from)| *free_from > on)
            .max_by_key(|(_, free_from)| *free_from)
    }

    /// Evolves by one event. Total; holds no rule.
    pub fn evolve(&mut self, event: &OrganizationEvent, at: At<'_>) {
        let occurred_on = at.meta.occurred_on;
        match event {
            OrganizationEvent::OrganizationRegistered { uscc, name, district, program: _ } => {
                self.name = Some(name.clone());
                self.numbers = vec![uscc.clone()];
                self.district = Some(district.clone());
            }
            OrganizationEvent::OrganizationRenamed { name } => self.name = Some(name.clone()),
            OrganizationEvent::DistrictChanged { district } => self.district = Some(district.clone()),
            OrganizationEvent::UsccChanged { uscc } | OrganizationEvent::UsccCorrected { uscc, .. } => {
                self.numbers.retain(|number| number != uscc);
                self.numbers.push(uscc.clone());
            }
            OrganizationEvent::NumberAssigned { organization } => self.pointer = Some(organization.clone()),
            OrganizationEvent::MergedInto { organization, .. } => self.gone = Some(Gone::Merged(organization.clone())),
            OrganizationEvent::Dissolved { .. } => self.gone = Some(Gone::Dissolved),
            OrganizationEvent::EnrolmentOpened { cycle, program, attempt: _ } => {
                let file = File { program: program.clone(), opened_on: occurred_on, outcome: None };
                self.files.insert(cycle.clone(), file);
            }
            OrganizationEvent::EnrolmentEnded { cycle, outcome } => self.set_outcome(cycle, Some(*outcome)),
            OrganizationEvent::EnrolmentReopened { cycle } => self.set_outcome(cycle, None),
            OrganizationEvent::IncidentReported(reported) => {
                let reported_by = at.meta.actor.clone();
                self.incident_facts.record(reported.id, occurred_on, &reported_by);
                let determination = Determination::Open;
                let incident = IncidentState { occurred_on, determination, determined_on: None, reported_by };
                self.incidents.insert(reported.id, incident);
            }
            OrganizationEvent::IncidentCorrected(corrected) => {
                self.incident_facts.correct(corrected.id, occurred_on);
                if let Some(incident) = self.incidents.get_mut(&corrected.id) {
                    incident.occurred_on = occurred_on;
                }
            }
            OrganizationEvent::IncidentVoided(voided) => {
                self.incident_facts.void(voided.id);
                self.incidents.remove(&voided.id);
            }
            OrganizationEvent::IncidentDetermined { incident_id, major, determined_on, .. } => {
                self.determine(*incident_id, Determination::Determined { major: *major }, Some(*determined_on));
            }
            OrganizationEvent::IncidentDismissed { incident_id, .. } => {
                self.determine(*incident_id, Determination::Dismissed, None);
            }
            OrganizationEvent::HonourRecorded(honour) => {
                self.honours.insert(honour.id);
            }
        }
    }

    fn set_outcome(&mut self, cycle: &CycleId, outcome: Option<Outcome>) {
        if let Some(file) = self.files.get_mut(cycle) {
            file.outcome = outcome;
        }
    }

    fn determine(&mut self, incident: IncidentId, determination: Determination, determined_on: Option<NaiveDate>) {
        if let Some(incident) = self.incidents.get_mut(&incident) {
            incident.determination = determination;
            incident.determined_on = determined_on;
        }
    }
}

/// Commands of this stream.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "each variant holds the command that it is named after")]
pub enum OrganizationCommand {
    Change(ChangeOrganization),
    ReportIncident(ReportIncident),
    CorrectIncident(CorrectIncident),
    VoidIncident(VoidIncident),
    DetermineIncident(DetermineIncident),
    DismissIncident(DismissIncident),
    RecordHonour(RecordHonour),
}

impl OrganizationCommand {
    /// Decides on the world as it stands.
    pub fn decide(&self, world: &World<'_>, context: &Context) -> Result<Decision, Stop> {
        match self {
            Self::Change(command) => changes::change(command, world, context),
            Self::ReportIncident(command) => incidents::report(command, world, context),
            Self::CorrectIncident(command) => incidents::correct(command, world, context),
            Self::VoidIncident(command) => incidents::void(command, world, context),
            Self::DetermineIncident(command) => determinations::determine(command, world, context),
            Self::DismissIncident(command) => determinations::dismiss(command, world, context),
            Self::RecordHonour(command) => honours::record(command, world, context),
        }
    }
}

#[cfg(test)]
mod tests;
