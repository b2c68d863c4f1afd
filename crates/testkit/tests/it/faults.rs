//! What goes wrong goes wrong as it should.

use crate::{anthropic_call, events, fake, json, openai_call};
use serde_json::{Value, json};
use std::time::Duration;
use testkit::fake_provider::{End, FakeProvider};

const SOON: Duration = Duration::from_secs(5);

fn body(scenario: &str, stream: bool) -> Value {
    json!({
        "model": format!("fake-{scenario}"), "max_tokens": 1000, "stream": stream,
        "messages": [{"role": "user", "content": "hi"}],
    })
}

#[tokio::test]
async fn errors_wear_each_vendors_clothes() {
    let fake = fake().await;
    let cases = [
        (
            "error-400",
            400,
            400,
            "invalid_request_error",
            "invalid_request_error",
        ),
        (
            "error-401",
            401,
            401,
            "invalid_request_error",
            "authentication_error",
        ),
        (
            "error-403",
            403,
            403,
            "permission_error",
            "permission_error",
        ),
        (
            "error-404",
            404,
            404,
            "invalid_request_error",
            "not_found_error",
        ),
        (
            "error-413",
            413,
            413,
            "invalid_request_error",
            "request_too_large",
        ),
        ("error-429", 429, 429, "requests", "rate_limit_error"),
        ("error-500", 500, 500, "server_error", "api_error"),
        ("error-503", 503, 529, "server_error", "overloaded_error"),
    ];
    for (scenario, openai, anthropic, openai_type, anthropic_type) in cases {
        for stream in [false, true] {
            let body = body(scenario, stream);
            let answer = openai_call(&fake, &body).send().await.unwrap();
            assert_eq!(answer.status, openai, "{scenario}");
            let retry_after = if openai == 429 { "7" } else { "" };
            assert_eq!(answer.header("retry-after"), retry_after);
            assert_eq!(json(answer).await["error"]["type"], openai_type);
            let answer = anthropic_call(&fake, &body).send().await.unwrap();
            assert_eq!(answer.status, anthropic, "{scenario}");
            assert_eq!(json(answer).await["error"]["type"], anthropic_type);
        }
    }
}

#[tokio::test]
async fn a_cut_stream_breaks_off_after_its_chunks() {
    let fake = fake().await;
    for call in [openai_call, anthropic_call] {
        let mut answer = call(&fake, &body("cut", true)).send().await.unwrap();
        let mut seen = String::new();
        let broken = loop {
            match answer.chunk().await {
                Ok(Some(chunk)) => seen.push_str(std::str::from_utf8(&chunk).unwrap()),
                Ok(None) => break false,
                Err(_) => break true,
            }
        };
        assert!(broken, "the body must not end properly");
        assert!(
            seen.contains(" the") && seen.contains(" river") && !seen.contains(" was"),
            "{seen}"
        );
    }
    for request in fake.requests() {
        assert_eq!(
            (request.end, request.chunks_sent, request.tokens_sent),
            (End::Cut, 2, 2)
        );
        assert_eq!(request.usage, None);
    }
}

#[tokio::test]
async fn a_cut_whole_answer_breaks_off() {
    let fake = fake().await;
    let answer = openai_call(&fake, &body("cut", false))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status, 200);
    assert!(answer.whole().await.is_err());
}

/// What a stream of each fault holds beyond its two chunks of content.
#[tokio::test]
async fn broken_streams_show_their_fault() {
    let fake = fake().await;
    let fault = async |scenario: &str, call: fn(&FakeProvider, &Value) -> testkit::client::Call| {
        let answer = call(&fake, &body(scenario, true)).send().await.unwrap();
        events(&answer.whole().await.unwrap()).pop().unwrap()
    };
    let error = fault("error-mid-stream", openai_call).await;
    assert_eq!(error["error"]["type"], "server_error");
    let error = fault("error-mid-stream", anthropic_call).await;
    assert_eq!(error["error"]["type"], "api_error");
    assert!(fault("malformed-chunk", openai_call).await.is_string());
    let last = fault("truncated", openai_call).await;
    assert_eq!(last["choices"][0]["delta"]["content"], " river");
    let last = fault("truncated", anthropic_call).await;
    assert_eq!(last["delta"]["text"], " river");
    let error = fault("error-in-200", openai_call).await;
    assert_eq!(error["error"]["type"], "server_error");
}

#[tokio::test]
async fn odd_answers_are_odd() {
    let fake = fake().await;
    let ask = async |scenario: &str| {
        let answer = openai_call(&fake, &body(scenario, false))
            .send()
            .await
            .unwrap();
        let status = answer.status.as_u16();
        (
            status,
            String::from_utf8(answer.whole().await.unwrap().to_vec()).unwrap(),
        )
    };
    let (status, page) = ask("html-502").await;
    assert!(status == 502 && page.starts_with("<html>"));
    let (status, half) = ask("half-json").await;
    assert!(
        status == 200 && serde_json::from_str::<Value>(&half).is_err() && half.starts_with('{')
    );
    assert_eq!(ask("empty").await, (200, String::new()));
    let (status, error) = ask("error-in-200").await;
    assert!(status == 200 && error.starts_with("{\"error\""));
    assert_eq!(ask("no-such-scenario").await.0, 404);
}

#[tokio::test]
async fn a_hang_up_is_noticed_at_once() {
    let fake = fake().await;
    for scenario in ["never", "stall", "stall-mid-stream"] {
        fake.reset();
        let call = openai_call(&fake, &body(scenario, true)).send();
        let chunks = if scenario == "stall-mid-stream" { 2 } else { 0 };
        let waiting = tokio::spawn(async move { call.await.unwrap().whole().await });
        let arrived = fake.wait(SOON, |all| {
            all.iter().find(|one| one.chunks_sent == chunks).cloned()
        });
        assert_eq!(arrived.await.unwrap().end, End::Open, "{scenario}");
        waiting.abort();
        let gone = fake.wait(SOON, |all| {
            all.iter().find(|one| one.end != End::Open).cloned()
        });
        let gone = gone.await.unwrap();
        assert_eq!(
            (gone.end, gone.chunks_sent),
            (End::HungUp, chunks),
            "{scenario}"
        );
        assert!(gone.ended_at.unwrap() > gone.received_at);
    }
}
