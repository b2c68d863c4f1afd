//! One model, who serves it, and all who serve: OpenRouter's metadata, and how a name that means nothing is answered.

use crate::scene::{Door, SOON, Scene, Whole, setup, string_at, whole};
use serde_json::{Value, json};
use testkit::client::Call;
use testkit::gateway::TestGateway;

async fn get(gateway: &TestGateway, path: &str) -> Whole {
    let call = Call::get(gateway.address(), path);
    whole(call.header("authorization", format!("Bearer {}", gateway.key()))).await
}

#[tokio::test]
async fn who_serves_a_model_the_cheapest_first() {
    let scene = Scene::start().await;
    let path = "/v1/models/team/fake-text/endpoints";
    let got = get(&scene.gateway, path).await;
    assert_eq!(got.status, 200, "{:?}", got.json());
    let data = &got.json()["data"];
    assert_eq!(
        (&data["id"], &data["architecture"]["modality"]),
        (&json!("team/fake-text"), &json!("text->text"))
    );
    let endpoints = data["endpoints"].as_array().unwrap();
    let tags: Vec<String> = endpoints.iter().map(|it| string_at(it, "/tag")).collect();
    assert_eq!(tags, ["openai-first", "openai-second"]);
    let dear = &endpoints[1];
    let (input, output) = ("0.000003", "0.000006");
    assert_eq!(
        dear["pricing"],
        json!({"prompt": input, "completion": output, "request": "0", "input": input, "output": output})
    );
    assert_eq!(dear["name"], "openai-second | team/fake-text");
    assert_eq!(
        (
            &dear["status"],
            &dear["uptime_last_30m"],
            &dear["context_length"]
        ),
        (&json!(0), &Value::Null, &json!(0))
    );
    assert_eq!(dear["tollgate"]["wire_id"], "team/fake-text");
    for same in [
        "/api/v1/models/team/fake-text/endpoints",
        "/v1/models/team%2Ffake-text/endpoints",
        "/v1/models/team/fake-text:floor/endpoints",
    ] {
        assert_eq!(get(&scene.gateway, same).await.json(), got.json(), "{same}");
    }
    let only = get(
        &scene.gateway,
        "/v1/models/openai-second/team/fake-text/endpoints",
    )
    .await
    .json();
    assert_eq!(
        only["data"]["endpoints"],
        json!([dear]),
        "a provider's name leaves its own"
    );
    let one = get(&scene.gateway, "/api/v1/model/team/fake-text")
        .await
        .json();
    let plain = get(&scene.gateway, "/v1/models/team/fake-text")
        .await
        .json();
    assert_eq!(one, json!({"data": plain}));
}

/// What was recorded shows in the fields that OpenRouter's and Vercel's clients read; null where nobody was called.
#[tokio::test]
async fn live_figures_are_those_of_recorded_calls() {
    let scene = Scene::start().await;
    let door = Door::Chat;
    // Slow and long enough that its words have a speed at all.
    for _ in 0..3 {
        let body = door.body("team/fake-slow", "[[tokens=20]]", true);
        assert_eq!(scene.ask(door, &body).await.status, 200);
    }
    let failing = door.body("team/fake-error-500", "hi", false);
    assert_eq!(scene.ask(door, &failing).await.status, 502);
    scene.gateway.wait_for_records(4, SOON).await.unwrap();
    let of = async |model: &str| {
        let path = format!("/v1/models/team/{model}/endpoints");
        get(&scene.gateway, &path).await.json()["data"]["endpoints"].clone()
    };
    let slow = of("fake-slow").await;
    let (first, second) = (&slow[0], &slow[1]);
    for field in ["uptime_last_5m", "uptime_last_30m", "uptime_last_1d"] {
        assert_eq!(
            (&first[field], &second[field]),
            (&json!(100.0), &Value::Null)
        );
    }
    let latency = &first["latency_last_30m"];
    for percentile in ["p50", "p75", "p90", "p95", "p99"] {
        assert!(latency[percentile].as_f64().unwrap() >= 0.0, "{latency}");
    }
    assert_eq!(first["latency_last_1h"], *latency);
    assert!(
        first["throughput_last_1h"]["p50"].as_f64().unwrap() > 0.0,
        "{first}"
    );
    let measured = &first["tollgate"]["measured"];
    assert_eq!(
        (&measured["calls_last_1d"], &measured["latency_samples"]),
        (&json!(3), &json!(3))
    );
    assert_eq!(second["tollgate"]["measured"], Value::Null);
    let failed = of("fake-error-500").await;
    assert_eq!(
        (&failed[0]["uptime_last_1d"], &failed[0]["latency_last_30m"]),
        (&json!(0.0), &Value::Null)
    );
}

/// `:free` leaves what costs nothing, also where one provider itself calls its offering so; what is past its end says it.
#[tokio::test]
async fn free_variants_and_ended_ones_say_so() {
    let gateway = TestGateway::start(setup(Vec::new(), "")).await.unwrap();
    let listed = get(&gateway, "/v1/models?all=true").await.json();
    let (mut free, mut retired) = (0, 0);
    let models = listed["data"].as_array().unwrap();
    for model in models.iter().filter(|it| it["status"] == "retired").take(3) {
        let path = format!("/v1/models/{}/endpoints?all=true", string_at(model, "/id"));
        let data = get(&gateway, &path).await.json();
        for endpoint in data["data"]["endpoints"].as_array().unwrap() {
            assert_eq!(endpoint["tollgate"]["status"], "retired", "{path}");
            let end = string_at(endpoint, "/tollgate/deprecated");
            assert!(end <= jiff::Timestamp::now().to_string(), "{path}");
            retired += 1;
        }
    }
    for model in models {
        let path = format!(
            "/v1/models/{}:free/endpoints?all=true",
            string_at(model, "/id")
        );
        if free > 5 || model["pricing"]["prompt"] != "0" {
            continue;
        }
        let data = get(&gateway, &path).await.json();
        // What is sold by the piece costs no tokens, and is not free.
        let Some(endpoints) = data["data"]["endpoints"].as_array() else {
            assert_eq!(data["error"]["code"], 404, "{path}");
            continue;
        };
        for endpoint in endpoints {
            assert_eq!(endpoint["pricing"]["prompt"], "0", "{path}");
            free += 1;
        }
    }
    assert!(free > 0 && retired > 0, "{free} {retired}");
}

/// Of the whole catalogue: every price dimension that is known, with its source.
#[tokio::test]
async fn the_catalogues_own_figures() {
    let gateway = TestGateway::start(setup(Vec::new(), "")).await.unwrap();
    let path = "/v1/models/anthropic/claude-sonnet-4-5/endpoints";
    let closed = get(&gateway, path).await;
    let message = string_at(&closed.json(), "/error/message");
    assert_eq!(closed.status, 404);
    assert!(message.contains("set up here; ?all=true"), "{message}");
    let data = get(&gateway, &format!("{path}?all=true")).await.json();
    let endpoints = data["data"]["endpoints"].as_array().unwrap();
    let own = endpoints
        .iter()
        .find(|it| it["tag"] == "anthropic")
        .unwrap();
    assert_eq!(
        (&own["provider_name"], &own["status"]),
        (&json!("Anthropic"), &Value::Null)
    );
    for (field, usd) in [
        ("prompt", "0.000003"),
        ("completion", "0.000015"),
        ("input_cache_read", "0.0000003"),
        ("input_cache_write", "0.00000375"),
        ("input_cache_write_1h", "0.000006"),
    ] {
        assert_eq!(own["pricing"][field], usd, "{field}");
    }
    assert_eq!(
        own["supports_implicit_caching"], false,
        "it wants to be asked"
    );
    assert!(string_at(own, "/tollgate/source").starts_with("https://"));
    let whole = get(&gateway, "/v1/models/gpt-4o-mini?all=true")
        .await
        .json();
    assert_eq!(
        whole["pricing"]["prompt"], "0.00000015",
        "the author's price, although a host gives it away"
    );
    let mini = get(&gateway, "/v1/models/gpt-4o-mini/endpoints?all=true")
        .await
        .json();
    let openai = mini["data"]["endpoints"].as_array().unwrap().iter();
    let openai: Vec<&Value> = openai.filter(|it| it["tag"] == "openai").collect();
    assert_eq!(openai[0]["supports_implicit_caching"], true);
    assert_eq!(
        openai[0]["tollgate"]["tiers"]["batch"]["prompt"],
        "0.000000075"
    );
}

#[tokio::test]
async fn providers_with_what_is_known_of_them() {
    let scene = Scene::start().await;
    let list = get(&scene.gateway, "/v1/providers").await.json();
    let slugs: Vec<String> = list["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| string_at(it, "/slug"))
        .collect();
    assert!(
        slugs.contains(&"openai-first".to_owned()) && slugs.contains(&"simulator".to_owned()),
        "{slugs:?}"
    );
    assert!(!slugs.contains(&"groq".to_owned()), "not set up");
    let own = list["data"]
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["slug"] == "openai-first")
        .unwrap();
    for unknown in [
        "privacy_policy_url",
        "terms_of_service_url",
        "status_page_url",
        "headquarters",
        "datacenters",
    ] {
        assert_eq!(own.get(unknown), Some(&Value::Null), "{unknown}");
    }
    let all = get(&scene.gateway, "/api/v1/providers?all=true")
        .await
        .json();
    let all = all["data"].as_array().unwrap();
    assert!(all.len() > 100);
    let groq = all.iter().find(|it| it["slug"] == "groq").unwrap();
    assert_eq!(
        (&groq["name"], &groq["headquarters"], &groq["available"]),
        (&json!("Groq"), &json!("US"), &json!(false))
    );
    assert!(string_at(groq, "/terms_of_service_url").starts_with("https://"));
}

/// A name that is nearly right is told what is close, in the client's own shape.
#[tokio::test]
async fn a_wrong_name_is_answered_in_the_clients_own_shape() {
    let gateway = TestGateway::start(setup(Vec::new(), "")).await.unwrap();
    let ask = async |path: &str, header: Option<&'static str>| {
        let mut call = Call::get(gateway.address(), path).header("x-api-key", gateway.key());
        if let Some(header) = header {
            call = call.header(header, gateway.key());
        }
        whole(call).await
    };
    let name = "openai/gpt-4o-mimi";
    for (path, header, code_at, code) in [
        (
            format!("/v1/models/{name}"),
            None,
            "/error/code",
            json!("model_not_found"),
        ),
        (
            format!("/v1/models/{name}"),
            Some("anthropic-version"),
            "/error/type",
            json!("not_found_error"),
        ),
        (
            format!("/v1/models/{name}"),
            Some("x-goog-api-key"),
            "/error/status",
            json!("NOT_FOUND"),
        ),
        (
            format!("/v1beta/models/{name}"),
            None,
            "/error/code",
            json!(404),
        ),
        (
            format!("/v1/models/{name}/endpoints"),
            None,
            "/error/code",
            json!(404),
        ),
        (
            format!("/api/v1/models/{name}/endpoints"),
            None,
            "/error/code",
            json!(404),
        ),
        (
            format!("/api/v1/model/{name}"),
            None,
            "/error/metadata/error_type",
            json!("model_not_found"),
        ),
        (
            format!("/merge/v1/models/{name}"),
            None,
            "/error/type",
            json!("not_found_error"),
        ),
    ] {
        let got = ask(&path, header).await;
        let body = got.json();
        assert_eq!(
            (got.status, body.pointer(code_at)),
            (404, Some(&code)),
            "{path} {body}"
        );
        let message = string_at(&body, "/error/message");
        assert!(message.contains("openai/gpt-4o-mini"), "{path}: {message}");
    }
    let free = ask("/v1/models/openai/o1-pro:free?all=true", None).await;
    assert_eq!(free.status, 404, "nobody gives it away");
    let free = ask("/v1/models/openai/gpt-4o-mini:free?all=true", None).await;
    let free = (free.status, string_at(&free.json(), "/pricing/prompt"));
    assert_eq!(free, (200, "0".to_owned()), "one host gives it away");
    let nowhere = ask("/api/v1/nothing", None).await;
    assert_eq!(nowhere.json()["error"]["code"], 404);
}
