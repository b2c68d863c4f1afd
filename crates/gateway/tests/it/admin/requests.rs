//! `/admin/v1/requests`: filters, pages, following.

use crate::scene::{DOORS, Door, Scene, string_at};
use serde_json::{Value, json};

async fn list(scene: &Scene, query: &str) -> Vec<Value> {
    let path = format!("/admin/v1/requests?{query}");
    let page = scene.admin(200, "GET", &path, Value::Null).await;
    page["requests"].as_array().unwrap().clone()
}

/// Its client heard 200, and then a piece of an answer.
#[tokio::test]
async fn a_stream_that_broke_is_found_among_the_failed() {
    let scene = Scene::start().await;
    for scenario in ["text", "cut"] {
        let body = Door::Chat.body(&Door::Chat.native(scenario), "hi", true);
        scene.ask(Door::Chat, &body).await;
    }
    let found = list(&scene, "verdict=failed&status=2xx").await;
    let models: Vec<String> = found.iter().map(|one| string_at(one, "/model")).collect();
    assert_eq!(models, [Door::Chat.native("cut")]);
}

#[tokio::test]
async fn filters_choose() {
    let scene = Scene::start().await;
    for door in DOORS {
        for stream in [false, true] {
            scene
                .ask(door, &door.body(&door.native("text"), "hi", stream))
                .await;
        }
        scene
            .ask(door, &door.body("simulator/ecko", "hi", false))
            .await;
        scene
            .ask(door, &door.body(&door.native("error-500"), "hi", false))
            .await;
    }
    let all = list(&scene, "").await;
    assert_eq!(all.len(), 8);
    assert!(
        all.is_sorted_by(|one, next| one["id"].as_str() > next["id"].as_str()),
        "newest first"
    );
    let (key, project) = (string_at(&all[0], "/key"), string_at(&all[0], "/project"));
    for (query, expect) in [
        ("model=openai-first/fake-text".to_owned(), 2),
        ("model=openai-first%2Ffake-text&stream=true".to_owned(), 1),
        ("provider=anthropic-first".to_owned(), 3),
        ("stream=true".to_owned(), 2),
        ("stream=false".to_owned(), 6),
        ("status=2xx".to_owned(), 4),
        ("status=4xx".to_owned(), 2),
        ("status=5xx".to_owned(), 2),
        ("status=502".to_owned(), 2),
        ("status=404".to_owned(), 2),
        ("status=429".to_owned(), 0),
        ("verdict=served".to_owned(), 4),
        ("verdict=caller_fault".to_owned(), 2),
        ("verdict=failed".to_owned(), 2),
        ("verdict=rate_limited".to_owned(), 0),
        ("cost_least=0.000001&cost_most=1".to_owned(), 4),
        ("cost_least=1".to_owned(), 0),
        ("duration_least=0&duration_most=3600000".to_owned(), 8),
        ("duration_least=3600000".to_owned(), 0),
        ("first_token_least=0".to_owned(), 4),
        ("first_token_most=3600000&stream=true".to_owned(), 2),
        ("client_request_id=nobodys".to_owned(), 0),
        (format!("key={key}&project={project}"), 8),
        ("key=key_other".to_owned(), 0),
        (
            "since=2020-01-01T00:00:00Z&until=2099-01-01T00:00:00%2B01:00".to_owned(),
            8,
        ),
        ("until=2020-01-01T00:00:00Z".to_owned(), 0),
    ] {
        assert_eq!(list(&scene, &query).await.len(), expect, "{query}");
    }
    let get = |query: &str| format!("/admin/v1/requests?{query}");
    for (query, field) in [
        ("status=ok", json!("status")),
        ("status=700", json!("status")),
        ("cost_least=cheap", json!("cost_least")),
        ("since=yesterday", json!("since")),
        ("limit=0", json!("limit")),
        ("limit=1001", json!("limit")),
        ("before=nonsense", json!("before")),
        ("colour=red", json!("colour")),
    ] {
        scene
            .refused(
                400,
                "invalid_request",
                field,
                ("GET", &get(query), Value::Null),
            )
            .await;
    }
    scene
        .refused(
            404,
            "not_found",
            Value::Null,
            (
                "GET",
                "/admin/v1/requests/gen_01a1fc0612de7910bb3c325a9d16e8fe",
                Value::Null,
            ),
        )
        .await;
    scene
        .refused(
            400,
            "invalid_request",
            json!("id"),
            ("GET", "/admin/v1/requests/nonsense", Value::Null),
        )
        .await;
}

#[tokio::test]
async fn pages_join_without_gap_or_overlap() {
    let scene = Scene::start().await;
    let mut asked = Vec::new();
    for _ in 0..10 {
        asked.push(
            scene
                .ask(Door::Chat, &Door::Chat.body("simulator/echo", "hi", false))
                .await
                .id,
        );
    }
    // Within one millisecond ids are random, so that is the order.
    asked.sort_by(|one, other| other.cmp(one));
    for limit in [1, 3, 5, 10, 11] {
        let (mut seen, mut before) = (Vec::new(), String::new());
        loop {
            let page = scene
                .admin(
                    200,
                    "GET",
                    &format!("/admin/v1/requests?limit={limit}{before}"),
                    Value::Null,
                )
                .await;
            let requests = page["requests"].as_array().unwrap();
            seen.extend(requests.iter().map(|one| string_at(one, "/id")));
            match page["next_before"].as_str() {
                Some(next) => before = format!("&before={next}"),
                None => break,
            }
        }
        assert_eq!(seen, asked, "{limit} a page");
    }
}

#[tokio::test]
async fn a_follower_sees_each_once() {
    let scene = Scene::start().await;
    let ask = async || {
        scene
            .ask(Door::Chat, &Door::Chat.body("simulator/echo", "hi", false))
            .await
            .id
    };
    ask().await;
    let follow = async |cursor: &str| {
        let path = format!("/admin/v1/requests/follow{cursor}");
        let said = scene.admin(200, "GET", &path, Value::Null).await;
        let ids: Vec<String> = said["requests"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| string_at(one, "/id"))
            .collect();
        (ids, format!("?cursor={}", string_at(&said, "/cursor")))
    };
    let (none, mut cursor) = follow("").await;
    assert!(none.is_empty(), "following begins now");
    for count in [1, 3, 0, 2] {
        let mut made = Vec::new();
        for _ in 0..count {
            made.push(ask().await);
        }
        let (seen, next) = follow(&cursor).await;
        assert_eq!(seen, made);
        cursor = next;
    }
    scene
        .refused(
            400,
            "invalid_request",
            json!("cursor"),
            ("GET", "/admin/v1/requests/follow?cursor=x", Value::Null),
        )
        .await;
}
