//! `/admin/v1/providers/{id}/test`: whether a provider answers.

use crate::scene::{Scene, string_at};
use serde_json::{Value, json};

async fn test(scene: &Scene, provider: &str, with: Value) -> Value {
    let path = format!("/admin/v1/providers/{provider}/test");
    scene.admin(200, "POST", &path, with).await
}

#[tokio::test]
async fn a_provider_that_answers_is_ok_in_every_dialect() {
    let scene = Scene::start().await;
    for provider in ["openai-first", "anthropic-first", "cohere-first"] {
        let result = test(&scene, provider, json!({"model": "fake-text"})).await;
        assert_eq!(
            (&result["ok"], &result["outcome"]),
            (&json!(true), &json!("ok")),
            "{result}"
        );
        assert_eq!(
            (&result["status"], &result["model"]),
            (&json!(200), &json!("fake-text"))
        );
        assert_eq!(result["message"], Value::Null);
        let record = scene.record(&string_at(&result, "/request")).await;
        assert_eq!(
            (&record["provider"], &record["key"]),
            (&json!(provider), &json!("management"))
        );
    }
    let result = test(&scene, "simulator", json!({})).await;
    assert_eq!(result["ok"], true, "{result}");
}

#[tokio::test]
async fn a_failure_is_classified() {
    let scene = Scene::start().await;
    let result = test(&scene, "openai-first", json!({"model": "fake-error-401"})).await;
    assert_eq!(
        (&result["ok"], &result["outcome"], &result["status"]),
        (&json!(false), &json!("credential"), &json!(401))
    );
    assert!(result["message"].is_string());
    let result = test(&scene, "openai-first", json!({"model": "fake-error-500"})).await;
    assert_eq!(result["outcome"], "server_error");
    let body = json!({"base_url": "http://127.0.0.1:9", "models": [{"id": "m"}]});
    scene
        .admin(200, "PUT", "/admin/v1/providers/nobody", body)
        .await;
    let path = "/admin/v1/providers/nobody/credentials";
    scene
        .admin(201, "POST", path, json!({"name": "a", "api_key": "k"}))
        .await;
    assert_eq!(
        test(&scene, "nobody", json!({})).await["outcome"],
        "connect"
    );
}

#[tokio::test]
async fn what_cannot_be_asked_is_told_so() {
    let scene = Scene::start().await;
    let ask = |provider: &str| format!("/admin/v1/providers/{provider}/test");
    let path = ask("groq");
    scene
        .refused(409, "not_enabled", Value::Null, ("POST", &path, json!({})))
        .await;
    let path = ask("no-such");
    scene
        .refused(404, "not_found", Value::Null, ("POST", &path, json!({})))
        .await;
    let path = ask("openai-first");
    let unknown = ("POST", path.as_str(), json!({"model": "no-such"}));
    scene
        .refused(400, "invalid_request", json!("model"), unknown)
        .await;
}
