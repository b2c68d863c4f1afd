//! Answers that come to their end: text, usage and cost are the same in all pairs, and so are refusals.

use super::client::{CLIENTS, Client};
use super::{Dialects, UPSTREAMS, Upstream};
use crate::scene::{at_once, price, usd, whole};
use serde_json::{Value, json};

const TEXT: &str = "Hello from the fake provider: grüße, \"世界\"\n 🌍.";

#[tokio::test]
async fn are_passed_on_and_billed_exactly() {
    let scene = Dialects::start("").await;
    for client in &CLIENTS {
        for upstream in &UPSTREAMS {
            for stream in [false, true] {
                let case = format!("{} over {}, {stream}", client.name, upstream.dialect);
                let text = format!("[[id={}-{}-{stream}]]", client.name, upstream.dialect);
                let call = client.call(&scene.gateway, &upstream.native("text"), &text, stream);
                let got = whole(call).await;
                assert_eq!(got.status, 200, "{case}: {:?}", got.bytes);
                let said = match stream {
                    true => {
                        let frames = client.frames(&got.bytes);
                        assert!(client.is_complete(&frames), "{case}: {frames:?}");
                        client.streamed_text(&frames)
                    }
                    false => client.text(&got),
                };
                assert_eq!(said, TEXT, "{case}");
                let record = scene.record(&got.id).await;
                // 21 tokens at 1 USD a million and 7 at 2 USD.
                assert_eq!(counts(&record), [21, 0, 0, 7], "{case}: {record}");
                assert_eq!(record["cost_usd"], usd(21 + 2 * 7), "{case}");
                assert_eq!(record["estimate"], false, "{case}");
                assert_eq!(record["provider"], upstream.provider("first"));
            }
        }
    }
    for request in scene.first.requests() {
        assert_eq!(
            request.unknown_fields,
            Vec::<String>::new(),
            "{}",
            request.path
        );
    }
}

fn counts(record: &Value) -> [u64; 4] {
    let usage = &record["usage"];
    ["input", "cache_read", "cache_write", "output"].map(|name| usage[name].as_u64().unwrap_or(0))
}

/// What is read from and written to a cache is told apart in every dialect that tells it.
#[tokio::test]
async fn count_caches_as_their_dialect_tells_them() {
    let scene = Dialects::start("").await;
    for client in &CLIENTS {
        for upstream in &UPSTREAMS {
            for stream in [false, true] {
                let call = client.call(&scene.gateway, &upstream.native("cached"), "Hi.", stream);
                let got = whole(call).await;
                let record = scene.record(&got.id).await;
                let expect = match upstream.tells_writes {
                    true => [100, 2000, 300, 4],
                    false => [400, 2000, 0, 4],
                };
                let case = format!("{} over {}", client.name, upstream.dialect);
                assert_eq!(counts(&record), expect, "{case}, {stream}: {record}");
            }
        }
    }
}

/// Where a provider tells no usage, what came is counted.
#[tokio::test]
async fn without_usage_are_estimated() {
    let scene = Dialects::start("").await;
    for client in &CLIENTS {
        for upstream in &UPSTREAMS {
            for stream in [false, true] {
                let text = "[[usage=no tokens=40]]";
                let call = client.call(&scene.gateway, &upstream.native("count"), text, stream);
                let got = whole(call).await;
                let record = scene.record(&got.id).await;
                let case = format!("{} over {}: {record}", client.name, upstream.dialect);
                assert_eq!(record["estimate"], true, "{case}");
                let [input, _, _, output] = counts(&record);
                assert!(input > 0 && (20..80).contains(&output), "{case}");
                assert_eq!(record["cost_usd"], price(&record["usage"]), "{case}");
            }
        }
    }
}

/// Errors of each class before an answer: a client's own mistakes and limits pass, the rest is the gateway's business.
#[tokio::test]
async fn refusals_are_told_in_the_clients_words() {
    let scene = Dialects::start("").await;
    let cases = [
        ("error-400", 400),
        ("error-404", 404),
        ("error-413", 413),
        ("error-429", 429),
        ("error-500", 502),
        ("error-503", 503),
        ("error-401", 502),
        ("error-403", 502),
    ];
    let mut all = Vec::new();
    for client in &CLIENTS {
        for upstream in &UPSTREAMS {
            for case in cases {
                all.extend(
                    [false, true].map(|stream| refused(&scene, client, upstream, case, stream)),
                );
            }
        }
    }
    // At once, since some are tried a second time after a pause.
    at_once(all).await;
}

async fn refused(
    scene: &Dialects,
    client: &Client,
    upstream: &Upstream,
    (scenario, status): (&str, u16),
    stream: bool,
) {
    let call = client.call(&scene.gateway, &upstream.native(scenario), "Hi.", stream);
    let got = whole(call).await;
    let case = format!("{} over {}: {scenario}", client.name, upstream.dialect);
    let status = match (client.name, upstream.dialect, status) {
        ("messages", _, 503) => 529,
        // It has no status for a provider that failed, and none for what is too large.
        ("bedrock", _, 502) => 500,
        (_, "bedrock", 413) => 400,
        _ => status,
    };
    assert_eq!(got.status, status, "{case}: {:?}", got.bytes);
    assert!(got.json().pointer(client.message).is_some(), "{case}");
    if status == 429 {
        assert_eq!(got.header("retry-after"), "7", "{case}");
    }
    let record = scene.record(&got.id).await;
    assert_eq!(
        (&record["cost_usd"], &record["estimate"]),
        (&json!("0"), &json!(false)),
        "{case}"
    );
}

/// OpenAI's Responses begin with two events that repeat the instructions: those of a coding agent were more than the 64 KiB
/// that could be held before the first content, and failed.
#[tokio::test]
async fn begin_after_long_instructions() {
    let scene = Dialects::start("").await;
    let upstream = UPSTREAMS
        .iter()
        .find(|one| one.dialect == "openai_responses");
    let body = json!({
        "model": upstream.unwrap().native("text"), "input": "Hi.", "stream": true,
        "instructions": "Keep the tree clean.\n".repeat(10_000),
    });
    let got = whole(scene.gateway.call("/v1/responses", &body)).await;
    let responses = CLIENTS.iter().find(|one| one.name == "responses").unwrap();
    let frames = responses.frames(&got.bytes);
    assert!(responses.is_complete(&frames), "{:?}", frames.last());
    assert_eq!(responses.streamed_text(&frames), TEXT);
    // The provider keeps nothing, but the gateway does, and says so from the first event on.
    for at in [0, 1, frames.len() - 1] {
        assert_eq!(frames[at].json()["response"]["store"], true);
    }
    let sent: Value = serde_json::from_slice(&scene.first.requests()[0].body).unwrap();
    assert_eq!(sent["store"], false);
}
