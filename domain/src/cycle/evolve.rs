//! How a cycle evolves by its events.

use crate::cycle::balance::moved;
use crate::cycle::{Cycle, CycleEvent, Entry, Opened, Outcome, Standing};
use crate::ids::{ClassId, OrganizationId, RecommenderId};
use crate::stream::At;

impl Cycle {
    /// Evolves by one event. Total; holds no rule.
    pub fn evolve(&mut self, event: &CycleEvent, at: At<'_>) {
        self.evolve_as_a_whole(event, at);
        self.evolve_entries(event, at);
    }

    /// What the event changes of the cycle itself, its places and its sessions.
    fn evolve_as_a_whole(&mut self, event: &CycleEvent, at: At<'_>) {
        match event {
            CycleEvent::CycleOpened { cycle, program, label: _, starts_on, ends_on, intake, rulebook } => {
                self.counts = rulebook.class_ids().into_iter().map(|class| (class, 0)).collect();
                self.opened = Some(Opened {
                    cycle: cycle.clone(),
                    program: program.clone(),
                    starts_on: *starts_on,
                    ends_on: *ends_on,
                    intake: *intake,
                    rulebook: rulebook.clone(),
                });
            }
            CycleEvent::IntakeSet { intake } => {
                if let Some(opened) = &mut self.opened {
                    opened.intake = *intake;
                }
            }
            CycleEvent::CycleExtended { ends_on, .. } => {
                if let Some(opened) = &mut self.opened {
                    opened.ends_on = *ends_on;
                }
            }
            CycleEvent::OutreachRecorded(fact) => {
                self.outreach.record(fact.id, at.meta.occurred_on, &at.meta.actor);
            }
            CycleEvent::OutreachCorrected(fact) => self.outreach.correct(fact.id, at.meta.occurred_on),
            CycleEvent::OutreachVoided(fact) => self.outreach.void(fact.id),
            CycleEvent::OrganizationNominated { recommender, .. } => self.take_place(recommender),
            CycleEvent::NominationCorrected { from, to, .. } => {
                self.free_place(from);
                self.take_place(to);
            }
            CycleEvent::NominationWithdrawn { organization, place_freed: true, .. } => {
                if let Some(recommender) = self.entries.get_mut(organization).and_then(|e| e.recommender.take()) {
                    self.free_place(&recommender);
                }
            }
            CycleEvent::QuotaWaived { recommender, extra, .. } => {
                let places = self.places.entry(recommender.clone()).or_default();
                places.extra = places.extra.saturating_add(*extra);
            }
            CycleEvent::SessionBooked { session_id, on } => {
                self.sessions.insert(*session_id, *on);
            }
            CycleEvent::SessionReleased { session_id } => {
                self.sessions.remove(session_id);
            }
            CycleEvent::CycleClosed { .. } => self.closed_on = Some(at.meta.occurred_on),
            CycleEvent::ApplicantEntered { .. }
            | CycleEvent::ApplicantLeft { .. }
            | CycleEvent::NominationWithdrawn { place_freed: false, .. }
            | CycleEvent::NominationDeclined { .. }
            | CycleEvent::OrganizationAdmitted { .. }
            | CycleEvent::OrganizationClassified { .. }
            | CycleEvent::OrganizationReclassified { .. }
            | CycleEvent::ClassificationCorrected { .. }
            | CycleEvent::OrganizationRemoved { .. }
            | CycleEvent::RemovalRescinded { .. }
            | CycleEvent::MemberWithdrawn { .. }
            | CycleEvent::EnrolmentEnded { .. } => {}
        }
    }

    /// What the event changes of organisations and of the class counts.
    fn evolve_entries(&mut self, event: &CycleEvent, at: At<'_>) {
        let day = at.meta.occurred_on;
        match event {
            CycleEvent::ApplicantEntered { organization, attempt } => {
                self.entries.insert(organization.clone(), applicant(*attempt, at));
            }
            CycleEvent::OrganizationNominated { organization, recommender } => self.change(organization, at, |entry| {
                entry.standing = Standing::Nominated;
                entry.recommender = Some(recommender.clone());
            }),
            CycleEvent::NominationCorrected { organization, to, .. } => {
                self.change(organization, at, |entry| entry.recommender = Some(to.clone()));
            }
            CycleEvent::ApplicantLeft { organization, .. }
            | CycleEvent::NominationWithdrawn { organization, place_freed: true, .. } => {
                self.end(organization, Outcome::WithdrawnEarly, at);
            }
            CycleEvent::NominationWithdrawn { organization, place_freed: false, .. }
            | CycleEvent::MemberWithdrawn { organization, .. } => self.end(organization, Outcome::Withdrawn, at),
            CycleEvent::NominationDeclined { organization, .. } => self.end(organization, Outcome::Declined, at),
            CycleEvent::EnrolmentEnded { organization, .. } => self.end(organization, Outcome::Ended, at),
            CycleEvent::OrganizationAdmitted { organization } => self.change(organization, at, |entry| {
                entry.standing = Standing::Member;
                entry.admitted_on = Some(day);
            }),
            CycleEvent::OrganizationClassified { organization, class, .. } => {
                self.count(None, Some(class));
                self.change(organization, at, |entry| {
                    entry.class = Some(class.clone());
                    entry.classified_on = Some(day);
                });
            }
            CycleEvent::OrganizationReclassified { organization, from, to, .. } => {
                self.count(Some(from), Some(to));
                self.change(organization, at, |entry| {
                    entry.class = Some(to.clone());
                    entry.classified_on = Some(day);
                });
            }
            CycleEvent::ClassificationCorrected { organization, from, to, .. } => {
                self.count(Some(from), Some(to));
                self.change(organization, at, |entry| entry.class = Some(to.clone()));
            }
            CycleEvent::OrganizationRemoved { organization, incident_id, .. } => {
                self.end(organization, Outcome::Removed, at);
                self.change(organization, at, |entry| entry.removed_for = Some(*incident_id));
            }
            CycleEvent::RemovalRescinded { organization, .. } => {
                let class = self.entries.get(organization).and_then(|e| e.class.clone());
                self.count(None, class.as_ref());
                self.change(organization, at, |entry| {
                    entry.standing = Standing::Member;
                    entry.ended_on = None;
                    entry.removed_for = None;
                });
            }
            CycleEvent::CycleClosed { completed, lapsed, .. } => {
                for organization in completed {
                    self.end(organization, Outcome::Completed, at);
                }
                for organization in lapsed {
                    self.end(organization, Outcome::Lapsed, at);
                }
            }
            CycleEvent::CycleOpened { .. }
            | CycleEvent::IntakeSet { .. }
            | CycleEvent::CycleExtended { .. }
            | CycleEvent::OutreachRecorded(_)
            | CycleEvent::OutreachCorrected(_)
            | CycleEvent::OutreachVoided(_)
            | CycleEvent::QuotaWaived { .. }
            | CycleEvent::SessionBooked { .. }
            | CycleEvent::SessionReleased { .. } => {}
        }
    }

    /// Changes what is known of an organisation, and marks that it changed.
    fn change(&mut self, organization: &OrganizationId, at: At<'_>, how: impl FnOnce(&mut Entry)) {
        if let Some(entry) = self.entries.get_mut(organization) {
            how(entry);
            entry.last_decision_on = at.meta.occurred_on;
            entry.changed_at = at.version;
        }
    }

    /// Ends a file; a member no longer counts in its class.
    fn end(&mut self, organization: &OrganizationId, outcome: Outcome, at: At<'_>) {
        let entry = self.entries.get(organization);
        let left = entry.filter(|e| e.standing == Standing::Member).and_then(|e| e.class.clone());
        self.count(left.as_ref(), None);
        self.change(organization, at, |entry| {
            entry.standing = Standing::Former(outcome);
            entry.ended_on = Some(at.meta.occurred_on);
        });
    }

    fn count(&mut self, from: Option<&ClassId>, to: Option<&ClassId>) {
        moved(&mut self.counts, from, to);
    }

    fn take_place(&mut self, recommender: &RecommenderId) {
        self.places.entry(recommender.clone()).or_default().used += 1;
    }

    fn free_place(&mut self, recommender: &RecommenderId) {
        if let Some(places) = self.places.get_mut(recommender) {
            places.used = places.used.saturating_sub(1);
        }
    }
}

/// A fresh start: nothing of an earlier attempt is left.
fn applicant(attempt: u32, at: At<'_>) -> Entry {
    Entry {
        standing: Standing::Applied,
        attempt,
        recommender: None,
        class: None,
        classified_on: None,
        admitted_on: None,
        ended_on: None,
        removed_for: None,
        last_decision_on: at.meta.occurred_on,
        changed_at: at.version,
    }
}
