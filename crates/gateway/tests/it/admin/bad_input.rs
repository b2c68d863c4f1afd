//! What the admin API says of requests that it cannot read: a 4xx that names the field.

use crate::scene::{ADMIN, Scene, whole};
use serde_json::{Value, json};
use testkit::client::Call;

#[tokio::test]
async fn wrong_input_names_the_field() {
    let scene = Scene::start().await;
    let get = |path| ("GET", path, Value::Null);
    let keys = |body| ("POST", "/admin/v1/keys", body);
    let bulk = |count| {
        let body = json!({"project": "p", "name": "n", "count": count});
        ("POST", "/admin/v1/keys/bulk", body)
    };
    for (ask, field, word) in [
        (get("/admin/v1/requests?limit=abc"), json!("limit"), "limit"),
        (
            get("/admin/v1/requests?limit=0"),
            json!("limit"),
            "1 to 1000",
        ),
        (
            get("/admin/v1/requests?stream=maybe"),
            json!("stream"),
            "stream",
        ),
        (
            get("/admin/v1/requests?before=x"),
            json!("before"),
            "before",
        ),
        (get("/admin/v1/requests?color=red"), json!("color"), "color"),
        (get("/admin/v1/requests/x"), json!("id"), "id"),
        (get("/admin/v1/requests/%FF"), Value::Null, "UTF-8"),
        (
            get("/admin/v1/performance?window=1h"),
            json!("window"),
            "24h",
        ),
        (get("/admin/v1/usage"), json!("by"), "by"),
        (
            keys(json!({"project": "p", "name": 5})),
            json!("name"),
            "a string",
        ),
        (keys(json!({"project": "p"})), json!("name"), "missing"),
        (
            keys(json!({"project": "p", "name": "n", "colour": 1})),
            json!("colour"),
            "allowed_models",
        ),
        (
            keys(json!({"project": "p", "name": "n", "allowed_models": [5]})),
            json!("allowed_models[0]"),
            "a string",
        ),
        (
            keys(json!({"project": "p", "name": " "})),
            json!("name"),
            "name: must have 1 to 200",
        ),
        (keys(json!([])), Value::Null, "struct"),
        (bulk(json!(0)), json!("count"), "count: must be from 1 to"),
        (bulk(json!("two")), json!("count"), "u32"),
    ] {
        let message = scene.refused(400, "invalid_request", field, ask).await;
        assert!(message.contains(word), "{message}");
    }
}

#[tokio::test]
async fn a_body_of_another_type_is_told_so() {
    let scene = Scene::start().await;
    for kind in ["text/plain", ""] {
        let mut call = Call::get(scene.gateway.address(), "/admin/v1/keys");
        call.method = http::Method::POST;
        call.body = json!({"project": "p", "name": "n"}).to_string().into();
        let call = call.header("authorization", format!("Bearer {ADMIN}"));
        let got = whole(call.header("content-type", kind)).await;
        assert_eq!(got.status, 415, "{kind}");
        assert_eq!(got.json()["error"]["code"], "invalid_request");
    }
}
