//! Sessions of a Wuhu cycle from 2026-05-01 to 2028-05-01, with one member per class and one applicant.

mod attendance;
mod moving;
mod outcome;
mod scheduling;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;
use serde_json::json;
use uuid::Uuid;

use crate::actor::Actor;
use crate::command::Command;
use crate::context::Context;
use crate::cycle::{Cycle, Entry, Intake, Opened};
use crate::document::{Common, Waiver};
use crate::event::{Event, RecordedEvent};
use crate::ids::{AttendanceId, DecisionId, OrganizationId, SessionId};
use crate::memory::Memory;
use crate::refusal::{FieldCode, Refusal, Refused};
use crate::register::{Details, EntryId, Inactive, Register, RegisterEntry};
use crate::rulebook::Rulebook;
use crate::session::{AttendanceEntry, Plan, RecordAttendance, ScheduleSession, Session, SessionCommand};
use crate::stream::{Aggregate, StreamId};

const PROGRAM: &str = "wuhu-incubation";
const CYCLE: &str = "wuhu-incubation-2026";
const A: &str = "91350100M000100Y43";
const B: &str = "91330100799655058B";
const C: &str = "9144030071526726XG";
const D: &str = "914403001922038216";
const APPLICANT: &str = "91330100MA2B000860";
const STRANGER: &str = "91330100MA2B00430Y";

/// Reads an id or a day.
fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().unwrap()
}

fn day(text: &str) -> NaiveDate {
    id(text)
}

fn organization(uscc: &str) -> OrganizationId {
    OrganizationId::first_registered(id(uscc))
}

fn session_id() -> SessionId {
    SessionId::new(Uuid::from_u128(1))
}

fn attendance_id(n: u128) -> AttendanceId {
    AttendanceId::new(Uuid::from_u128(100 + n))
}

fn on(text: &str) -> Common {
    Common::on(day(text))
}

fn waiving(text: &str) -> Common {
    let waiver = Waiver { reason: "讲师档期".to_owned(), document: None };
    Common { waiver: Some(waiver), ..on(text) }
}

/// `actor` at noon of that day in Wuhu.
fn by(actor: &str, today: &str) -> Context {
    let now = day(today).and_hms_opt(4, 0, 0).unwrap().and_utc();
    Context { now, actor: actor.parse::<Actor>().unwrap(), decision_id: DecisionId::new(Uuid::from_u128(9)) }
}

fn office(today: &str) -> Context {
    by("office/wuhu-incubation/zhang", today)
}

fn entry(standing: &serde_json::Value, class: Option<&str>, admitted_on: Option<&str>) -> Entry {
    serde_json::from_value(json!({
        "standing": standing, "attempt": 1, "class": class, "admitted_on": admitted_on,
        "last_decision_on": "2026-05-01", "changed_at": 1,
    }))
    .unwrap()
}

/// The streams, before any session.
struct Stage {
    memory: Memory,
    cycle: Cycle,
}

impl Stage {
    fn new() -> Self {
        let rulebooks = Rulebook::embedded().unwrap();
        let rulebook = rulebooks.into_iter().find(|r| r.program.as_str() == PROGRAM).unwrap();
        let member = |class| entry(&json!("member"), Some(class), Some("2026-05-10"));
        let opened = Opened {
            cycle: id(CYCLE),
            program: id(PROGRAM),
            starts_on: day("2026-05-01"),
            ends_on: day("2028-05-01"),
            intake: Intake::default(),
            rulebook: Arc::new(rulebook),
        };
        let entries = BTreeMap::from([
            (organization(A), member("A")),
            (organization(B), member("B")),
            (organization(C), member("C")),
            (organization(D), member("D")),
            (organization(APPLICANT), entry(&json!("nominated"), None, None)),
        ]);
        let expert = |inactive| RegisterEntry {
            details: Details::Expert {
                person: crate::ids::PersonId::new(Uuid::from_u128(5)),
                expert_kind: id("city_expert_pool"),
                field: None,
            },
            inactive,
        };
        let register = Register {
            entries: BTreeMap::from([
                (EntryId::Expert(id("e-1")), expert(None)),
                (EntryId::Expert(id("e-2")), expert(None)),
                (EntryId::Expert(id("e-gone")), expert(Some(Inactive::Closed))),
            ]),
            ..Register::default()
        };
        let cycle = Cycle { opened: Some(opened), entries, ..Cycle::default() };
        let mut stage = Self { memory: Memory::default(), cycle };
        stage.memory.put(StreamId::register(&id(PROGRAM)), Aggregate::Register(register), 3);
        stage.set(|_| ());
        stage
    }

    /// The stage after a foundation session of class A was scheduled for 2026-06-10.
    fn scheduled() -> Self {
        let mut stage = Self::new();
        stage.accepts(&SessionCommand::Schedule(schedule(foundation())), &office("2026-05-20"));
        stage
    }

    /// Changes the cycle.
    fn set(&mut self, change: impl FnOnce(&mut Cycle)) {
        change(&mut self.cycle);
        self.memory.put(StreamId::cycle(&id(CYCLE)), Aggregate::Cycle(Box::new(self.cycle.clone())), 7);
    }

    #[track_caller]
    fn accepts(&mut self, command: &SessionCommand, context: &Context) -> Vec<RecordedEvent> {
        match self.memory.run(&Command::Session(command.clone()), context) {
            Ok(events) => events.to_vec(),
            Err(refused) => panic!("refused: {refused:?}"),
        }
    }

    #[track_caller]
    fn refuses(&mut self, command: &SessionCommand, context: &Context) -> Refused {
        let before = self.memory.log().len();
        let refused = self.memory.run(&Command::Session(command.clone()), context).map(<[_]>::to_vec).unwrap_err();
        assert_eq!(self.memory.log().len(), before, "a refusal appends nothing");
        refused
    }

    /// Refuses with that code.
    #[track_caller]
    fn refuses_as(&mut self, code: &str, command: &SessionCommand, context: &Context) {
        assert_eq!(self.refuses(command, context).refusal.code(), code);
    }

    fn session(&self) -> Session {
        use crate::world::Streams;
        let found = self.memory.find(&StreamId::session(session_id()));
        let Some((Aggregate::Session(session), _)) = found else { panic!("no session: {found:?}") };
        session.clone()
    }
}

/// A rulebook of another city: class C is due foundation teaching too, in the second year, for key team members.
fn foundation_also_for_class_c(cycle: &mut Cycle) {
    let rulebook = Arc::make_mut(&mut cycle.opened.as_mut().unwrap().rulebook);
    rulebook.teaching.as_mut().unwrap().kinds[0].classes.push(id("C"));
    let due = rulebook.classes.as_mut().unwrap().list[2].teaching.as_mut().unwrap();
    due.kind = id("foundation");
    due.audiences = vec![id("key_team_members")];
}

fn foundation() -> Plan {
    plan("foundation", "2026-06-10", &["key_staff"])
}

fn plan(kind: &str, on: &str, audiences: &[&str]) -> Plan {
    Plan {
        kind: id(kind),
        title: "卓越绩效基础理论培训班".to_owned(),
        on: day(on),
        place: "市民中心".to_owned(),
        capacity: None,
        audiences: audiences.iter().map(|a| id(a)).collect(),
        host: None,
        experts: Vec::new(),
    }
}

fn schedule(plan: Plan) -> ScheduleSession {
    ScheduleSession { session_id: session_id(), cycle: id(CYCLE), plan, common: on("2026-05-20") }
}

/// Three of an organisation's key staff.
fn present(n: u128, uscc: &str) -> AttendanceEntry {
    AttendanceEntry {
        attendance_id: attendance_id(n),
        uscc: id(uscc),
        audiences: vec![id("key_staff")],
        participants: 3,
    }
}

fn record(entries: Vec<AttendanceEntry>) -> SessionCommand {
    SessionCommand::RecordAttendance(RecordAttendance { session_id: session_id(), entries, common: on("2026-06-10") })
}

/// The fields refused, with what is wrong with each.
fn fields(refused: &Refused) -> Vec<(String, FieldCode)> {
    let Refusal::ValidationFailed(errors) = &*refused.refusal else { panic!("not a form error: {refused:?}") };
    errors.iter().map(|e| (e.pointer.clone(), e.code)).collect()
}

/// The streams and names of the events.
fn names(events: &[RecordedEvent]) -> Vec<(String, &'static str)> {
    events.iter().map(|e| (e.stream.id().to_owned(), e.event.event_type())).collect()
}

fn session_event(recorded: &RecordedEvent) -> &crate::session::SessionEvent {
    let Event::Session(event) = &recorded.event else { panic!("not an event of a session: {recorded:?}") };
    event
}
