//! The program as a process that is asked to stop. What happens when it is killed stands in `kill`.

use crate::scene::{Door, SOON, Scene, Stream, frames, price};
use serde_json::{Value, json};
use testkit::client::Call;
use testkit::fake_provider::End;

/// SIGTERM: no new connection, but what runs may end; the record is complete and survives.
#[tokio::test]
async fn a_shutdown_lets_streams_end() {
    let mut scene = Scene::start().await;
    let body = Door::Chat
        .body("openai-first/fake-gate", "[[gate=g tokens=5]]", true)
        .to_string();
    let mut stream = Stream::open(scene.call(Door::Chat, body)).await;
    stream.words(Door::Chat, 1).await;
    let id = stream.header("x-request-id");
    let address = scene.gateway.address();
    let end = async {
        while Call::get(address, "/healthz").send().await.is_ok() {}
        scene.first.release("g", 4);
        stream.rest().await
    };
    let (stopped, all) = tokio::join!(scene.gateway.terminate(SOON), end);
    assert!(stopped.unwrap(), "the exit status says success");
    assert!(Door::Chat.is_complete(&frames(&all)));
    scene.gateway.restart().await.unwrap();
    let record = scene.record(&id).await;
    assert_eq!(
        (&record["estimate"], &record["interrupted"]),
        (&json!(false), &json!(false))
    );
    assert_eq!(
        (&record["usage"]["output"], &record["error"]),
        (&json!(5), &Value::Null)
    );
}

/// A stream that does not end within the grace period is closed, and its record says what was used.
#[tokio::test]
async fn a_shutdown_waits_no_longer_than_the_grace_period() {
    let mut scene = Scene::with("[server]\nshutdown_grace_seconds = 1\n").await;
    let body = Door::Messages.body("anthropic-first/fake-gate", "[[gate=g tokens=50]]", true);
    let mut stream = Stream::open(scene.call(Door::Messages, body.to_string())).await;
    scene.first.release("g", 19);
    stream.words(Door::Messages, 20).await;
    let id = stream.header("x-request-id");
    assert!(scene.gateway.terminate(SOON).await.unwrap());
    let left = scene.first.wait(SOON, |all| {
        let end = all.first()?.end;
        (end != End::Open).then_some(end)
    });
    assert_eq!(left.await.unwrap(), End::HungUp);
    scene.gateway.restart().await.unwrap();
    let record = scene.record(&id).await;
    assert_eq!(record["estimate"], true, "{record}");
    assert_eq!(
        record["interrupted"], true,
        "it was not the client who left: {record}"
    );
    assert_eq!(record["error"]["code"], "interrupted");
    let output = record["usage"]["output"].as_u64().unwrap();
    assert!((10..40).contains(&output), "20 tokens came: {record}");
    assert_eq!(record["cost_usd"], price(&record["usage"]));
}
