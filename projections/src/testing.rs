//! Histories for tests, and the tables that read models make of them.

mod batches;

use std::collections::HashMap;
use std::sync::Arc;

use chrono::NaiveDate;
use domain::cycle::{CycleEvent, Intake};
use domain::document::DocumentRef;
use domain::enrolment::EnrolmentEvent;
use domain::event::Meta;
use domain::fact::{Corrected, Recorded, Voided};
use domain::forms::annex2::Conclusion;
use domain::forms::facts::{Attendance, Channel, Visit};
use domain::forms::samples;
use domain::ids::{AttendanceId, CycleId, DecisionId, DocumentId, OrganizationId, SessionId, SurveyId, VisitId};
use domain::organization::OrganizationEvent;
use domain::session::{Plan, SessionEvent};
use domain::{Event, RecordedEvent, Rulebook, StreamId};
use store::testing::TestDatabase;
use store::{AnyModel, Db, Model, ReadModel, Store, StoreConfig};

use crate::fixtures::{Table, show_events};
pub(crate) use crate::fixtures::{day, id, nth};

/// The cycle of all histories: two years from 1 May 2026, in the program of Wuhu.
pub(crate) const CYCLE: &str = "wuhu-incubation-2026";
/// Organisations.
pub(crate) const ACME: &str = "91350100M000100Y43";
pub(crate) const BOLT: &str = "91330100799655058B";
pub(crate) const CRUX: &str = "9144030071526726XG";
/// A number that an organisation gets later.
pub(crate) const LATER: &str = "91330100MA2B000860";

/// An organisation.
pub(crate) fn org(uscc: &str) -> OrganizationId {
    OrganizationId::first_registered(id(uscc))
}

/// The cycle.
pub(crate) fn cycle() -> CycleId {
    id(CYCLE)
}

/// The key of a file.
pub(crate) fn file_key(uscc: &str) -> String {
    format!("{CYCLE}/{uscc}")
}

/// The rules of Wuhu.
pub(crate) fn rulebook() -> Rulebook {
    let books = Rulebook::embedded().unwrap();
    books.into_iter().find(|book| book.program.as_str() == "wuhu-incubation").unwrap()
}

/// A first version of a fact.
pub(crate) fn recorded<I, C>(id: I, content: C) -> Recorded<I, C> {
    Recorded { id, content }
}

/// The second version of a fact.
pub(crate) fn corrected<I, C>(id: I, content: C) -> Corrected<I, C> {
    Corrected { id, replaces_version: 1, content, reason: "put right".to_owned() }
}

/// The end of a fact.
pub(crate) fn voided<I>(id: I) -> Voided<I> {
    Voided { id, reason: "never happened".to_owned() }
}

/// A visit's id.
pub(crate) fn visit_id(n: u128) -> VisitId {
    VisitId::new(nth(n))
}

/// A visit by a station.
pub(crate) fn visit(station: &str, findings: &str) -> Visit {
    Visit {
        station: id(station),
        channel: Channel::OnSite,
        findings: findings.to_owned(),
        needs: Some("培训".to_owned()),
        carry_over: Some("下周期继续".to_owned()),
    }
}

/// The id of a session; its number tells sessions apart.
pub(crate) fn session_id(n: u128) -> SessionId {
    SessionId::new(nth(0x5e00 + n))
}

/// The id of an attendance.
pub(crate) fn attendance_id(n: u128) -> AttendanceId {
    AttendanceId::new(nth(0xa700 + n))
}

/// An attendance that was owed.
pub(crate) fn attendance(uscc: &str) -> Attendance {
    Attendance { organization: org(uscc), audiences: vec![id("key_staff")], participants: 3, extra: false }
}

/// A plan of a session of that kind on that day.
pub(crate) fn plan(kind: &str, on: &str) -> Plan {
    Plan {
        kind: id(kind),
        title: "培训班".to_owned(),
        on: day(on),
        place: "芜湖".to_owned(),
        capacity: None,
        audiences: vec![id("key_staff")],
        host: None,
        experts: vec![id("expert-1")],
    }
}

/// The scheduling of a session.
pub(crate) fn scheduled(n: u128, plan: Plan) -> SessionEvent {
    SessionEvent::SessionScheduled { session_id: session_id(n), cycle: cycle(), program: id("wuhu-incubation"), plan }
}

/// The survey of an organisation.
pub(crate) fn survey_id(uscc: &str) -> SurveyId {
    SurveyId::new(nth(u128::from(uscc.bytes().last().unwrap())))
}

/// A log under construction. Each event is a decision of its own, on the day set last.
pub(crate) struct Log {
    pub(crate) events: Vec<RecordedEvent>,
    versions: HashMap<StreamId, u64>,
    today: NaiveDate,
    actor: &'static str,
    documents: Vec<DocumentRef>,
}

impl Log {
    /// With the cycle opened.
    pub(crate) fn opened() -> Self {
        let mut log = Self {
            events: Vec::new(),
            versions: HashMap::new(),
            today: day("2026-04-01"),
            actor: "office/wuhu-incubation/zhang",
            documents: Vec::new(),
        };
        log.cycle(CycleEvent::CycleOpened {
            cycle: cycle(),
            program: id("wuhu-incubation"),
            label: "2026".to_owned(),
            starts_on: day("2026-05-01"),
            ends_on: day("2028-05-01"),
            intake: Intake::default(),
            rulebook: Arc::new(rulebook()),
        });
        log
    }

    /// The day of the events that follow.
    pub(crate) fn on(&mut self, today: &str) -> &mut Self {
        self.today = day(today);
        self
    }

    /// The actor of the events that follow.
    pub(crate) fn by(&mut self, actor: &'static str) -> &mut Self {
        self.actor = actor;
        self
    }

    /// With a paper, for the next event.
    pub(crate) fn with_paper(&mut self, title: &str) -> &mut Self {
        self.documents.push(DocumentRef {
            document_id: DocumentId::new(nth(77)),
            sha256: "0".repeat(64),
            media_type: "application/pdf".to_owned(),
            size: 1,
            title: title.to_owned(),
        });
        self
    }

    pub(crate) fn push(&mut self, stream: StreamId, event: impl Into<Event>) -> &mut Self {
        let position = self.events.len() as u64 + 1;
        let version = self.versions.entry(stream.clone()).or_default();
        *version += 1;
        self.events.push(RecordedEvent {
            position,
            stream,
            version: *version,
            meta: Meta {
                decision_id: DecisionId::new(nth(u128::from(position))),
                recorded_at: self.today.and_hms_opt(4, 0, 0).unwrap().and_utc(),
                occurred_on: self.today,
                actor: id(self.actor),
                documents: std::mem::take(&mut self.documents),
                waiver: None,
                decision_size: 1,
                request_id: None,
            },
            event: event.into(),
        });
        self
    }

    pub(crate) fn cycle(&mut self, event: CycleEvent) -> &mut Self {
        self.push(StreamId::cycle(&cycle()), event)
    }

    pub(crate) fn file(&mut self, uscc: &str, event: EnrolmentEvent) -> &mut Self {
        self.push(StreamId::enrolment(&cycle(), &org(uscc)), event)
    }

    pub(crate) fn organization(&mut self, uscc: &str, event: OrganizationEvent) -> &mut Self {
        self.push(StreamId::organization(&org(uscc)), event)
    }

    pub(crate) fn session(&mut self, n: u128, event: SessionEvent) -> &mut Self {
        self.push(StreamId::session(session_id(n)), event)
    }

    pub(crate) fn registered(&mut self, uscc: &str, name: &str) -> &mut Self {
        self.organization(
            uscc,
            OrganizationEvent::OrganizationRegistered {
                uscc: id(uscc),
                name: name.to_owned(),
                district: id("jinghu"),
                program: id("wuhu-incubation"),
            },
        )
    }

    /// An application of that attempt, from the district `jinghu`.
    pub(crate) fn applied(&mut self, uscc: &str, attempt: u32) -> &mut Self {
        let today = self.today;
        let name = format!("组织{}", &uscc[15..]);
        self.file(
            uscc,
            EnrolmentEvent::ApplicationSubmitted {
                organization: org(uscc),
                cycle: cycle(),
                attempt,
                application: Box::new(samples::application(&name, id("jinghu"), Some(id("B")), today)),
                previous: None,
                self_evaluation: None,
            },
        )
        .organization(
            uscc,
            OrganizationEvent::EnrolmentOpened { cycle: cycle(), program: id("wuhu-incubation"), attempt },
        )
        .cycle(CycleEvent::ApplicantEntered { organization: org(uscc), attempt })
    }

    pub(crate) fn nominated(&mut self, uscc: &str, recommender: &str) -> &mut Self {
        let signed_on = self.today;
        self.cycle(CycleEvent::OrganizationNominated { organization: org(uscc), recommender: id(recommender) }).file(
            uscc,
            EnrolmentEvent::RecommendationReceived {
                recommender: id(recommender),
                opinion: "同意推荐".to_owned(),
                signed_on,
            },
        )
    }

    pub(crate) fn charged(&mut self, uscc: &str, station: &str) -> &mut Self {
        self.file(
            uscc,
            EnrolmentEvent::SurveyAssigned {
                station: id(station),
                experts: vec![id("expert-1")],
                automatic: true,
                reason: None,
            },
        )
    }

    pub(crate) fn surveyed(&mut self, uscc: &str, revision: u32, class: &str) -> &mut Self {
        let survey = samples::survey(Conclusion::Class(id(class)), self.today);
        self.file(
            uscc,
            EnrolmentEvent::SurveyFiled {
                survey_id: survey_id(uscc),
                revision,
                station: id("jinghu-1"),
                survey: Box::new(survey),
            },
        )
    }

    pub(crate) fn approved(&mut self, uscc: &str, revision: u32, report_no: &str) -> &mut Self {
        let approved_on = self.today;
        self.file(
            uscc,
            EnrolmentEvent::SurveyApproved {
                survey_id: survey_id(uscc),
                revision,
                report_no: report_no.to_owned(),
                approved_on,
            },
        )
    }

    pub(crate) fn classified(&mut self, uscc: &str, class: &str) -> &mut Self {
        self.cycle(CycleEvent::OrganizationAdmitted { organization: org(uscc) }).cycle(
            CycleEvent::OrganizationClassified {
                organization: org(uscc),
                class: id(class),
                survey: Some((survey_id(uscc), 1)),
                grounds: None,
            },
        )
    }

    /// From registration to admission, on the day set last.
    pub(crate) fn member(&mut self, uscc: &str, class: &str) -> &mut Self {
        self.registered(uscc, &format!("组织{}", &uscc[15..]))
            .applied(uscc, 1)
            .nominated(uscc, "guild")
            .charged(uscc, "jinghu-1")
            .surveyed(uscc, 1, class)
            .approved(uscc, 1, "镜质〔2026〕1号")
            .classified(uscc, class)
    }

    pub(crate) fn removed(&mut self, uscc: &str) -> &mut Self {
        self.cycle(CycleEvent::OrganizationRemoved {
            organization: org(uscc),
            incident_id: domain::ids::IncidentId::new(nth(1)),
            reason: None,
        })
    }

    pub(crate) fn rescinded(&mut self, uscc: &str) -> &mut Self {
        self.cycle(CycleEvent::RemovalRescinded { organization: org(uscc), reason: "改判".to_owned() })
    }

    pub(crate) fn closed(&mut self, completed: &[&str], lapsed: &[&str]) -> &mut Self {
        let ids = |usccs: &[&str]| usccs.iter().map(|uscc| org(uscc)).collect();
        self.cycle(CycleEvent::CycleClosed { completed: ids(completed), lapsed: ids(lapsed), reason: None })
    }

    /// The table that a read model makes of the log, whatever the batches.
    #[track_caller]
    pub(crate) fn table<M: ReadModel>(&self) -> Table {
        let model = Model::<M>::boxed();
        let by = |size: usize| Table::folded(&*model, &self.events, &vec![size; self.events.len().div_ceil(size)]);
        let one_by_one = by(1);
        for size in [2, 3, 7, self.events.len()] {
            assert_eq!(by(size), one_by_one, "batches of {size}");
        }
        one_by_one
    }

    /// The row of a key.
    #[track_caller]
    pub(crate) fn row<M: ReadModel>(&self, key: &str) -> M::Row {
        self.table::<M>().row(key)
    }

    /// A store on a database whose read models show the log.
    pub(crate) async fn shown_on(&self, database: &TestDatabase) -> Store {
        let store = Store::start(StoreConfig::new(database.url.clone(), crate::models())).await.unwrap();
        show_events(&store, &self.events).await;
        store
    }

    /// A database in memory with all read models of the log.
    pub(crate) async fn database(&self) -> Db {
        let models: Vec<Arc<dyn AnyModel>> = crate::models().into_iter().map(Arc::from).collect();
        store::projector::scratch(&models, &self.events).await.unwrap()
    }
}
