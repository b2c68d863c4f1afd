//! A client's freeform tools at a provider that has none: declared as functions there, and called as declared here.

use crate::fold::fold;
use crate::run;
use protocol::dialect::{Reply, anthropic, openai_chat};
use protocol::ir::{CallKind, PartKind};
use protocol::splice::Document;
use serde_json::{Value, json};

const REQUEST: &str = r#"{"model":"m","messages":[{"role":"user","content":"Fix it."}],"tools":[
    {"type":"custom","custom":{"name":"apply_patch"}},
    {"type":"function","function":{"name":"custom","parameters":{"type":"object","properties":{"custom":{"type":"object"}}}}}]}"#;

/// The reply that the door makes for this request.
fn reply() -> Reply {
    let client = openai_chat::DIALECT.chat.client.unwrap();
    let outline = client
        .outline(&Document::parse(REQUEST.as_bytes()).unwrap())
        .unwrap();
    assert_eq!(outline.freeform_tools, ["apply_patch"]);
    Reply {
        freeform_tools: outline.freeform_tools,
        ..run::reply()
    }
}

fn answer(input: &Value) -> Value {
    let body = json!({"type": "message", "id": "msg_1", "model": "m", "role": "assistant", "stop_reason": "tool_use",
        "content": [
            {"type": "tool_use", "id": "t1", "name": "apply_patch", "input": input},
            {"type": "tool_use", "id": "t2", "name": "custom", "input": {"input": "x"}},
        ],
        "usage": {"input_tokens": 1, "output_tokens": 1}});
    let body = serde_json::to_vec(&body).unwrap();
    let provider = anthropic::DIALECT.chat.provider.unwrap();
    let response = provider.decode_response(&body).unwrap();
    let client = openai_chat::DIALECT.chat.client.unwrap();
    let encoded = client.encode_response(&response, &reply(), None);
    let body: Value = serde_json::from_slice(&encoded.body).unwrap();
    body["choices"][0]["message"]["tool_calls"].clone()
}

#[test]
fn a_whole_answers_call_comes_back_as_declared() {
    let calls = answer(&json!({"input": "+ \"é\"\n"}));
    assert_eq!(
        calls,
        json!([
            {"id": "t1", "type": "custom", "custom": {"name": "apply_patch", "input": "+ \"é\"\n"}},
            {"id": "t2", "type": "function", "function": {"name": "custom", "arguments": "{\"input\":\"x\"}"}},
        ])
    );
    // A model may not keep to the schema.
    let odd = answer(&json!({"patch": "+"}));
    assert_eq!(odd[0]["custom"]["input"], "{\"patch\":\"+\"}");
}

#[test]
fn a_streams_call_comes_back_as_declared() {
    let mut stream = String::from(
        "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"model\":\"m\",\"usage\":{\"input_tokens\":1,\"output_tokens\":1}}}\n\n\
         event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"tool_use\",\"id\":\"t1\",\"name\":\"apply_patch\",\"input\":{}}}\n\n",
    );
    for piece in ["{\"inp", "ut\": \"+ \\u00", "e9\\n", "\"}"] {
        let data = json!({"type": "content_block_delta", "index": 0,
            "delta": {"type": "input_json_delta", "partial_json": piece}});
        stream.push_str(&format!("event: content_block_delta\ndata: {data}\n\n"));
    }
    stream.push_str(
        "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n\
         event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"tool_use\"},\"usage\":{\"output_tokens\":9}}\n\n\
         event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
    );
    for chunk in [1, 64, stream.len()] {
        let relayed = run::relay(
            &openai_chat::DIALECT,
            &anthropic::DIALECT,
            &reply(),
            stream.as_bytes(),
            chunk,
        );
        let events = run::decode(&openai_chat::DIALECT, &relayed.out, 64).unwrap();
        let told = fold("freeform", &events);
        let PartKind::ToolCall(call) = &told.response.choices[0].parts[0].kind else {
            panic!("{told:?}");
        };
        assert_eq!(
            (call.kind, call.name.as_str(), call.arguments.as_str()),
            (CallKind::Freeform, "apply_patch", "+ é\n")
        );
    }
}
