//! Which offering is tried when: price, the client's order, fallback models, cool-downs, `Retry-After`; and the headers
//! that tell.

use crate::scene::{DOORS, Door, Scene, Whole, string_at, usd};
use serde_json::{Value, json};
use testkit::fake_provider::Behaviour;

fn providers(record: &Value) -> Vec<&str> {
    let attempts = record["attempts"].as_array().unwrap().iter();
    attempts
        .map(|attempt| attempt["provider"].as_str().unwrap())
        .collect()
}

/// Asks with more members in the body, and gives the answer and its record.
async fn ask(scene: &Scene, door: Door, model: &str, more: Value) -> (Whole, Value) {
    let mut body = door.body(model, "hi", false);
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    let got = scene.ask(door, &body).await;
    let record = scene.record(&got.id).await;
    (got, record)
}

#[tokio::test]
async fn the_order_of_tries() {
    let scene = Scene::start().await;
    // Model, controls, who is tried (the last one answers).
    let cases = [
        ("team/fake-text", json!({}), vec!["openai-first"]),
        (
            "team/fake-text",
            json!({"provider": {"order": ["openai-second"]}}),
            vec!["openai-second"],
        ),
        (
            "team/fake-text",
            json!({"provider": {"only": ["openai-second"]}}),
            vec!["openai-second"],
        ),
        (
            "team/fake-text",
            json!({"provider": {"ignore": ["openai-first"]}}),
            vec!["openai-second"],
        ),
        (
            "openai-second/team/fake-text",
            json!({}),
            vec!["openai-second"],
        ),
        ("team/fake-text:floor", json!({}), vec!["openai-first"]),
        // Fails at both, then the client's other models, in its order.
        (
            "team/fake-error-500",
            json!({"models": ["openai-second/fake-error-503", "crew/fake-text"]}),
            vec![
                "openai-first",
                "openai-second",
                "openai-second",
                "anthropic-first",
            ],
        ),
        (
            "team/fake-html-502",
            json!({"provider": {"order": ["openai-second"]}, "models": ["mixed/fake-text"]}),
            vec!["openai-second", "openai-first", "openai-first"],
        ),
        (
            "openai-first/fake-empty",
            json!({"models": ["openai-first/fake-empty", "anthropic-first/fake-text"]}),
            vec!["openai-first", "anthropic-first"],
        ),
    ];
    for door in DOORS {
        for (model, controls, expect) in &cases {
            // Fresh cool-downs: a gateway of its own would do the same, slower.
            let (got, record) = ask(&scene, door, model, controls.clone()).await;
            let case = format!("{door:?} {model} {controls}\n{record}");
            assert_eq!(got.status, 200, "{case}");
            if door == Door::Chat {
                assert_eq!(&providers(&record), expect, "{case}");
            }
            assert_eq!(
                got.header("x-tollgate-provider"),
                *expect.last().unwrap(),
                "{case}"
            );
            assert_eq!(
                got.header("x-tollgate-provider"),
                record["provider"],
                "{case}"
            );
            assert_eq!(got.header("x-tollgate-model"), record["model"], "{case}");
            let attempts = record["attempts"].as_array().unwrap().len();
            assert_eq!(
                got.header("x-tollgate-attempts"),
                attempts.to_string(),
                "{case}"
            );
            assert_eq!(
                got.header("x-tollgate-cost-usd"),
                record["cost_usd"],
                "{case}"
            );
            assert_eq!(got.id, record["id"], "{case}");
        }
    }
}

/// A client that allows no fallback hears the first one's failure.
#[tokio::test]
async fn without_fallbacks_the_first_is_the_last() {
    let scene = Scene::start().await;
    for door in DOORS {
        let controls = json!({"provider": {"allow_fallbacks": false}});
        let model = door.shared("error-503");
        scene.second.script(&model, [Behaviour::of("text")]);
        let (got, record) = ask(&scene, door, &model, controls).await;
        assert_eq!(got.status, if door == Door::Chat { 503 } else { 529 });
        assert!(
            providers(&record).iter().all(|one| one.ends_with("-first")),
            "{record}"
        );
        assert_eq!(record["excluded"][0]["reason"], "fallbacks_off", "{record}");
        assert_eq!(record["cost_usd"], "0");
    }
    assert!(scene.second.requests().is_empty());
}

/// When nobody answers, the error says who was tried and how each failed, and so do the headers of an answer.
#[tokio::test]
async fn when_all_fail_the_client_hears_who_was_tried() {
    let scene = Scene::start().await;
    for door in DOORS {
        let model = door.shared("error-500");
        let (got, record) = ask(&scene, door, &model, json!({})).await;
        let tried: Vec<String> = providers(&record)
            .iter()
            .map(|one| format!("{one} (server_error)"))
            .collect();
        assert_eq!(tried.len(), 2, "{record}");
        let message = string_at(&got.json(), "/error/message");
        let expect = format!("Tried: {}.", tried.join(", "));
        assert!(message.ends_with(&expect), "{message}");
        assert_eq!(got.header("x-tollgate-attempts"), "2");
        assert_eq!(got.header("x-tollgate-provider"), providers(&record)[1]);
        assert_eq!(got.header("x-tollgate-model"), model);
    }
}

/// A throttle is waited for as long as the provider asks, and goes to the client with the same `Retry-After`; then the
/// offering is left alone, which the next request shows.
#[tokio::test]
async fn a_throttle_cools_and_tells_when_to_come_back() {
    let scene = Scene::start().await;
    for door in DOORS {
        let (got, record) = ask(&scene, door, &door.native("error-429"), json!({})).await;
        assert_eq!((got.status, got.header("retry-after")), (429, "7"));
        assert_eq!(record["attempts"][0]["outcome"], "rate_limited");
        assert_eq!(record["cost_usd"], "0");
        let model = door.shared("count");
        let throttle = Behaviour {
            retry_after: Some(60),
            ..Behaviour::of("error-429")
        };
        scene.first.script(&model, [throttle]);
        let (got, record) = ask(&scene, door, &model, json!({})).await;
        assert_eq!(
            (got.status, record["attempts"].as_array().unwrap().len()),
            (200, 2)
        );
        // 21 tokens in and 20 out at the second fake's prices.
        assert_eq!(record["cost_usd"], usd(3 * 21 + 6 * 20));
        let (_, record) = ask(&scene, door, &model, json!({})).await;
        assert_eq!(
            providers(&record).len(),
            1,
            "the throttled one is left alone: {record}"
        );
        assert!(providers(&record)[0].ends_with("-second"));
    }
}

/// After two failures in a row an offering is tried last; nobody waits for it, and it still serves when it is all there is.
#[tokio::test]
async fn what_fails_twice_is_tried_last() {
    let scene = Scene::start().await;
    for door in DOORS {
        let model = door.shared("count");
        scene.first.script(
            &model,
            [Behaviour::of("error-500"), Behaviour::of("error-500")],
        );
        for expect in [2, 2, 1] {
            let (got, record) = ask(&scene, door, &model, json!({})).await;
            assert_eq!(
                (got.status, providers(&record).len()),
                (200, expect),
                "{record}"
            );
        }
        let only = json!({"provider": {"ignore": ["openai-second", "anthropic-second"]}});
        let (got, record) = ask(&scene, door, &model, only).await;
        assert_eq!((got.status, providers(&record).len()), (200, 1), "{record}");
        assert!(providers(&record)[0].ends_with("-first"));
    }
}

/// The only offering is tried a second time after a short pause, and no third time.
#[tokio::test]
async fn the_only_offering_gets_a_second_chance() {
    let scene = Scene::start().await;
    for door in DOORS {
        for stream in [false, true] {
            let model = door.native("count");
            scene
                .first
                .script("fake-count", [Behaviour::of("error-503")]);
            let got = scene
                .ask(door, &door.body(&model, "[[tokens=3]]", stream))
                .await;
            assert_eq!(got.status, 200);
            let record = scene.record(&got.id).await;
            assert_eq!(providers(&record).len(), 2, "{record}");
            // Reported for one call only, and the failed one cost nothing.
            assert_eq!(record["cost_usd"], usd(21 + 6));
        }
        let (got, record) = ask(&scene, door, &door.native("error-500"), json!({})).await;
        assert_eq!((got.status, providers(&record).len()), (502, 2), "{record}");
    }
}

/// What a translation cannot carry is told in a header and in the record.
#[tokio::test]
async fn losses_are_told() {
    let scene = Scene::start().await;
    let more = json!({"seed": 7, "logit_bias": {"5": 1}});
    let (got, record) = ask(&scene, Door::Chat, "anthropic-first/fake-text", more).await;
    assert_eq!(got.status, 200);
    let lost: Vec<&str> = record["lost"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["field"].as_str().unwrap())
        .collect();
    assert!(
        lost.contains(&"seed") && lost.contains(&"logit_bias"),
        "{record}"
    );
    for field in lost {
        assert!(
            got.header("x-tollgate-lost").contains(field),
            "{}",
            got.header("x-tollgate-lost")
        );
    }
    let (got, record) = ask(
        &scene,
        Door::Chat,
        "openai-first/fake-text",
        json!({"seed": 7}),
    )
    .await;
    assert_eq!(
        (got.header("x-tollgate-lost"), &record["lost"]),
        ("", &json!([]))
    );
}
