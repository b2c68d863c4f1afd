//! What an operator says of models and prices, in `tollgate.toml` or through the admin API, is what the lists show.

use crate::scene::{admin, setup, string_at, whole};
use serde_json::{Value, json};
use testkit::client::Call;
use testkit::gateway::TestGateway;

async fn started(config: &str) -> TestGateway {
    TestGateway::start(setup(Vec::new(), config)).await.unwrap()
}

async fn get(gateway: &TestGateway, path: &str) -> Value {
    let call = Call::get(gateway.address(), path);
    let got = whole(call.header("x-api-key", gateway.key())).await;
    assert_eq!(got.status, 200, "{path}: {:?}", got.json());
    got.json()
}

/// What a provider asks for a model, in USD per token: input and output.
async fn asked_by(gateway: &TestGateway, provider: &str, model: &str) -> Option<(String, String)> {
    let data = get(gateway, &format!("/v1/models/{model}/endpoints?all=true")).await;
    let endpoints = data["data"]["endpoints"].as_array().unwrap();
    let slug = model.split('/').next_back();
    let mut of_theirs = endpoints.iter().filter(|it| it["tag"] == provider);
    let own = of_theirs.find(|it| it["tollgate"]["wire_id"].as_str() == slug)?;
    let price = |field: &str| string_at(own, &format!("/pricing/{field}"));
    Some((price("prompt"), price("completion")))
}

/// 10⁻¹² USD.
fn pico(price: &str) -> u64 {
    let (whole, fraction) = price.split_once('.').unwrap_or((price, ""));
    format!("{whole}{fraction:0<12}").parse().unwrap()
}

const MODEL: &str = "openai/gpt-4o-mini";

#[tokio::test]
async fn what_the_file_says_is_listed() {
    let config = r#"
[providers.openai]
api_key = "k"
[[providers.openai.models]]
id = "*"
price_multiplier = "0.5"
[[providers.openai.models]]
id = "gpt-4o"
price_multiplier = "0.75"
[[providers.openai.models]]
id = "gpt-4.1"
input = "1.5"
output = "6"

[providers.near]
base_url = "http://127.0.0.1:9/v1"
[[providers.near.models]]
id = "house/large"
input = "0.2"
output = "0.4"
context = 32000
max_output = 4000
capabilities = ["tools", "vision"]
operations = ["chat"]
"#;
    let (plain, said) = (started("").await, started(config).await);
    for (model, parts) in [
        (MODEL, 50),
        ("openai/gpt-4.1-mini", 50),
        ("openai/gpt-4o", 75),
    ] {
        let list = asked_by(&plain, "openai", model).await.unwrap();
        let own = asked_by(&said, "openai", model).await.unwrap();
        assert_eq!(pico(&own.0) * 100, pico(&list.0) * parts, "{model}");
        assert_eq!(pico(&own.1) * 100, pico(&list.1) * parts, "{model}");
        let elsewhere = asked_by(&said, "azure", model).await;
        assert_eq!(
            elsewhere,
            asked_by(&plain, "azure", model).await,
            "one provider's alone"
        );
    }
    let own = asked_by(&said, "openai", "openai/gpt-4.1").await.unwrap();
    assert_eq!(own, ("0.0000015".to_owned(), "0.000006".to_owned()));

    let large = get(&said, "/v1/models/house/large").await;
    assert_eq!(
        (&large["owned_by"], &large["context_length"]),
        (&json!("house"), &json!(32000))
    );
    assert_eq!(large["architecture"]["modality"], "text+image->text");
    assert_eq!(
        large["supported_parameters"],
        json!(["tool_choice", "tools"])
    );
    let list = get(&said, "/v1/models?author=house").await;
    assert_eq!(list["data"], json!([large]));
    let config = get(&said, "/v4/ai/config").await;
    let rows = config["models"].as_array().unwrap();
    let own = rows.iter().find(|row| row["id"] == "house/large").unwrap();
    assert_eq!(
        own["pricing"],
        json!({"input": "0.0000002", "output": "0.0000004"})
    );
    let halved = rows.iter().find(|row| row["id"] == MODEL).unwrap();
    assert_eq!(halved["pricing"]["input"], "0.000000075");
    let providers = get(&said, "/v1/providers").await;
    let near = providers["data"]
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["slug"] == "near");
    assert_eq!(near.unwrap()["available"], true);
}

#[tokio::test]
async fn what_the_admin_api_says_is_listed_at_once() {
    let gateway = started("").await;
    let before = asked_by(&gateway, "openai", MODEL).await.unwrap();
    let path = "/admin/v1/providers/openai";
    let put = async |models: Value| admin(&gateway, "PUT", path, json!({"models": models})).await;
    let (status, refused) = put(json!([{"id": "*", "price_multiplier": "half"}])).await;
    assert_eq!(status, 400);
    let message = string_at(&refused, "/error/message");
    assert!(
        message.contains("models[0]: '*': price_multiplier: expected a decimal"),
        "{message}"
    );
    assert_eq!(
        put(json!([{"id": "*", "price_multiplier": "1.2"}])).await.0,
        200
    );
    let dearer = asked_by(&gateway, "openai", MODEL).await.unwrap();
    assert_eq!(pico(&dearer.0) * 10, pico(&before.0) * 12);
    let negotiated = json!([{"id": "gpt-4o-mini", "input": "0.1", "output": "0.3"}, {"id": "house/new", "context": 5}]);
    assert_eq!(put(negotiated).await.0, 200);
    let own = asked_by(&gateway, "openai", MODEL).await.unwrap();
    assert_eq!(own, ("0.0000001".to_owned(), "0.0000003".to_owned()));
    let new = get(&gateway, "/v1/models/house/new?all=true").await;
    assert_eq!(
        (&new["context_length"], &new["pricing"]["prompt"]),
        (&json!(5), &json!("-1")),
        "unpriced, not free"
    );
    assert_eq!(admin(&gateway, "DELETE", path, Value::Null).await.0, 204);
    assert_eq!(asked_by(&gateway, "openai", MODEL).await.unwrap(), before);
}

/// A key's allow list bounds every list, and one key's bounds are no other's.
#[tokio::test]
async fn a_keys_allow_list_bounds_every_list() {
    let gateway = started("[providers.openai]\napi_key = \"k\"\n").await;
    let wanted =
        json!({"project": "default", "name": "bound", "allowed_models": [MODEL, "simulator/*"]});
    let (status, made) = admin(&gateway, "POST", "/admin/v1/keys", wanted).await;
    assert_eq!(status, 201);
    let key = string_at(&made, "/key");
    let asked = async |path: &str| {
        whole(Call::get(gateway.address(), path).header("x-api-key", key.as_str())).await
    };
    for (path, at, id) in [
        ("/v1/models", "data", "id"),
        ("/api/v1/models", "data", "id"),
        ("/anthropic/v1/models", "data", "id"),
        ("/merge/v1/models", "data", "model"),
        ("/v4/ai/config", "models", "id"),
        ("/v1beta/models", "models", "baseModelId"),
    ] {
        let list = asked(path).await.json();
        let rows = list[at].as_array().unwrap();
        let ids: Vec<&str> = rows.iter().map(|row| row[id].as_str().unwrap()).collect();
        assert!(
            ids.contains(&MODEL) && ids.contains(&"simulator/echo"),
            "{path} {ids:?}"
        );
        assert!(
            ids.iter()
                .all(|id| *id == MODEL || id.starts_with("simulator/")),
            "{path} {ids:?}"
        );
        let free = get(&gateway, path).await;
        assert!(free[at].as_array().unwrap().len() > rows.len(), "{path}");
    }
    let other = asked("/v1/models/openai/gpt-4o/endpoints").await;
    assert_eq!(other.status, 404);
    assert!(string_at(&other.json(), "/error/message").contains("may not use"));
}
