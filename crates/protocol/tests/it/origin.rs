//! What only its origin understands (signatures, encrypted reasoning, file ids) crosses a client of another dialect, comes
//! back in that client's next request, and reaches its origin and nobody else.

use protocol::dialect::{Dialect, Encoded, anthropic, openai_chat};
use protocol::ir::{Malformed, Request};
use serde_json::{Value, json};

/// What a client of that dialect gets of a provider's answer.
fn answer(provider: &Dialect, body: &Value, client: &Dialect) -> Value {
    let body = serde_json::to_vec(body).unwrap();
    let response = provider
        .chat
        .provider
        .unwrap()
        .decode_response(&body)
        .unwrap();
    let reply = crate::run::reply();
    let encoded = client
        .chat
        .client
        .unwrap()
        .encode_response(&response, &reply, None);
    serde_json::from_slice(&encoded.body).unwrap()
}

fn read(client: &Dialect, body: &Value) -> Request {
    let body = serde_json::to_vec(body).unwrap();
    client.chat.client.unwrap().decode_request(&body).unwrap()
}

fn send(request: &Request, provider: &Dialect) -> Result<Encoded, Malformed> {
    provider.chat.provider.unwrap().encode_request(request)
}

fn body(encoded: &Encoded) -> Value {
    serde_json::from_slice(&encoded.body).unwrap()
}

#[test]
fn anthropics_reasoning_goes_back_by_way_of_an_openai_client() {
    let said = answer(
        &anthropic::DIALECT,
        &json!({"type": "message", "id": "msg_1", "model": "m", "role": "assistant", "stop_reason": "end_turn",
            "content": [
                {"type": "thinking", "thinking": "Odd.", "signature": "c2ln"},
                {"type": "redacted_thinking", "data": "ZGF0YQ"},
                {"type": "text", "text": "Yes."},
            ],
            "usage": {"input_tokens": 1, "output_tokens": 1}}),
        &openai_chat::DIALECT,
    );
    let message = said["choices"][0]["message"].clone();
    let request = read(
        &openai_chat::DIALECT,
        &json!({"model": "m", "messages": [
            {"role": "user", "content": "Prime?"}, message, {"role": "user", "content": "Sure?"},
        ]}),
    );
    let sent = send(&request, &anthropic::DIALECT).unwrap();
    assert_eq!(sent.losses, []);
    assert_eq!(
        body(&sent)["messages"][1]["content"],
        json!([
            {"type": "thinking", "thinking": "Odd.", "signature": "c2ln"},
            {"type": "redacted_thinking", "data": "ZGF0YQ"},
            {"type": "text", "text": "Yes."},
        ])
    );
}

#[test]
fn openrouters_reasoning_goes_back_by_way_of_an_anthropic_client_but_not_to_anthropic() {
    let said = answer(
        &openai_chat::DIALECT,
        &json!({"id": "c", "model": "m", "choices": [{"index": 0, "finish_reason": "stop", "message": {
        "role": "assistant", "content": "Yes.", "reasoning_details": [
            {"type": "reasoning.text", "text": "Odd.", "signature": "c2ln", "index": 0},
            {"type": "reasoning.encrypted", "data": "ZGF0YQ", "index": 1},
        ]}}]}),
        &anthropic::DIALECT,
    );
    let request = read(
        &anthropic::DIALECT,
        &json!({"model": "m", "max_tokens": 9, "messages": [
            {"role": "user", "content": "Prime?"},
            {"role": "assistant", "content": said["content"]},
            {"role": "user", "content": "Sure?"},
        ]}),
    );
    let back = send(&request, &openai_chat::DIALECT).unwrap();
    assert_eq!(back.losses, []);
    let details = &body(&back)["messages"][1]["reasoning_details"];
    assert_eq!(
        details,
        &json!([
            {"type": "reasoning.text", "text": "Odd.", "signature": "c2ln", "index": 0},
            {"type": "reasoning.encrypted", "data": "ZGF0YQ", "index": 1},
        ])
    );
    let elsewhere = send(&request, &anthropic::DIALECT).unwrap();
    let lost: Vec<_> = elsewhere
        .losses
        .iter()
        .map(|loss| loss.field.as_str())
        .collect();
    assert_eq!(lost, ["messages[1].content[0]", "messages[1].content[1]"]);
    assert_eq!(body(&elsewhere)["messages"][1]["content"], "Yes.");
}

#[test]
fn a_file_id_goes_to_its_origin_only() {
    let asked = [
        (
            &openai_chat::DIALECT,
            json!({"type": "file", "file": {"file_id": "file-1"}}),
        ),
        (
            &anthropic::DIALECT,
            json!({"type": "document", "source": {"type": "file", "file_id": "file-1"}}),
        ),
    ];
    for (client, part) in &asked {
        let message = json!({"role": "user", "content": [part]});
        let request = read(
            client,
            &json!({"model": "m", "max_tokens": 9, "messages": [message]}),
        );
        for (provider, _) in &asked {
            let sent = send(&request, provider);
            assert_eq!(
                sent.is_ok(),
                client.id == provider.id,
                "{} {}",
                client.id,
                provider.id
            );
        }
    }
}
