//! Style sheet, script and icon: embedded, and named by their content, so that a browser may keep them for good.

use std::sync::LazyLock;

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use crate::failure::Failure;

/// What is embedded: name, media type, content.
const ASSETS: [(&str, &str, &str); 3] = [
    ("style.css", "text/css; charset=utf-8", include_str!("../assets/style.css")),
    ("draft.js", "text/javascript; charset=utf-8", include_str!("../assets/draft.js")),
    ("icon.svg", "image/svg+xml", include_str!("../assets/icon.svg")),
];
/// A browser may keep what is named by its content.
const FOR_GOOD: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// The content of all of them, as one short name.
static EDITION: LazyLock<String> = LazyLock::new(|| {
    let hash = ASSETS.iter().fold(Sha256::new(), |hash, (.., content)| hash.chain_update(content));
    URL_SAFE_NO_PAD.encode(&hash.finalize()[..12])
});

/// Where an asset is found.
pub(crate) fn address(name: &str) -> String {
    format!("/assets/{}/{name}", *EDITION)
}

/// The routes.
pub(crate) fn routes() -> Router {
    Router::new().route("/assets/{edition}/{name}", get(asset))
}

async fn asset(Path((edition, name)): Path<(String, String)>) -> Result<Response, Failure> {
    let found = ASSETS.iter().find(|(known, ..)| *known == name && edition == *EDITION).ok_or(Failure::NoPage)?;
    let (_, media_type, content) = *found;
    let mut response = ([(header::CONTENT_TYPE, media_type)], content).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, FOR_GOOD);
    Ok(response)
}
