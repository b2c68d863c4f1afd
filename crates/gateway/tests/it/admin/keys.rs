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

/// One call makes the successor and ends the old key: at once, or after a time in which both work.
#[tokio::test]
async fn a_key_is_rotated_by_one_call() {
    let scene = Scene::start().await;
    let wanted = json!({"project": "shop", "name": "web", "allowed_models": ["simulator/*"], "expires_at": "2099-01-01T00:00:00Z"});
    let first = scene.admin(201, "POST", "/admin/v1/keys", wanted).await;
    let rotate = |id: &str| format!("/admin/v1/keys/{id}/rotate");
    let path = rotate(&string_at(&first, "/id"));
    let hour = json!({"grace_seconds": 3600});
    let rotated = scene.admin(201, "POST", &path, hour.clone()).await;
    let second = &rotated["successor"];
    for same in ["name", "project", "project_name"] {
        assert_eq!(second[same], first[same], "{same}");
    }
    assert_eq!(rotated["replaced"]["id"], first["id"]);
    assert_eq!(rotated["replaced"]["revoked_at"], Value::Null);
    let until: jiff::Timestamp = string_at(&rotated, "/replaced/expires_at").parse().unwrap();
    let left = until.duration_since(jiff::Timestamp::now()).as_secs();
    assert!((3_500..=3_600).contains(&left), "{until}");
    let (old, new) = (string_at(&first, "/key"), string_at(second, "/key"));
    assert!(opens(&scene, &old).await && opens(&scene, &new).await);
    let path_of_new = format!("/admin/v1/keys/{}", string_at(second, "/id"));
    let shown = scene.admin(200, "GET", &path_of_new, Value::Null).await;
    assert_eq!(
        (&shown["allowed_models"], &shown["expires_at"]),
        (&json!(["simulator/*"]), &json!("2099-01-01T00:00:00.000Z"))
    );

    // Nor does a change make the old one work for longer than a grace may last, under whatever name.
    let path_of_old = format!("/admin/v1/keys/{}", string_at(&first, "/id"));
    for body in [
        json!({"expires_at": null}),
        json!({"expires_at": null, "name": "zombie"}),
        json!({"expires_at": "2099-01-01"}),
    ] {
        scene
            .refused(
                400,
                "invalid_request",
                json!("expires_at"),
                ("PATCH", &path_of_old, body),
            )
            .await;
    }

    // A second press of the button does not make a second successor.
    scene
        .refused(409, "over", Value::Null, ("POST", &path, hour))
        .await;
    let path = rotate(&string_at(second, "/id"));
    let rotated = scene.admin(201, "POST", &path, json!({})).await;
    assert!(rotated["replaced"]["revoked_at"].is_string());
    let newest = string_at(&rotated, "/successor/key");
    assert!(!opens(&scene, &new).await, "ended at once");
    assert!(opens(&scene, &old).await && opens(&scene, &newest).await);
    scene.admin(200, "DELETE", &path_of_old, Value::Null).await;
    assert!(!opens(&scene, &old).await, "the overlap can be cut short");

    let path = rotate(&string_at(&rotated, "/successor/id"));
    for (field, body) in [
        ("grace_seconds", json!({"grace_seconds": 31_622_401})),
        ("expires_at", json!({"expires_at": "2020-01-01T00:00:00Z"})),
        ("expires_at", json!({"expires_at": "soon"})),
    ] {
        scene
            .refused(400, "invalid_request", json!(field), ("POST", &path, body))
            .await;
    }
    let nobody = ("POST", "/admin/v1/keys/key_x/rotate", json!({}));
    scene.refused(404, "not_found", Value::Null, nobody).await;
    assert!(
        opens(&scene, &newest).await,
        "what was refused changed nothing"
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
            json!("modles"),
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
