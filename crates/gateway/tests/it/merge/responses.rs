//! `POST /merge/v1/responses`: Merge's Responses API over providers of other dialects.

use crate::scene::{Frame, SOON, Scene, Stream, Whole, frames, price, string_at, usd, whole};
use serde_json::{Value, json};
use std::time::Duration;
use testkit::client::Call;

const PATH: &str = "/merge/v1/responses";
const PROVIDERS: [&str; 2] = ["openai-first", "anthropic-first"];

fn call(scene: &Scene, body: &Value) -> Call {
    Call::post(scene.gateway.address(), PATH, body.to_string())
        .header("authorization", format!("Bearer {}", scene.gateway.key()))
}

async fn ask(scene: &Scene, body: Value) -> Whole {
    whole(call(scene, &body)).await
}

fn body(model: &str, text: &str, stream: bool) -> Value {
    json!({"model": model, "input": text, "max_tokens": 4000, "stream": stream})
}

/// The text of an answer or a snapshot.
fn text(answer: &Value) -> String {
    let blocks = answer["output"][0]["content"].as_array();
    let said = blocks.into_iter().flatten();
    said.map(|block| string_at(block, "/text")).collect()
}

/// The text that the latest snapshot shows.
fn latest(seen: &[u8]) -> String {
    let frames = frames(seen);
    frames
        .iter()
        .rev()
        .find_map(|frame| frame.json().get("output").map(|_| text(&frame.json())))
        .unwrap_or_default()
}

/// That what a record says was used and what the answer says agree.
fn assert_billed(record: &Value, usage: &Value) {
    let count = |name: &str| record["usage"][name].as_u64().unwrap();
    assert_eq!(usage["input_tokens"], count("input") + count("cache_read"));
    assert_eq!(usage["output_tokens"], count("output"));
    assert_eq!(record["cost_usd"], price(&record["usage"]));
    assert_eq!(
        record["cost_usd"],
        usd((usage["cost"].as_f64().unwrap() * 1e6).round() as u64)
    );
}

#[tokio::test]
async fn a_whole_answer_has_merges_shape_and_its_cost() {
    let scene = Scene::start().await;
    for provider in PROVIDERS {
        let model = format!("{provider}/fake-text");
        let mut asked = body(&model, "Hi.", false);
        asked["include_routing_metadata"] = json!(true);
        asked["tags"] = json!([{"key": "team", "value": "search"}]);
        let got = ask(&scene, asked).await;
        let answer = got.json();
        assert_eq!(got.status, 200, "{answer}");
        assert_eq!(answer["object"], "response");
        assert_eq!(answer["model"], model);
        assert_eq!(answer["vendor"], provider);
        assert_eq!(answer["id"], format!("resp_{}", got.id));
        assert_eq!(answer["output"][0]["finish_reason"], "stop");
        assert!(!text(&answer).is_empty());
        assert_eq!(answer["routing"]["model_used"], model);
        assert_eq!(answer["routing"]["cost_usd"], answer["usage"]["cost"]);
        let record = scene.record(&got.id).await;
        assert_billed(&record, &answer["usage"]);
        assert_eq!(record["lost"], json!([]), "{record}");
        let sent: Value = serde_json::from_slice(&scene.first.requests()[0].body).unwrap();
        for control in ["tags", "include_routing_metadata", "input"] {
            assert_eq!(sent.get(control), None, "{sent}");
        }
        scene.first.reset();
    }
}

/// The provider sends a piece only after the test has seen the one before: each is a snapshot at once.
#[tokio::test]
async fn snapshots_grow_word_by_word() {
    let scene = Scene::start().await;
    for provider in PROVIDERS {
        let text = format!("[[gate={provider} tokens=12]]");
        let body = body(&format!("{provider}/fake-gate"), &text, true);
        let mut stream = Stream::open(call(&scene, &body)).await;
        for words in 1..12 {
            stream
                .until(|seen| latest(seen).split_whitespace().count() >= words)
                .await;
            scene.first.release(provider, 1);
        }
        let id = stream.header("x-request-id");
        let all: Vec<Value> = frames(&stream.rest().await)
            .iter()
            .map(Frame::json)
            .collect();
        let (last, snapshots) = all.split_last().unwrap();
        assert_eq!(last["object"], "response.done", "{last}");
        assert_eq!(last["output"][0]["finish_reason"], "stop");
        for pair in snapshots.windows(2) {
            assert_eq!(pair[0]["object"], "response.stream");
            assert!(pair[1].get("usage").is_none());
            assert!(self::text(&pair[1]).starts_with(&self::text(&pair[0])));
        }
        assert_billed(&scene.record(&id).await, &last["usage"]);
    }
}

#[tokio::test]
async fn tool_calls_are_blocks_of_the_message() {
    let scene = Scene::start().await;
    for provider in PROVIDERS {
        for stream in [false, true] {
            let mut asked = body(&format!("{provider}/fake-tools"), "Weather?", stream);
            asked["tools"] = json!([{"type": "function", "name": "get_weather",
                "parameters": {"type": "object", "properties": {"place": {"type": "string"}}}}]);
            let got = ask(&scene, asked).await;
            let answer = if stream {
                got.frames().last().unwrap().json()
            } else {
                got.json()
            };
            let message = &answer["output"][0];
            assert_eq!(message["finish_reason"], "tool_use", "{answer}");
            let blocks = message["content"].as_array().unwrap();
            let call = blocks.iter().find(|block| block["type"] == "tool_use");
            assert!(call.unwrap()["input"].is_object(), "{answer}");
        }
    }
}

#[tokio::test]
async fn errors_have_merges_shape() {
    let scene = Scene::start().await;
    let got = ask(&scene, json!({"model": "nobody/nothing", "input": "Hi."})).await;
    assert_eq!(got.status, 404);
    assert_eq!(got.json()["error"]["type"], "not_found_error");
    assert_eq!(got.json()["error"]["code"], "model_not_found");
    assert_eq!(got.json()["message"], got.json()["error"]["message"]);

    let got = ask(&scene, json!({"model": "openai-first/fake-text"})).await;
    assert_eq!(got.status, 400);
    assert_eq!(got.json()["error"]["param"], "input");

    let nobody = Call::post(scene.gateway.address(), PATH, "{}".to_owned());
    let got = whole(nobody).await;
    assert_eq!(got.status, 401);
    assert_eq!(got.json()["error"]["type"], "authentication_error");

    let lost = Call::post(scene.gateway.address(), "/merge/responses", "{}".to_owned());
    let got = whole(lost).await;
    assert_eq!(got.status, 404);
    let message = string_at(&got.json(), "/message");
    assert!(message.contains(PATH), "{message}");
}

#[tokio::test]
async fn a_stream_that_breaks_says_so() {
    let scene = Scene::start().await;
    for provider in PROVIDERS {
        let body = body(&format!("{provider}/fake-error-mid-stream"), "Hi.", true);
        let got = ask(&scene, body).await;
        let last = got.frames().last().unwrap().json();
        assert_eq!(last["object"], "response.error", "{last}");
        assert!(last["error"]["status_code"].as_u64().unwrap() >= 400);
        assert!(!string_at(&last, "/error/message").is_empty());
    }
}

#[tokio::test]
async fn silence_is_bridged_by_keep_alives() {
    let scene = Scene::with("[server]\nkeep_alive_seconds = 1\n").await;
    let body = body("openai-first/fake-gate", "[[gate=g tokens=2]]", true);
    let mut stream = Stream::open(call(&scene, &body)).await;
    let waiting = stream.until(|seen| seen.ends_with(b":keepalive\n\n"));
    tokio::time::timeout(SOON, waiting).await.unwrap();
    tokio::time::sleep(Duration::from_millis(1)).await;
    scene.first.release("g", 2);
    let all = frames(&stream.rest().await);
    assert_eq!(all.last().unwrap().json()["object"], "response.done");
}

#[tokio::test]
async fn merges_routing_words_are_obeyed() {
    let scene = Scene::start().await;
    let check = async |more: Value, vendor: &str| {
        let mut asked = json!({"input": "Hi.", "max_tokens": 100});
        let members = asked.as_object_mut().unwrap();
        members.extend(more.as_object().unwrap().clone());
        let got = ask(&scene, asked).await;
        assert_eq!(got.json()["vendor"], vendor, "{more}: {}", got.json());
    };
    check(json!({"model": "team/fake-text"}), "openai-first").await;
    check(
        json!({"model": "team/fake-text", "vendor": "openai-second"}),
        "openai-second",
    )
    .await;
    check(
        json!({"model": "team/fake-text", "vendors": ["openai-second", "openai-first"]}),
        "openai-second",
    )
    .await;
    check(
        json!({"priority_order": [
            {"model": "openai-first/fake-text", "priority": 2},
            {"model": "anthropic-second/fake-text", "priority": 1}]}),
        "anthropic-second",
    )
    .await;
    // Falls back to the next model of the order.
    check(
        json!({"priority_order": [
            {"model": "openai-first/fake-error-500", "priority": 1},
            {"model": "anthropic-second/fake-text", "priority": 2}]}),
        "anthropic-second",
    )
    .await;
    let contradiction = json!({"model": "team/fake-text", "input": "Hi.", "vendor": "openai-first",
        "provider": {"only": ["openai-second"]}});
    let got = ask(&scene, contradiction).await;
    assert_eq!(got.status, 400);
    let message = string_at(&got.json(), "/message");
    assert!(
        message.contains("vendor") && message.contains("provider.only"),
        "{message}"
    );
}
