//! `GET /v4/ai/config`: what a key can call, as `getAvailableModels` reads it.

use crate::scene::{Scene, Whole, string_at, whole};
use serde_json::json;
use testkit::client::Call;

async fn get(scene: &Scene, path: &str, key: &str) -> Whole {
    let call = Call::get(scene.gateway.address(), path);
    let call = call.header("authorization", format!("Bearer {key}"));
    whole(call.header("ai-gateway-protocol-version", "0.0.1")).await
}

#[tokio::test]
async fn the_list_holds_what_the_key_can_call() {
    let scene = Scene::start().await;
    let list = get(&scene, "/v4/ai/config", scene.gateway.key()).await;
    assert_eq!(list.status, 200);
    assert!(list.id.starts_with("gen_"));
    let body = list.json();
    let models = body["models"].as_array().unwrap();
    let find = |id: &str| models.iter().find(|one| one["id"] == id);
    let one = find("team/fake-text").unwrap();
    assert_eq!(
        one,
        &json!({
            "id": "team/fake-text",
            "name": string_at(one, "/name"),
            "pricing": {"input": "0.000001", "output": "0.000002"},
            "specification": {"specificationVersion": "v4", "provider": "team", "modelId": "team/fake-text"},
            "modelType": "language",
        })
    );
    assert!(find("simulator/echo").is_some());
    assert!(
        !models
            .iter()
            .any(|one| string_at(one, "/id").starts_with("openai/"))
    );
}

#[tokio::test]
async fn other_paths_answer_in_the_clients_shape() {
    let scene = Scene::start().await;
    let denied = get(&scene, "/v4/ai/config", "wrong").await;
    assert_eq!(denied.status, 401);
    assert_eq!(denied.json()["error"]["type"], "authentication_error");
    for (path, says) in [
        ("/v3/ai/config", "/v4/ai/config"),
        ("/v1/credits", "nothing at /v1/credits"),
    ] {
        let nothing = get(&scene, path, scene.gateway.key()).await;
        assert_eq!(nothing.status, 404, "{path}");
        let body = nothing.json();
        assert_eq!(body["error"]["type"], "not_found", "{path}");
        assert_eq!(body["generationId"], nothing.id.as_str());
        assert!(string_at(&body, "/error/message").contains(says), "{body}");
    }
}
