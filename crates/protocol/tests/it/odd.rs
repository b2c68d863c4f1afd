//! Requests and answers at the edge of what is allowed, and beyond: each is either carried to every provider as a body
//! that is JSON and can be read again, or refused with a sentence. Nothing panics, nothing is quietly made up.

use protocol::dialect::{self, DIALECTS, Dialect, anthropic, openai_chat};
use protocol::ir::Malformed;
use protocol::splice::Document;
use serde_json::{Value, json};

/// Carries a request of a client of one dialect to a provider of another.
fn carry(from: &Dialect, to: &Dialect, body: &str) -> Result<Vec<u8>, Malformed> {
    let request = from.chat.client.unwrap().decode_request(body.as_bytes())?;
    dialect::check_essentials(from, &request, to.id)?;
    let sent = to.chat.provider.unwrap().encode_request(&request)?;
    let read = to.chat.client.unwrap().decode_request(&sent.body);
    assert!(read.is_ok(), "{read:?}");
    Ok(sent.body)
}

fn to_anthropic(body: &str) -> Result<Value, Malformed> {
    let sent = carry(&openai_chat::DIALECT, &anthropic::DIALECT, body)?;
    Ok(serde_json::from_slice(&sent).unwrap())
}

fn to_openai(body: &str) -> Result<Value, Malformed> {
    let sent = carry(&anthropic::DIALECT, &openai_chat::DIALECT, body)?;
    Ok(serde_json::from_slice(&sent).unwrap())
}

fn ask(messages: &Value) -> String {
    json!({"model": "m", "max_tokens": 9, "messages": messages}).to_string()
}

fn check_anthropic(messages: &Value, expect: &Value) {
    let sent = to_anthropic(&ask(messages)).unwrap();
    assert_eq!(&sent["messages"], expect, "{messages}");
}

fn check_openai(messages: &Value, expect: &Value) {
    let sent = to_openai(&ask(messages)).unwrap();
    assert_eq!(&sent["messages"], expect, "{messages}");
}

fn call(id: &str, arguments: &str) -> Value {
    json!({"id": id, "type": "function", "function": {"name": "f", "arguments": arguments}})
}

#[test]
fn empty_contents() {
    let (used, hi) = (
        json!({"type": "tool_use", "id": "a", "name": "f", "input": {}}),
        json!({"role": "user", "content": "Hi."}),
    );
    for content in [
        json!(null),
        json!(""),
        json!([]),
        json!([{"type": "text", "text": ""}]),
    ] {
        check_anthropic(
            &json!([hi, {"role": "assistant", "content": content, "tool_calls": [call("a", "")]},
                {"role": "tool", "tool_call_id": "a", "content": ""}]),
            &json!([hi, {"role": "assistant", "content": [used]},
                {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "a"}]}]),
        );
    }
    check_anthropic(
        &json!([hi, {"role": "assistant", "content": ""}, hi]),
        &json!([{"role": "user", "content": [
            {"type": "text", "text": "Hi."}, {"type": "text", "text": "Hi."}]}]),
    );
    check_openai(
        &json!([hi, {"role": "assistant", "content": [used]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "a", "content": []}]}]),
        &json!([hi, {"role": "assistant", "content": null, "tool_calls": [call("a", "{}")]},
            {"role": "tool", "tool_call_id": "a", "content": ""}]),
    );
}

#[test]
fn where_nothing_is_asked_nothing_is_answered() {
    let hi = json!({"role": "user", "content": "Hi."});
    let blank = json!({"role": "user", "content": [{"type": "text", "text": " "}]});
    let system = json!({"role": "system", "content": "Be kind."});
    for messages in [
        json!([{"role": "user", "content": ""}]),
        json!([{"role": "assistant", "content": ""}]),
        json!([{"role": "system", "content": ""}]),
        json!([system, blank]),
        json!([hi, {"role": "assistant", "content": "Yes?"}, blank]),
    ] {
        assert!(to_anthropic(&ask(&messages)).is_err(), "{messages}");
    }
    for (dialect, body, field) in [
        (
            "openai_chat",
            json!({"model": "m", "messages": []}),
            "messages",
        ),
        (
            "anthropic",
            json!({"model": "m", "max_tokens": 9, "messages": []}),
            "messages",
        ),
        ("bedrock", json!({"messages": []}), "messages"),
        ("gemini", json!({"contents": []}), "contents"),
        (
            "openai_responses",
            json!({"model": "m", "input": []}),
            "input",
        ),
        (
            "openai_responses",
            json!({"model": "m", "input": ""}),
            "input",
        ),
        ("merge", json!({"model": "m", "input": []}), "input"),
        ("ai_sdk", json!({"prompt": []}), "prompt"),
    ] {
        let reader = dialect::find(dialect).unwrap().chat.client.unwrap();
        let body = body.to_string();
        let wrong = reader.decode_request(body.as_bytes()).unwrap_err();
        assert_eq!(wrong.field.as_deref(), Some(field), "{dialect}");
        let document = Document::parse(body.as_bytes()).unwrap();
        if dialect != "ai_sdk" {
            let wrong = reader.outline(&document).unwrap_err();
            assert_eq!(wrong.field.as_deref(), Some(field), "{dialect}");
        }
    }
}

#[test]
fn several_instructions_stand_in_their_order() {
    let sent = to_anthropic(&ask(&json!([
        {"role": "system", "content": "A"}, {"role": "user", "content": "Hi."},
        {"role": "developer", "content": [{"type": "text", "text": "B"}]}, {"role": "system", "content": "C"},
    ])));
    let system = sent.unwrap()["system"].clone();
    let texts: Vec<&Value> = system
        .as_array()
        .unwrap()
        .iter()
        .map(|b| &b["text"])
        .collect();
    assert_eq!(texts, ["A", "B", "C"]);
}

#[test]
fn arguments_that_are_no_object_become_one() {
    for bad in [
        "{\"a\":",
        "[1]",
        "7",
        "\"x\"",
        "null",
        "{} {}",
        "\u{feff}{}",
    ] {
        let sent = to_anthropic(&ask(&json!([
            {"role": "user", "content": "Hi."},
            {"role": "assistant", "tool_calls": [call("a", bad)]},
            {"role": "tool", "tool_call_id": "a", "content": "r"},
        ])));
        assert_eq!(
            sent.unwrap()["messages"][1]["content"][0]["input"],
            json!({}),
            "{bad}"
        );
    }
}

#[test]
fn texts_and_numbers_of_any_kind() {
    let crab =
        ask(&json!([{"role": "user", "content": "X"}])).replace('X', r"\ud83e\udd80\u0000\u001f\/");
    let sent = to_anthropic(&crab).unwrap();
    assert_eq!(sent["messages"][0]["content"], "🦀\u{0}\u{1f}/");
    assert_eq!(
        to_openai(&crab).unwrap()["messages"][0]["content"],
        "🦀\u{0}\u{1f}/"
    );
    for lone in [r"\ud83e", r"\udd80", r"\ud83e\ud83e"] {
        let body = ask(&json!([{"role": "user", "content": "X"}])).replace('X', lone);
        for wrong in [
            to_anthropic(&body).unwrap_err(),
            to_openai(&body).unwrap_err(),
        ] {
            let field = wrong.field.unwrap_or_default();
            assert!(field.starts_with("messages[0].content"), "{lone}: {field}");
        }
    }
    for (field, number) in [
        ("max_tokens", "1e400"),
        ("max_tokens", "-1"),
        ("max_tokens", "1.5"),
        ("max_tokens", "99999999999999999999"),
        ("temperature", "1e400"),
        ("top_k", "18446744073709551616"),
    ] {
        let limit = if field == "max_tokens" {
            ""
        } else {
            r#""max_tokens":9,"#
        };
        let body = format!(
            r#"{{"model":"m",{limit}"messages":[{{"role":"user","content":"x"}}],"{field}":{number}}}"#
        );
        let wrong = to_openai(&body).unwrap_err();
        assert_eq!(wrong.field.as_deref(), Some(field), "{number}");
    }
    let huge = r#"{"model":"m","messages":[{"role":"user","content":"x"}],"seed":-9223372036854775808,"max_tokens":18446744073709551615,"temperature":0.30000000000000004}"#;
    assert!(to_anthropic(huge).is_ok());
}

#[test]
fn deep_nesting_is_carried_or_refused() {
    let deep = "[".repeat(200_000) + &"]".repeat(200_000);
    let bodies = [
        format!(
            r#"{{"model":"m","max_tokens":9,"messages":[{{"role":"user","content":{deep}}}]}}"#
        ),
        format!(
            r#"{{"model":"m","max_tokens":9,"messages":[{{"role":"user","content":"x"}}],"odd":{deep}}}"#
        ),
        format!(
            r#"{{"model":"m","max_tokens":9,"messages":[{{"role":"user","content":"x"}}],"tools":[{{"name":"f","strict":true,"input_schema":{{"items":{deep}}}}}],"output_config":{{"format":{{"type":"json_schema","schema":{{"x":{deep}}}}}}}}}"#
        ),
        format!(
            r#"{{"model":"m","messages":[{{"role":"user","content":"x"}}],"response_format":{{"type":"json_schema","json_schema":{{"name":"n","strict":true,"schema":{{"anyOf":{deep}}}}}}}}}"#
        ),
        format!(
            r#"{{"model":"m","messages":[{{"role":"assistant","content":[{{"type":"thinking","thinking":{deep}}}]}}]}}"#
        ),
    ];
    for body in &bodies {
        let _ = carry(&openai_chat::DIALECT, &anthropic::DIALECT, body);
        let _ = carry(&anthropic::DIALECT, &openai_chat::DIALECT, body);
        for provider in DIALECTS.iter().filter_map(|it| it.chat.provider) {
            let _ = provider.read_whole(body.as_bytes());
            let _ = provider.decode_response(body.as_bytes());
        }
    }
}

#[test]
fn a_thousand_tools_keep_their_order() {
    let name = |n: usize| format!("tool_{n}");
    let tools: Vec<Value> = (0..1000)
        .map(|n| json!({"type": "function", "function": {"name": name(n), "strict": n % 2 == 0, "parameters": {"type": "object", "properties": {}}}}))
        .collect();
    let body =
        json!({"model": "m", "messages": [{"role": "user", "content": "x"}], "tools": tools});
    let sent = to_anthropic(&body.to_string()).unwrap();
    let names = sent["tools"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tool| tool["name"].clone());
    assert!(names.eq((0..1000).map(name)));
}

#[test]
fn pictures_in_the_models_own_turns() {
    let picture = json!({"type": "image_url", "image_url": {"url": "https://images.example/a"}});
    check_anthropic(
        &json!([{"role": "user", "content": "Draw."},
            {"role": "assistant", "content": [{"type": "text", "text": "Here."}, picture]},
            {"role": "user", "content": [picture]}]),
        &json!([{"role": "user", "content": "Draw."}, {"role": "assistant", "content": "Here."},
            {"role": "user", "content": [{"type": "image", "source": {"type": "url", "url": "https://images.example/a"}}]}]),
    );
    // OpenAI takes none there.
    let source = json!({"type": "base64", "media_type": "image/png", "data": "AAAA"});
    let sent = to_openai(&ask(&json!([{"role": "user", "content": "Draw."},
        {"role": "assistant", "content": [{"type": "text", "text": "Here."}, {"type": "image", "source": source}]}])));
    assert_eq!(sent.unwrap()["messages"][1]["content"], "Here.");
}

#[test]
fn answers_without_a_choice() {
    let body = br#"{"id":"c","object":"chat.completion","model":"m","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":0}}"#;
    let provider = openai_chat::DIALECT.chat.provider.unwrap();
    assert_eq!(provider.read_whole(body).unwrap().text_bytes, 0);
    let response = provider.decode_response(body).unwrap();
    for client in DIALECTS.iter().filter_map(|it| it.chat.client) {
        let encoded = client.encode_response(&response, &crate::run::reply(), None);
        let written: Value = serde_json::from_slice(&encoded.body).unwrap();
        let usage = written.get("usage").or(written.get("usageMetadata"));
        assert!(usage.is_some_and(Value::is_object), "{written}");
    }
}
