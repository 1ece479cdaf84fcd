//! The organisation (组织): what stays true of it across cycles and programs.
//!
//! Holds names, numbers, district, the files opened and ended, incidents and honours. It enforces one live
//! file per program (lifecycle 1) and the look-back on incidents (W-36, Q-06).
//!
//! A second number of an organisation has a stream of its own with one event, `NumberAssigned`, that points to
//! the organisation: so a number belongs to one organisation by the same version check as everything else.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::actor::Actor;
use crate::context::Context;
use crate::cycle::Outcome;
use crate::fact::{Corrected, Facts, Recorded, Voided};
use crate::forms::facts::{Honour, Incident};
use crate::ids::{CycleId, DistrictId, HonourId, IncidentId, OrganizationId, ProgramId};
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
    /// The competent authority's determination, as recorded by the award office.
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
}

/// Why an organisation is no more.
#[derive(Debug, Clone, PartialEq)]
pub enum Gone {
    /// Dissolved.
    Dissolved,
    /// Merged into another.
    Merged(OrganizationId),
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

    /// The major incident, if any, whose look-back of `years` still covers `on`, and the day it is free from (W-36).
    #[must_use]
    pub fn barring_incident(&self, _on: NaiveDate, _years: i32) -> Option<(IncidentId, NaiveDate)> {
        None
    }

    /// Evolves by one event. Total; holds no rule.
    pub fn evolve(&mut self, _event: &OrganizationEvent, _at: At<'_>) {}
}

/// Commands of this stream.
#[derive(Debug, Clone, PartialEq)]
pub enum OrganizationCommand {}

impl OrganizationCommand {
    /// Decides on the world as it stands.
    pub fn decide(&self, _world: &World<'_>, _context: &Context) -> Result<Decision, Stop> {
        match *self {}
    }
}
