//! Earlier cycles of the program that an organisation completed, oldest first (W-76): shown on each of its files.

use domain::cycle::{CycleEvent, Stage};
use domain::ids::{CycleId, OrganizationId};
use store::Rows;

use crate::roster::census::FileRules;
use crate::roster::{Kept, ORGANIZATION, Roster};

/// Whether an event of a cycle may complete a file, or undo that: then all files of the organisations that it names
/// change.
pub(super) const fn may_complete(event: &CycleEvent) -> bool {
    match event {
        CycleEvent::ApplicantLeft { .. }
        | CycleEvent::NominationWithdrawn { .. }
        | CycleEvent::NominationDeclined { .. }
        | CycleEvent::OrganizationRemoved { .. }
        | CycleEvent::RemovalRescinded { .. }
        | CycleEvent::MemberWithdrawn { .. }
        | CycleEvent::EnrolmentEnded { .. }
        | CycleEvent::CycleClosed { .. } => true,
        CycleEvent::CycleOpened { .. }
        | CycleEvent::IntakeSet { .. }
        | CycleEvent::CycleExtended { .. }
        | CycleEvent::OutreachRecorded(_)
        | CycleEvent::OutreachCorrected(_)
        | CycleEvent::OutreachVoided(_)
        | CycleEvent::ApplicantEntered { .. }
        | CycleEvent::OrganizationNominated { .. }
        | CycleEvent::NominationCorrected { .. }
        | CycleEvent::OrganizationAdmitted { .. }
        | CycleEvent::OrganizationClassified { .. }
        | CycleEvent::OrganizationReclassified { .. }
        | CycleEvent::ClassificationCorrected { .. }
        | CycleEvent::QuotaWaived { .. }
        | CycleEvent::SessionBooked { .. }
        | CycleEvent::SessionReleased { .. } => false,
    }
}

/// Shows on all files of an organisation which cycles it had completed before. All of them are at hand.
pub(super) fn show(rows: &mut Rows<Roster>, organization: &OrganizationId) {
    let keys = rows.matching(ORGANIZATION, organization.as_str());
    let file = |rows: &Rows<Roster>, key: &String| match rows.get(key) {
        Some(Kept::File(file)) => file.rules.clone().map(|rules| (rules, file.row.cycle.clone(), file.row.stage)),
        Some(_) | None => None,
    };
    let files: Vec<(FileRules, CycleId, Stage)> = keys.iter().filter_map(|key| file(rows, key)).collect();
    let mut completed: Vec<_> = files.iter().filter(|(.., stage)| *stage == Stage::Completed).collect();
    completed.sort_by_key(|(rules, cycle, _)| (rules.starts_on, cycle));
    for key in keys {
        let Some(Kept::File(file)) = rows.get_mut(&key) else { continue };
        let Some(own) = &file.rules else { continue };
        let before = completed.iter().filter(|(rules, ..)| is_before(rules, own));
        file.row.earlier_cycles = before.map(|(_, cycle, _)| cycle.clone()).collect();
    }
}

fn is_before(one: &FileRules, other: &FileRules) -> bool {
    one.program == other.program && one.starts_on < other.starts_on
}
