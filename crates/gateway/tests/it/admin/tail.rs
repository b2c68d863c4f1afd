//! `/admin/v1/requests/tail`: records as they arrive.

use super::session::{OURS, ask, owner};
use crate::scene::{ADMIN, Door, SOON, Scene, Stream, frames, string_at};
use serde_json::{Value, json};
use testkit::client::Call;

async fn listen(scene: &Scene, query: &str) -> Stream {
    listen_as(scene, query, ("authorization", format!("Bearer {ADMIN}"))).await
}

async fn listen_as(scene: &Scene, query: &str, (name, value): (&str, String)) -> Stream {
    let path = format!("/admin/v1/requests/tail{query}");
    let call = Call::get(scene.gateway.address(), path);
    Stream::open(call.header(name, value)).await
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

/// What opened the tail is looked at again before each record: after a log-out, and after a token is deleted.
#[tokio::test]
async fn a_listener_hears_nothing_after_its_log_out() {
    let scene = Scene::start().await;
    let cookie = owner(&scene).await;
    let token = json!({"name": "listener"});
    let token = scene
        .admin(201, "POST", "/admin/v1/management-tokens", token)
        .await;
    let bearer = format!("Bearer {}", string_at(&token, "/token"));
    let person = listen_as(&scene, "", ("cookie", cookie.clone())).await;
    let program = listen_as(&scene, "", ("authorization", bearer)).await;
    let headers = [OURS, ("cookie", cookie.as_str())];
    let out = ask(&scene, "DELETE", "/admin/v1/session", Value::Null, &headers).await;
    assert_eq!(out.status, 204);
    let path = format!("/admin/v1/management-tokens/{}", string_at(&token, "/id"));
    scene.admin(204, "DELETE", &path, Value::Null).await;
    let body = Door::Chat.body("openai-first/fake-text", "hi", false);
    scene.ask(Door::Chat, &body).await;
    for listener in [person, program] {
        let heard = tokio::time::timeout(SOON, listener.rest()).await;
        assert!(records(&heard.expect("the stream ends")).is_empty());
    }
}

/// More arrives than is written at once, and hardly anything of it matches.
#[tokio::test]
async fn a_listener_to_something_rare_misses_nothing_in_a_burst() {
    let scene = Scene::start().await;
    let mut rare = listen(&scene, "?model=openai-first/fake-text").await;
    let refused = Door::Chat.body("nobody/nothing", "hi", false);
    let served = Door::Chat.body("openai-first/fake-text", "hi", false);
    for _ in 0..3 {
        let lane = async || {
            for _ in 0..50 {
                scene.ask(Door::Chat, &refused).await;
            }
        };
        tokio::join!(
            lane(),
            lane(),
            lane(),
            lane(),
            lane(),
            lane(),
            lane(),
            lane()
        );
        scene.ask(Door::Chat, &served).await;
    }
    rare.until(|seen| records(seen).len() == 3).await;
    rare.until(|seen| !String::from_utf8_lossy(seen).contains("lag"))
        .await;
}

#[tokio::test]
async fn the_tail_is_neither_kept_nor_held_back_on_its_way() {
    let scene = Scene::start().await;
    let call = Call::get(scene.gateway.address(), "/admin/v1/requests/tail");
    let call = call.header("authorization", format!("Bearer {ADMIN}"));
    let answer = call.send().await.unwrap();
    for (name, value) in [
        ("cache-control", "no-store"),
        ("x-accel-buffering", "no"),
        ("x-content-type-options", "nosniff"),
    ] {
        assert_eq!(answer.header(name), value, "{name}");
    }
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
