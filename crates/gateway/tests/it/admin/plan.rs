//! `/admin/v1/plan`: who would serve a request, without asking anybody.

use crate::scene::Scene;
use serde_json::{Value, json};

async fn plan(scene: &Scene, asked: Value) -> Value {
    scene.admin(200, "POST", "/admin/v1/plan", asked).await
}

fn chat(model: &str) -> Value {
    json!({"model": model, "stream": true, "messages": [{"role": "user", "content": "hi"}]})
}

#[tokio::test]
async fn the_plan_is_explained_and_nobody_is_called() {
    let scene = Scene::start().await;
    let planned = plan(&scene, json!({"body": chat("team/fake-text")})).await;
    let steps: Vec<(&str, &str, bool)> = planned["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| {
            let text = |name: &str| step[name].as_str().unwrap();
            (
                text("provider"),
                text("why"),
                step["native"].as_bool().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        steps,
        [
            ("openai-first", "price", true),
            ("openai-second", "price", true)
        ]
    );
    assert!(planned["steps"][0]["estimate_usd"].is_string());
    assert_eq!(
        (&planned["stream"], &planned["operation"]),
        (&json!(true), &json!("chat"))
    );
    assert_eq!(planned["rejection"], Value::Null);

    let team = json!([{"name": "team/fake-text", "model": "team/fake-text", "only_provider": null, "only_free": false}]);
    assert_eq!(planned["understood"], team);
    let mut two = chat("openai-second/team/fake-text");
    two["models"] = json!(["Team/Fake Text"]);
    let planned = plan(&scene, json!({"body": two})).await;
    let understood = &planned["understood"];
    assert_eq!(understood[0]["only_provider"], "openai-second");
    assert_eq!(understood[1]["model"], "team/fake-text");

    let mut ordered = chat("team/fake-text");
    ordered["provider"] = json!({"order": ["openai-second"], "allow_fallbacks": false});
    let planned = plan(&scene, json!({"body": ordered})).await;
    assert_eq!(planned["steps"][0]["why"], "ordered");
    assert_eq!(planned["excluded"][0]["reason"], "fallbacks_off");

    let mut body = chat("team/fake-text");
    body["max_tokens"] = json!(5);
    let messages = json!({"path": "/v1/messages", "body": body});
    assert_eq!(plan(&scene, messages).await["steps"][0]["native"], false);

    let unknown = plan(&scene, json!({"body": chat("team/fake-txet")})).await;
    assert_eq!(unknown["rejection"]["code"], "model_not_found");
    assert_eq!(unknown["steps"], json!([]));
    let off = plan(&scene, json!({"body": chat("openai/gpt-4o-mini")})).await;
    assert_eq!(off["rejection"]["code"], "model_not_available");
    assert!(
        off["excluded"]
            .as_array()
            .unwrap()
            .iter()
            .any(|one| one["provider"] == "openai")
    );

    assert!(scene.first.requests().is_empty() && scene.second.requests().is_empty());
    assert!(scene.gateway.records().await.unwrap().is_empty());
}

#[tokio::test]
async fn what_cannot_be_planned_names_the_field() {
    let scene = Scene::start().await;
    for (asked, field) in [
        (json!({"path": "/v1/nothing", "body": {}}), "path"),
        (
            json!({"path": "/v1/responses/x/cancel", "body": {}}),
            "path",
        ),
        (json!({"body": {"model": 5}}), "body"),
        (json!({"body": chat("m"), "project": "proj_x"}), "project"),
    ] {
        let ask = ("POST", "/admin/v1/plan", asked);
        scene
            .refused(400, "invalid_request", json!(field), ask)
            .await;
    }
}
