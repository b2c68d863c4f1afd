//! `/admin/v1/keys` and `/admin/v1/projects`.

use crate::scene::{Door, Scene, call_with, string_at, whole};
use serde_json::{Value, json};

async fn opens(scene: &Scene, key: &str) -> bool {
    let body = Door::Chat.body("simulator/echo", "hi", false).to_string();
    let call = call_with(scene.gateway.address(), Door::Chat, key, body);
    whole(call).await.status == 200
}

#[tokio::test]
async fn a_keys_life() {
    let scene = Scene::start().await;
    let wanted = json!({"project": "shop", "name": "web", "expires_at": "2099-01-01T00:00:00Z"});
    let made = scene
        .admin(201, "POST", "/admin/v1/keys", wanted.clone())
        .await;
    let (key, id) = (string_at(&made, "/key"), string_at(&made, "/id"));
    assert_eq!(made["project_name"], "shop");
    assert!(opens(&scene, &key).await);
    scene
        .refused(
            409,
            "taken",
            Value::Null,
            ("POST", "/admin/v1/keys", wanted),
        )
        .await;
    let path = format!("/admin/v1/keys/{id}");
    let one = scene.admin(200, "GET", &path, Value::Null).await;
    assert_eq!(
        (&one["name"], &one["expires_at"]),
        (&json!("web"), &json!("2099-01-01T00:00:00.000Z"))
    );
    assert!(key.starts_with(one["prefix"].as_str().unwrap()) && !one.to_string().contains(&key));

    // Only what is sent is changed.
    let renamed = scene
        .admin(200, "PATCH", &path, json!({"name": "www"}))
        .await;
    assert_eq!(
        (&renamed["name"], &renamed["expires_at"]),
        (&json!("www"), &one["expires_at"])
    );
    let bound = scene
        .admin(200, "PATCH", &path, json!({"allowed_models": ["team/*"]}))
        .await;
    assert_eq!(
        (&bound["name"], &bound["allowed_models"]),
        (&json!("www"), &json!(["team/*"]))
    );
    assert!(
        !opens(&scene, &key).await,
        "it may call team's models only, at once"
    );
    let free = scene
        .admin(
            200,
            "PATCH",
            &path,
            json!({"allowed_models": [], "expires_at": null}),
        )
        .await;
    assert_eq!(free["expires_at"], Value::Null);
    assert!(opens(&scene, &key).await);
    scene
        .admin(
            200,
            "PATCH",
            &path,
            json!({"expires_at": "2020-01-01T00:00:00Z"}),
        )
        .await;
    assert!(!opens(&scene, &key).await, "expired");
    scene
        .admin(200, "PATCH", &path, json!({"expires_at": null}))
        .await;
    assert!(opens(&scene, &key).await);

    let revoked = scene.admin(200, "DELETE", &path, Value::Null).await;
    assert!(revoked["revoked_at"].is_string());
    assert!(!opens(&scene, &key).await);
    let list = scene.admin(200, "GET", "/admin/v1/keys", Value::Null).await;
    assert_eq!(
        list.as_array().unwrap().len(),
        2,
        "revoked ones stay listed"
    );
}

#[tokio::test]
async fn wrong_fields_are_named() {
    let scene = Scene::start().await;
    let post = |body: Value| ("POST", "/admin/v1/keys", body);
    scene
        .refused(
            400,
            "invalid_request",
            json!("name"),
            post(json!({"project": "p", "name": " "})),
        )
        .await;
    scene
        .refused(
            400,
            "invalid_request",
            json!("project"),
            post(json!({"project": "", "name": "n"})),
        )
        .await;
    scene
        .refused(
            400,
            "invalid_request",
            json!("expires_at"),
            post(json!({"project": "p", "name": "n", "expires_at": "soon"})),
        )
        .await;
    let said = scene
        .refused(
            400,
            "invalid_request",
            Value::Null,
            post(json!({"project": "p", "name": "n", "modles": []})),
        )
        .await;
    assert!(said.contains("modles"), "{said}");
    for method in ["GET", "PATCH", "DELETE"] {
        scene
            .refused(
                404,
                "not_found",
                Value::Null,
                (method, "/admin/v1/keys/key_nothing", json!({})),
            )
            .await;
    }
    let bulk = |count: u32| {
        (
            "POST",
            "/admin/v1/keys/bulk",
            json!({"project": "p", "name": "n", "count": count}),
        )
    };
    scene
        .refused(400, "invalid_request", json!("count"), bulk(0))
        .await;
    scene
        .refused(400, "invalid_request", json!("count"), bulk(10_001))
        .await;
}

#[tokio::test]
async fn many_keys_at_once() {
    let scene = Scene::start().await;
    let wanted = json!({"project": "load", "name": "k", "count": 25});
    let made = scene
        .admin(201, "POST", "/admin/v1/keys/bulk", wanted)
        .await;
    let made = made.as_array().unwrap();
    assert_eq!((made.len(), &made[24]["name"]), (25, &json!("k-25")));
    for at in [0, 24] {
        assert!(opens(&scene, made[at]["key"].as_str().unwrap()).await);
    }
}

#[tokio::test]
async fn a_projects_life() {
    let scene = Scene::start().await;
    let made = scene
        .admin(201, "POST", "/admin/v1/projects", json!({"name": "one"}))
        .await;
    let path = format!("/admin/v1/projects/{}", string_at(&made, "/id"));
    scene
        .refused(
            409,
            "taken",
            Value::Null,
            ("POST", "/admin/v1/projects", json!({"name": "one"})),
        )
        .await;
    let renamed = scene
        .admin(200, "PATCH", &path, json!({"name": "uno"}))
        .await;
    assert_eq!(
        (&renamed["id"], &renamed["name"]),
        (&made["id"], &json!("uno"))
    );
    scene
        .admin(
            201,
            "POST",
            "/admin/v1/keys",
            json!({"project": "uno", "name": "k"}),
        )
        .await;
    scene
        .refused(409, "in_use", Value::Null, ("DELETE", &path, Value::Null))
        .await;
    let other = scene
        .admin(201, "POST", "/admin/v1/projects", json!({"name": "two"}))
        .await;
    let path = format!("/admin/v1/projects/{}", string_at(&other, "/id"));
    scene.admin(204, "DELETE", &path, Value::Null).await;
    scene
        .refused(
            404,
            "not_found",
            Value::Null,
            ("PATCH", &path, json!({"name": "x"})),
        )
        .await;
    let list = scene
        .admin(200, "GET", "/admin/v1/projects", Value::Null)
        .await;
    let names: Vec<String> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|one| string_at(one, "/name"))
        .collect();
    assert_eq!(names, ["default", "uno"]);
}
