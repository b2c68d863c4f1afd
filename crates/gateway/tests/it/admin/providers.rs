//! `/admin/v1/providers` and `/admin/v1/credentials`.

use crate::scene::{Door, Scene, string_at};
use serde_json::{Value, json};
use testkit::fake_provider::Behaviour;

const ACME: &str = "/admin/v1/providers/acme";

fn bearer(scene: &Scene) -> Option<String> {
    let received = scene.first.requests().pop()?;
    let mut all = received.headers.into_iter();
    all.find(|(name, _)| name == "authorization")
        .map(|(_, value)| value)
}

async fn status(scene: &Scene, model: &str) -> u16 {
    scene
        .ask(Door::Chat, &Door::Chat.body(model, "hi", false))
        .await
        .status
}

/// A provider that nobody knew serves requests as soon as it is put, without a restart, and after one.
#[tokio::test]
async fn a_new_provider_serves_at_once() {
    let mut scene = Scene::start().await;
    let said = json!({
        "base_url": format!("{}/v1", scene.first.url()), "speaks": ["openai_chat"],
        "models": [{"id": "fake-text", "input": "1", "output": "2"}],
    });
    assert_eq!(status(&scene, "acme/fake-text").await, 404);
    let put = scene.admin(200, "PUT", ACME, said.clone()).await;
    assert_eq!(
        (&put["managed_by"], &put["models"]),
        (&json!("stored"), &json!(1))
    );
    let mut again = said.clone();
    again["enabled"] = json!(true);
    assert_eq!(put["said"], again);
    let put = scene.admin(200, "PUT", ACME, again.clone()).await;
    assert_eq!(put["said"], again, "what was said can be sent again");
    let secret = "sk-secret-of-acme";
    let credential = json!({"name": "main", "api_key": secret});
    let made = scene
        .admin(
            201,
            "POST",
            &format!("{ACME}/credentials"),
            credential.clone(),
        )
        .await;
    scene
        .refused(
            409,
            "taken",
            Value::Null,
            ("POST", &format!("{ACME}/credentials"), credential),
        )
        .await;
    assert_eq!(status(&scene, "acme/fake-text").await, 200);
    assert_eq!(bearer(&scene), Some(format!("Bearer {secret}")));

    let shown = scene.admin(200, "GET", ACME, Value::Null).await;
    assert_eq!(shown["enabled"], true);
    assert_eq!(shown["credentials"][0]["id"], made["id"]);
    let everything = scene
        .admin(200, "GET", "/admin/v1/providers", Value::Null)
        .await;
    assert!(
        !everything.to_string().contains(secret),
        "a secret is never shown"
    );
    for entry in std::fs::read_dir(scene.gateway.data_dir()).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap_or_default();
        let found = bytes
            .windows(secret.len())
            .any(|window| window == secret.as_bytes());
        assert!(!found, "{} holds the secret in clear", path.display());
    }

    scene.gateway.restart().await.unwrap();
    assert_eq!(status(&scene, "acme/fake-text").await, 200);
    assert_eq!(bearer(&scene), Some(format!("Bearer {secret}")));

    // Switched off and on again, then without its credential, then gone.
    let mut off = said.clone();
    off["enabled"] = json!(false);
    scene.admin(200, "PUT", ACME, off).await;
    assert_eq!(status(&scene, "acme/fake-text").await, 404);
    scene.admin(200, "PUT", ACME, said).await;
    assert_eq!(status(&scene, "acme/fake-text").await, 200);
    let path = format!("/admin/v1/credentials/{}", string_at(&made, "/id"));
    scene.admin(204, "DELETE", &path, Value::Null).await;
    scene
        .refused(
            404,
            "not_found",
            Value::Null,
            ("DELETE", &path, Value::Null),
        )
        .await;
    assert_eq!(
        status(&scene, "acme/fake-text").await,
        404,
        "a stored provider wants a credential"
    );
    scene.admin(204, "DELETE", ACME, Value::Null).await;
    scene
        .refused(404, "not_found", Value::Null, ("GET", ACME, Value::Null))
        .await;
}

/// One of the catalogue's is enabled by a credential, and sent elsewhere by its address.
#[tokio::test]
async fn a_provider_of_the_catalogue_is_enabled_by_a_credential() {
    let scene = Scene::start().await;
    let path = "/admin/v1/providers/openai";
    let shown = scene.admin(200, "GET", path, Value::Null).await;
    assert_eq!(
        (&shown["managed_by"], &shown["enabled"]),
        (&json!("catalogue"), &json!(false))
    );
    assert_eq!(shown["said"], Value::Null);
    assert_eq!(shown["env"], json!(["OPENAI_API_KEY"]));
    scene
        .admin(
            200,
            "PUT",
            path,
            json!({"base_url": format!("{}/v1", scene.first.url())}),
        )
        .await;
    scene
        .admin(
            201,
            "POST",
            &format!("{path}/credentials"),
            json!({"name": "main", "api_key": "sk-1"}),
        )
        .await;
    scene.first.script("gpt-4o-mini", [Behaviour::of("text")]);
    assert_eq!(status(&scene, "openai/gpt-4o-mini").await, 200);
    assert_eq!(bearer(&scene).as_deref(), Some("Bearer sk-1"));
    scene.admin(204, "DELETE", path, Value::Null).await;
    let shown = scene.admin(200, "GET", path, Value::Null).await;
    assert_eq!(shown["managed_by"], "catalogue");
    assert!(string_at(&shown, "/endpoints/0/base_url").starts_with("https://"));
}

/// Tokens that hold for a while and say what they allow are long.
#[tokio::test]
async fn a_long_token_is_a_credential_like_any_other() {
    let scene = Scene::start().await;
    let said = json!({
        "base_url": format!("{}/v1", scene.first.url()), "models": [{"id": "fake-text"}],
    });
    scene.admin(200, "PUT", ACME, said).await;
    let path = format!("{ACME}/credentials");
    for wrong in [String::new(), " ".to_owned(), "k".repeat(16_385)] {
        let wrong = json!({"name": "main", "api_key": wrong});
        scene
            .refused(
                400,
                "invalid_request",
                json!("api_key"),
                ("POST", &path, wrong),
            )
            .await;
    }
    let secret = "k".repeat(16_384);
    let name = "é".repeat(200);
    let made = json!({"name": name, "api_key": secret});
    let made = scene.admin(201, "POST", &path, made).await;
    assert_eq!(made["name"], name, "characters are counted, not bytes");
    assert_eq!(status(&scene, "acme/fake-text").await, 200);
    assert_eq!(bearer(&scene), Some(format!("Bearer {secret}")));
    let long = json!({"name": "é".repeat(201), "api_key": "k"});
    scene
        .refused(400, "invalid_request", json!("name"), ("POST", &path, long))
        .await;
}

/// What `tollgate.toml` declares is changed there and nowhere else.
#[tokio::test]
async fn what_the_file_owns_is_read_only() {
    let scene = Scene::start().await;
    let path = "/admin/v1/providers/openai-first";
    let shown = scene.admin(200, "GET", path, Value::Null).await;
    assert_eq!(shown["managed_by"], "file");
    for ask in [
        ("PUT", path, json!({"enabled": false})),
        ("DELETE", path, Value::Null),
        (
            "POST",
            &format!("{path}/credentials"),
            json!({"name": "n", "api_key": "k"}),
        ),
    ] {
        let said = scene
            .refused(409, "managed_by_file", Value::Null, ask)
            .await;
        assert!(said.contains("tollgate.toml"), "{said}");
    }
    assert_eq!(status(&scene, "openai-first/fake-text").await, 200);
}

/// What does not fit changes nothing.
#[tokio::test]
async fn what_does_not_fit_is_refused_whole() {
    let scene = Scene::start().await;
    let url = format!("{}/v1", scene.first.url());
    let model = |model: Value| json!({"base_url": url, "models": [model]});
    for (said, field, word) in [
        (json!({}), "base_url", "base_url"),
        (json!({"base_url": "nowhere"}), "base_url", "http"),
        (
            json!({"base_url": "http://u:pa55word@x"}),
            "base_url",
            "api_key",
        ),
        (json!({"base_url": "http://[::1"}), "base_url", "http"),
        (
            json!({"base_url": url, "speaks": ["klingon"]}),
            "speaks",
            "klingon",
        ),
        (
            model(json!({"id": ""})),
            "models[0]",
            "a model needs a name",
        ),
        (
            model(json!({"id": "m", "input": "cheap"})),
            "models[0]",
            "input",
        ),
        (
            model(json!({"id": "m", "capabilities": ["flying"]})),
            "models[0]",
            "flying",
        ),
        (
            model(json!({"id": "m", "operations": ["dance"]})),
            "models[0]",
            "dance",
        ),
        (
            model(json!({"id": "gpt-4o-minni"})),
            "models[0]",
            "did you mean openai/gpt-4o-mini?",
        ),
        (
            model(json!({"id": "m", "input": "1"})),
            "models[0]",
            "say both input and output",
        ),
        (
            json!({"base_url": url, "models": [{"id": "gpt-4o-mini"}, {"id": "GPT-4o Mini"}]}),
            "models[1]",
            "models[0] ('gpt-4o-mini') is about the same",
        ),
        (model(json!({"id": 5})), "models[0].id", "a string"),
        (json!({"base": url}), "base", "base_url"),
    ] {
        let message = scene
            .refused(400, "invalid_request", json!(field), ("PUT", ACME, said))
            .await;
        assert!(
            message.contains(word) && !message.contains("pa55word"),
            "{message}"
        );
    }
    for id in ["..", "a%00", "%3Cimg%3E", "Acme"] {
        let path = format!("/admin/v1/providers/{id}");
        let said = json!({"base_url": url});
        scene
            .refused(400, "invalid_request", json!("id"), ("PUT", &path, said))
            .await;
    }
    scene
        .refused(404, "not_found", Value::Null, ("GET", ACME, Value::Null))
        .await;
    let orphan = (
        "POST",
        "/admin/v1/providers/acme/credentials",
        json!({"name": "n", "api_key": "k"}),
    );
    scene.refused(404, "not_found", Value::Null, orphan).await;
}
