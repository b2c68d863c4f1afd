//! The program as a process: killed at any moment and started again, or asked to stop.

use serde_json::{Value, json};
use std::time::Duration;
use testkit::fake_provider::{End, FakeProvider};
use testkit::gateway::{ModelEntry, ProviderEntry, Setup, TestGateway};

const SOON: Duration = Duration::from_secs(10);

async fn started() -> (FakeProvider, TestGateway) {
    let fake = FakeProvider::start().await.unwrap();
    let provider = ProviderEntry {
        id: "acme".to_owned(),
        base_url: format!("{}/v1", fake.url()),
        speaks: "openai_chat".to_owned(),
        models: vec![
            ModelEntry::priced("fake-gate"),
            ModelEntry::priced("fake-text"),
        ],
    };
    let setup = Setup {
        program: env!("CARGO_BIN_EXE_tollgate").into(),
        providers: vec![provider],
        config: String::new(),
        env: Vec::new(),
    };
    let gateway = TestGateway::start(setup).await.unwrap();
    (fake, gateway)
}

fn gated(id: &str, tokens: usize) -> Value {
    let prompt = format!("[[id={id} gate={id} tokens={tokens}]] Go on.");
    json!({"model": "acme/fake-gate", "stream": true, "messages": [{"role": "user", "content": prompt}]})
}

/// Killed in mid-stream, the exchange has one record after the next start, marked as interrupted and not free.
#[tokio::test]
async fn a_killed_exchange_has_one_record() {
    let (fake, mut gateway) = started().await;
    let call = gateway.call("/v1/chat/completions", &gated("k", 5));
    let mut answer = call.send().await.unwrap();
    let id = answer.header("x-request-id").to_owned();
    answer.chunk().await.unwrap();
    gateway.kill().unwrap();
    let left = fake.wait(SOON, |all| {
        let of_us = all.iter().find(|one| one.id.as_deref() == Some("k"))?;
        (of_us.end == End::HungUp).then_some(of_us.chunks_sent)
    });
    assert_eq!(left.await.unwrap(), 1);

    gateway.restart().await.unwrap();
    let records = gateway.wait_for_records(1, SOON).await.unwrap();
    assert_eq!(records.len(), 1, "{records:?}");
    assert_eq!(records[0]["id"], id);
    assert_eq!(records[0]["interrupted"], true);
    assert_eq!(records[0]["estimate"], true);
    assert_ne!(records[0]["cost_usd"], "0");

    let whole = json!({"model": "acme/fake-text", "messages": [{"role": "user", "content": "hi"}]});
    let call = gateway.call("/v1/chat/completions", &whole);
    assert_eq!(
        call.send().await.unwrap().status,
        200,
        "the key is still good"
    );
    assert_eq!(gateway.wait_for_records(2, SOON).await.unwrap().len(), 2);
}

/// Asked to stop, it lets a running stream end first.
#[tokio::test]
async fn a_stream_is_drained() {
    let (fake, mut gateway) = started().await;
    let call = gateway.call("/v1/chat/completions", &gated("d", 2));
    let mut answer = call.send().await.unwrap();
    let first = answer.chunk().await.unwrap().unwrap();
    assert!(String::from_utf8_lossy(&first).contains(" the"));
    let rest = tokio::spawn(answer.whole());
    let release = async {
        // Released only after the signal is out, so that the stream is open while the server shuts down.
        tokio::time::sleep(Duration::from_millis(200)).await;
        fake.release("d", 1);
    };
    let (stopped, ()) = tokio::join!(gateway.terminate(SOON), release);
    assert!(stopped.unwrap(), "{}", gateway.log());
    let rest = rest.await.unwrap().unwrap();
    assert!(String::from_utf8_lossy(&rest).ends_with("data: [DONE]\n\n"));
    let records = gateway.records().await.unwrap();
    assert_eq!(records.len(), 1);
    assert_eq!(records[0]["interrupted"], false);
    assert_eq!(records[0]["usage"]["output"], 2);
}
