//! `/metrics`: what the node measures, as Prometheus reads it.
//!
//! | name | what |
//! |---|---|
//! | `hatchery_head` | position of the last event |
//! | `hatchery_lag{model}` | events by which a read model is behind |
//! | `hatchery_model_stopped{model}` | 1 where a read model stopped at an event that it cannot fold |
//! | `hatchery_follower_lag{follower}` | events by which the hash chain or the audit trail is behind |
//! | `hatchery_group_size` | commands per append |
//! | `hatchery_commands_total{outcome}` | commands by outcome: `accepted`, or the code of the problem |

use std::sync::OnceLock;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use metrics::{Unit, describe_counter, describe_gauge, describe_histogram, gauge};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use crate::problem::Problem;
use crate::state::{Api, COMMANDS};

/// The media type of the text that Prometheus reads.
const MEDIA_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";
/// How often what was measured is put into its buckets, whether anybody reads it or not.
const UPKEEP: Duration = Duration::from_secs(5);
/// The bounds of the buckets of group sizes, in commands; the appender takes at most 256.
const GROUPS: [f64; 9] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];

static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();

/// Begins to measure, once per process; called again it does nothing. What was counted before is lost, so a
/// process calls it before it serves.
pub fn begin() -> &'static PrometheusHandle {
    RECORDER.get_or_init(|| {
        let group_size = Matcher::Full("hatchery_group_size".to_owned());
        let builder = PrometheusBuilder::new().set_buckets_for_metric(group_size, &GROUPS);
        // It fails only for no buckets at all.
        let recorder = builder.unwrap_or_default().build_recorder();
        let handle = recorder.handle();
        if metrics::set_global_recorder(recorder).is_err() {
            tracing::warn!("something else measures already; /metrics stays empty");
        }
        describe();
        handle
    })
}

fn describe() {
    describe_gauge!("hatchery_head", "Position of the last event.");
    describe_gauge!("hatchery_lag", "Events by which a read model is behind.");
    describe_gauge!("hatchery_model_stopped", "1 where a read model stopped at an event that it cannot fold.");
    describe_gauge!("hatchery_follower_lag", "Events by which the hash chain or the audit trail is behind.");
    describe_histogram!("hatchery_group_size", Unit::Count, "Commands per append.");
    describe_counter!(COMMANDS, "Commands by outcome.");
}

/// Keeps what was measured small while nobody reads it. Runs for ever.
pub async fn keep_up() {
    let handle = begin();
    loop {
        tokio::time::sleep(UPKEEP).await;
        handle.run_upkeep();
    }
}

/// The path, without the prefix.
pub(crate) fn routes(api: Api) -> Router {
    begin();
    Router::new().route("/metrics", get(measured)).with_state(api)
}

async fn measured(State(api): State<Api>) -> Result<Response, Problem> {
    let head = api.app().store().feed().head().await?;
    gauge!("hatchery_head").set(number(head));
    for checkpoint in api.app().store().checkpoints().await? {
        let stopped = if checkpoint.error.is_some() { 1.0 } else { 0.0 };
        gauge!("hatchery_lag", "model" => checkpoint.model.clone())
            .set(number(head.saturating_sub(checkpoint.position)));
        gauge!("hatchery_model_stopped", "model" => checkpoint.model).set(stopped);
    }
    for follows in api.app().store().followers().await? {
        gauge!("hatchery_follower_lag", "follower" => follows.name).set(number(head.saturating_sub(follows.position)));
    }
    Ok(([(header::CONTENT_TYPE, MEDIA_TYPE)], begin().render()).into_response())
}

/// A position as a measure: above 2^53 its last digits are lost, and nobody minds.
#[allow(clippy::cast_precision_loss, reason = "a gauge, not a position to go on from")]
const fn number(position: u64) -> f64 {
    position as f64
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::Request;
    use serde_json::json;

    use super::*;
    use crate::testing::{CYCLE, DISTRICT, House, OFFICE};

    #[tokio::test]
    async fn head_lag_group_size_and_outcomes_are_measured() {
        let house = House::seeded().await;
        let until = json!({ "ends_on": "2028-06-01", "reason": "延期", "occurred_on": "2026-06-01" });
        house.post(OFFICE, &format!("/cycles/{CYCLE}/extensions"), &until).await.ok();
        house.post(DISTRICT, &format!("/cycles/{CYCLE}/extensions"), &until).await.refused("not_permitted");
        let reply = house.send(Request::get("/metrics").body(Body::empty()).unwrap()).await;
        assert_eq!(reply.header(header::CONTENT_TYPE), MEDIA_TYPE);
        let text = String::from_utf8(reply.bytes).unwrap();
        for line in [
            "# TYPE hatchery_head gauge",
            "hatchery_lag{model=\"roster\"}",
            "hatchery_model_stopped{model=\"roster\"} 0",
            "hatchery_follower_lag{follower=\"audit\"}",
            "hatchery_follower_lag{follower=\"chain\"}",
            "hatchery_group_size_bucket{le=\"256\"}",
            "hatchery_commands_total{outcome=\"accepted\"}",
            "hatchery_commands_total{outcome=\"not_permitted\"}",
        ] {
            assert!(text.contains(line), "{line} is not in:\n{text}");
        }
    }
}
