//! The fake provider, driven by raw HTTP: what the SDK suites lean on must hold by itself.

#![expect(clippy::unwrap_used, reason = "a helper of a test may fail it")]

mod anthropic;
mod control;
mod faults;
mod openai;
mod vendors;

use bytes::Bytes;
use serde_json::Value;
use testkit::client::{Answer, Call};
use testkit::fake_provider::FakeProvider;

async fn fake() -> FakeProvider {
    FakeProvider::start().await.unwrap()
}

fn openai_call(fake: &FakeProvider, body: &Value) -> Call {
    Call::post(fake.address(), "/v1/chat/completions", body.to_string())
        .header("authorization", "Bearer k")
}

fn anthropic_call(fake: &FakeProvider, body: &Value) -> Call {
    Call::post(fake.address(), "/v1/messages", body.to_string())
        .header("x-api-key", "k")
        .header("anthropic-version", "2023-06-01")
}

async fn json(answer: Answer) -> Value {
    serde_json::from_slice(&answer.whole().await.unwrap()).unwrap()
}

/// The JSON of every `data:` line; `[DONE]` as a string.
fn events(body: &Bytes) -> Vec<Value> {
    let text = std::str::from_utf8(body).unwrap();
    text.lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .map(|data| serde_json::from_str(data).unwrap_or_else(|_| Value::from(data)))
        .collect()
}
