//! Clients and providers that do what none should: whatever they send, there is one record, of bounded size, and no
//! secret leaves.

use crate::scene::{Door, Scene, admin, call_with, string_at, whole};
use serde_json::{Map, Value, json};
use testkit::fake_provider::Behaviour;

/// A record of a name of megabytes did not fit the journal, and was lost.
#[tokio::test]
async fn a_model_name_of_megabytes_has_a_record() {
    let scene = Scene::start().await;
    let body = Door::Chat.body(&"x/".repeat(5_000_000), "hi", false);
    let answer = scene.ask(Door::Chat, &body).await;
    assert_eq!(answer.status, 404);
    assert!(answer.bytes.len() < 1_000, "{}", answer.bytes.len());
    let record = scene.record(&answer.id).await;
    assert_eq!(record["status"], 404);
    assert!(record.to_string().len() < 4_000);
}

/// A long conversation with marks that the provider does not know made a head of megabytes, which clients refuse.
#[tokio::test]
async fn losses_without_number_fit_into_head_and_record() {
    let scene = Scene::start().await;
    let part = json!({"type": "text", "text": "a", "cache_control": {"type": "ephemeral"}});
    let mut body = Door::Messages.body("openai-first/fake-text", "hi", false);
    body["messages"][0]["content"] = Value::Array(vec![part; 20_000]);
    let long: Map<String, Value> = [("z".repeat(100_000), json!(1)), ("é".to_owned(), json!(1))]
        .into_iter()
        .collect();
    body.as_object_mut().unwrap().extend(long);
    let answer = scene.ask(Door::Messages, &body).await;
    assert_eq!(answer.status, 200, "{}", answer.json());
    let lost = answer.header("x-tollgate-lost");
    assert!((100..3_000).contains(&lost.len()), "{}", lost.len());
    let record = scene.record(&answer.id).await;
    // 64 of each way, and how many more there were.
    assert!(record["lost"].as_array().unwrap().len() <= 130);
    assert!(record.to_string().len() < 16_000);
    assert_eq!(string_at(&record, "/attempts/0/outcome"), "ok");
}

/// A provider that repeats the operator's key in its complaint told it to every client, and every record.
#[tokio::test]
async fn a_provider_that_repeats_its_key_tells_nobody() {
    let scene = Scene::start().await;
    for (scenario, status) in [("error-400", 400), ("error-401", 502)] {
        let behaviour = Behaviour {
            text: Some("Incorrect API key provided: fake-key.".to_owned()),
            ..Behaviour::of(scenario)
        };
        let model = format!("fake-{scenario}");
        scene.first.script(&model, [behaviour]);
        let body = Door::Chat.body(&Door::Chat.native(scenario), "hi", false);
        let answer = scene.ask(Door::Chat, &body).await;
        assert_eq!(answer.status, status);
        let record = scene.record(&answer.id).await;
        let message = string_at(&record, "/attempts/0/message");
        assert_eq!(message, "Incorrect API key provided: ….");
        let heard = String::from_utf8_lossy(&answer.bytes).into_owned();
        for text in [heard, record.to_string(), scene.gateway.log()] {
            assert!(!text.contains("fake-key"), "{text}");
        }
    }
}

/// Usage that cannot be true (nothing, less than nothing, more than the world's) made an answer free, or millions dear.
#[tokio::test]
async fn usage_that_cannot_be_true_is_estimated() {
    let scene = Scene::start().await;
    for count in ["0", "-5", "18446744073709551615"] {
        let text = format!(
            r#"{{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{{"index":0,"message":{{"role":"assistant","content":"Some words."}},"finish_reason":"stop"}}],"usage":{{"prompt_tokens":{count},"completion_tokens":{count},"total_tokens":{count}}}}}"#
        );
        let behaviour = Behaviour {
            text: Some(text),
            ..Behaviour::of("raw")
        };
        scene.first.script("fake-raw", [behaviour]);
        let body = Door::Chat.body(&Door::Chat.native("raw"), "hi", false);
        let answer = scene.ask(Door::Chat, &body).await;
        assert_eq!(answer.status, 200);
        let record = scene.record(&answer.id).await;
        assert_eq!(record["estimate"], true, "{count}");
        for kind in ["input", "output"] {
            let tokens = record["usage"][kind].as_u64().unwrap();
            assert!((1..200).contains(&tokens), "{count}: {tokens} of {kind}");
        }
    }
}

/// A change of a key that was slower than its revocation brought the key back to life until the next start.
#[tokio::test]
async fn a_revoked_key_stays_revoked_whatever_else_changes_it() {
    let scene = Scene::start().await;
    let gateway = &scene.gateway;
    for at in 0..20 {
        let name = format!("k{at}");
        let new = json!({"project": "p", "name": name});
        let (_, made) = admin(gateway, "POST", "/admin/v1/keys", new).await;
        let path = format!("/admin/v1/keys/{}", string_at(&made, "/id"));
        let renamed = || {
            admin(
                gateway,
                "PATCH",
                &path,
                json!({"name": format!("{name}-new")}),
            )
        };
        let revoked = admin(gateway, "DELETE", &path, Value::Null);
        let (first, (status, _), last) = tokio::join!(renamed(), revoked, renamed());
        assert_eq!((first.0, status, last.0), (200, 200, 200));
        let body = Door::Chat.body(&Door::Chat.native("text"), "hi", false);
        let key = string_at(&made, "/key");
        let answer = whole(call_with(
            gateway.address(),
            Door::Chat,
            &key,
            body.to_string(),
        ))
        .await;
        assert_eq!(answer.status, 401, "{}", answer.json());
    }
}
