//! The open pages: `/`, `/healthz`, `/readyz`, `/metrics`.

use crate::scene::{DOORS, Scene, whole};
use testkit::client::Call;

#[tokio::test]
async fn open_pages_need_no_token() {
    let scene = Scene::start().await;
    for (path, word) in [
        ("/", "POST /v1/chat/completions"),
        ("/healthz", "ok"),
        ("/readyz", "ok"),
        ("/metrics", "# EOF"),
    ] {
        let got = whole(Call::get(scene.gateway.address(), path)).await;
        let text = String::from_utf8_lossy(&got.bytes).into_owned();
        assert!(got.status == 200 && text.contains(word), "{path}: {text}");
    }
}

#[tokio::test]
async fn a_browser_is_led_to_the_console() {
    let scene = Scene::start().await;
    let get = async |path: &str, accept: &str| {
        let call = Call::get(scene.gateway.address(), path);
        whole(call.header("accept", accept)).await
    };
    let browser = "text/html,application/xhtml+xml,*/*;q=0.8";
    for path in ["/", "/console"] {
        let moved = get(path, browser).await;
        assert_eq!((moved.status, moved.header("location")), (303, "/console/"));
    }
    assert_eq!(get("/", "*/*").await.status, 200);
    // Whether it was built or not, what comes is a page that may load nothing from elsewhere.
    for path in [
        "/console/",
        "/console/models/openai/gpt-4.1",
        "/console/%FF",
    ] {
        let page = get(path, browser).await;
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
        let policy = page.header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'; script-src 'self';"),
            "{policy}"
        );
        assert_eq!(page.header("x-content-type-options"), "nosniff", "{path}");
    }
}

#[tokio::test]
async fn metrics_count_what_happened() {
    let scene = Scene::start().await;
    for door in DOORS {
        scene
            .ask(
                door,
                &door.body(&door.native("count"), "[[tokens=5]]", true),
            )
            .await;
        scene
            .ask(door, &door.body(&door.shared("error-500"), "hi", false))
            .await;
    }
    let got = whole(Call::get(scene.gateway.address(), "/metrics")).await;
    assert!(
        got.header("content-type")
            .starts_with("application/openmetrics-text")
    );
    let text = String::from_utf8_lossy(&got.bytes).into_owned();
    for line in [
        "tollgate_requests_total{door=\"POST /v1/chat/completions\",status=\"200\"} 1",
        "tollgate_requests_total{door=\"POST /v1/messages\",status=\"502\"} 1",
        "tollgate_attempts_total{provider=\"openai-first\",outcome=\"server_error\"} 1",
        "tollgate_attempts_total{provider=\"anthropic-second\",outcome=\"server_error\"} 1",
        "tollgate_tokens_total{provider=\"openai-first\",kind=\"input\"} 21",
        "tollgate_tokens_total{provider=\"openai-first\",kind=\"output\"} 5",
        "tollgate_cost_usd_total{provider=\"openai-first\"} 0.000031",
        "tollgate_first_token_seconds_count{provider=\"anthropic-first\"} 1",
        "tollgate_in_flight 0",
    ] {
        assert!(text.lines().any(|one| one == line), "{line}\n{text}");
    }
}
