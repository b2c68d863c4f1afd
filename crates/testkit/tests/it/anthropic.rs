//! The Anthropic dialect.

use crate::{anthropic_call, events, fake, json};
use serde_json::{Value, json};
use testkit::client::Call;
use testkit::fake_provider::{FakeProvider, TokenCounts};

fn reasoning_request() -> Value {
    json!({
        "model": "fake-reasoning", "max_tokens": 4096, "thinking": {"type": "enabled", "budget_tokens": 2048},
        "tools": [{"name": "look", "input_schema": {"type": "object", "properties": {"at": {"type": "string"}}}}],
        "messages": [{"role": "user", "content": "hi"}],
    })
}

async fn second_turn(fake: &FakeProvider, spoil: impl FnOnce(&mut Value)) -> (u16, Value) {
    let mut request = reasoning_request();
    let mut first = json(anthropic_call(fake, &request).send().await.unwrap()).await;
    let id = first["content"][1]["id"].clone();
    spoil(&mut first["content"]);
    let messages = request["messages"].as_array_mut().unwrap();
    messages.push(json!({"role": "assistant", "content": first["content"]}));
    messages.push(json!({"role": "user", "content": [{"type": "tool_result", "tool_use_id": id, "content": "sun"}]}));
    let answer = anthropic_call(fake, &request).send().await.unwrap();
    (answer.status.as_u16(), json(answer).await)
}

#[tokio::test]
async fn thoughts_must_come_back_with_their_signature() {
    let fake = fake().await;
    let (status, answer) = second_turn(&fake, |_| ()).await;
    assert_eq!(status, 200);
    let text = answer["content"][1]["text"].as_str().unwrap();
    assert!(text.ends_with("=sun (1 signatures verified)"), "{text}");

    let (status, _) = second_turn(&fake, |content| {
        content[0]["thinking"] = json!("Something else.")
    })
    .await;
    assert_eq!(status, 400);
    let (status, error) = second_turn(&fake, |content| {
        content.as_array_mut().unwrap().remove(0);
    })
    .await;
    assert_eq!(status, 400);
    assert!(
        error["error"]["message"]
            .as_str()
            .unwrap()
            .contains("Expected `thinking`")
    );
}

#[tokio::test]
async fn a_stream_builds_the_whole_answer() {
    let fake = fake().await;
    let mut request = reasoning_request();
    let whole = json(anthropic_call(&fake, &request).send().await.unwrap()).await;
    request["stream"] = json!(true);
    let stream = anthropic_call(&fake, &request).send().await.unwrap();
    let events = events(&stream.whole().await.unwrap());
    let mut content: Vec<Value> = Vec::new();
    let mut input = String::new();
    let mut open = None;
    for event in &events {
        match event["type"].as_str().unwrap() {
            "content_block_start" => {
                assert_eq!(
                    open.replace(event["index"].clone()),
                    None,
                    "one block at a time"
                );
                content.push(event["content_block"].clone());
            }
            "content_block_stop" => assert_eq!(open.take(), Some(event["index"].clone())),
            "content_block_delta" => {
                let block = content.last_mut().unwrap();
                for (field, delta) in [
                    ("thinking", "thinking"),
                    ("signature", "signature"),
                    ("text", "text"),
                ] {
                    if let Some(more) = event["delta"][delta].as_str() {
                        block[field] = json!(format!("{}{more}", block[field].as_str().unwrap()));
                    }
                }
                input.push_str(event["delta"]["partial_json"].as_str().unwrap_or_default());
            }
            _ => {}
        }
    }
    content[1]["input"] = serde_json::from_str(&input).unwrap();
    content[1]["id"] = whole["content"][1]["id"].clone();
    assert_eq!(Value::Array(content), whole["content"]);
    let delta = &events[events.len() - 2];
    assert_eq!(delta["delta"]["stop_reason"], "tool_use");
    assert_eq!(
        delta["usage"]["output_tokens"],
        whole["usage"]["output_tokens"]
    );
    assert_eq!(events.last().unwrap()["type"], "message_stop");
}

#[tokio::test]
async fn caching_is_reported_apart_from_input() {
    let fake = fake().await;
    let body = json!({"model": "fake-cached", "max_tokens": 99, "messages": [{"role": "user", "content": "hi"}]});
    let whole = json(anthropic_call(&fake, &body).send().await.unwrap()).await;
    assert_eq!(whole["usage"]["input_tokens"], 100);
    assert_eq!(whole["usage"]["cache_read_input_tokens"], 2_000);
    assert_eq!(whole["usage"]["cache_creation_input_tokens"], 300);
    let expected = TokenCounts {
        input: 100,
        cache_read: 2_000,
        cache_write: 300,
        output: 4,
        reasoning: 0,
    };
    assert_eq!(fake.requests()[0].usage, Some(expected));
}

#[tokio::test]
async fn what_the_vendor_refuses_is_refused() {
    let fake = fake().await;
    let user = json!({"role": "user", "content": "hi"});
    let asks = json!({"role": "assistant", "content": [{"type": "tool_use", "id": "t1", "name": "f", "input": {}}]});
    let base = |extra: Value| {
        let mut body = json!({"model": "fake-text", "max_tokens": 2000, "messages": [user]});
        body.as_object_mut()
            .unwrap()
            .extend(extra.as_object().unwrap().clone());
        body
    };
    let cases = [
        (
            json!({"model": "fake-text", "messages": [user]}),
            "max_tokens",
        ),
        (
            base(json!({"messages": [{"role": "system", "content": "x"}]})),
            "messages.0.role",
        ),
        (
            base(json!({"messages": [{"role": "user", "content": ""}]})),
            "messages.0",
        ),
        (base(json!({"messages": [user, asks]})), "messages.1"),
        (base(json!({"messages": [user, asks, user]})), "messages.2"),
        (
            base(json!({"thinking": {"type": "enabled", "budget_tokens": 10}})),
            "thinking",
        ),
        (
            base(json!({"thinking": {"type": "enabled", "budget_tokens": 5000}})),
            "max_tokens",
        ),
        (
            base(json!({"thinking": {"type": "adaptive"}, "temperature": 0.5})),
            "temperature",
        ),
        (base(json!({"tool_choice": {"type": "any"}})), "tool_choice"),
        (
            base(json!({"tools": [{"name": "f"}]})),
            "tools.0.custom.input_schema",
        ),
        (
            base(json!({"output_config": {"format": {"type": "json_schema",
                "schema": {"type": "object", "properties": {"a": {"type": "string"}}}}}})),
            "output_config.format.schema",
        ),
    ];
    for (body, field) in cases {
        let answer = anthropic_call(&fake, &body).send().await.unwrap();
        assert_eq!(answer.status, 400, "{body}");
        let error = json(answer).await;
        assert!(
            error["error"]["message"]
                .as_str()
                .unwrap()
                .starts_with(field),
            "{error}"
        );
        assert_eq!(error["type"], "error");
    }
}

#[tokio::test]
async fn version_and_key_are_asked_for() {
    let fake = fake().await;
    let body = json!({"model": "fake-text", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]});
    let call = Call::post(fake.address(), "/v1/messages", body.to_string());
    assert_eq!(call.clone().send().await.unwrap().status, 401);
    assert_eq!(
        call.header("x-api-key", "k").send().await.unwrap().status,
        400
    );
}
