//! The past by the day that things happened on, as known now (`as_of`).
//!
//! Every read model answers `as_of` by folding fewer events: those that [`effective`] keeps. What is known now
//! counts, so corrections are resolved first and days are compared after:
//!
//! - A recorded fact stands with its latest content and day, in the place of the first; a voided one is gone.
//!   The events that correct and void are then gone too.
//! - A class entered wrongly, and a nomination entered for the wrong recommender, were never so: the decision
//!   itself is put right, and the correction is gone. A number entered wrongly is put right from the start.
//! - What was decided later does not reach back: a removal stands until the day that it was rescinded on.
//!
//! Then events of later days are left out. Some are kept whatever their day, because others refer to them: the
//! opening of a cycle (its rules), the registration of register entries and organisations, and whose number a
//! number is. A cycle not yet begun is thus shown empty, and nothing that is shown is without a name.
//!
//! Events stay in the order of recording, which is the order that decisions were taken in.

use std::collections::HashMap;

use chrono::NaiveDate;
use domain::cycle::CycleEvent;
use domain::enrolment::EnrolmentEvent;
use domain::ids::{ClassId, OrganizationId, RecommenderId};
use domain::organization::OrganizationEvent;
use domain::register::RegisterEvent;
use domain::session::SessionEvent;
use domain::{Event, RecordedEvent, StreamId};

/// The events that had happened by the end of `as_of`, as known now, in the order of recording.
#[must_use]
pub fn effective(events: impl Iterator<Item = RecordedEvent>, as_of: NaiveDate) -> Vec<RecordedEvent> {
    let mut past = Past::default();
    for event in events {
        past.take(event);
    }
    past.events.into_iter().flatten().filter(|e| e.meta.occurred_on <= as_of || is_ground(&e.event)).collect()
}

/// Whether later events rest on this one whatever its day.
fn is_ground(event: &Event) -> bool {
    matches!(
        event,
        Event::Cycle(CycleEvent::CycleOpened { .. })
            | Event::Register(RegisterEvent::Registered { .. })
            | Event::Organization(
                OrganizationEvent::OrganizationRegistered { .. }
                    | OrganizationEvent::NumberAssigned { .. }
                    | OrganizationEvent::UsccCorrected { .. }
            )
    )
}

/// The events so far, corrections resolved. A place is emptied, never moved, so that places stay true.
#[derive(Default)]
struct Past {
    events: Vec<Option<RecordedEvent>>,
    /// Where each fact stands: by stream, kind and id.
    facts: HashMap<(StreamId, Fact, uuid::Uuid), usize>,
    /// Where the last decision on each organisation's class stands.
    classes: HashMap<(StreamId, OrganizationId), usize>,
    /// Where the nomination in force of each organisation stands.
    nominations: HashMap<(StreamId, OrganizationId), usize>,
}

/// The kinds of facts that can be corrected; ids of one kind are unique in their stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Fact {
    Visit,
    Activity,
    Outreach,
    SelfEvaluation,
    Assistance,
    Incident,
    Attendance,
}

/// What an event does to a fact.
enum Step {
    Record(Fact, uuid::Uuid),
    Correct(Fact, uuid::Uuid),
    Void(Fact, uuid::Uuid),
}

impl Past {
    fn take(&mut self, event: RecordedEvent) {
        match step(&event.event) {
            Some(Step::Record(fact, id)) => {
                self.facts.insert((event.stream.clone(), fact, id), self.events.len());
                self.events.push(Some(event));
            }
            Some(Step::Correct(fact, id)) => self.correct(&(event.stream.clone(), fact, id), event),
            Some(Step::Void(fact, id)) => {
                if let Some(place) = self.facts.remove(&(event.stream, fact, id)) {
                    self.events[place] = None;
                }
            }
            None => self.take_decision(event),
        }
    }

    /// Puts the latest content and day in the place of the first; who recorded it and when stays.
    fn correct(&mut self, fact: &(StreamId, Fact, uuid::Uuid), correction: RecordedEvent) {
        let Some(recorded) = self.facts.get(fact).and_then(|place| self.events[*place].as_mut()) else { return };
        if let Some(content) = as_recorded(correction.event) {
            recorded.event = content;
            recorded.meta.occurred_on = correction.meta.occurred_on;
            recorded.meta.documents = correction.meta.documents;
        }
    }

    fn take_decision(&mut self, event: RecordedEvent) {
        let place = self.events.len();
        let stream = &event.stream;
        if let Event::Cycle(decided) = &event.event {
            match decided {
                CycleEvent::OrganizationNominated { organization, .. } => {
                    self.nominations.insert((stream.clone(), organization.clone()), place);
                }
                CycleEvent::NominationCorrected { organization, to, .. } => {
                    let nomination = self.nominations.get(&(stream.clone(), organization.clone()));
                    if self.put_right(nomination.copied(), |decided| nominate(decided, to)) {
                        return;
                    }
                }
                CycleEvent::OrganizationClassified { organization, .. }
                | CycleEvent::OrganizationReclassified { organization, .. } => {
                    self.classes.insert((stream.clone(), organization.clone()), place);
                }
                CycleEvent::ClassificationCorrected { organization, to, .. } => {
                    let decision = self.classes.get(&(stream.clone(), organization.clone()));
                    if self.put_right(decision.copied(), |decided| classify(decided, to)) {
                        return;
                    }
                }
                CycleEvent::CycleOpened { .. }
                | CycleEvent::IntakeSet { .. }
                | CycleEvent::CycleExtended { .. }
                | CycleEvent::OutreachRecorded(_)
                | CycleEvent::OutreachCorrected(_)
                | CycleEvent::OutreachVoided(_)
                | CycleEvent::ApplicantEntered { .. }
                | CycleEvent::ApplicantLeft { .. }
                | CycleEvent::NominationWithdrawn { .. }
                | CycleEvent::NominationDeclined { .. }
                | CycleEvent::OrganizationAdmitted { .. }
                | CycleEvent::OrganizationRemoved { .. }
                | CycleEvent::RemovalRescinded { .. }
                | CycleEvent::MemberWithdrawn { .. }
                | CycleEvent::EnrolmentEnded { .. }
                | CycleEvent::QuotaWaived { .. }
                | CycleEvent::SessionBooked { .. }
                | CycleEvent::SessionReleased { .. }
                | CycleEvent::CycleClosed { .. } => {}
            }
        }
        self.events.push(Some(event));
    }

    /// Puts a decision right where it stands; tells whether there was one.
    fn put_right(&mut self, place: Option<usize>, how: impl FnOnce(&mut CycleEvent)) -> bool {
        match place.and_then(|place| self.events[place].as_mut()).map(|decision| &mut decision.event) {
            Some(Event::Cycle(decided)) => {
                how(decided);
                true
            }
            Some(Event::Register(_) | Event::Organization(_) | Event::Enrolment(_) | Event::Session(_)) | None => false,
        }
    }
}

fn nominate(decided: &mut CycleEvent, by: &RecommenderId) {
    if let CycleEvent::OrganizationNominated { recommender, .. } = decided {
        recommender.clone_from(by);
    }
}

fn classify(decided: &mut CycleEvent, to: &ClassId) {
    if let CycleEvent::OrganizationClassified { class, .. } | CycleEvent::OrganizationReclassified { to: class, .. } =
        decided
    {
        class.clone_from(to);
    }
}

/// What an event does to a fact, if anything.
fn step(event: &Event) -> Option<Step> {
    match event {
        Event::Enrolment(event) => step_of_file(event),
        Event::Cycle(CycleEvent::OutreachRecorded(fact)) => Some(Step::Record(Fact::Outreach, fact.id.uuid())),
        Event::Cycle(CycleEvent::OutreachCorrected(fact)) => Some(Step::Correct(Fact::Outreach, fact.id.uuid())),
        Event::Cycle(CycleEvent::OutreachVoided(fact)) => Some(Step::Void(Fact::Outreach, fact.id.uuid())),
        Event::Organization(OrganizationEvent::IncidentReported(fact)) => {
            Some(Step::Record(Fact::Incident, fact.id.uuid()))
        }
        Event::Organization(OrganizationEvent::IncidentCorrected(fact)) => {
            Some(Step::Correct(Fact::Incident, fact.id.uuid()))
        }
        Event::Organization(OrganizationEvent::IncidentVoided(fact)) => {
            Some(Step::Void(Fact::Incident, fact.id.uuid()))
        }
        Event::Session(SessionEvent::AttendanceRecorded(fact)) => Some(Step::Record(Fact::Attendance, fact.id.uuid())),
        Event::Session(SessionEvent::AttendanceCorrected(fact)) => {
            Some(Step::Correct(Fact::Attendance, fact.id.uuid()))
        }
        Event::Session(SessionEvent::AttendanceVoided(fact)) => Some(Step::Void(Fact::Attendance, fact.id.uuid())),
        Event::Organization(_) | Event::Session(_) | Event::Cycle(_) | Event::Register(_) => None,
    }
}

fn step_of_file(event: &EnrolmentEvent) -> Option<Step> {
    Some(match event {
        EnrolmentEvent::VisitRecorded(fact) => Step::Record(Fact::Visit, fact.id.uuid()),
        EnrolmentEvent::VisitCorrected(fact) => Step::Correct(Fact::Visit, fact.id.uuid()),
        EnrolmentEvent::VisitVoided(fact) => Step::Void(Fact::Visit, fact.id.uuid()),
        EnrolmentEvent::ActivityRecorded(fact) => Step::Record(Fact::Activity, fact.id.uuid()),
        EnrolmentEvent::ActivityCorrected(fact) => Step::Correct(Fact::Activity, fact.id.uuid()),
        EnrolmentEvent::ActivityVoided(fact) => Step::Void(Fact::Activity, fact.id.uuid()),
        EnrolmentEvent::SelfEvaluationRecorded(fact) => Step::Record(Fact::SelfEvaluation, fact.id.uuid()),
        EnrolmentEvent::SelfEvaluationCorrected(fact) => Step::Correct(Fact::SelfEvaluation, fact.id.uuid()),
        EnrolmentEvent::SelfEvaluationVoided(fact) => Step::Void(Fact::SelfEvaluation, fact.id.uuid()),
        EnrolmentEvent::AssistanceRequested(fact) => Step::Record(Fact::Assistance, fact.id.uuid()),
        EnrolmentEvent::AssistanceCorrected(fact) => Step::Correct(Fact::Assistance, fact.id.uuid()),
        EnrolmentEvent::AssistanceVoided(fact) => Step::Void(Fact::Assistance, fact.id.uuid()),
        EnrolmentEvent::ApplicationSubmitted { .. }
        | EnrolmentEvent::ApplicationAmended { .. }
        | EnrolmentEvent::RecommendationReceived { .. }
        | EnrolmentEvent::RecommendationRefused { .. }
        | EnrolmentEvent::ApplicationWithdrawn { .. }
        | EnrolmentEvent::ConditionChecked { .. }
        | EnrolmentEvent::SurveyAssigned { .. }
        | EnrolmentEvent::SurveyFiled { .. }
        | EnrolmentEvent::SurveyReturned { .. }
        | EnrolmentEvent::SurveyApproved { .. }
        | EnrolmentEvent::SurveyReopened { .. }
        | EnrolmentEvent::AssistanceAnswered { .. } => return None,
    })
}

/// A correction as if its content had been recorded at first.
fn as_recorded(correction: Event) -> Option<Event> {
    use domain::fact::{Corrected, Recorded};
    fn first<I, C>(Corrected { id, content, .. }: Corrected<I, C>) -> Recorded<I, C> {
        Recorded { id, content }
    }
    Some(match correction {
        Event::Enrolment(EnrolmentEvent::VisitCorrected(fact)) => EnrolmentEvent::VisitRecorded(first(fact)).into(),
        Event::Enrolment(EnrolmentEvent::ActivityCorrected(fact)) => {
            EnrolmentEvent::ActivityRecorded(first(fact)).into()
        }
        Event::Enrolment(EnrolmentEvent::SelfEvaluationCorrected(fact)) => {
            EnrolmentEvent::SelfEvaluationRecorded(first(fact)).into()
        }
        Event::Enrolment(EnrolmentEvent::AssistanceCorrected(fact)) => {
            EnrolmentEvent::AssistanceRequested(first(fact)).into()
        }
        Event::Organization(OrganizationEvent::IncidentCorrected(fact)) => {
            OrganizationEvent::IncidentReported(first(fact)).into()
        }
        Event::Cycle(CycleEvent::OutreachCorrected(fact)) => CycleEvent::OutreachRecorded(first(fact)).into(),
        Event::Session(SessionEvent::AttendanceCorrected(fact)) => SessionEvent::AttendanceRecorded(first(fact)).into(),
        Event::Enrolment(_) | Event::Organization(_) | Event::Session(_) | Event::Cycle(_) | Event::Register(_) => {
            return None;
        }
    })
}

#[cfg(test)]
mod tests;
