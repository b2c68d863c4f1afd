//! Scripts, gates, records, counters: by the Rust API and by the control endpoints.

use crate::{anthropic_call, fake, json, openai_call};
use serde_json::{Value, json};
use std::time::Duration;
use testkit::client::Call;
use testkit::fake_provider::{Behaviour, End, FakeProvider};

const SOON: Duration = Duration::from_secs(5);

async fn control(fake: &FakeProvider, path: &str, body: Value) -> Value {
    let answer = Call::post(fake.address(), path, body.to_string())
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status, 200, "{path}");
    json(answer).await
}

#[tokio::test]
async fn a_gated_stream_sends_a_chunk_per_release() {
    let fake = fake().await;
    let body = json!({
        "model": "fake-gate", "stream": true,
        "messages": [{"role": "user", "content": "[[id=r1 gate=mine]] hi"}],
    });
    let mut answer = openai_call(&fake, &body).send().await.unwrap();
    let mut seen = String::new();
    for (count, word) in [" the", " river", " was"].iter().enumerate() {
        let wait = json!({"id": "r1", "chunks": count + 1});
        let at = control(&fake, "/_fake/wait", wait).await;
        assert_eq!(at["chunks_sent"], count + 1, "no chunk before its release");
        while !seen.contains(word) {
            seen.push_str(std::str::from_utf8(&answer.chunk().await.unwrap().unwrap()).unwrap());
        }
        let released = control(&fake, "/_fake/release", json!({"gate": "mine"})).await;
        assert!(released["order"].as_u64() > at["last_chunk_at"].as_u64());
    }
    answer.whole().await.unwrap();
    let ended = control(&fake, "/_fake/wait", json!({"id": "r1", "ended": true})).await;
    assert_eq!(ended["end"], "finished");
}

#[tokio::test]
async fn a_script_comes_before_the_name() {
    let fake = fake().await;
    fake.script("fake-text", [Behaviour::of("error-500")]);
    let script = json!({"model": "fake-text", "behaviours": [{"scenario": "count", "tokens": 3}]});
    control(&fake, "/_fake/script", script).await;
    let body = json!({"model": "fake-text", "messages": [{"role": "user", "content": "hi"}]});
    let mut seen = Vec::new();
    for _ in 0..3 {
        let answer = openai_call(&fake, &body).send().await.unwrap();
        seen.push((
            answer.status.as_u16(),
            json(answer).await["usage"]["completion_tokens"].clone(),
        ));
    }
    assert_eq!(seen, [(500, Value::Null), (200, json!(3)), (200, json!(7))]);
}

#[tokio::test]
async fn bytes_are_recorded_as_they_came() {
    let fake = fake().await;
    let body = "{ \"messages\":[{\"role\":\"user\",\"content\":\"gr\\u00fc\\u00dfe\"}],\n\"model\" :\"fake-text\",\"new\":1.0}";
    let call = Call::post(fake.address(), "/v1/chat/completions", body);
    let call = call
        .header("authorization", "Bearer k")
        .header("x-odd", "1");
    call.send().await.unwrap().whole().await.unwrap();
    let list = json(
        Call::get(fake.address(), "/_fake/requests?model=fake-text")
            .send()
            .await
            .unwrap(),
    )
    .await;
    assert_eq!(list[0]["body"], body);
    assert_eq!(list[0]["unknown_fields"], json!(["new"]));
    assert!(
        list[0]["headers"]
            .as_array()
            .unwrap()
            .contains(&json!(["x-odd", "1"]))
    );
}

#[tokio::test]
async fn tokens_are_counted_by_id() {
    let fake = fake().await;
    for (stream, tokens) in [(false, 50), (true, 30)] {
        let body = json!({
            "model": "fake-count", "max_tokens": 1000, "stream": stream, "metadata": {"user_id": "u"},
            "messages": [{"role": "user", "content": format!("[[tokens={tokens} input=9]] go")}],
        });
        anthropic_call(&fake, &body)
            .send()
            .await
            .unwrap()
            .whole()
            .await
            .unwrap();
    }
    let bounded = json!({
        "model": "fake-count", "max_completion_tokens": 4, "user": "v",
        "messages": [{"role": "user", "content": "[[tokens=90]] go"}],
    });
    let answer = json(openai_call(&fake, &bounded).send().await.unwrap()).await;
    assert_eq!(answer["choices"][0]["finish_reason"], "length");
    let counters = fake.counters();
    let u = counters["u"];
    assert_eq!(
        (
            u.requests,
            u.tokens_sent,
            u.reported,
            u.usage.input,
            u.usage.output
        ),
        (2, 80, 2, 18, 80)
    );
    assert_eq!(counters["v"].usage.output, 4);
    let over_http = json(
        Call::get(fake.address(), "/_fake/counters")
            .send()
            .await
            .unwrap(),
    )
    .await;
    assert_eq!(over_http["u"]["tokens_sent"], 80);
}

#[tokio::test]
async fn a_burst_is_one_piece() {
    let fake = fake().await;
    let body = json!({"model": "fake-burst", "stream": true, "messages": [{"role": "user", "content": "hi"}]});
    let mut answer = openai_call(&fake, &body).send().await.unwrap();
    let first = answer.chunk().await.unwrap().unwrap();
    let chunks = std::str::from_utf8(&first)
        .unwrap()
        .matches("\"content\":\" ")
        .count();
    assert!(chunks > 10, "{chunks} chunks in the first read");
    answer.whole().await.unwrap();
    let request = &fake.requests()[0];
    assert_eq!((request.chunks_sent, request.tokens_sent), (100, 100));
}

#[tokio::test]
async fn a_gated_whole_answer_can_be_hung_up_on() {
    let fake = fake().await;
    let body = json!({"model": "fake-gate", "messages": [{"role": "user", "content": "hi"}]});
    let call = openai_call(&fake, &body);
    let waiting = tokio::spawn(call.send());
    fake.wait(SOON, |all| (!all.is_empty()).then_some(()))
        .await
        .unwrap();
    waiting.abort();
    let gone = fake.wait(SOON, |all| {
        all.iter().find(|one| one.end == End::HungUp).cloned()
    });
    assert_eq!(gone.await.unwrap().tokens_sent, 0);
}

#[tokio::test]
async fn control_mistakes_are_named() {
    let fake = fake().await;
    let script = json!({"model": "m", "behaviours": [{"scenari": "text"}]});
    let answer = Call::post(fake.address(), "/_fake/script", script.to_string())
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status, 400);
    assert!(
        json(answer).await["error"]
            .as_str()
            .unwrap()
            .contains("scenari")
    );
    let wait = json!({"id": "nobody", "timeout_ms": 20});
    let answer = Call::post(fake.address(), "/_fake/wait", wait.to_string())
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status, 408);
    assert_eq!(
        Call::get(fake.address(), "/_fake/nothing")
            .send()
            .await
            .unwrap()
            .status,
        404
    );
}
