//! `/admin/v1/requests/tail`: records as they arrive.

use crate::scene::{ADMIN, Door, SOON, Scene, Stream, frames};
use serde_json::{Value, json};
use testkit::client::Call;

async fn listen(scene: &Scene, query: &str) -> Stream {
    let path = format!("/admin/v1/requests/tail{query}");
    let call = Call::get(scene.gateway.address(), path);
    Stream::open(call.header("authorization", format!("Bearer {ADMIN}"))).await
}

fn records(seen: &[u8]) -> Vec<Value> {
    let whole = seen
        .windows(2)
        .rposition(|two| two == b"\n\n")
        .map_or(0, |end| end + 2);
    frames(&seen[..whole])
        .iter()
        .filter(|frame| frame.event == "record")
        .map(|frame| frame.json())
        .collect()
}

#[tokio::test]
async fn a_listener_hears_what_matches_from_now_on() {
    let scene = Scene::start().await;
    let body =
        |scenario: &str| Door::Chat.body(&format!("openai-first/fake-{scenario}"), "hi", false);
    scene.ask(Door::Chat, &body("text")).await;
    scene.gateway.records().await.unwrap();
    let mut all = listen(&scene, "").await;
    let mut failed = listen(&scene, "?status=5xx").await;
    let served = scene.ask(Door::Chat, &body("text")).await;
    let broken = scene.ask(Door::Chat, &body("error-500")).await;
    all.until(|seen| records(seen).len() == 2).await;
    failed.until(|seen| records(seen).len() == 1).await;
    let ids = |seen: &[u8]| {
        records(seen)
            .iter()
            .map(|one| one["id"].clone())
            .collect::<Vec<_>>()
    };
    all.until(|seen| ids(seen) == [json!(served.id), json!(broken.id)])
        .await;
    failed.until(|seen| ids(seen) == [json!(broken.id)]).await;
}

#[tokio::test]
async fn listeners_do_not_hold_up_the_end_of_the_program() {
    let mut scene = Scene::start().await;
    let listener = listen(&scene, "").await;
    let begun = std::time::Instant::now();
    assert!(scene.gateway.terminate(SOON).await.unwrap());
    assert!(
        begun.elapsed() < std::time::Duration::from_secs(10),
        "{:?}",
        begun.elapsed()
    );
    assert!(records(&listener.rest().await).is_empty());
}

#[tokio::test]
async fn not_too_many_listen_at_once() {
    let scene = Scene::start().await;
    let mut listeners = Vec::new();
    for _ in 0..20 {
        listeners.push(listen(&scene, "").await);
    }
    let ask = ("GET", "/admin/v1/requests/tail", Value::Null);
    scene
        .refused(429, "too_many_listeners", Value::Null, ask)
        .await;
    drop(listeners);
    let begun = std::time::Instant::now();
    loop {
        let call = Call::get(scene.gateway.address(), "/admin/v1/requests/tail");
        let answer = call
            .header("authorization", format!("Bearer {ADMIN}"))
            .send()
            .await
            .unwrap();
        if answer.status == 200 {
            break;
        }
        assert!(
            begun.elapsed() < SOON,
            "a place is free again once a listener has gone"
        );
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}
