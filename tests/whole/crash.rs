//! A server that is killed again and again while clients write (T1, R2, T5): what was acknowledged is there, once.
//!
//! Clients write through HTTP, each command with a key. An outside ledger is synced to disk for each answer before
//! the client goes on. Now and then PostgreSQL itself is stopped without a word. An outcome that nobody knows is asked
//! for again with the same key. Afterwards the log is held against the ledger, the read models against a rebuild, and
//! every decision on classes against the bound.
//!
//! `HATCHERY_KILLS` sets how many kills (100), `HATCHERY_SEED` repeats their moments.

mod client;
mod ledger;
pub(crate) mod verdict;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use store::testing::TestDatabase;
use store::testing::cluster::{Cluster, Durability};
use tokio::sync::watch;

use crate::keys::Keys;
use crate::pool::{self, OFFICE, STATION};
use crate::server::Server;
use client::{Client, Work};
use ledger::Ledger;

/// Kills, where the environment does not say otherwise.
const KILLS: u64 = 100;
/// Clients that record visits, and clients that move members of one hot cycle between classes.
const VISITORS: usize = 5;
const MOVERS: usize = 3;
/// Answers of each life, at the least.
const AT_LEAST: usize = 2;
/// How long a server is left alone after it serves, at most, in milliseconds.
const LIFE: u64 = 600;
/// Of so many kills one is of the database, where there is one to kill.
const OF_THE_DATABASE: u64 = 10;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t1_what_is_acknowledged_on_sqlite_outlives_a_hundred_kills() {
    let database = TestDatabase::sqlite().unwrap();
    outlives_kills(&database, None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t1_what_is_acknowledged_on_postgres_outlives_a_hundred_kills_of_server_and_database() {
    let cluster = Cluster::start(Durability::Full).unwrap();
    let database = TestDatabase::on(&cluster.url()).await.unwrap();
    outlives_kills(&database, Some(&cluster)).await;
}

fn setting(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |text| text.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

async fn outlives_kills(database: &TestDatabase, cluster: Option<&Cluster>) {
    let kills = setting("HATCHERY_KILLS", KILLS);
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().subsec_nanos();
    let seed = setting("HATCHERY_SEED", now.into());
    eprintln!("HATCHERY_SEED={seed} repeats the moments of these kills");
    let mut rng = fastrand::Rng::with_seed(seed);

    let pool = pool::fill(database, &[("C", 12), ("D", 4)]).await;
    let keys = Keys::beside(database).await;
    let tokens = [keys.token(STATION).await, keys.token(OFFICE).await];
    drop(keys);
    let ledger = Arc::new(Ledger::create());
    let stop = Arc::new(AtomicBool::new(false));
    let (serving, address) = watch::channel(None);
    let mut clients = Vec::new();
    for number in 0..VISITORS + MOVERS {
        let work = if number < VISITORS {
            Work::Visits(pool.members[number].0.clone())
        } else {
            // Each has members of its own: what class they are in, nobody else changes.
            let own = pool.members.iter().skip(number - VISITORS).step_by(MOVERS);
            Work::Moves(own.map(|(uscc, class)| (uscc.clone(), class.to_string())).collect())
        };
        let client = Client::new(
            number,
            work,
            pool.day,
            Arc::clone(&ledger),
            address.clone(),
            Arc::clone(&stop),
            tokens.clone(),
        );
        clients.push(tokio::spawn(client.run()));
    }

    let began = Instant::now();
    let mut server = Server::start(database).await;
    serving.send_replace(Some(server.base().to_owned()));
    for kill in 1..=kills {
        // However slow the machine is: no life ends before it has answered something.
        let before = ledger.answers();
        while ledger.answers() < before + AT_LEAST {
            assert!(clients.iter().all(|client| !client.is_finished()), "a client has given up");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        tokio::time::sleep(Duration::from_millis(rng.u64(5..LIFE))).await;
        match cluster {
            Some(cluster) if kill % OF_THE_DATABASE == 0 => {
                ledger.kill(kill, "database");
                cluster.crash().unwrap();
                cluster.up().unwrap();
            }
            Some(_) | None => {
                ledger.kill(kill, "server");
                server.kill();
                serving.send_replace(None);
                server = Server::start(database).await;
                serving.send_replace(Some(server.base().to_owned()));
            }
        }
    }
    // Whoever is in the middle of something finds out what became of it.
    stop.store(true, Ordering::Relaxed);
    for client in clients {
        client.await.unwrap();
    }
    server.stop();
    eprintln!("{kills} kills in {:?}, {}", began.elapsed(), ledger.summary());
    verdict::hold(database, &ledger, kills).await;
}
