//! The row of an organisation, and how events change it.

use chrono::NaiveDate;
use domain::cycle::Outcome;
use domain::forms::annex1::Level;
use domain::forms::facts::Holder;
use domain::ids::{CycleId, DistrictId, HonourId, IncidentId, IncidentKindId, OrganizationId, ProgramId};
use domain::organization::OrganizationEvent;
use domain::{RecordedEvent, Uscc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{file_of, incident_of};

/// A row of the table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "row", rename_all = "snake_case")]
pub enum OrganizationRow {
    /// An organisation.
    Organization(Box<Organization>),
    /// A later number, and whose it is.
    Alias {
        /// Whose.
        organization: OrganizationId,
    },
}

/// Number, name and district in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Brief {
    /// The number in force.
    pub uscc: Uscc,
    /// The name in force.
    pub name: String,
    /// The district in force.
    pub district: DistrictId,
}

/// How a number came to be the organisation's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NumberOrigin {
    /// First registered here under it.
    Registered,
    /// Given by the authority.
    Changed,
    /// The one before was entered wrongly.
    Corrected,
}

/// A number that the organisation has or had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NumberHeld {
    /// The number.
    pub uscc: Uscc,
    /// Since when.
    pub since: NaiveDate,
    /// How it came about.
    pub origin: NumberOrigin,
}

/// A name that the organisation has or had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NameHeld {
    /// The name.
    pub name: String,
    /// Since when.
    pub since: NaiveDate,
}

/// A file of the organisation in one cycle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FileBrief {
    /// The cycle.
    pub cycle: CycleId,
    /// Its program.
    pub program: ProgramId,
    /// Fresh starts in the cycle, from 1.
    pub attempt: u32,
    /// The day of the present attempt.
    pub opened_on: NaiveDate,
    /// How it ended; none while it is live.
    pub outcome: Option<Outcome>,
    /// When it ended.
    pub ended_on: Option<NaiveDate>,
}

/// Where an incident stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum IncidentStatus {
    /// Reported; the authority has said nothing yet.
    Reported,
    /// Determined as major (重大事故).
    Major,
    /// Determined as less.
    BelowMajor,
    /// Dismissed by the authority.
    Dismissed,
}

/// An incident that counts; the whole of it is among the facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct IncidentBrief {
    /// The incident.
    pub incident_id: IncidentId,
    /// Its kind.
    pub kind: IncidentKindId,
    /// The day of it.
    pub occurred_on: NaiveDate,
    /// Where it stands.
    pub status: IncidentStatus,
}

/// An honour; the whole of it is among the facts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct HonourBrief {
    /// The honour.
    pub honour_id: HonourId,
    /// Its name at the time.
    pub name: String,
    /// Its level.
    pub level: Level,
    /// Who holds it.
    pub holder: Holder,
    /// The day of it.
    pub occurred_on: NaiveDate,
}

/// How an organisation came to be no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GoneKind {
    /// Dissolved.
    Dissolved,
    /// Merged into another.
    Merged,
}

/// Why an organisation is no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Gone {
    /// How.
    pub kind: GoneKind,
    /// The organisation that it merged into.
    pub into: Option<OrganizationId>,
    /// Why.
    pub reason: String,
    /// Since when.
    pub on: NaiveDate,
}

/// An organisation over all cycles and programs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Organization {
    /// Its id: the number that it was first registered under.
    pub organization: OrganizationId,
    /// The number in force.
    pub uscc: Uscc,
    /// The name in force.
    pub name: String,
    /// The district in force.
    pub district: DistrictId,
    /// All numbers, the first first; all of them resolve.
    pub numbers: Vec<NumberHeld>,
    /// All names, the first first.
    pub names: Vec<NameHeld>,
    /// Files by cycle, in the order of their first opening.
    pub files: Vec<FileBrief>,
    /// Incidents that count.
    pub incidents: Vec<IncidentBrief>,
    /// Honours.
    pub honours: Vec<HonourBrief>,
    /// Set once it is no more.
    pub gone: Option<Gone>,
}

impl Organization {
    pub(super) fn registered(
        organization: OrganizationId,
        uscc: &Uscc,
        name: &str,
        district: &DistrictId,
        on: NaiveDate,
    ) -> Self {
        Self {
            organization,
            uscc: uscc.clone(),
            name: name.to_owned(),
            district: district.clone(),
            numbers: vec![NumberHeld { uscc: uscc.clone(), since: on, origin: NumberOrigin::Registered }],
            names: vec![NameHeld { name: name.to_owned(), since: on }],
            files: Vec::new(),
            incidents: Vec::new(),
            honours: Vec::new(),
            gone: None,
        }
    }

    /// What other lists show of it.
    #[must_use]
    pub fn brief(&self) -> Brief {
        Brief { uscc: self.uscc.clone(), name: self.name.clone(), district: self.district.clone() }
    }

    pub(super) fn change(&mut self, event: &OrganizationEvent, at: &RecordedEvent) {
        let on = at.meta.occurred_on;
        match event {
            OrganizationEvent::OrganizationRenamed { name } => {
                self.name.clone_from(name);
                self.names.push(NameHeld { name: name.clone(), since: on });
            }
            OrganizationEvent::DistrictChanged { district } => self.district = district.clone(),
            OrganizationEvent::UsccChanged { uscc } => self.take_number(uscc, on, NumberOrigin::Changed),
            OrganizationEvent::UsccCorrected { uscc, .. } => self.take_number(uscc, on, NumberOrigin::Corrected),
            OrganizationEvent::MergedInto { organization, reason } => {
                let into = Some(organization.clone());
                self.gone = Some(Gone { kind: GoneKind::Merged, into, reason: reason.clone(), on });
            }
            OrganizationEvent::Dissolved { reason } => {
                self.gone = Some(Gone { kind: GoneKind::Dissolved, into: None, reason: reason.clone(), on });
            }
            OrganizationEvent::EnrolmentOpened { .. }
            | OrganizationEvent::EnrolmentEnded { .. }
            | OrganizationEvent::EnrolmentReopened { .. } => self.change_files(event, on),
            OrganizationEvent::IncidentReported(_)
            | OrganizationEvent::IncidentCorrected(_)
            | OrganizationEvent::IncidentVoided(_)
            | OrganizationEvent::IncidentDetermined { .. }
            | OrganizationEvent::IncidentDismissed { .. } => self.change_incidents(event, on),
            OrganizationEvent::HonourRecorded(fact) => self.honours.push(HonourBrief {
                honour_id: fact.id,
                name: fact.content.name.clone(),
                level: fact.content.level,
                holder: fact.content.holder.clone(),
                occurred_on: on,
            }),
            // These make rows of their own.
            OrganizationEvent::OrganizationRegistered { .. } | OrganizationEvent::NumberAssigned { .. } => {}
        }
    }

    /// A correction may lead back to a number that it had before.
    fn take_number(&mut self, uscc: &Uscc, since: NaiveDate, origin: NumberOrigin) {
        self.uscc = uscc.clone();
        self.numbers.push(NumberHeld { uscc: uscc.clone(), since, origin });
    }

    fn change_files(&mut self, event: &OrganizationEvent, on: NaiveDate) {
        if let OrganizationEvent::EnrolmentOpened { cycle, program, attempt } = event {
            let (cycle, program, attempt) = (cycle.clone(), program.clone(), *attempt);
            let file = FileBrief { cycle, program, attempt, opened_on: on, outcome: None, ended_on: None };
            match file_of(&mut self.files, &file.cycle) {
                Some(known) => *known = file,
                None => self.files.push(file),
            }
        } else if let OrganizationEvent::EnrolmentEnded { cycle, outcome } = event {
            if let Some(file) = file_of(&mut self.files, cycle) {
                (file.outcome, file.ended_on) = (Some(*outcome), Some(on));
            }
        } else if let OrganizationEvent::EnrolmentReopened { cycle } = event
            && let Some(file) = file_of(&mut self.files, cycle)
        {
            (file.outcome, file.ended_on) = (None, None);
        }
    }

    fn change_incidents(&mut self, event: &OrganizationEvent, on: NaiveDate) {
        if let OrganizationEvent::IncidentReported(fact) = event {
            let status = IncidentStatus::Reported;
            let kind = fact.content.kind.clone();
            self.incidents.push(IncidentBrief { incident_id: fact.id, kind, occurred_on: on, status });
        } else if let OrganizationEvent::IncidentCorrected(fact) = event {
            if let Some(incident) = incident_of(&mut self.incidents, fact.id) {
                incident.kind = fact.content.kind.clone();
                incident.occurred_on = on;
            }
        } else if let OrganizationEvent::IncidentVoided(fact) = event {
            self.incidents.retain(|incident| incident.incident_id != fact.id);
        } else if let OrganizationEvent::IncidentDetermined { incident_id, major, .. } = event {
            let status = if *major { IncidentStatus::Major } else { IncidentStatus::BelowMajor };
            self.judge(*incident_id, status);
        } else if let OrganizationEvent::IncidentDismissed { incident_id, .. } = event {
            self.judge(*incident_id, IncidentStatus::Dismissed);
        }
    }

    fn judge(&mut self, incident: IncidentId, status: IncidentStatus) {
        if let Some(incident) = incident_of(&mut self.incidents, incident) {
            incident.status = status;
        }
    }
}
