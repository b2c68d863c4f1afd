//! What a request cannot do without: it goes to who can be told it, and is refused only where nobody can. And the routing
//! controls that each dialect's official client can write.

use crate::scene::{Door, Scene, Whole, whole};
use serde_json::{Value, json};
use testkit::client::Call;

fn providers(record: &Value) -> Vec<&str> {
    let attempts = record["attempts"].as_array().unwrap().iter();
    attempts
        .map(|attempt| attempt["provider"].as_str().unwrap())
        .collect()
}

async fn searching(scene: &Scene, model: &str, provider: Value) -> (Whole, Value) {
    let mut body = Door::Chat.body(model, "Who won?", false);
    body["web_search_options"] = json!({});
    body["provider"] = provider;
    let got = scene.ask(Door::Chat, &body).await;
    let record = scene.record(&got.id).await;
    (got, record)
}

/// The first in the client's order has no word for it, so the next is asked.
#[tokio::test]
async fn a_request_goes_to_who_can_be_told_all_of_it() {
    let scene = Scene::start().await;
    let order = json!({"order": ["anthropic-second"]});
    let (got, record) = searching(&scene, "mixed/fake-text", order).await;
    assert_eq!(got.status, 200, "{record}");
    assert_eq!(providers(&record), ["openai-first"]);
    assert_eq!(record["excluded"][0]["provider"], "anthropic-second");
    assert_eq!(record["excluded"][0]["reason"], "cannot_express_request");
    assert_eq!(record["lost"], json!([]));
}

#[tokio::test]
async fn where_nobody_can_be_told_it_the_field_is_named() {
    let scene = Scene::start().await;
    let only = json!({"only": ["anthropic-second"]});
    let (got, record) = searching(&scene, "mixed/fake-text", only).await;
    let error = &got.json()["error"];
    assert_eq!(got.status, 400, "{record}");
    assert_eq!(error["param"], "web_search_options", "{error}");
    assert_eq!(error["code"], "unsupported");
    assert!(scene.second.requests().is_empty());
}

/// That another offering has no words for the request hid that the one which has them only failed at the moment: the client
/// heard that its request was wrong, and need not come back.
#[tokio::test]
async fn an_outage_is_told_though_another_could_not_be_asked() {
    let scene = Scene::start().await;
    let (got, record) = searching(&scene, "mixed/fake-error-503", json!({})).await;
    assert_eq!(got.status, 503, "{record}");
    // The only one that can be asked is asked twice.
    assert_eq!(providers(&record), ["openai-first", "openai-first"]);
}

/// Nobody says what these models can do, so that each request that demanded all it asked for was refused.
#[tokio::test]
async fn what_nobody_knows_of_an_offering_is_not_missing() {
    let scene = Scene::start().await;
    let mut body = Door::Chat.body("openai-first/fake-text", "Hi", false);
    body["tools"] = json!([{"type": "function", "function": {"name": "f"}}]);
    body["require_parameters"] = json!(true);
    let got = scene.ask(Door::Chat, &body).await;
    assert_eq!(got.status, 200, "{got:?}");
}

/// Clients that check what they send have one place for members that they do not know.
#[tokio::test]
async fn every_official_client_has_a_place_for_controls() {
    let scene = Scene::start().await;
    let question = json!([{"role": "user", "content": [{"text": "Hi"}]}]);
    let contents = json!([{"role": "user", "parts": [{"text": "Hi"}]}]);
    let order = json!({"order": ["openai-second"]});
    let bedrock = |inside: Value| {
        let body = json!({"messages": question, "additionalModelRequestFields": {"top_k": 3, "tollgate": inside}});
        ("/bedrock/model/team%2Ffake-text/converse", body)
    };
    let merge = |inside: Value| {
        let body = json!({"model": "team/fake-text", "input": "Hi", "provider_options": {"tollgate": inside}});
        ("/merge/v1/responses", body)
    };
    let gemini = |controls: &Value| {
        let body = json!({"contents": contents, "provider": controls});
        ("/v1beta/models/team/fake-text:generateContent", body)
    };
    // What is asked, and the provider that answers or the field that is wrong.
    let cases = [
        (bedrock(json!({})), Ok("openai-first")),
        (bedrock(json!({"provider": order})), Ok("openai-second")),
        (
            bedrock(json!({"provider": order, "require_parameters": true})),
            Err("top_k"),
        ),
        (
            bedrock(json!({"order": ["openai-second"]})),
            Err("additionalModelRequestFields.tollgate.order"),
        ),
        (merge(json!({"provider": order})), Ok("openai-second")),
        (merge(json!({"vendor": 7})), Err("vendor")),
        (gemini(&order), Ok("openai-second")),
        (gemini(&json!({"only": ["nobody"]})), Err("provider.only")),
    ];
    for ((path, body), expect) in cases {
        let call = Call::post(scene.gateway.address(), path, body.to_string());
        let key = format!("Bearer {}", scene.gateway.key());
        let got = whole(call.header("authorization", key)).await;
        match expect {
            Ok(provider) => assert_eq!(got.header("x-tollgate-provider"), provider, "{got:?}"),
            Err(field) => {
                let said = String::from_utf8_lossy(&got.bytes);
                assert!(
                    (400..500).contains(&got.status) && said.contains(field),
                    "{said}"
                );
            }
        }
    }
    for asked in [scene.first.requests(), scene.second.requests()].concat() {
        let sent = String::from_utf8_lossy(&asked.body).into_owned();
        assert!(
            !sent.contains("tollgate") && !sent.contains("provider"),
            "{sent}"
        );
    }
}
