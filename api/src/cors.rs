//! Which pages of other sites may ask: none, unless the settings name them. They sign in by tokens, never by a cookie.

use axum::http::{HeaderName, HeaderValue, Method, Uri, header};
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::headers::{ACTOR, IDEMPOTENCY_KEY, MIN_POSITION, POSITION, VISIBLE};
use crate::layers::REQUEST_ID;

/// A text that is no origin.
#[derive(Debug, thiserror::Error)]
#[error("an origin is written like https://tools.example.cn, without a path; not `{0}`")]
pub struct NoOrigin(String);

/// Headers that a page may send, beside those that any may.
const ASKED: [HeaderName; 8] = [
    header::AUTHORIZATION,
    header::CONTENT_TYPE,
    header::IF_MATCH,
    header::IF_NONE_MATCH,
    ACTOR,
    IDEMPOTENCY_KEY,
    MIN_POSITION,
    REQUEST_ID,
];
/// Headers that a page may read, beside those that any may.
const ANSWERED: [HeaderName; 6] = [header::ETAG, header::LOCATION, header::RETRY_AFTER, POSITION, VISIBLE, REQUEST_ID];

/// The layer that lets these origins ask; none if there are none.
///
/// # Errors
/// If one is no origin. `*` is none: it would let every site ask.
pub fn cors(origins: &[String]) -> Result<Option<CorsLayer>, NoOrigin> {
    let all = origins.iter().map(|origin| parsed(origin)).collect::<Result<Vec<_>, _>>()?;
    if all.is_empty() {
        return Ok(None);
    }
    let layer = CorsLayer::new()
        .allow_origin(AllowOrigin::list(all))
        .allow_methods([Method::GET, Method::POST])
        .allow_headers(ASKED)
        .expose_headers(ANSWERED);
    Ok(Some(layer))
}

fn parsed(origin: &str) -> Result<HeaderValue, NoOrigin> {
    let wrong = || NoOrigin(origin.to_owned());
    let uri: Uri = origin.parse().map_err(|_| wrong())?;
    let (Some(scheme @ ("http" | "https")), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return Err(wrong());
    };
    // As a browser writes it: with nothing behind it, and in small letters.
    if origin != format!("{scheme}://{authority}").to_ascii_lowercase() || authority.as_str().contains('@') {
        return Err(wrong());
    }
    HeaderValue::try_from(origin).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Body;
    use axum::http::Request;
    use axum::response::Response;
    use axum::routing::get;
    use tower::ServiceExt as _;

    use super::*;

    const TOOLS: &str = "https://tools.example.cn";

    async fn asked(origins: &[&str], method: Method, from: &str) -> Response {
        let origins: Vec<String> = origins.iter().map(ToString::to_string).collect();
        let router = Router::new().route("/", get(async || "here"));
        let router = match cors(&origins).unwrap() {
            Some(layer) => router.layer(layer),
            None => router,
        };
        let request = Request::builder()
            .method(method)
            .uri("/")
            .header(header::ORIGIN, from)
            .header(header::ACCESS_CONTROL_REQUEST_METHOD, "POST")
            .header(header::ACCESS_CONTROL_REQUEST_HEADERS, "authorization,idempotency-key");
        router.oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
    }

    fn about_origins(response: &Response) -> Vec<String> {
        let names = response.headers().keys().map(ToString::to_string);
        names.filter(|name| name.starts_with("access-control-")).collect()
    }

    #[tokio::test]
    async fn no_other_site_may_ask_unless_it_is_named() {
        for method in [Method::GET, Method::OPTIONS] {
            assert_eq!(about_origins(&asked(&[], method, TOOLS).await), Vec::<String>::new());
        }
        let allowed = |response: &Response| response.headers().get(header::ACCESS_CONTROL_ALLOW_ORIGIN).cloned();
        let named = asked(&[TOOLS], Method::GET, TOOLS).await;
        assert_eq!(allowed(&named).unwrap(), TOOLS);
        let exposed = named.headers()[header::ACCESS_CONTROL_EXPOSE_HEADERS].to_str().unwrap().to_owned();
        assert!(exposed.contains("hatchery-position"), "{exposed}");
        let before = asked(&[TOOLS], Method::OPTIONS, TOOLS).await;
        assert_eq!(allowed(&before).unwrap(), TOOLS);
        assert!(before.headers()[header::ACCESS_CONTROL_ALLOW_HEADERS].to_str().unwrap().contains("idempotency-key"));
        assert!(!about_origins(&before).contains(&"access-control-allow-credentials".to_owned()));
        for other in ["https://evil.example", "http://tools.example.cn", "null"] {
            assert_eq!(allowed(&asked(&[TOOLS], Method::GET, other).await), None, "{other}");
        }
    }

    #[test]
    fn what_is_no_origin_is_refused() {
        for wrong in [
            "*",
            "null",
            "tools.example.cn",
            "https://tools.example.cn/",
            "https://A.cn",
            "ftp://a.cn",
            "https://u@a.cn",
        ] {
            assert!(cors(&[wrong.to_owned()]).is_err(), "{wrong}");
        }
        assert!(cors(&["http://127.0.0.1:5173".to_owned()]).unwrap().is_some());
    }
}
