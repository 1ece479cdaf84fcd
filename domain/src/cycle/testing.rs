//! A small pool for tests of the cycle's commands: states are set up directly, decisions evolve them.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::NaiveDate;
use serde_json::json;
use uuid::Uuid;

use crate::context::Context;
use crate::cycle::{Cycle, CycleCommand, CycleEvent, Intake};
use crate::document::{Common, DocumentRef, Waiver};
use crate::enrolment::{Enrolment, SurveyState, SurveyStep};
use crate::event::{Event, Meta};
use crate::forms::annex1::Application;
use crate::forms::annex2::Conclusion;
use crate::ids::{ClassId, CycleId, DecisionId, DocumentId, IncidentId, OrganizationId, SurveyId};
use crate::organization::{Determination, File, IncidentState, Organization};
use crate::refusal::Refused;
use crate::register::{Details, EntryId, Register, RegisterEntry};
use crate::rulebook::{Condition, Rulebook, Strength};
use crate::stream::{Aggregate, At, StreamId};
use crate::uscc::Uscc;
use crate::world::{Decision, Stop, Streams, World};

pub(crate) const PROGRAM: &str = "test-pool";
pub(crate) const CYCLE: &str = "test-pool-2026";

pub(crate) fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().expect("an id")
}

pub(crate) fn class(name: &str) -> ClassId {
    id(name)
}

pub(crate) fn cycle() -> CycleId {
    id(CYCLE)
}

pub(crate) fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

/// The `n`th organisation's number.
pub(crate) fn uscc(n: u32) -> Uscc {
    let seventeen = format!("91340200M{n:08}");
    let check = Uscc::check_character(&seventeen).expect("of the alphabet");
    id(&format!("{seventeen}{check}"))
}

pub(crate) fn organization(n: u32) -> OrganizationId {
    OrganizationId::first_registered(uscc(n))
}

pub(crate) fn incident(n: u32) -> IncidentId {
    IncidentId::new(Uuid::from_u128(u128::from(n)))
}

pub(crate) fn actor(role_and_unit: &str) -> Context {
    Context {
        now: "2026-07-01T04:00:00Z".parse().expect("an instant"),
        actor: id(&format!("{role_and_unit}/somebody")),
        decision_id: DecisionId::new(Uuid::from_u128(7)),
    }
}

pub(crate) fn office() -> Context {
    actor(&format!("office/{PROGRAM}"))
}

pub(crate) fn as_organization(n: u32) -> Context {
    actor(&format!("organization/{}", uscc(n)))
}

/// The present day of [`actor`].
pub(crate) fn today() -> Common {
    Common::on(day("2026-07-01"))
}

pub(crate) fn waived(common: Common) -> Common {
    Common { waiver: Some(Waiver { reason: "市长办公会议决定".to_owned(), document: None }), ..common }
}

pub(crate) fn documented(common: Common) -> Common {
    let document = DocumentRef {
        document_id: DocumentId::new(Uuid::from_u128(1)),
        sha256: "0".repeat(64),
        media_type: "application/pdf".to_owned(),
        size: 1,
        title: "决定".to_owned(),
    };
    Common { documents: vec![document], ..common }
}

/// Four classes, `D ≤ C`, a quota of two, a recommendation and a survey; no conditions.
pub(crate) fn rulebook() -> Rulebook {
    let rule = |strength: &str| json!({ "clause": "三（二）", "text": "…", "strength": strength });
    let name = |text: &str| json!({ "zh": text, "en": text });
    let class = |class: &str| json!({ "id": class, "name": name(class), "conditions": rule("must") });
    let value = json!({
        "program": PROGRAM, "edition": "1", "time_zone": "+08:00", "batch_limit": 5,
        "name": name("项目"), "pool": name("孵化池"), "office": name("创奖办"), "sources": [],
        "cycle": {
            "months": 24, "rule": rule("must"), "late_entry_days": 90, "late_entry_rule": rule("must"),
            "reapplication": "after_end", "reapplication_needs_self_evaluation": true,
            "reapplication_rule": rule("must"),
        },
        "steps": { "recommendation": true, "survey": true, "rule": rule("must") },
        "recommenders": {
            "kinds": [{ "id": "association", "name": name("行业协会") }], "rule": rule("must"),
            "quota": { "limit": 2, "rule": rule("principle") },
        },
        "incidents": {
            "kinds": [], "removal_rule": rule("must"), "look_back_years": 3, "look_back_rule": rule("must"),
        },
        "classes": {
            "list": [class("A"), class("B"), class("C"), class("D")], "rule": rule("must"),
            "movable_from": { "classes": ["C", "D"], "rule": rule("must") },
            "movable_to": { "classes": ["C", "D"], "rule": rule("principle") },
            "constraints": [{ "class": "D", "not_above": "C", "rule": rule("must") }],
            "grounds_rule": rule("must"),
        },
        "award": { "members_only": false, "rule": rule("must") },
    });
    serde_json::from_value(value).expect("a rulebook")
}

/// A condition that only a document or a department's check proves.
pub(crate) fn by_document(strength: Strength) -> Condition {
    let value = json!({
        "id": "leading_level", "name": { "zh": "领先水平", "en": "Leading" }, "proof": { "by": "document" },
        "rule": { "clause": "三（一）4", "text": "…", "strength": strength },
    });
    serde_json::from_value(value).expect("a condition")
}

fn application() -> Box<Application> {
    let person = Uuid::from_u128(2);
    let value = json!({
        "name": "某公司", "address": "芜湖", "contact": { "person": person }, "nature": "organ", "size": "large",
        "sector": "services", "key_field": "other", "profitable": "yes", "major_incidents": "none",
        "complaints_or_dishonesty": "none",
        "standardization": { "in_committee": "no", "practice_rating": "not_rated" },
        "certifications": {}, "testing": { "not_applicable": true }, "applied_on": "2026-01-05",
        "supplement": {
            "district": "jinghu", "licence": { "name": "营业执照", "number": "1", "held_since": "2010-01-01" },
            "model_introduced_on": "2020-01-01", "spot_check_failures": "none", "serious_breaches": "none",
            "legal_representative": { "person": person, "no_criminal_record": true },
        },
    });
    serde_json::from_value(value).expect("an application")
}

/// Streams in memory. Organisations are numbered; recommenders and stations are what tests register.
#[derive(Default)]
pub(crate) struct Pool {
    streams: HashMap<StreamId, (Aggregate, u64)>,
    /// Every decision accepted.
    pub(crate) decisions: Vec<Decision>,
}

impl Streams for Pool {
    fn find(&self, stream: &StreamId) -> Option<(&Aggregate, u64)> {
        self.streams.get(stream).map(|(state, version)| (state, *version))
    }
}

impl Pool {
    /// The cycle 2026–2027, open under the rules given.
    pub(crate) fn under(rulebook: Rulebook) -> Self {
        let mut pool = Self::default();
        let opened = CycleEvent::CycleOpened {
            cycle: cycle(),
            program: id(PROGRAM),
            label: "2026".to_owned(),
            starts_on: day("2026-01-01"),
            ends_on: day("2028-01-01"),
            intake: Intake::default(),
            rulebook: Arc::new(rulebook),
        };
        pool.happen(StreamId::cycle(&cycle()), opened, "2026-01-01");
        for recommender in ["alpha", "beta"] {
            pool.register(recommender);
        }
        pool
    }

    /// The cycle under [`rulebook`].
    pub(crate) fn open() -> Self {
        Self::under(rulebook())
    }

    /// Evolves a stream by an event that is simply true.
    pub(crate) fn happen(&mut self, stream: StreamId, event: impl Into<Event>, on: &str) {
        let meta = Meta {
            decision_id: DecisionId::new(Uuid::from_u128(1)),
            recorded_at: "2026-01-01T00:00:00Z".parse().expect("an instant"),
            occurred_on: day(on),
            actor: office().actor,
            documents: Vec::new(),
            waiver: None,
            decision_size: 1,
            request_id: None,
        };
        self.evolve(stream, &event.into(), &meta);
    }

    fn evolve(&mut self, stream: StreamId, event: &Event, meta: &Meta) {
        let kind = stream.kind();
        let (state, version) = self.streams.entry(stream).or_insert_with(|| (Aggregate::empty(kind), 0));
        *version += 1;
        state.evolve(event, At { version: *version, meta });
    }

    fn state(&mut self, stream: StreamId) -> &mut Aggregate {
        let kind = stream.kind();
        &mut self.streams.entry(stream).or_insert_with(|| (Aggregate::empty(kind), 1)).0
    }

    /// The file of the `n`th organisation, to be set up.
    pub(crate) fn file(&mut self, n: u32) -> &mut Enrolment {
        let Aggregate::Enrolment(state) = self.state(StreamId::enrolment(&cycle(), &organization(n))) else {
            panic!("another kind")
        };
        state
    }

    /// The `n`th organisation, to be set up.
    pub(crate) fn organization(&mut self, n: u32) -> &mut Organization {
        let Aggregate::Organization(state) = self.state(StreamId::organization(&organization(n))) else {
            panic!("another kind")
        };
        state
    }

    /// The program's register, to be set up.
    pub(crate) fn registered(&mut self) -> &mut Register {
        let Aggregate::Register(state) = self.state(StreamId::register(&id(PROGRAM))) else { panic!("another kind") };
        state
    }

    /// Registers an association as a recommender.
    pub(crate) fn register(&mut self, recommender: &str) {
        let details =
            Details::Recommender { name: recommender.to_owned(), recommender_kind: id("association"), district: None };
        let entry = RegisterEntry { details, inactive: None };
        self.registered().entries.insert(EntryId::Recommender(id(recommender)), entry);
    }

    /// The cycle as it stands.
    pub(crate) fn cycle(&self) -> &Cycle {
        match self.find(&StreamId::cycle(&cycle())) {
            Some((Aggregate::Cycle(cycle), _)) => cycle,
            other => panic!("{other:?}"),
        }
    }

    /// An applicant since 5 January, with its application on file.
    pub(crate) fn applicant(&mut self, n: u32) {
        let file = File { program: id(PROGRAM), opened_on: day("2026-01-05"), outcome: None };
        let organization = self.organization(n);
        organization.name = Some("某公司".to_owned());
        organization.numbers = vec![uscc(n)];
        organization.district = Some(id("jinghu"));
        organization.files.insert(cycle(), file);
        let file = self.file(n);
        file.application = Some(application());
        file.applied_on = Some(day("2026-01-05"));
        file.attempt = 1;
        let entered = CycleEvent::ApplicantEntered { organization: super::testing::organization(n), attempt: 1 };
        self.happen(StreamId::cycle(&cycle()), entered, "2026-01-05");
    }

    /// An applicant nominated by a recommender on 20 January.
    pub(crate) fn nominated(&mut self, n: u32, recommender: &str) {
        self.applicant(n);
        let nominated =
            CycleEvent::OrganizationNominated { organization: organization(n), recommender: id(recommender) };
        self.happen(StreamId::cycle(&cycle()), nominated, "2026-01-20");
    }

    /// Nominated by a recommender of its own, with a survey settled on 1 March.
    pub(crate) fn surveyed(&mut self, n: u32, conclusion: Conclusion) {
        self.nominated(n, &format!("own-{n}"));
        let file = self.file(n);
        file.survey_ever_filed = true;
        file.survey = Some(SurveyState {
            station: id("station"),
            experts: Vec::new(),
            step: SurveyStep::Approved,
            survey_id: Some(SurveyId::new(Uuid::from_u128(u128::from(n)))),
            revision: 1,
            filed_by: None,
            conclusion: Some(conclusion),
            step_on: day("2026-03-01"),
        });
    }

    /// A member of a class, admitted on 10 March.
    pub(crate) fn member(&mut self, n: u32, of: &str) {
        self.surveyed(n, Conclusion::Class(class(of)));
        let organization = organization(n);
        let admitted = CycleEvent::OrganizationAdmitted { organization: organization.clone() };
        self.happen(StreamId::cycle(&cycle()), admitted, "2026-03-10");
        let classified =
            CycleEvent::OrganizationClassified { organization, class: class(of), survey: None, grounds: None };
        self.happen(StreamId::cycle(&cycle()), classified, "2026-03-10");
    }

    /// An incident of the `n`th organisation, with the `n`th incident's id.
    pub(crate) fn incident(&mut self, n: u32, occurred_on: &str, determination: Determination) {
        let state = IncidentState {
            occurred_on: day(occurred_on),
            determination,
            determined_on: None,
            reported_by: office().actor,
        };
        self.organization(n).incidents.insert(incident(n), state);
    }

    /// Decides and, where accepted, evolves.
    pub(crate) fn run(&mut self, command: &CycleCommand, context: &Context) -> Result<&Decision, Refused> {
        let decision = loop {
            match command.decide(&World::new(self), context) {
                Ok(decision) => break decision,
                Err(Stop::Missing(stream)) => {
                    let empty = Aggregate::empty(stream.kind());
                    self.streams.insert(stream, (empty, 0));
                }
                Err(Stop::Refused(refused)) => return Err(refused),
            }
        };
        let meta = Meta {
            decision_id: context.decision_id,
            recorded_at: context.now,
            occurred_on: decision.occurred_on,
            actor: context.actor.clone(),
            documents: decision.documents.clone(),
            waiver: decision.waiver.clone(),
            decision_size: 1,
            request_id: None,
        };
        for (stream, event) in &decision.events {
            self.evolve(stream.clone(), event, &meta);
        }
        self.decisions.push(decision);
        Ok(self.decisions.last().expect("just pushed"))
    }

    /// The stable code of the refusal.
    #[track_caller]
    pub(crate) fn refuses(&mut self, command: &CycleCommand, context: &Context) -> &'static str {
        self.run(command, context).expect_err("a refusal").refusal.code()
    }

    /// The names of the events of an accepted decision.
    #[track_caller]
    pub(crate) fn accepts(&mut self, command: &CycleCommand, context: &Context) -> Vec<&'static str> {
        let decision = self.run(command, context).expect("accepted");
        decision.events.iter().map(|(_, event)| event.event_type()).collect()
    }
}
