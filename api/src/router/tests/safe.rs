//! The headers that keep browsers safe.

use super::*;

#[tokio::test]
async fn an_answer_may_load_nothing_is_framed_by_nobody_and_is_kept_by_nobody() {
    for path in [LIST, "/healthz", "/api/v1/openapi.json", "/problems/not_found", "/api/v1/no/such/path"] {
        let response = send(empty(get_from(path))).await;
        let headers = response.headers();
        assert_eq!(headers[header::CONTENT_SECURITY_POLICY], "default-src 'none'; frame-ancestors 'none'", "{path}");
        assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff", "{path}");
        assert_eq!(headers[header::REFERRER_POLICY], "no-referrer", "{path}");
        assert_eq!(headers[header::X_FRAME_OPTIONS], "DENY", "{path}");
    }
    // What has a tag is asked for again each time; the rest is not kept at all.
    assert_eq!(send(empty(get_from(LIST))).await.headers()[header::CACHE_CONTROL], "private, no-cache");
    let refused = send(empty(get_from(LIST).header(ACTOR, "nobody"))).await;
    assert_eq!(refused.headers()[header::CACHE_CONTROL], "no-store");
}

#[tokio::test]
async fn the_pages_of_the_document_run_their_own_scripts_and_no_others() {
    let response = send(empty(get_from("/docs/"))).await;
    let policy = response.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
    assert!(policy.starts_with("default-src 'none'; script-src 'self'; "), "{policy}");
    assert!(policy.ends_with("frame-ancestors 'none'") && !policy.contains("script-src 'self' 'unsafe"), "{policy}");
    let html = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
    let html = String::from_utf8(html.to_vec()).unwrap();
    let scripts: Vec<&str> = html.split("<script").skip(1).collect();
    assert!(!scripts.is_empty());
    for script in scripts {
        let (head, rest) = script.split_once('>').unwrap();
        assert!(
            head.contains("src=") && rest.trim_start().starts_with("</script>"),
            "the policy keeps it from running: {script}"
        );
    }
    let script = send(empty(get_from("/docs/swagger-initializer.js"))).await;
    assert_eq!(script.headers()[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
    assert!(script.headers()[header::CONTENT_TYPE].to_str().unwrap().contains("javascript"));
}

#[tokio::test]
async fn browsers_are_told_to_come_by_tls_where_a_proxy_terminates_it() {
    let proxied = api(Limits { behind_proxy: true, ..limits() }).oneshot(empty(get_from("/healthz"))).await.unwrap();
    assert_eq!(proxied.headers()[header::STRICT_TRANSPORT_SECURITY], "max-age=31536000");
    let plain = send(empty(get_from("/healthz"))).await;
    assert!(!plain.headers().contains_key(header::STRICT_TRANSPORT_SECURITY));
}
