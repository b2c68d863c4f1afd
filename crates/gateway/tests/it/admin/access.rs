//! Who may use what: management tokens here, model keys at the doors, never the other way.

use crate::scene::{ADMIN, Scene, Whole, string_at, whole};
use serde_json::{Value, json};
use testkit::client::Call;

fn call(scene: &Scene, method: &str, path: &str) -> Call {
    let mut call = Call::post(scene.gateway.address(), path, "");
    call.method = method.parse().unwrap();
    call
}

/// A route that the document lists.
struct Route {
    method: String,
    path: String,
    /// Whether it says that it wants no authentication.
    open: bool,
}

/// Every route that the document lists.
async fn routes(scene: &Scene) -> Vec<Route> {
    let document = whole(Call::get(scene.gateway.address(), "/admin/v1/openapi.json")).await;
    assert_eq!(document.status, 200, "the document needs no token");
    let document = document.json();
    assert!(string_at(&document, "/openapi").starts_with("3."));
    assert!(
        document
            .pointer("/components/securitySchemes/management_token")
            .is_some()
    );
    let mut routes = Vec::new();
    let mut ids = std::collections::BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let answers = operation["responses"].as_object().unwrap();
            let described = |answer: &Value| {
                answer["description"]
                    .as_str()
                    .is_some_and(|text| !text.is_empty())
            };
            assert!(
                !answers.is_empty() && answers.values().all(described),
                "{method} {path} describes its answers"
            );
            assert!(
                ids.insert(string_at(operation, "/operationId")),
                "{method} {path} has an operation id of its own"
            );
            assert!(
                operation["summary"].is_string() || operation["description"].is_string(),
                "{path} says what it does"
            );
            routes.push(Route {
                method: method.to_uppercase(),
                path: path.clone(),
                open: operation["security"] == json!([{}]),
            });
        }
    }
    routes
}

#[tokio::test]
async fn the_document_lists_every_route_and_each_that_is_not_open_wants_a_management_token() {
    let scene = Scene::start().await;
    let routes = routes(&scene).await;
    let listed: Vec<String> = routes
        .iter()
        .map(|route| {
            let open = if route.open { " (open)" } else { "" };
            format!("{} {}{open}", route.method, route.path)
        })
        .collect();
    insta::assert_snapshot!(listed.join("\n"));
    for Route { method, path, .. } in routes.iter().filter(|route| !route.open) {
        let path = path.replace("{id}", "nothing");
        for secret in [
            None,
            Some(scene.gateway.key()),
            Some("tgm_guessed"),
            Some(""),
        ] {
            let mut call = call(&scene, method, &path);
            if let Some(secret) = secret {
                call = call.header("authorization", format!("Bearer {secret}"));
            }
            let got = whole(call).await;
            assert_eq!(got.status, 401, "{method} {path} with {secret:?}");
            assert_eq!(got.json()["error"]["code"], "unauthenticated");
        }
        let known = call(&scene, method, &path).header("authorization", format!("Bearer {ADMIN}"));
        let answer = known.send().await.unwrap();
        if answer.header("content-type") == "text/event-stream" {
            assert_eq!(
                answer.status, 200,
                "{method} {path}, which does not end by itself"
            );
            continue;
        }
        let got = Whole::read(answer).await;
        assert!(
            ![401, 405].contains(&got.status) && got.status < 500,
            "{method} {path}: {}",
            got.status
        );
        let error = got.json()["error"].clone();
        assert_ne!(
            error["code"], "path_not_found",
            "{method} {path} is listed and does not exist"
        );
    }
}

#[tokio::test]
async fn a_key_in_the_wrong_place_is_told_what_it_is() {
    let scene = Scene::start().await;
    let call = call(&scene, "GET", "/admin/v1/keys")
        .header("authorization", format!("Bearer {}", scene.gateway.key()));
    let said = whole(call).await.json();
    assert!(string_at(&said, "/error/message").contains("this is a model key"));
    let call = Call::get(scene.gateway.address(), "/v1/models")
        .header("authorization", format!("Bearer {ADMIN}"));
    let said = whole(call).await.json();
    assert!(string_at(&said, "/error/message").contains("This is a management token"));
}

#[tokio::test]
async fn tokens_come_and_go() {
    let scene = Scene::start().await;
    let made = scene
        .admin(
            201,
            "POST",
            "/admin/v1/management-tokens",
            json!({"name": "ci"}),
        )
        .await;
    let token = string_at(&made, "/token");
    assert!(token.starts_with("tgm_"));
    let get = async || {
        let call = call(&scene, "GET", "/admin/v1/projects")
            .header("authorization", format!("Bearer {token}"));
        whole(call).await.status
    };
    assert_eq!(get().await, 200);
    let path = format!("/admin/v1/management-tokens/{}", string_at(&made, "/id"));
    let list = scene
        .admin(200, "GET", "/admin/v1/management-tokens", Value::Null)
        .await;
    assert_eq!(list.as_array().unwrap().len(), 2);
    assert!(!list.to_string().contains(&token), "shown once");
    scene
        .refused(
            409,
            "taken",
            Value::Null,
            ("POST", "/admin/v1/management-tokens", json!({"name": "ci"})),
        )
        .await;
    scene.admin(204, "DELETE", &path, Value::Null).await;
    assert_eq!(get().await, 401);
    scene
        .refused(
            404,
            "not_found",
            Value::Null,
            ("DELETE", &path, Value::Null),
        )
        .await;
}

#[tokio::test]
async fn what_leads_nowhere_is_told_so() {
    let scene = Scene::start().await;
    scene
        .refused(
            404,
            "path_not_found",
            Value::Null,
            ("GET", "/admin/v1/kyes", Value::Null),
        )
        .await;
    scene
        .refused(
            404,
            "path_not_found",
            Value::Null,
            ("GET", "/admin/", Value::Null),
        )
        .await;
    scene
        .refused(
            405,
            "method_not_allowed",
            Value::Null,
            ("PUT", "/admin/v1/keys", json!({})),
        )
        .await;
    for body in ["", "{", "[]", "{\"name\": 5}"] {
        let mut wrong = Call::post(scene.gateway.address(), "/admin/v1/keys", body.to_owned());
        wrong = wrong.header("authorization", format!("Bearer {ADMIN}"));
        let got = whole(wrong).await;
        assert_eq!(
            (got.status, &got.json()["error"]["code"]),
            (400, &json!("invalid_request")),
            "{body:?}"
        );
        assert_eq!(got.header("x-content-type-options"), "nosniff");
    }
}
