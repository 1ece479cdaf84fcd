//! T5: at the boundary of D ≤ C, many clients and two nodes: never more than the bound allows (W-56).

use serde_json::json;
use store::testing::TestDatabase;

use crate::pool::{self, CYCLE, OFFICE};
use crate::server::Server;

/// Members of C and D before, and how many moves C → D fit between them: each takes one C and adds one D.
const C: usize = 36;
const D: usize = 16;
const HEADROOM: usize = (C - D) / 2;
const CLIENTS: usize = 32;

#[tokio::test]
async fn w56_thirty_two_clients_on_two_nodes_take_exactly_the_headroom() {
    let database = TestDatabase::postgres().await.unwrap();
    let pool = pool::fill(&database, &[("C", C), ("D", D)]).await;
    let nodes = [Server::start(&database).await, Server::start(&database).await];
    race(&pool, &nodes).await;
}

#[tokio::test]
async fn w56_thirty_two_clients_on_one_file_take_exactly_the_headroom() {
    let database = TestDatabase::sqlite().unwrap();
    let pool = pool::fill(&database, &[("C", C), ("D", D)]).await;
    let nodes = [Server::start(&database).await];
    race(&pool, &nodes).await;
}

async fn race(pool: &pool::Pool, nodes: &[Server]) {
    let path = format!("/cycles/{CYCLE}/reclassifications");
    let moves = pool.members.iter().take(CLIENTS).enumerate().map(|(client, (uscc, _))| {
        let body = json!({
            "entries": [{ "uscc": uscc, "to": "D", "grounds": "已全员导入。" }],
            "occurred_on": pool.day,
        });
        let node = &nodes[client % nodes.len()];
        let path = &path;
        async move { node.post(OFFICE, path, &body).await }
    });
    let replies = futures::future::join_all(moves).await;
    let (accepted, refused): (Vec<_>, Vec<_>) = replies.iter().partition(|r| r.status.is_success());
    assert_eq!(accepted.len(), HEADROOM, "{:?}", refused.first().map(|r| &r.body));
    for reply in &refused {
        assert_eq!(reply.body["code"], "balance_violated", "{}", reply.body);
    }
    for node in nodes {
        let balance = node.read(&format!("/cycles/{CYCLE}/balance")).await;
        assert_eq!(balance["counts"]["C"], C - HEADROOM, "{balance}");
        assert_eq!(balance["counts"]["D"], D + HEADROOM);
        assert_eq!(balance["excess"], 0);
    }
}
