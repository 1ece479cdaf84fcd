//! How the databases go about a page.

use store::testing::TestDatabase;
use store::{Store, on_reader, on_writer};

use super::*;
use crate::fixtures::{CYCLE, Log, id, on_both_databases, showing};
use crate::roster::Standing;
use crate::scope::Scope;

on_both_databases! {
    a_page_is_read_along_an_index_and_never_sorted
    a_page_of_visits_due_is_read_along_an_index
}

/// Many files of other cycles, and some of this one.
async fn crowded(database: &TestDatabase) -> Store {
    let mut log = Log::open();
    for n in 1..=60 {
        log.member(n, "A");
    }
    let store = showing(database, &log).await;
    // The same rows in other cycles: a planner that finds few rows reads them all.
    for other in 0..60 {
        let columns = "standing, stage, number, station, visit_due_from, body";
        let sql = format!(
            "INSERT INTO roster (key, cycle, {columns}) \
             SELECT '{other}/' || key, 'other-{other}', {columns} FROM roster WHERE cycle = '{CYCLE}'"
        );
        on_writer!(store.db(), pool => sqlx::query(&sql).execute(pool).await.map(|_| ())).unwrap();
    }
    on_writer!(store.db(), pool => sqlx::raw_sql("ANALYZE roster").execute(pool).await.map(|_| ())).unwrap();
    store
}

/// How the database goes about a statement, line by line.
async fn plan(db: &Db, sql: impl Fn(&str) -> Sql) -> String {
    match db {
        Db::Postgres(_) => sql("EXPLAIN ").texts(db).await.unwrap().join("\n"),
        Db::Sqlite(_) => {
            let sql = sql("EXPLAIN QUERY PLAN ");
            let steps: Vec<(i64, i64, i64, String)> =
                on_reader!(db, pool => sqlx::query_as(sql.text()).fetch_all(pool).await).unwrap();
            steps.into_iter().map(|(.., step)| step).collect::<Vec<_>>().join("\n")
        }
    }
}

async fn a_page_is_read_along_an_index_and_never_sorted(database: TestDatabase) {
    let store = crowded(&database).await;
    let (cycle, filter) = (id(CYCLE), RosterFilter { standings: vec![Standing::Member], ..RosterFilter::default() });
    let narrow = |sql: &mut Sql| conditions(sql, &cycle, &Scope::All, &filter, &Directory::default());
    let order = Order::up("number");
    let later = Some(After { value: "9".to_owned(), key: String::new() });
    for after in [None, later] {
        let paging = Paging { after, ..Paging::first(20) };
        let plan = plan(store.db(), |prefix| select(prefix, &cycle, narrow, order, &paging)).await;
        assert!(plan.contains("roster_ix0"), "{plan}");
        for way in ["Sort", "TEMP B-TREE", "Seq Scan on roster", "SCAN roster"] {
            assert!(!plan.contains(way), "{plan}");
        }
    }
}

async fn a_page_of_visits_due_is_read_along_an_index(database: TestDatabase) {
    let store = crowded(&database).await;
    let narrow = |sql: &mut Sql| {
        page::equals(sql, "cycle", Some(CYCLE));
        sql.push(" AND visit_due_from <= ").bind("2026-03-10");
    };
    let plan = plan(store.db(), |prefix| {
        let mut sql = Sql::new(prefix);
        page::select::<Roster>(&mut sql, "station", narrow, Order::up("visit_due_from"), &Paging::first(20));
        sql
    });
    let plan = plan.await;
    assert!(plan.contains("roster_ix1"), "{plan}");
    for way in ["Seq Scan on roster", "SCAN roster"] {
        assert!(!plan.contains(way), "{plan}");
    }
}
