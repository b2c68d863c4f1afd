//! `/admin/v1/models`: the catalogue as the console shows it.

use crate::scene::{ADMIN, Scene, whole};
use serde_json::{Value, json};
use testkit::client::Call;

/// As programs write an id into a path, in one piece; and as people do.
#[tokio::test]
async fn a_model_is_found_by_its_id_in_one_piece() {
    let scene = Scene::start().await;
    for name in ["openai%2Fgpt-4o-mini", "openai/gpt-4o-mini", "gpt-4o-mini"] {
        let path = format!("/admin/v1/models/{name}");
        let page = scene.admin(200, "GET", &path, Value::Null).await;
        assert_eq!(page["model"]["id"], "openai/gpt-4o-mini");
    }
    let ask = ("GET", "/admin/v1/models/nobody%2Fnothing", Value::Null);
    scene.refused(404, "not_found", Value::Null, ask).await;
}

#[tokio::test]
async fn the_list_has_every_model_with_what_it_is_found_by() {
    let scene = Scene::start().await;
    let list = scene
        .admin(200, "GET", "/admin/v1/models", Value::Null)
        .await;
    let list = list.as_array().unwrap();
    assert!(list.len() > 1_600, "{}", list.len());
    let one = |id: &str| list.iter().find(|model| model["id"] == id).unwrap();
    let team = one("team/fake-text");
    assert_eq!(
        team["price"],
        json!({"input": "1", "output": "2", "provider": "openai-first"}),
        "the cheaper of two"
    );
    assert_eq!(team["providers"], json!(["openai-first", "openai-second"]));
    assert_eq!(team["callable"], true);
    let mini = one("openai/gpt-4o-mini");
    assert_eq!(mini["callable"], false, "no key of a provider is set");
    assert_eq!(mini["operations"], json!(["chat"]));
    assert_ne!(mini["price"]["input"], "0", "a free trial is not its price");
    assert_eq!(mini["free_at"], json!(["github-models"]));
    let inputs = mini["input"].as_array().unwrap();
    assert!(
        inputs.contains(&json!("text")) && inputs.contains(&json!("image")),
        "{mini}"
    );
    assert!(
        mini["capabilities"]
            .as_array()
            .unwrap()
            .contains(&json!("tools"))
    );
    assert!(mini["context"].as_u64() > Some(100_000));
}

/// There are thousands: what is loaded to search in them must not take long on a slow line.
#[tokio::test]
async fn the_list_is_packed_for_whoever_takes_that() {
    let scene = Scene::start().await;
    let get = async |accept: &str| {
        let call = Call::get(scene.gateway.address(), "/admin/v1/models")
            .header("authorization", format!("Bearer {ADMIN}"));
        whole(call.header("accept-encoding", accept)).await
    };
    let (plain, packed) = (get("identity").await, get("gzip").await);
    assert_eq!(
        (
            plain.header("content-encoding"),
            packed.header("content-encoding")
        ),
        ("", "gzip")
    );
    let (plain, packed) = (plain.bytes.len(), packed.bytes.len());
    assert!(
        packed < plain / 5 && packed < 200_000,
        "{packed} of {plain} bytes"
    );
}

#[tokio::test]
async fn a_page_has_all_offerings_doors_and_relatives() {
    let scene = Scene::start().await;
    let path = "/admin/v1/models/openai/gpt-4o-mini";
    let page = scene.admin(200, "GET", path, Value::Null).await;
    assert_eq!(page["model"]["id"], "openai/gpt-4o-mini");
    let offerings = page["offerings"].as_array().unwrap();
    let openai = offerings
        .iter()
        .find(|one| one["provider"]["id"] == "openai")
        .unwrap();
    assert_eq!(openai["price"]["now"]["standard"]["rates"]["input"], "0.15");
    assert!(openai["provider"]["links"]["terms"].is_string());
    assert!(openai["source"].as_str().unwrap().starts_with("https://"));
    let costs: Vec<f64> = offerings
        .iter()
        .filter_map(|one| one["price"]["now"]["standard"]["rates"]["input"].as_str())
        .map(|text| text.parse().unwrap())
        .collect();
    assert!(
        costs.first() <= costs.last(),
        "the cheapest first: {costs:?}"
    );
    let doors: Vec<(&str, bool)> = page["doors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|door| {
            (
                door["path"].as_str().unwrap(),
                door["native"].as_bool().unwrap(),
            )
        })
        .collect();
    assert!(doors.contains(&("/v1/chat/completions", true)), "{doors:?}");
    assert!(
        doors.contains(&("/v4/ai/language-model", false)),
        "{doors:?}"
    );
    assert!(doors.iter().all(|(path, _)| *path != "/v1/embeddings"));
    let parameters = page["parameters"].as_array().unwrap();
    assert!(
        parameters.iter().any(|one| one["name"] == "temperature"),
        "{parameters:?}"
    );
    for similar in page["similar"].as_array().unwrap() {
        assert_ne!(similar["model"]["id"], "openai/gpt-4o-mini");
        let ratio = similar["price_ratio"].as_f64();
        assert!(
            ratio.is_none_or(|ratio| (1.0 / 64.0..64.0).contains(&ratio)),
            "{similar}"
        );
    }
    assert_eq!(page["similar"].as_array().unwrap().len(), 6);
    for other in page["by_author"].as_array().unwrap() {
        assert_eq!(other["author"], "openai");
    }
}

#[tokio::test]
async fn a_model_is_found_by_any_name_and_one_that_is_not_is_told_so() {
    let scene = Scene::start().await;
    let by_alias = scene.admin(
        200,
        "GET",
        "/admin/v1/models/openai-first/fake%2Dtext",
        Value::Null,
    );
    assert_eq!(by_alias.await["model"]["id"], "openai-first/fake-text");
    let ask = ("GET", "/admin/v1/models/nobody/nothing", Value::Null);
    scene.refused(404, "not_found", Value::Null, ask).await;
}

#[tokio::test]
async fn providers_say_what_they_are_authenticated_with() {
    let scene = Scene::start().await;
    let get = async |id: &str| {
        scene
            .admin(
                200,
                "GET",
                &format!("/admin/v1/providers/{id}"),
                Value::Null,
            )
            .await
    };
    let groq = get("groq").await;
    assert_eq!(
        (&groq["credential"], &groq["managed_by"]),
        (&json!("missing"), &json!("catalogue"))
    );
    assert_eq!(groq["headquarters"], "US");
    assert_eq!(groq["data"]["zero_retention"], "by_agreement");
    assert!(groq["links"]["status"].is_string());
    assert_eq!(get("simulator").await["credential"], "not_needed");
    let path = "/admin/v1/providers/groq/credentials";
    scene
        .admin(201, "POST", path, json!({"name": "a", "api_key": "k"}))
        .await;
    assert_eq!(get("groq").await["credential"], "stored");
    assert_eq!(get("openai-first").await["managed_by"], "file");
}
