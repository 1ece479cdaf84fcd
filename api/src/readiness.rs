//! `/readyz`: whether this node should be asked at all.

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;
use store::Checkpoint;

use crate::problem::{Code, Problem};
use crate::state::Api;

/// Events by which a read model may lag: what the projector folds in one batch.
const LAG_MAX: u64 = 1_000;

/// What a node that is ready answers.
#[derive(Debug, Serialize)]
struct Ready {
    status: &'static str,
    /// The position of the last event.
    head: u64,
    models: Vec<Lag>,
}

/// How far a read model is behind.
#[derive(Debug, Serialize)]
struct Lag {
    model: String,
    #[serde(rename = "lag")]
    events: u64,
    /// Stopped at an event that it cannot fold; the reason is in the log.
    stopped: bool,
}

impl Lag {
    fn of(checkpoint: Checkpoint, head: u64) -> Self {
        let events = head.saturating_sub(checkpoint.position);
        Self { events, stopped: checkpoint.error.is_some(), model: checkpoint.model }
    }

    const fn is_too_far(&self) -> bool {
        self.stopped || self.events > LAG_MAX
    }
}

/// The path, without the prefix.
pub(crate) fn routes(api: Api) -> Router {
    Router::new().route("/readyz", get(ready)).with_state(api)
}

/// Ready is a node whose database answers and whose read models are whole and near the head.
async fn ready(State(api): State<Api>) -> Result<Json<Ready>, Problem> {
    if api.app().is_draining() {
        return Err(Problem::of(Code::ShuttingDown).retry_after(1));
    }
    let head = api.app().store().feed().head().await?;
    let checkpoints = api.app().store().checkpoints().await?;
    judge(head, checkpoints.into_iter().map(|checkpoint| Lag::of(checkpoint, head)).collect()).map(Json)
}

fn judge(head: u64, models: Vec<Lag>) -> Result<Ready, Problem> {
    let behind: Vec<&Lag> = models.iter().filter(|model| model.is_too_far()).collect();
    if behind.is_empty() {
        return Ok(Ready { status: "ready", head, models });
    }
    Err(Problem::of(Code::ReadModelBehind).with("models", behind).with("position", head).retry_after(1))
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::{Request, StatusCode};

    use super::*;
    use crate::testing::{House, Reply};

    async fn asked(house: &House) -> Reply {
        house.send_as_is(Request::get("/readyz").body(Body::empty()).unwrap()).await
    }

    fn lag(position: u64, error: Option<&str>) -> Lag {
        Lag::of(Checkpoint { model: "roster".to_owned(), position, error: error.map(str::to_owned) }, 5_000)
    }

    #[tokio::test]
    async fn a_node_is_ready_until_it_is_about_to_stop() {
        let house = House::seeded().await;
        let body = asked(&house).await.ok();
        assert_eq!((&body["status"], &body["models"][0]["lag"]), (&"ready".into(), &0.into()));
        house.app.drain();
        let reply = asked(&house).await;
        assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE);
        reply.refused("shutting_down");
    }

    /// R1: the projector is held back by keeping the one writer busy; nothing is answered from before the position.
    #[tokio::test]
    async fn a_read_that_a_lagging_read_model_cannot_serve_in_time_is_refused_and_never_stale() {
        let house = House::seeded().await;
        let position = house.app.store().feed().head().await.unwrap();
        let read = async || {
            let request = Request::get("/api/v1/cycles").header("hatchery-min-position", position.to_string());
            house.send(request.body(Body::empty()).unwrap()).await
        };
        read().await.ok();
        let mut behind = house.app.store().db().begin().await.unwrap();
        behind.run("UPDATE checkpoints SET position = 0 WHERE model = 'timeline'").await.unwrap();
        behind.commit().await.unwrap();
        let busy = house.app.store().db().begin().await.unwrap();
        let reply = read().await;
        reply.refused("read_model_behind");
        busy.rollback().await.unwrap();
        read().await.ok();
    }

    #[tokio::test]
    async fn a_read_model_that_stopped_before_the_position_asked_for_is_not_read_as_if_it_had_come() {
        let house = House::seeded().await;
        let position = house.app.store().feed().head().await.unwrap();
        let stop = "UPDATE checkpoints SET status = 'stopped', error = 'poison', position = 1 WHERE model = 'timeline'";
        let mut tx = house.app.store().db().begin().await.unwrap();
        tx.run(stop).await.unwrap();
        tx.commit().await.unwrap();
        let request = Request::get("/api/v1/cycles").header("hatchery-min-position", position.to_string());
        house.send(request.body(Body::empty()).unwrap()).await.refused("read_model_behind");
        house.get("/cycles").await.ok();
    }

    #[tokio::test]
    async fn a_node_without_its_database_is_not_ready() {
        let house = House::seeded().await;
        house.app.store().stop().await;
        let reply = asked(&house).await;
        assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE);
        reply.refused("store_unavailable");
    }

    #[test]
    fn a_read_model_may_lag_by_one_batch_and_no_more() {
        assert!(judge(5_000, vec![lag(4_000, None)]).is_ok());
        let problem = judge(5_000, vec![lag(5_000, None), lag(3_999, None)]).unwrap_err();
        assert_eq!(
            problem.members()["models"],
            serde_json::json!([{ "model": "roster", "lag": 1001, "stopped": false }])
        );
    }

    #[test]
    fn a_stopped_read_model_is_named_without_its_reason() {
        let problem = judge(5_000, vec![lag(5_000, Some("a secret"))]).unwrap_err();
        assert_eq!(problem.members()["models"][0]["stopped"], true);
        assert!(!format!("{problem:?}").contains("secret"));
    }
}
