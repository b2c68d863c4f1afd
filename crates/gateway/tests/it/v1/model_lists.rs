//! `/v1/models` with a query: filters, order, pages; and what caches may do with it.

use crate::scene::{Scene, Whole, admin, setup, string_at, whole};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use testkit::client::Call;
use testkit::gateway::TestGateway;

async fn get(gateway: &TestGateway, path: &str, headers: &[(&'static str, &str)]) -> Whole {
    let mut call = Call::get(gateway.address(), path);
    if !headers.iter().any(|(name, _)| *name == "x-api-key") {
        call = call.header("authorization", format!("Bearer {}", gateway.key()));
    }
    for (name, value) in headers {
        call = call.header(*name, *value);
    }
    whole(call).await
}

async fn listed(gateway: &TestGateway, query: &str) -> Vec<Value> {
    let got = get(gateway, &format!("/v1/models?all=true&{query}"), &[]).await;
    assert_eq!(got.status, 200, "{query}: {:?}", got.json());
    let list = got.json();
    let data = list["data"].as_array().unwrap().clone();
    assert_eq!(list["total_count"].as_u64().unwrap(), data.len() as u64);
    data
}

fn ids(models: &[Value]) -> Vec<String> {
    models.iter().map(|one| string_at(one, "/id")).collect()
}

fn lists(model: &Value, at: &str, word: &str) -> bool {
    let words = model.pointer(at).and_then(Value::as_array);
    words.is_some_and(|words| words.iter().any(|known| known == word))
}

fn price(model: &Value) -> f64 {
    string_at(model, "/pricing/prompt").parse().unwrap()
}

/// A price in 10⁻¹² USD.
fn pico(model: &Value, field: &str) -> u64 {
    let price = string_at(model, &format!("/pricing/{field}"));
    let (whole, fraction) = price.split_once('.').unwrap_or((&price, ""));
    format!("{whole}{fraction:0<12}").parse().unwrap()
}

/// A gateway with nothing but the catalogue.
async fn plain() -> TestGateway {
    TestGateway::start(setup(Vec::new(), "")).await.unwrap()
}

#[tokio::test]
async fn each_filter_leaves_what_it_names() {
    let gateway = plain().await;
    let everything = listed(&gateway, "").await;
    assert!(everything.len() > 1600, "{}", everything.len());
    let distinct: BTreeSet<String> = ids(&everything).into_iter().collect();
    assert_eq!(distinct.len(), everything.len());
    type Holds = fn(&Value) -> bool;
    let cases: [(&str, Holds); 13] = [
        ("model_authors=anthropic,mistralai", |it| {
            it["owned_by"] == "anthropic" || it["owned_by"] == "mistralai"
        }),
        ("providers=Groq", |it| lists(it, "/providers", "groq")),
        ("supported_parameters=tools,tool_choice", |it| {
            lists(it, "/supported_parameters", "tools")
        }),
        ("input_modalities=image,text", |it| {
            lists(it, "/architecture/input_modalities", "image")
        }),
        ("output_modalities=embeddings", |it| {
            it["type"] == "embedding"
        }),
        ("type=image,video", |it| {
            it["type"] == "image" || it["type"] == "video"
        }),
        ("capability=reasoning,tool-use", |it| {
            lists(it, "/capabilities", "reasoning") && lists(it, "/capabilities", "tools")
        }),
        ("context=1000000", |it| {
            it["context_length"].as_u64().unwrap() >= 1_000_000
        }),
        ("q=GPT+4o+mini", |it| {
            let text = it.to_string().to_lowercase();
            ["gpt", "4o", "mini"].iter().all(|word| text.contains(word))
        }),
        ("arch=gpt", |it| it["architecture"]["tokenizer"] == "GPT"),
        ("min_intelligence_index=20", |it| {
            it["benchmarks"]["artificial_analysis"]["intelligence_index"]
                .as_f64()
                .unwrap()
                >= 20.0
        }),
        ("max_age_days=400", |it| {
            it["created"].as_i64().unwrap() > 1_700_000_000
        }),
        ("lifecycle=deprecated", |it| {
            it["expiration_date"].is_string()
        }),
    ];
    for (query, holds) in cases {
        let left = listed(&gateway, query).await;
        assert!(
            !left.is_empty() && left.len() < everything.len(),
            "{query}: {}",
            left.len()
        );
        let wrong = left.iter().find(|model| !holds(model));
        assert!(wrong.is_none(), "{query}: {wrong:?}");
    }
    let free = listed(&gateway, "max_price=0&max_output_price=0").await;
    assert!(free.len() > 5 && free.len() < everything.len());
    // A price is asked of what is shown, not of another provider's offering.
    let dearer = (free.iter()).find(|it| price(it) != 0.0 || pico(it, "completion") != 0);
    assert!(dearer.is_none(), "{dearer:?}");
    let mini = ids(&listed(&gateway, "q=gpt-4o-mini&author=openai").await);
    assert!(mini.contains(&"openai/gpt-4o-mini".to_owned()), "{mini:?}");
    let dear = listed(&gateway, "min_price=10&sort=pricing-low-to-high").await;
    assert!(dear.len() > 10);
    let count = get(&gateway, "/v1/models/count?all=true&min_price=10", &[]).await;
    assert_eq!(count.json()["data"]["count"], dear.len());
}

#[tokio::test]
async fn what_it_is_sorted_by_is_sorted() {
    let gateway = plain().await;
    let cheap = listed(&gateway, "sort=pricing-low-to-high").await;
    let (known, unknown): (Vec<&Value>, Vec<&Value>) =
        cheap.iter().partition(|it| it["pricing"]["prompt"] != "-1");
    let sums: Vec<u64> = (known.iter())
        .map(|it| pico(it, "prompt") + pico(it, "completion"))
        .collect();
    assert!(sums.is_sorted() && sums.len() > 1000);
    assert!(!unknown.is_empty());
    let last = cheap.iter().skip(known.len()).collect::<Vec<_>>();
    assert_eq!(last, unknown, "unpriced ones come last");
    let large = listed(&gateway, "sort=context-high-to-low").await;
    let sizes: Vec<_> = large
        .iter()
        .map(|it| it["context_length"].as_u64())
        .collect();
    assert!(sizes.is_sorted_by(|a, b| a >= b));
    let best = listed(&gateway, "sort=intelligence-high-to-low").await;
    assert_eq!(ids(&best[..2]), ["openai/o4-mini", "openai/gpt-4o-mini"]);
    let newest = listed(&gateway, "sort=newest").await;
    let days: Vec<i64> = newest
        .iter()
        .map(|it| it["created"].as_i64().unwrap())
        .collect();
    assert!(days.is_sorted_by(|a, b| a >= b));
}

/// The author's own offering has no price yet, and others' have: `-1` was shown all the same.
#[tokio::test]
async fn a_model_that_anybody_has_priced_is_not_shown_as_unpriced() {
    let gateway = plain().await;
    let all = listed(&gateway, "type=language").await;
    let unpriced: Vec<&Value> = (all.iter())
        .filter(|it| it["pricing"]["prompt"] == "-1" && it["pricing"]["per"].is_null())
        .collect();
    assert!(unpriced.len() > 10 && unpriced.len() * 10 < all.len());
    for model in unpriced {
        let id = string_at(model, "/id");
        let path = format!("/v1/models/{id}/endpoints?all=true");
        let data = get(&gateway, &path, &[]).await.json();
        let endpoints = data["data"]["endpoints"].as_array().unwrap();
        let priced = endpoints.iter().find(|it| it["pricing"]["prompt"] != "-1");
        assert!(priced.is_none(), "{id}: {priced:?}");
    }
}

/// Pictures, films and voices were shown at nothing a token, and led what is sorted by price.
#[tokio::test]
async fn what_is_not_sold_by_the_token_has_no_price_of_tokens_and_sorts_last() {
    let gateway = plain().await;
    let made = listed(&gateway, "type=image,video,speech,transcription").await;
    let by_piece =
        |it: &&Value| it["pricing"]["per"].is_object() && it["pricing"]["input"].is_null();
    assert!(made.iter().filter(by_piece).count() > 50);
    let nothing =
        |it: &&Value| it["pricing"]["prompt"] == "0" && it["pricing"]["completion"] == "0";
    assert_eq!(made.iter().find(nothing), None);
    let sora = made.iter().find(|it| it["id"] == "openai/sora-2").unwrap();
    assert!(
        sora["pricing"]["per"]["output_second"].is_string(),
        "{sora}"
    );
    assert_eq!(sora["pricing"]["prompt"], "-1");
    for order in ["pricing-low-to-high", "pricing-high-to-low"] {
        let sorted = listed(&gateway, &format!("sort={order}")).await;
        let first_without = sorted.iter().position(|it| it["pricing"]["prompt"] == "-1");
        let rest = &sorted[first_without.unwrap()..];
        assert!(
            rest.iter().all(|it| it["pricing"]["prompt"] == "-1"),
            "{order}"
        );
    }
    let bounded = listed(&gateway, "type=video&max_price=1000000").await;
    assert!(bounded.iter().all(|it| it["pricing"]["prompt"] != "-1"));
}

/// What is not understood is never passed over.
#[tokio::test]
async fn an_unknown_value_is_refused_by_name() {
    let gateway = plain().await;
    for (query, param, says) in [
        (
            "supported_parameters=tools,tolls",
            "supported_parameters",
            "'tolls'",
        ),
        (
            "input_modalities=smell",
            "input_modalities",
            "text, image, file, audio, video",
        ),
        ("output_modalities=smell", "output_modalities", "'smell'"),
        ("capability=flying", "capability", "'flying'"),
        ("model_authors=opneai", "model_authors", "'opneai'"),
        ("providers=opneai", "providers", "/v1/providers?all=true"),
        ("max_price=cheap", "max_price", "USD per million tokens"),
        ("context=large", "context", "a whole number of tokens"),
        (
            "category=programming",
            "category",
            "this catalogue does not know it",
        ),
        ("sort=most-popular", "sort", "pricing-low-to-high"),
        ("all=perhaps", "all", "expected true or false"),
        ("limit=0", "limit", "from 1 to 1000"),
        ("region=mars", "region", "eu"),
        ("arch=Klingon", "arch", "GPT"),
    ] {
        let path = format!("/v1/models?{query}");
        let got = get(&gateway, &path, &[]).await;
        let error = &got.json()["error"];
        assert_eq!(
            (got.status, &error["param"]),
            (400, &json!(param)),
            "{query}"
        );
        assert_eq!(error["code"], "invalid_filter");
        let message = string_at(error, "/message");
        assert!(
            message.starts_with(param) && message.contains(says),
            "{message}"
        );
    }
    let theirs = get(&gateway, "/api/v1/models?sort=x", &[]).await.json();
    assert_eq!(theirs["error"]["code"], 400);
    let version = ("anthropic-version", "2023-06-01");
    let got = get(&gateway, "/v1/models?after_id=x", &[version]).await;
    assert_eq!(got.json()["error"]["type"], "invalid_request_error");
    let got = get(&gateway, "/v1/models?client_version=9", &[]).await;
    assert_eq!(
        got.status, 200,
        "names that mean nothing here are the client's own"
    );
}

#[tokio::test]
async fn pages_add_up_to_the_whole() {
    let gateway = plain().await;
    let everything = ids(&listed(&gateway, "").await);
    let (mut seen, mut next) = (
        Vec::new(),
        Some("/api/v1/models?all=true&limit=700&offset=0".to_owned()),
    );
    while let Some(path) = next {
        let page = get(&gateway, &path, &[]).await.json();
        assert_eq!(page["total_count"], everything.len());
        seen.extend(ids(page["data"].as_array().unwrap()));
        next = page["links"]["next"].as_str().map(str::to_owned);
    }
    assert_eq!(seen, everything);

    let version = ("anthropic-version", "2023-06-01");
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let path = format!("/v1/models?all=true&limit=900{after}");
        let page = get(&gateway, &path, &[version]).await.json();
        seen.extend(ids(page["data"].as_array().unwrap()));
        if page["has_more"] == false {
            break;
        }
        after = format!(
            "&after_id={}",
            string_at(&page, "/last_id").replace('/', "%2F")
        );
    }
    assert_eq!(seen, everything);

    let goog = ("x-goog-api-key", gateway.key());
    let page = get(&gateway, "/v1beta/models?all=true&pageSize=3", &[goog])
        .await
        .json();
    assert_eq!(page["models"].as_array().unwrap().len(), 3);
    let token = string_at(&page, "/nextPageToken");
    let path = format!("/v1beta/models?all=true&pageSize=1&pageToken={token}");
    let page = get(&gateway, &path, &[goog]).await.json();
    assert_eq!(page["models"][0]["baseModelId"], everything[3].as_str());
}

/// A client that has a list is told so without its bytes, until a setting changes it.
#[tokio::test]
async fn a_list_is_sent_once_until_it_changes() {
    let scene = Scene::start().await;
    let gateway = &scene.gateway;
    for path in [
        "/v1/models",
        "/v1/models?q=fake&limit=3",
        "/v1/models/team/fake-text",
        "/v1/models/team/fake-text/endpoints",
        "/v1/providers",
        "/v4/ai/config",
        "/merge/v1/models",
    ] {
        let first = get(gateway, path, &[]).await;
        let tag = first.header("etag").to_owned();
        assert_eq!(first.status, 200, "{path}");
        assert!(tag.starts_with('"') && tag.len() > 20, "{tag}");
        assert_eq!(first.header("cache-control"), "private, no-cache");
        assert!(first.header("vary").contains("authorization"));
        let length = first.bytes.len().to_string();
        assert_eq!(first.header("content-length"), length, "{path}");
        let again = get(gateway, path, &[("if-none-match", &tag)]).await;
        assert_eq!((again.status, again.bytes.len()), (304, 0), "{path}");
        assert_eq!(again.header("etag"), tag);
        let other = get(gateway, path, &[("if-none-match", "\"x\"")]).await;
        assert_eq!((other.status, &other.bytes), (200, &first.bytes), "{path}");
    }
    let tag = |whole: &Whole| whole.header("etag").to_owned();
    let before = get(gateway, "/v1/models", &[]).await;
    let version = ("anthropic-version", "2023-06-01");
    let theirs = get(gateway, "/v1/models", &[version]).await;
    let filtered = get(gateway, "/v1/models?q=fake", &[]).await;
    let tags = BTreeSet::from([tag(&before), tag(&theirs), tag(&filtered)]);
    assert_eq!(tags.len(), 3, "other bytes, other tag");

    let said = json!({
        "base_url": format!("{}/v1", scene.first.url()),
        "models": [{"id": "fake-text", "input": "1", "output": "2"}],
    });
    let path = "/admin/v1/providers/acme";
    assert_eq!(admin(gateway, "PUT", path, said).await.0, 200);
    let credential = json!({"name": "main", "api_key": "k"});
    let (status, _) = admin(gateway, "POST", &format!("{path}/credentials"), credential).await;
    assert_eq!(status, 201);
    let after = get(gateway, "/v1/models", &[("if-none-match", &tag(&before))]).await;
    assert_eq!(after.status, 200);
    assert!(ids(after.json()["data"].as_array().unwrap()).contains(&"acme/fake-text".to_owned()));
}

/// Closed unless `tollgate.toml` says otherwise; a key that is given must be good in any case.
#[tokio::test]
async fn lists_without_a_key_are_a_setting() {
    let paths = [
        "/v1/models",
        "/v1/models/simulator/echo",
        "/api/v1/models/simulator/echo/endpoints",
        "/v1/providers",
        "/v4/ai/config",
        "/v1beta/models",
    ];
    for (config, open) in [
        ("", false),
        ("[models]\npublic = false\n", false),
        ("[models]\npublic = true\n", true),
    ] {
        let gateway = TestGateway::start(setup(Vec::new(), config)).await.unwrap();
        for path in paths {
            let got = whole(Call::get(gateway.address(), path)).await;
            assert_eq!(got.status, if open { 200 } else { 401 }, "{path}, {config}");
            if open {
                assert_eq!(got.header("cache-control"), "public, max-age=60");
            }
            let wrong =
                whole(Call::get(gateway.address(), path).header("x-api-key", "wrong")).await;
            assert_eq!(wrong.status, 401, "{path}, {config}");
            let keyed = get(&gateway, path, &[]).await;
            assert_eq!(keyed.header("cache-control"), "private, no-cache");
        }
        let body =
            json!({"model": "simulator/echo", "messages": [{"role": "user", "content": "hi"}]});
        let asked = Call::post(gateway.address(), "/v1/chat/completions", body.to_string());
        assert_eq!(
            whole(asked).await.status,
            401,
            "models themselves always want one"
        );
    }
}
