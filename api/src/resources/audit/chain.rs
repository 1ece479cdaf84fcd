//! The hash chain over the log (E9): where it stands, and whether the log still fits it.

use std::time::Duration;

use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use store::chain::{Fault, Finding, Head};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::answer::Found;
use crate::headers::ReadHeaders;
use crate::openapi::ReadProblems;
use crate::problem::Problem;
use crate::query::Query;
use crate::state::Api;

/// How long a verification is waited for; then the answer tells how far it is.
const PATIENCE: Duration = Duration::from_secs(20);

/// The end of the chain, to be kept elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ChainHead {
    /// Whose end it is; a database that was restored from a copy has the same.
    #[schema(value_type = String, format = "uuid")]
    pub chain_id: String,
    /// `sha-256` or `sm3`.
    #[schema(example = "sha-256")]
    pub algorithm: String,
    /// The position of the last event chained.
    pub position: u64,
    /// The hash of that event and all before it, in hexadecimal digits.
    #[schema(example = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    pub hash: String,
    /// When it was read.
    pub at: DateTime<Utc>,
}

impl From<Head> for ChainHead {
    fn from(head: Head) -> Self {
        let Head { chain_id, algorithm, position, hash, at } = head;
        Self { chain_id, algorithm: algorithm.to_string(), position, hash, at }
    }
}

/// A head that was kept elsewhere.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
pub struct KeptHead {
    /// Its position; comes with `hash`.
    #[serde(default)]
    #[param(required = false, nullable = false)]
    pub position: Option<u64>,
    /// Its hash; comes with `position`.
    #[serde(default)]
    #[param(required = false, nullable = false, min_length = 64, max_length = 64)]
    pub hash: Option<String>,
}

/// Whether the log is as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ChainVerification {
    /// `ok`; `broken`: see `finding`; `running`: it is not done yet, ask again.
    #[schema(example = "ok")]
    pub status: &'static str,
    /// The chain.
    #[schema(value_type = String, format = "uuid")]
    pub chain_id: String,
    /// `sha-256` or `sm3`.
    #[schema(example = "sha-256")]
    pub algorithm: String,
    /// When the verification began.
    pub began_at: DateTime<Utc>,
    /// Everything up to this position fits.
    pub verified_to: u64,
    /// Where the log ended when it began.
    pub head: Option<u64>,
    /// How far the chain stood then; what is behind it was not chained yet.
    pub chained: Option<u64>,
    /// The hash there.
    pub hash: Option<String>,
    /// The first position that does not fit.
    pub finding: Option<ChainFinding>,
}

/// The first position that does not fit, and in what way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ChainFinding {
    /// The position.
    #[schema(example = 42)]
    pub position: i64,
    /// `content_changed`, `event_missing`, `event_inserted`, `order_changed`, `chain_missing`, `chain_changed`,
    /// `chain_inserted`, `head_behind`, `head_differs`, `other_chain`.
    #[schema(value_type = String, example = "content_changed")]
    pub fault: Fault,
}

impl From<Finding> for ChainFinding {
    fn from(finding: Finding) -> Self {
        Self { position: finding.position, fault: finding.fault }
    }
}

/// Shows where the hash chain stands: keep it off the host, to hold the log against it later.
#[utoipa::path(get, path = "/audit/head", tag = "audit", params(ReadHeaders),
    responses((status = 200, description = "The end of the chain.", body = ChainHead), ReadProblems),
    extensions(("x-permission" = json!("audit.verify"))))]
async fn get_chain_head(State(api): State<Api>) -> Result<Found<ChainHead>, Problem> {
    let head = api.app().chain_head().await?;
    let position = head.position;
    Ok(Found::projected(ChainHead::from(head), position).hashed())
}

/// Holds all of the log against its hash chain, and names the first position that does not fit.
///
/// With `position` and `hash` of a head that was kept elsewhere, also finds that the end was cut off or everything
/// was rewritten. One verification runs at a time; whoever asks meanwhile is answered by it. A long one is answered
/// `running` after 20 seconds and goes on: ask again.
#[utoipa::path(get, path = "/audit/verification", tag = "audit", params(KeptHead, ReadHeaders),
    responses((status = 200, description = "What it came to.", body = ChainVerification), ReadProblems),
    extensions(("x-permission" = json!("audit.verify"))))]
async fn verify_chain(
    State(api): State<Api>,
    Query(kept): Query<KeptHead>,
) -> Result<Found<ChainVerification>, Problem> {
    let kept = kept.whole()?;
    let progress = api.app().verification(PATIENCE).await?;
    let store = api.app().store();
    let chain = store.chain();
    let mut answer = ChainVerification {
        status: "running",
        chain_id: chain.chain_id.clone(),
        algorithm: chain.algorithm.to_string(),
        began_at: progress.began_at,
        verified_to: progress.verified_to,
        head: None,
        chained: None,
        hash: None,
        finding: None,
    };
    if let Some(result) = progress.result {
        let finding = match kept {
            Some((position, hash)) => result.against(store.db(), position, &hash).await?,
            None => result.finding,
        };
        answer.status = if finding.is_some() { "broken" } else { "ok" };
        answer.head = Some(result.head);
        answer.chained = Some(result.chained);
        answer.hash.clone_from(&result.hash);
        answer.finding = finding.map(ChainFinding::from);
    }
    let position = answer.verified_to;
    Ok(Found::projected(answer, position).hashed())
}

impl KeptHead {
    fn whole(self) -> Result<Option<(u64, String)>, Problem> {
        let digits = |hash: &str| hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit());
        match (self.position, self.hash) {
            (None, None) => Ok(None),
            (Some(position), Some(hash)) if digits(&hash) => Ok(Some((position, hash.to_ascii_lowercase()))),
            (Some(_), _) => {
                Err(Problem::invalid_parameter("hash", "须为 64 个十六进制数字。", "it has 64 hexadecimal digits."))
            }
            (None, Some(_)) => {
                Err(Problem::invalid_parameter("position", "须与 hash 一起给出。", "it comes with `hash`."))
            }
        }
    }
}

/// The paths of this resource.
pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(get_chain_head)).routes(routes!(verify_chain))
}
