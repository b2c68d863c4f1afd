//! The OpenAI dialect.

use crate::{events, fake, json, openai_call};
use serde_json::{Value, json};
use testkit::client::Call;

const TEXT: &str = "Hello from the fake provider: grüße, \"世界\"\n 🌍.";

#[tokio::test]
async fn a_stream_says_what_the_whole_answer_says() {
    let fake = fake().await;
    let mut body = json!({"model": "x/fake-text", "messages": [{"role": "user", "content": "hi"}]});
    let whole = json(openai_call(&fake, &body).send().await.unwrap()).await;
    assert_eq!(whole["choices"][0]["message"]["content"], TEXT);
    assert_eq!(whole["choices"][0]["finish_reason"], "stop");
    assert_eq!(whole["usage"]["total_tokens"], 28);

    body["stream"] = json!(true);
    body["stream_options"] = json!({"include_usage": true});
    let stream = openai_call(&fake, &body).send().await.unwrap();
    let events = events(&stream.whole().await.unwrap());
    let text: String = events
        .iter()
        .filter_map(|event| event["choices"][0]["delta"]["content"].as_str())
        .collect();
    assert_eq!(text, TEXT);
    assert_eq!(events.last().unwrap(), "[DONE]");
    assert_eq!(events[events.len() - 2]["usage"], whole["usage"]);
    assert_eq!(events[events.len() - 2]["choices"], json!([]));
}

#[tokio::test]
async fn without_being_asked_a_stream_reports_no_usage() {
    let fake = fake().await;
    let body = json!({"model": "fake-text", "stream": true, "messages": [{"role": "user", "content": "hi"}]});
    let stream = openai_call(&fake, &body).send().await.unwrap();
    let events = events(&stream.whole().await.unwrap());
    assert!(events.iter().all(|event| event.get("usage").is_none()));
    assert_eq!(fake.requests()[0].usage, None);
    assert_eq!(fake.requests()[0].tokens_sent, 7);
}

#[tokio::test]
async fn interleaved_calls_put_together_are_those_of_the_whole_answer() {
    let fake = fake().await;
    let tool = |name: &str| {
        json!({"type": "function", "function": {"name": name, "parameters":
            {"type": "object", "properties": {name: {"type": "string"}}}}})
    };
    let mut body = json!({
        "model": "fake-interleaved-tools", "messages": [{"role": "user", "content": "hi"}],
        "tools": [tool("one"), tool("two")],
    });
    let whole = json(openai_call(&fake, &body).send().await.unwrap()).await;
    let calls = &whole["choices"][0]["message"]["tool_calls"];
    body["stream"] = json!(true);
    let stream = openai_call(&fake, &body).send().await.unwrap();
    let mut seen = Vec::new();
    let mut arguments = [String::new(), String::new()];
    for event in events(&stream.whole().await.unwrap()) {
        let call = &event["choices"][0]["delta"]["tool_calls"][0];
        let Some(index) = call["index"].as_u64() else {
            continue;
        };
        seen.push(index);
        arguments[usize::try_from(index).unwrap()]
            .push_str(call["function"]["arguments"].as_str().unwrap());
    }
    assert_eq!(seen[..4], [0, 1, 0, 1], "in turns");
    for (index, arguments) in arguments.iter().enumerate() {
        assert_eq!(calls[index]["function"]["arguments"], *arguments);
    }
}

#[tokio::test]
async fn what_the_vendor_refuses_is_refused() {
    let fake = fake().await;
    let user = json!({"role": "user", "content": "hi"});
    let call =
        json!({"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}});
    let asks = json!({"role": "assistant", "content": null, "tool_calls": [call]});
    let open_schema = json!({"type": "object", "properties": {"a": {"type": "string"}}});
    let cases = [
        (json!({"messages": [user]}), "model"),
        (json!({"model": "fake-text", "messages": []}), "messages"),
        (
            json!({"model": "fake-text", "messages": [{"role": "robot", "content": "x"}]}),
            "messages[0].role",
        ),
        (
            json!({"model": "fake-text", "messages": [user, asks]}),
            "messages",
        ),
        (
            json!({"model": "fake-text", "messages": [user, asks, user]}),
            "messages.[2].role",
        ),
        (
            json!({"model": "fake-text", "messages": [user, {"role": "tool", "tool_call_id": "x", "content": "y"}]}),
            "messages.[1].role",
        ),
        (
            json!({"model": "fake-text", "messages": [user], "stream_options": {"include_usage": true}}),
            "stream_options",
        ),
        (
            json!({"model": "fake-text", "messages": [user], "max_tokens": 1, "max_completion_tokens": 1}),
            "max_tokens",
        ),
        (
            json!({"model": "fake-text", "messages": [user], "response_format": {"type": "json_schema",
                "json_schema": {"name": "n", "strict": true, "schema": open_schema}}}),
            "response_format.json_schema.schema",
        ),
        (
            json!({"model": "fake-image", "messages": [{"role": "user", "content": [
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,QUJD"}}]}]}),
            "messages[0].content[0].image_url.url",
        ),
    ];
    for (body, param) in cases {
        let answer = openai_call(&fake, &body).send().await.unwrap();
        assert_eq!(answer.status, 400, "{body}");
        let error = json(answer).await;
        assert_eq!(error["error"]["param"], param, "{error}");
        assert_eq!(error["error"]["type"], "invalid_request_error");
    }
}

#[tokio::test]
async fn embeddings_are_the_same_in_both_formats() {
    let fake = fake().await;
    let ask = async |format: &str| {
        let body = json!({"model": "e", "input": ["one two", "three"], "encoding_format": format});
        let call = Call::post(fake.address(), "/v1/embeddings", body.to_string());
        json(
            call.header("authorization", "Bearer k")
                .send()
                .await
                .unwrap(),
        )
        .await
    };
    let (floats, packed) = (ask("float").await, ask("base64").await);
    assert_eq!(
        floats["usage"],
        json!({"prompt_tokens": 3, "total_tokens": 3})
    );
    for index in [0, 1] {
        use base64::Engine;
        let text = packed["data"][index]["embedding"].as_str().unwrap();
        let bytes = base64::engine::general_purpose::STANDARD
            .decode(text)
            .unwrap();
        let numbers: Vec<f64> = bytes
            .chunks_exact(4)
            .map(|four| f64::from(f32::from_le_bytes(four.try_into().unwrap())))
            .collect();
        assert_eq!(floats["data"][index]["embedding"], json!(numbers));
    }
    assert_ne!(
        floats["data"][0]["embedding"],
        floats["data"][1]["embedding"]
    );
}

#[tokio::test]
async fn a_key_is_asked_for() {
    let fake = fake().await;
    let body = json!({"model": "fake-text", "messages": [{"role": "user", "content": "hi"}]});
    let call = Call::post(fake.address(), "/v1/chat/completions", body.to_string());
    let answer = call.send().await.unwrap();
    assert_eq!(answer.status, 401);
    assert_eq!(
        json(answer).await["error"]["code"],
        Value::from("invalid_api_key")
    );
}
