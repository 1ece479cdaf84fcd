//! A house for tests: the whole API over a database of its own, with a clock that stands still, and a small pool.
//!
//! What [`House::seeded`] holds, all of it recorded by commands: the program's register with two districts, the
//! cycle 2026, one applicant without a recommendation, and one member of class C.

use std::sync::Arc;

use app::access::Policy;
use app::access::grant::Claim;
use app::testing::Keyring;
use app::{App, Clock, Done, Request as Run, Rulebooks};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use chrono::NaiveDate;
use domain::cycle::{Classify, ClassifyEntry, CycleCommand, Intake, Nominate, OpenCycle};
use domain::document::{Common, DocumentRef};
use domain::enrolment::{
    ApproveSurveys, EnrolmentCommand, FileSurvey, Finding, RecordConditionCheck, SubmitApplication,
};
use domain::forms::annex2::Conclusion;
use domain::forms::samples;
use domain::ids::{ConditionCheckId, DocumentId, PersonId, SurveyId};
use domain::register::{AddEntry, Details, EntryId, RegisterCommand};
use domain::{Command, Rulebook, Uscc};
use serde_json::Value;
use store::documents::{Upload, put};
use store::persons::Person;
use store::testing::TestDatabase;
use store::{Store, StoreConfig};
use tower::ServiceExt as _;
use uuid::Uuid;

use crate::headers::ACTOR;
use crate::layers::Limits;
use crate::service::service;

/// The program.
pub(crate) const PROGRAM: &str = "wuhu-incubation";
/// The cycle of the seeded pool, from 1 January 2026.
pub(crate) const CYCLE: &str = "wuhu-incubation-2026";
/// The award office.
pub(crate) const OFFICE: &str = "office/wuhu-incubation/zhang";
/// The office of the district that both organisations are in.
pub(crate) const DISTRICT: &str = "district/jinghu/wang";
/// The only station of that district.
pub(crate) const STATION: &str = "station/jinghu-1/li";
/// The recommender of the member.
pub(crate) const RECOMMENDER: &str = "recommender/office-quality/chen";
/// Another system, which reads everything but people.
pub(crate) const READER: &str = "integration/all/exchange";
/// The member's number.
pub(crate) const MEMBER: &str = "91350100M000100Y43";
/// The applicant's number.
pub(crate) const APPLICANT: &str = "91330100MA2B000860";
/// The day on which the clock stands, at noon in Wuhu.
pub(crate) const TODAY: &str = "2026-06-01";
/// The name of the expert `expert-1`, which only the person's record holds.
pub(crate) const EXPERT_NAME: &str = "何某某";

/// Reads an id.
pub(crate) fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().unwrap()
}

/// A day, written `2026-05-01`.
pub(crate) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// A valid number; `n` tells numbers apart.
pub(crate) fn uscc(n: u32) -> Uscc {
    let seventeen = format!("91340200M{n:08}");
    id(&format!("{seventeen}{}", Uscc::check_character(&seventeen).unwrap()))
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Vec<u8>,
    /// The body as JSON; null for any other.
    pub(crate) body: Value,
}

impl Reply {
    /// The body of a success.
    #[track_caller]
    pub(crate) fn ok(self) -> Value {
        assert!(self.status.is_success(), "{} {}", self.status, self.body);
        self.body
    }

    /// The problem document of a refusal with this code.
    #[track_caller]
    pub(crate) fn refused(self, code: &str) -> Value {
        assert_eq!(self.body["code"], code, "{} {}", self.status, self.body);
        self.body
    }

    /// The pointer of the first error of a refusal with this code.
    #[track_caller]
    pub(crate) fn refused_at(self, code: &str, pointer: &str) {
        let problem = self.refused(code);
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem}");
    }

    /// A header as text; empty if it is absent.
    pub(crate) fn header(&self, name: impl header::AsHeaderName) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// The API over a database of its own.
pub(crate) struct House {
    pub(crate) app: Arc<App>,
    pub(crate) clock: Clock,
    router: Router,
    keyring: Keyring,
    _database: TestDatabase,
}

impl House {
    /// Nothing recorded yet.
    pub(crate) async fn empty() -> Self {
        let database = TestDatabase::sqlite().unwrap();
        let config = StoreConfig::new(database.url.clone(), projections::models());
        let store = Arc::new(Store::start(config).await.unwrap());
        let noon = day(TODAY).and_hms_opt(4, 0, 0).unwrap().and_utc();
        let clock = Clock::scripted(noon);
        let policy = Arc::new(Policy::load(None).unwrap());
        let app = Arc::new(App::new(store, Arc::new(Rulebooks::load(None).unwrap()), policy, clock.clone()));
        let router = service(Arc::clone(&app), Limits::default()).unwrap();
        Self { app, clock, router, keyring: Keyring::default(), _database: database }
    }

    /// With the small pool.
    pub(crate) async fn seeded() -> Self {
        let house = Self::empty().await;
        house.seed_register().await;
        house.seed_cycle().await;
        house.apply(APPLICANT, "示范申请组织", "2026-05-20").await;
        house.admit(MEMBER, "示范孵化组织", "C").await;
        house
    }

    /// The rules of the program.
    pub(crate) fn rulebook(&self) -> Arc<Rulebook> {
        self.app.rulebooks().get(&id(PROGRAM)).unwrap()
    }

    /// Runs a command that must be accepted.
    pub(crate) async fn run(&self, actor: &str, command: Command) -> Done {
        self.app.run(Run::new(id(actor), command)).await.unwrap()
    }

    async fn seed_register(&self) {
        for district in ["jinghu", "yijiang"] {
            let name = format!("{district}区");
            self.register(EntryId::District(id(district)), Details::District { name }).await;
            let station = Details::Station { name: format!("{district}服务站"), district: id(district) };
            self.register(EntryId::Station(id(&format!("{district}-1"))), station).await;
        }
        for (recommender, kind, district) in [
            ("office-quality", "office_member", None),
            ("committee-jinghu", "district_committee", Some("jinghu")),
            ("association-equipment", "industry_association", None),
        ] {
            let details = Details::Recommender {
                name: format!("推荐单位 {recommender}"),
                recommender_kind: id(kind),
                district: district.map(id),
            };
            self.register(EntryId::Recommender(id(recommender)), details).await;
        }
        let person = PersonId::new(Uuid::now_v7());
        let expert = self.rulebook().expert_kinds[0].id.clone();
        let details = Details::Expert { person, expert_kind: expert, field: Some("质量管理".to_owned()) };
        let mut run = Run::new(id(OFFICE), self.registration(EntryId::Expert(id("expert-1")), details));
        run.persons.push(Person {
            person_id: person,
            name: Some(EXPERT_NAME.to_owned()),
            phone: Some("13900000000".to_owned()),
            email: None,
            recorded_at: self.clock.now(),
        });
        self.app.run(run).await.unwrap();
    }

    fn registration(&self, entry: EntryId, details: Details) -> Command {
        let common = Common::on(day("2025-11-01"));
        Command::Register(RegisterCommand::Add(AddEntry { rulebook: self.rulebook(), entry, details, common }))
    }

    /// Adds an entry to the register.
    pub(crate) async fn register(&self, entry: EntryId, details: Details) {
        self.run(OFFICE, self.registration(entry, details)).await;
    }

    async fn seed_cycle(&self) {
        let open = OpenCycle {
            cycle: id(CYCLE),
            program: id(PROGRAM),
            label: "2026—2027".to_owned(),
            starts_on: day("2026-01-01"),
            ends_on: None,
            intake: Intake::default(),
            rulebook: self.rulebook(),
            common: Common::on(day("2025-12-01")),
        };
        self.run(OFFICE, Command::Cycle(CycleCommand::Open(open))).await;
    }

    /// Hands in the sample form of an organisation in `jinghu`.
    pub(crate) async fn apply(&self, number: &str, name: &str, on: &str) {
        let application = samples::application(name, id("jinghu"), Some(id("B")), day(on));
        let submit = SubmitApplication {
            cycle: id(CYCLE),
            uscc: id(number),
            application: Box::new(application),
            previous: None,
            self_evaluation: None,
            common: Common::on(day(on)),
        };
        let command = Command::Enrolment(EnrolmentCommand::SubmitApplication(submit));
        self.run(&format!("organization/{number}/zhou"), command).await;
    }

    /// Nominates an applicant; the only station of its district is charged with the survey.
    pub(crate) async fn nominate(&self, number: &str, recommender: &str, on: &str) {
        let nominate = Nominate {
            cycle: id(CYCLE),
            uscc: id(number),
            recommender: id(recommender),
            opinion: "同意推荐".to_owned(),
            signed_on: day(on),
            common: Common::on(day(on)),
        };
        let command = Command::Cycle(CycleCommand::Nominate(nominate));
        self.run(&format!("recommender/{recommender}/chen"), command).await;
    }

    /// Files and settles the survey of a nominated applicant, and proves what the form cannot.
    pub(crate) async fn survey(&self, number: &str, class: &str) {
        let survey = samples::survey(Conclusion::Class(id(class)), day("2026-02-01"));
        let file = FileSurvey {
            cycle: id(CYCLE),
            uscc: id(number),
            survey_id: SurveyId::new(Uuid::now_v7()),
            survey: Box::new(survey),
            common: Common::on(day("2026-02-01")),
        };
        self.run(STATION, Command::Enrolment(EnrolmentCommand::FileSurvey(file))).await;
        let approve = ApproveSurveys {
            cycle: id(CYCLE),
            entries: vec![id(number)],
            report_no: "镜质办〔2026〕1号".to_owned(),
            approved_on: day("2026-02-10"),
            common: Common::on(day("2026-02-10")),
        };
        self.run(DISTRICT, Command::Enrolment(EnrolmentCommand::ApproveSurveys(approve))).await;
        for condition in ["lawful_and_policy", "outstanding_results", "social_responsibility"] {
            let check = RecordConditionCheck {
                cycle: id(CYCLE),
                uscc: id(number),
                check_id: ConditionCheckId::new(Uuid::now_v7()),
                condition: id(condition),
                finding: Finding::Met,
                department: "市场监管局".to_owned(),
                checked_on: day("2026-02-15"),
                common: Common { documents: vec![paper()], ..Common::on(day("2026-02-16")) },
            };
            self.run(OFFICE, Command::Enrolment(EnrolmentCommand::RecordConditionCheck(check))).await;
        }
    }

    /// Takes an organisation all the way into the pool; admitted on 1 March 2026.
    pub(crate) async fn admit(&self, number: &str, name: &str, class: &str) {
        self.apply(number, name, "2026-01-10").await;
        self.nominate(number, "office-quality", "2026-01-12").await;
        self.survey(number, class).await;
        let entry = ClassifyEntry { uscc: id(number), class: Some(id(class)), grounds: None, seen: None };
        let common = Common::on(day("2026-03-01"));
        let classify = Classify { cycle: id(CYCLE), entries: vec![entry], common };
        self.run(OFFICE, Command::Cycle(CycleCommand::Classify(classify))).await;
    }

    /// Uploads a paper, and answers its id.
    pub(crate) async fn paper(&self) -> String {
        let upload = Upload {
            document_id: DocumentId::new(Uuid::now_v7()),
            media_type: "application/pdf",
            title: "证明材料",
            uploaded_by: OFFICE,
            recorded_at: self.clock.now(),
            content: b"%PDF-1.7",
        };
        put(self.app.store().db(), &upload).await.unwrap().document_id.to_string()
    }

    /// Changes the database behind the node's back.
    pub(crate) async fn meddle(&self, sql: &str) {
        let mut tx = self.app.store().db().begin().await.unwrap();
        tx.run(sql).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Leaves all read models behind for good, as a newer program does that has another use for their tables.
    pub(crate) async fn leave_behind(&self) {
        self.meddle(
            "UPDATE checkpoints SET definition = 'of a newer program', position = (SELECT position - 1 FROM head)",
        )
        .await;
        self.meddle("UPDATE head SET epoch = epoch + 1").await;
    }

    /// Reads below `/api/v1`, as another system that sees everything but people.
    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.get_as(READER, path).await
    }

    /// Reads below `/api/v1`, as nobody.
    pub(crate) async fn get_as_nobody(&self, path: &str) -> Reply {
        self.send_as_is(Request::get(format!("/api/v1{path}")).body(Body::empty()).unwrap()).await
    }

    /// Reads below `/api/v1`, as an actor.
    pub(crate) async fn get_as(&self, actor: &str, path: &str) -> Reply {
        self.send(Request::get(format!("/api/v1{path}")).header(ACTOR, actor).body(Body::empty()).unwrap()).await
    }

    /// Commands below `/api/v1`.
    pub(crate) async fn post(&self, actor: &str, path: &str, body: &Value) -> Reply {
        self.post_if(actor, path, body, None).await
    }

    /// Commands below `/api/v1`, meant for one version.
    pub(crate) async fn post_if(&self, actor: &str, path: &str, body: &Value, tag: Option<&str>) -> Reply {
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(format!("/api/v1{path}"))
            .header(ACTOR, actor)
            .header(header::CONTENT_TYPE, "application/json");
        if let Some(tag) = tag {
            request = request.header(header::IF_MATCH, tag);
        }
        self.send(request.body(Body::from(body.to_string())).unwrap()).await
    }

    /// Signs a request: as the actor that it names, if one can be made out, else a read as [`READER`].
    pub(crate) async fn signed(&self, mut request: Request<Body>) -> Request<Body> {
        let headers = request.headers();
        if headers.contains_key(header::AUTHORIZATION) || headers.contains_key(header::COOKIE) {
            return request;
        }
        let named = headers.get(ACTOR).map(|value| value.to_str().unwrap_or_default().parse::<Claim>());
        let claim = match named {
            Some(Ok(claim)) => claim,
            Some(Err(_)) => id(READER),
            None if request.method() == Method::GET => id(READER),
            None => return request,
        };
        let token = self.token(&claim).await;
        request.headers_mut().insert(header::AUTHORIZATION, format!("Bearer {token}").parse().unwrap());
        request
    }

    /// The token of whoever is claimed to act.
    pub(crate) async fn token(&self, claim: &Claim) -> String {
        let (secret, changed) = self.keyring.token(self.app.store().db(), claim, PROGRAM).await.unwrap();
        if changed {
            self.app.gate().forget();
        }
        secret.reveal().to_owned()
    }

    /// Sends a request as whom it names, and reads the answer to its end.
    pub(crate) async fn send(&self, request: Request<Body>) -> Reply {
        let request = self.signed(request).await;
        self.send_as_is(request).await
    }

    /// Sends any request and reads the answer to its end.
    pub(crate) async fn send_as_is(&self, request: Request<Body>) -> Reply {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap().to_vec();
        let body = serde_json::from_slice(&bytes).unwrap_or_default();
        Reply { status: parts.status, headers: parts.headers, bytes, body }
    }

    /// The router itself, for answers without an end.
    pub(crate) fn router(&self) -> Router {
        self.router.clone()
    }
}

/// A paper that nobody uploaded: commands take references as they are.
fn paper() -> DocumentRef {
    DocumentRef {
        document_id: DocumentId::new(Uuid::now_v7()),
        sha256: "0".repeat(64),
        media_type: "application/pdf".to_owned(),
        size: 1,
        title: "核查意见".to_owned(),
    }
}

mod tests {
    use super::*;

    #[tokio::test]
    async fn the_seeded_house_has_an_applicant_and_a_member() {
        let house = House::seeded().await;
        let cycle = house.get(&format!("/cycles/{CYCLE}")).await.ok();
        assert_eq!((&cycle["applicants"], &cycle["members"]), (&1.into(), &1.into()), "{cycle}");
        assert_eq!(cycle["classes"]["C"], 1);
    }

    #[test]
    fn the_document_lacks_nothing() {
        assert_eq!(crate::openapi::gaps(&crate::service::openapi()), Vec::<String>::new());
    }

    #[test]
    fn every_example_fits_its_schema() {
        let document = serde_json::to_value(crate::service::openapi()).unwrap();
        let mut tried = 0;
        for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
            let Some(example) = schema.get("example").filter(|example| example.is_object()) else { continue };
            let whole = serde_json::json!({
                "$ref": format!("#/components/schemas/{name}"), "components": document["components"],
            });
            let faults = jsonschema::validate(&whole, example);
            assert!(faults.is_ok(), "{name}: {faults:?}");
            tried += 1;
        }
        assert!(tried > 0);
    }

    #[test]
    fn a_command_on_a_cycle_a_file_or_a_session_takes_if_match_and_a_batch_of_files_takes_seen() {
        let document = serde_json::to_value(crate::service::openapi()).unwrap();
        let schema = |refers: &Value| {
            let pointer = refers["$ref"].as_str().map(|pointer| pointer.trim_start_matches('#'));
            pointer.and_then(|pointer| document.pointer(pointer)).cloned().unwrap_or_default()
        };
        for (path, item) in document["paths"].as_object().unwrap() {
            let Some(operation) = item.get("post") else { continue };
            let addressed = path.contains("/{cycle}/") || path.contains("/{session_id}/");
            let body = schema(&operation["requestBody"]["content"]["application/json"]["schema"]);
            let entry = schema(&body["properties"]["entries"]["items"]);
            let batch = entry["properties"]["seen"].is_object();
            let taken = operation["parameters"].as_array().unwrap().iter().any(|given| given["name"] == "If-Match");
            assert_eq!(taken, addressed && !batch, "{path}");
        }
    }

    #[test]
    fn every_command_but_an_upload_or_a_disclosure_takes_a_key() {
        let document = serde_json::to_value(crate::service::openapi()).unwrap();
        for (path, item) in document["paths"].as_object().unwrap() {
            let Some(operation) = item.get("post") else { continue };
            let mut given = operation["parameters"].as_array().unwrap().iter();
            let taken = given.any(|given| given["name"] == "Idempotency-Key");
            let keyless = ["upload_document", "disclose_person"].iter().any(|id| operation["operationId"] == *id);
            let of_access = operation["tags"][0] == "access";
            assert_eq!(taken, !keyless && !of_access, "{path}");
        }
    }

    #[test]
    fn every_command_shows_an_example_of_its_body() {
        let document = serde_json::to_value(crate::service::openapi()).unwrap();
        let operations = document["paths"].as_object().unwrap().values().filter_map(|path| path.get("post"));
        let without = operations.filter(|operation| {
            let body = &operation["requestBody"]["content"]["application/json"];
            let schema = body["schema"]["$ref"].as_str().and_then(|schema| schema.rsplit('/').next());
            let shown = |name: &str| document["components"]["schemas"][name]["example"].is_object();
            body["example"].is_null() && schema.is_some_and(|name| !shown(name))
        });
        let names: Vec<&Value> = without.map(|operation| &operation["operationId"]).collect();
        assert_eq!(names, Vec::<&Value>::new());
    }
}
