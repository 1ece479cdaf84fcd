use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use app::access::Policy;
use app::{KnownAt, Moment, Rulebooks};
use chrono::{DateTime, Days};
use domain::cycle::Counts;
use domain::ids::{ClassId, CycleId, OrganizationId};
use projections::Scope;
use projections::facts::{self, Fact, FactFilter, FactKind, FactSort, Voids};
use projections::page::{Direction, Paging};
use projections::roster::{RosterFilter, RosterRow, RosterSort, Standing};
use projections::schedule::{Owing, ScheduleFilter};
use projections::visits_due::DueFilter;
use projections::{
    balance, carry_over, cycles, enrolments, organizations as read, quotas, roster, schedule, visits_due,
};
use store::sql::Sql;
use store::testing::TestDatabase;
use store::{Db, Store, StoreConfig};

use super::organizations::numbered;
use super::script::id;
use super::*;
use crate::accounts;

const TODAY: &str = "2026-11-23";
const ALL: Paging = Paging::first(200);

async fn empty(database: &TestDatabase) -> App {
    let config = StoreConfig::new(database.url.clone(), projections::models());
    let store = Store::start(config).await.unwrap();
    let rulebooks = Rulebooks::load(None).unwrap();
    App::new(
        Arc::new(store),
        Arc::new(rulebooks),
        Arc::new(Policy::load(None).unwrap()),
        Clock::scripted(DateTime::UNIX_EPOCH),
    )
}

async fn told(database: &TestDatabase, today: &str) -> (App, Story) {
    let app = empty(database).await;
    let story = fill(&app, id(today).unwrap()).await.unwrap_or_else(|error| panic!("{today}: {error:#}"));
    let head = app.store().feed().head().await.unwrap();
    app.caught_up(Some(head)).await.unwrap();
    (app, story)
}

fn cycle(text: &str) -> CycleId {
    id(text).unwrap()
}

fn organization(number: u32) -> OrganizationId {
    OrganizationId::first_registered(numbered(number).unwrap().uscc().unwrap())
}

fn counts(numbers: [u32; 4]) -> Counts {
    ["A", "B", "C", "D"].into_iter().map(|class| id::<ClassId>(class).unwrap()).zip(numbers).collect()
}

/// Every file of a cycle, by organisation.
async fn files(db: &Db, of: &str) -> BTreeMap<OrganizationId, RosterRow> {
    let sort = (RosterSort::Number, Direction::Ascending);
    let page = roster::page(db, &cycle(of), &Scope::All, &RosterFilter::default(), sort, &ALL).await.unwrap();
    page.items.into_iter().map(|row| (row.organization.clone(), row)).collect()
}

/// The numbers of organisations in the story.
fn serials<'o>(organizations: impl IntoIterator<Item = &'o OrganizationId>) -> Vec<u32> {
    let mut serials: Vec<u32> =
        organizations.into_iter().map(|known| (1..=24).find(|n| organization(*n) == *known).unwrap()).collect();
    serials.sort_unstable();
    serials
}

async fn all_facts(db: &Db, kind: FactKind, of: &str) -> Vec<Fact> {
    let filter = FactFilter { cycle: Some(cycle(of)), voids: Voids::Shown, ..FactFilter::default() };
    facts::list(db, &Scope::All, kind, &filter, FactSort::OccurredOn, &ALL).await.unwrap().items
}

async fn holds_its_shape(database: &TestDatabase) {
    let (app, story) = told(database, TODAY).await;
    let db = app.store().db();
    the_pool_lost_its_balance_and_found_it(&app, &story).await;
    files_stand_where_the_story_left_them(db).await;
    work_is_left(db).await;
    slips_of_the_pen_were_put_right(db).await;
    the_closed_cycle_hands_on(db).await;
    app.store().stop().await;
}

async fn the_pool_lost_its_balance_and_found_it(app: &App, story: &Story) {
    let now = balance::get(app.store().db(), &cycle(RUNNING)).await.unwrap().unwrap();
    assert_eq!((now.counts, now.excess), (counts([4, 6, 5, 4]), 0));

    let known_at = |position| Moment { known_at: Some(KnownAt::Position(position)), as_of: None };
    let then = app.view_at(&cycle(RUNNING), known_at(story.out_of_balance_at), None).await.unwrap();
    let then = balance::get(&then.db, &cycle(RUNNING)).await.unwrap().unwrap();
    assert_eq!((then.counts, then.excess), (counts([4, 6, 4, 5]), 1));
    assert!(!then.moves.is_empty());
    let accounts = accounts::of_demo(app.store().db(), &story.actors, WUHU).await.unwrap();
    let guide = story.guide("127.0.0.1:8080", "sqlite:demo.db", &accounts);
    assert!(guide.contains(&format!(
        "http://127.0.0.1:8080/api/v1/cycles/{RUNNING}/balance?known_at={}",
        story.out_of_balance_at
    )));
    let roles: BTreeSet<_> = accounts.iter().map(|account| account.acts_as.split('/').next().unwrap()).collect();
    assert_eq!(roles.len(), 9, "one of each role: {roles:?}");
    assert!(accounts.iter().all(|known| guide.contains(&known.password) && guide.contains(&known.token)));
    assert!(accounts::of_demo(app.store().db(), &story.actors, WUHU).await.is_err(), "only on a demo's own");

    let first = cycles::get(app.store().db(), &cycle(FIRST)).await.unwrap().unwrap();
    let running = cycles::get(app.store().db(), &cycle(RUNNING)).await.unwrap().unwrap();
    assert_eq!(first.closed_on, Some(first.ends_on));
    let today = id(TODAY).unwrap();
    assert_eq!(domain::session::cycle_year(running.starts_on, today), 2);
    assert!(first.ends_on < running.starts_on && running.closed_on.is_none());
}

async fn files_stand_where_the_story_left_them(db: &Db) {
    let files = files(db, RUNNING).await;
    let standing = |wanted| serials(files.values().filter(|row| row.standing == wanted).map(|row| &row.organization));
    assert_eq!(standing(Standing::Former), [5, 17]);
    assert_eq!(standing(Standing::Applicant), [22, 23, 24]);
    assert_eq!(files.len(), 24);
    let stages: Vec<_> = [5, 17, 22, 23, 24].map(|n| files[&organization(n)].stage.name()).into();
    assert_eq!(stages, ["removed", "declined", "survey_filed", "applied", "surveying"]);
    assert_eq!(files[&organization(19)].attempt, 2);

    let differ = |row: &&RosterRow| {
        row.class.is_some() && (row.own_class != row.station_class || row.station_class != row.class)
    };
    assert_eq!(serials(files.values().filter(differ).map(|row| &row.organization)), [2, 7, 10, 12, 15, 18, 20]);
    assert!(files[&organization(18)].station_below_a);

    let again: Vec<_> = files.values().filter(|row| !row.earlier_cycles.is_empty()).collect();
    assert_eq!(serials(again.iter().map(|row| &row.organization)), [1, 2, 3, 4]);
    let file = enrolments::get(db, &cycle(RUNNING), &organization(1)).await.unwrap().unwrap();
    let application = file.application.unwrap();
    assert_eq!(application.previous, Some(cycle(FIRST)));
    assert!(application.self_evaluation.is_some() && application.documents.len() == 2);
}

async fn work_is_left(db: &Db) {
    let today = id(TODAY).unwrap();
    let due = visits_due::due(db, &cycle(RUNNING), &Scope::All, today, &DueFilter::default(), &ALL).await.unwrap();
    assert_eq!(serials(due.items.iter().map(|due| &due.organization)), [3, 11, 14, 18, 19, 20]);

    let owing = ScheduleFilter { owing: Owing::Missing, ..ScheduleFilter::default() };
    let owed = schedule::list(db, &cycle(RUNNING), &Scope::All, &owing).await.unwrap();
    assert_eq!(serials(owed.iter().map(|entry| &entry.organization)), [1, 2, 12, 13, 14, 18, 19]);
    let everybody = schedule::list(db, &cycle(RUNNING), &Scope::All, &ScheduleFilter::default()).await.unwrap();
    assert!(everybody.iter().any(|entry| !entry.attended.is_empty()));
    let booked_ahead = owed.iter().filter(|entry| entry.booked.iter().any(|session| session.on > today));
    assert_eq!(serials(booked_ahead.map(|entry| &entry.organization)), [2, 12, 13, 14, 18]);

    let requests = all_facts(db, FactKind::AssistanceRequests, RUNNING).await;
    let open = requests.iter().filter(|request| request.answer.is_none());
    assert_eq!((requests.len(), serials(open.map(|request| &request.organization))), (4, vec![3, 12]));

    let quotas = quotas::list(db, &cycle(RUNNING), &Scope::All).await.unwrap().unwrap();
    let full: Vec<_> = quotas.iter().filter(|row| row.used > 2).collect();
    assert_eq!(full.len(), 1);
    assert_eq!((full[0].recommender.as_str(), full[0].extra, full[0].left), ("office-quality", 1, Some(0)));
    assert!(quotas.iter().filter(|row| row.used > 0).count() >= 13);
}

async fn slips_of_the_pen_were_put_right(db: &Db) {
    let visits = all_facts(db, FactKind::Visits, RUNNING).await;
    let corrected: Vec<_> = visits.iter().filter(|visit| visit.version > 1).collect();
    assert_eq!(serials(corrected.iter().map(|visit| &visit.organization)), [8]);
    assert!(corrected[0].occurred_on < corrected[0].recorded.occurred_on);
    let voided = visits.iter().filter(|visit| visit.voided.is_some());
    assert_eq!(serials(voided.map(|visit| &visit.organization)), [7]);

    let file =
        |number| async move { enrolments::get(db, &cycle(RUNNING), &organization(number)).await.unwrap().unwrap() };
    assert_eq!(file(20).await.classes.len(), 2);
    assert_eq!(file(20).await.class, Some(id("B").unwrap()));
    assert_eq!(file(16).await.removals.len(), 1);
    assert_eq!(file(16).await.standing, "member");
    let survey = file(21).await.survey.unwrap();
    assert_eq!((survey.revision, survey.experts.len()), (2, 2));
    assert!(survey.revisions[0].returned.is_some());

    let renamed = read::get(db, &organization(13)).await.unwrap().unwrap();
    assert_eq!(renamed.names.len(), 2);
    let renumbered = read::get(db, &organization(11)).await.unwrap().unwrap();
    assert_eq!(renumbered.numbers.len(), 2);
    assert_eq!(read::resolve(db, &renumbered.uscc).await.unwrap(), Some(organization(11)));
}

async fn the_closed_cycle_hands_on(db: &Db) {
    let files = files(db, FIRST).await;
    let stages: Vec<_> = (1..=6).map(|n| files[&organization(n)].stage.name()).collect();
    assert_eq!(stages, ["completed", "completed", "completed", "completed", "withdrawn", "lapsed"]);
    let reports = all_facts(db, FactKind::SelfEvaluations, FIRST).await;
    assert_eq!(serials(reports.iter().map(|report| &report.organization)), [1, 2, 3, 4]);
    assert!(!carry_over::report(db, &cycle(FIRST), &Scope::All, &[]).await.unwrap().is_empty());

    let hangzhou = cycles::get(db, &cycle("hangzhou-cultivation-2026")).await.unwrap().unwrap();
    assert_eq!((hangzhou.members, hangzhou.classes.len()), (1, 0));
}

#[tokio::test]
async fn the_story_holds_its_shape_on_sqlite() {
    holds_its_shape(&TestDatabase::sqlite().unwrap()).await;
}

#[tokio::test]
async fn the_story_holds_its_shape_on_postgresql() {
    holds_its_shape(&TestDatabase::postgres().await.unwrap()).await;
}

/// Every row of every read model.
async fn tables(store: &Store) -> BTreeMap<&'static str, Vec<(String, String)>> {
    let mut tables = BTreeMap::new();
    for model in store.models() {
        let name = model.table().name;
        let rows = Sql::new(&format!("SELECT key, body FROM {name} ORDER BY key")).pairs(store.db()).await.unwrap();
        tables.insert(name, rows);
    }
    tables
}

/// E12: rebuilt = incremental = rebuilt again, row for row; and so is the fold of the prefix that ends now (E11).
async fn is_the_same_rebuilt(database: &TestDatabase) {
    let (app, _) = told(database, TODAY).await;
    let store = app.store();
    let incremental = tables(store).await;
    assert!(incremental.values().all(|rows| !rows.is_empty()), "the story touches every read model");
    for _ in 0..2 {
        for model in store.models() {
            store.rebuild(model.table().name).await.unwrap();
        }
        assert_eq!(tables(store).await, incremental);
    }
    let events = store.feed().after(0, 10_000).await.unwrap();
    let folded = store::projector::scratch(store.models(), &events).await.unwrap();
    for (name, rows) in &incremental {
        let again = Sql::new(&format!("SELECT key, body FROM {name} ORDER BY key")).pairs(&folded).await.unwrap();
        assert_eq!(again, *rows, "{name}");
    }
    store.stop().await;
}

#[tokio::test]
async fn every_read_model_is_the_same_rebuilt_on_sqlite() {
    is_the_same_rebuilt(&TestDatabase::sqlite().unwrap()).await;
}

#[tokio::test]
async fn every_read_model_is_the_same_rebuilt_on_postgresql() {
    is_the_same_rebuilt(&TestDatabase::postgres().await.unwrap()).await;
}

/// Everything that is recorded but the ids of decisions, which the application makes.
async fn record(today: &str) -> Vec<String> {
    let database = TestDatabase::sqlite().unwrap();
    let (app, _) = told(&database, today).await;
    let events = app.store().feed().after(0, 10_000).await.unwrap();
    app.store().stop().await;
    let told = events.into_iter().map(|event| {
        let meta = &event.meta;
        let when_and_who = (meta.recorded_at, meta.occurred_on, meta.actor.to_string(), &meta.documents);
        format!("{} {} {:?} {when_and_who:?} {:?}", event.position, event.stream.id(), event.version, event.event)
    });
    told.collect()
}

#[tokio::test]
async fn the_same_day_tells_the_same_story() {
    let told = record(TODAY).await;
    assert!(told.len() > 400, "{} events", told.len());
    assert_eq!(told, record(TODAY).await);
}

#[tokio::test]
async fn the_story_can_be_told_on_awkward_days_and_ends_before_them() {
    for today in ["2028-02-29", "2027-05-31", "2027-06-30"] {
        let database = TestDatabase::sqlite().unwrap();
        let (app, story) = told(&database, today).await;
        let due = DueFilter::default();
        let overdue = visits_due::due(app.store().db(), &cycle(RUNNING), &Scope::All, id(today).unwrap(), &due, &ALL)
            .await
            .unwrap();
        assert_eq!(overdue.items.len(), 6, "{today}");
        let time_zone = app.rulebooks().get(&id(WUHU).unwrap()).unwrap().time_zone;
        let last = app.clock().now().with_timezone(&time_zone).date_naive();
        assert_eq!(last.checked_add_days(Days::new(1)), Some(id(today).unwrap()));
        assert!(story.out_of_balance_at > 0);
        app.store().stop().await;
    }
}

#[tokio::test]
async fn the_story_is_told_once_and_never_by_the_systems_clock() {
    let database = TestDatabase::sqlite().unwrap();
    let app = empty(&database).await;
    let today = id(TODAY).unwrap();
    let by_system = App::new(
        Arc::clone(app.store()),
        Arc::new(Rulebooks::load(None).unwrap()),
        Arc::new(Policy::load(None).unwrap()),
        Clock::System,
    );
    assert!(fill(&by_system, today).await.unwrap_err().to_string().contains("scripted clock"));
    fill(&app, today).await.unwrap();
    assert!(fill(&app, today).await.unwrap_err().to_string().contains("empty store"));
    app.store().stop().await;
}
