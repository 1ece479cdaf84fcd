//! Whatever happened and however a read model came there, its rows are the same (E12).

use std::sync::Arc;

use domain::register::{EntryId, RegisterCommand};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use store::testing::TestDatabase;
use store::{Db, ExecuteError, projector};

use crate::harness::*;
use crate::models::{Mood, counter, stations, wards};

/// Commands that are handed in together; some of them will be refused.
fn history() -> impl Strategy<Value = Vec<Vec<(usize, u8, u8, u8)>>> {
    let command = (0..2_usize, 0..8_u8, 0..4_u8, 0..4_u8);
    prop::collection::vec(prop::collection::vec(command, 1..12), 1..12)
}

fn command(programs: &[Program], (program, what, one, other): (usize, u8, u8, u8)) -> RegisterCommand {
    let program = &programs[program];
    let (district, station) = (format!("d{one}"), format!("s{other}"));
    let of_district = |n: u8| EntryId::District(id(&format!("d{n}")));
    let of_station = EntryId::Station(id(&station));
    match what {
        0 | 1 => program.district(&district),
        2 | 3 => program.station(&station, &district),
        4 => program.rename(of_station, &district),
        5 => program.reassign(of_station, &district),
        6 => program.merge(of_district(one), of_district(other)),
        _ => program.close(of_station),
    }
}

async fn e12_rebuilt_is_incremental_is_rebuilt_again(database: TestDatabase, history: Vec<Vec<(usize, u8, u8, u8)>>) {
    let programs = [Program::new("p"), Program::new("q")];
    let store = start(&database, vec![counter(), stations(), wards()]).await;
    for together in history {
        let running: Vec<_> = together
            .into_iter()
            .map(|what| {
                let (store, command) = (Arc::clone(&store), command(&programs, what));
                tokio::spawn(async move { store.execute(register(command)).await })
            })
            .collect();
        for command in running {
            let answer = command.await.unwrap();
            assert!(matches!(answer, Ok(_) | Err(ExecuteError::Refused(_))), "{answer:?}");
        }
    }
    let log = sound_log(&store).await;
    let head = log.len() as u64;
    assert!(store.visible(head, PATIENCE).await.unwrap());
    let all =
        |db: Db| async move { [rows(&db, "counter").await, rows(&db, "stations").await, rows(&db, "wards").await] };
    let incremental = all(store.db().clone()).await;

    for again in ["rebuilt", "rebuilt again"] {
        for model in ["counter", "stations", "wards"] {
            assert_eq!(store.rebuild(model).await.unwrap(), head);
        }
        assert_eq!(all(store.db().clone()).await, incremental, "{again}");
    }
    let scratch = projector::scratch(store.models(), &log).await.unwrap();
    assert_eq!(all(scratch).await, incremental, "in memory, from the events");
    store.stop().await;

    let mood = Mood::default();
    let late =
        vec![mood.counter("late_counter"), mood.model("late_stations", stations()), mood.model("late_wards", wards())];
    let store = start(&database, late).await;
    assert!(store.visible(head, PATIENCE).await.unwrap());
    let late = [
        rows(store.db(), "late_counter").await,
        rows(store.db(), "late_stations").await,
        rows(store.db(), "late_wards").await,
    ];
    assert_eq!(late, incremental, "caught up from the feed");
    store.stop().await;
}

/// Runs `check` on several histories.
fn on_histories<F: Future<Output = ()>>(check: impl Fn(Vec<Vec<(usize, u8, u8, u8)>>) -> F) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut runner = TestRunner::new(Config { cases: 6, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&history(), |history| {
        runtime.block_on(check(history));
        Ok(())
    });
    outcome.unwrap();
}

#[test]
fn e12_rebuilt_is_incremental_is_rebuilt_again_on_sqlite() {
    on_histories(|history| async {
        e12_rebuilt_is_incremental_is_rebuilt_again(TestDatabase::sqlite().unwrap(), history).await;
    });
}

#[test]
fn e12_rebuilt_is_incremental_is_rebuilt_again_on_postgres() {
    on_histories(|history| async {
        e12_rebuilt_is_incremental_is_rebuilt_again(TestDatabase::postgres().await.unwrap(), history).await;
    });
}
