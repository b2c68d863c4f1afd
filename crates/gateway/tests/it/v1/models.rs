//! `GET /v1/models`: what a key can call, in each ecosystem's shape.

use crate::scene::{ADMIN, Scene, Whole, admin, string_at, whole};
use serde_json::{Value, json};
use testkit::client::Call;

async fn get(scene: &Scene, path: &str, key: &str, anthropic: bool) -> Whole {
    let mut call = Call::get(scene.gateway.address(), path).header("x-api-key", key);
    if anthropic {
        call = call.header("anthropic-version", "2023-06-01");
    }
    whole(call).await
}

fn ids(list: &Value) -> Vec<String> {
    let data = list["data"].as_array().unwrap().iter();
    data.map(|one| string_at(one, "/id")).collect()
}

#[tokio::test]
async fn the_list_holds_what_the_key_can_call_in_the_clients_shape() {
    let scene = Scene::start().await;
    let key = scene.gateway.key();
    let list = get(&scene, "/v1/models", key, false).await;
    assert_eq!(list.status, 200);
    assert!(list.id.starts_with("gen_"));
    let list = list.json();
    assert_eq!(list["object"], "list");
    let all = ids(&list);
    assert!(
        all.contains(&"simulator/echo".to_owned()) && all.contains(&"team/fake-text".to_owned())
    );
    assert!(
        !all.iter().any(|id| id.starts_with("openai/")),
        "no key for it"
    );
    let find = |id: &str| {
        list["data"]
            .as_array()
            .unwrap()
            .iter()
            .find(|one| one["id"] == id)
            .unwrap()
    };
    let one = find("team/fake-text");
    assert_eq!(
        (&one["object"], &one["owned_by"]),
        (&json!("model"), &json!("team"))
    );
    assert_eq!(one["providers"], json!(["openai-first", "openai-second"]));
    let (input, output) = ("0.000001", "0.000002");
    assert_eq!(
        one["pricing"],
        json!({"prompt": input, "completion": output, "request": "0", "input": input, "output": output})
    );
    assert_eq!(
        one["architecture"],
        json!({
            "modality": "text->text", "input_modalities": ["text"], "output_modalities": ["text"],
            "tokenizer": null, "instruct_type": null,
        })
    );
    let details = &one["links"]["details"];
    assert_eq!(details, "/api/v1/models/team/fake-text/endpoints");
    let echo = find("simulator/echo");
    assert_eq!(
        (&echo["context_length"], &echo["max_output_tokens"]),
        (&json!(200_000), &json!(64_000))
    );
    assert!(
        echo["capabilities"]
            .as_array()
            .unwrap()
            .contains(&json!("tools"))
    );

    let parameters = echo["supported_parameters"].as_array().unwrap();
    assert!(parameters.contains(&json!("tool_choice")));
    assert_eq!(find("simulator/embed")["type"], "embedding");
    for base in ["/api/v1/models", "/v1/models/user"] {
        assert_eq!(
            ids(&get(&scene, base, key, false).await.json()),
            all,
            "{base}"
        );
    }
    let count = get(&scene, "/api/v1/models/count", key, false).await.json();
    assert_eq!(count, json!({"data": {"count": all.len()}}));

    let list = get(&scene, "/v1/models", key, true).await.json();
    let chats: Vec<&String> = all.iter().filter(|id| *id != "simulator/embed").collect();
    assert_eq!(
        ids(&list).iter().collect::<Vec<_>>(),
        chats,
        "it has no door for embeddings"
    );
    assert_eq!(
        (&list["has_more"], &list["first_id"]),
        (&json!(false), &list["data"][0]["id"])
    );
    assert_eq!(list["last_id"], *all.last().unwrap());
    for entry in list["data"].as_array().unwrap() {
        assert_eq!(entry["type"], "model");
        let members: Vec<&String> = entry.as_object().unwrap().keys().collect();
        let expect = [
            "created_at",
            "display_name",
            "id",
            "lifecycle",
            "max_input_tokens",
            "max_tokens",
            "retires_at",
            "type",
        ];
        assert_eq!(members, expect);
    }
    assert_eq!(
        get(&scene, "/anthropic/v1/models", key, false).await.json(),
        list
    );
    let everything = get(&scene, "/v1/models?all=true", key, false).await.json();
    assert!(ids(&everything).iter().any(|id| id.starts_with("openai/")));
}

#[tokio::test]
async fn one_model_by_any_of_its_names() {
    let scene = Scene::start().await;
    let key = scene.gateway.key();
    for path in [
        "/v1/models/simulator/echo",
        "/v1/models/simulator%2Fecho",
        "/v1/models/echo",
    ] {
        for anthropic in [false, true] {
            let got = get(&scene, path, key, anthropic).await;
            assert_eq!(
                (got.status, string_at(&got.json(), "/id").as_str()),
                (200, "simulator/echo"),
                "{path}"
            );
        }
    }
    for path in ["/v1/models/simulator/ecko", "/v1/models/openai/gpt-4o-mini"] {
        let got = get(&scene, path, key, false).await;
        assert_eq!(
            (got.status, &got.json()["error"]["param"]),
            (404, &json!("model")),
            "{path}"
        );
        let got = get(&scene, path, key, true).await;
        assert_eq!(
            (got.status, &got.json()["type"]),
            (404, &json!("error")),
            "{path}"
        );
    }
    assert_eq!(
        get(&scene, "/v1/models", "tg_nobody", false).await.status,
        401
    );
    assert_eq!(get(&scene, "/v1/models", ADMIN, true).await.status, 401);
}

/// A key that may call some models sees these, and can call these.
#[tokio::test]
async fn a_keys_own_list_bounds_it() {
    let scene = Scene::start().await;
    let wanted = json!({"project": "default", "name": "bound", "allowed_models": ["team/fake-text", "crew/*"]});
    let (status, made) = admin(&scene.gateway, "POST", "/admin/v1/keys", wanted).await;
    assert_eq!(status, 201);
    let key = string_at(&made, "/key");
    let list = ids(&get(&scene, "/v1/models", &key, false).await.json());
    assert!(
        list.len() > 2
            && list
                .iter()
                .all(|id| id == "team/fake-text" || id.starts_with("crew/")),
        "{list:?}"
    );
    let ask = async |model: &str| {
        let body = json!({"model": model, "messages": [{"role": "user", "content": "hi"}]});
        let call = Call::post(
            scene.gateway.address(),
            "/v1/chat/completions",
            body.to_string(),
        );
        whole(call.header("x-api-key", key.as_str())).await
    };
    assert_eq!(ask("team/fake-text").await.status, 200);
    let refused = ask("simulator/echo").await;
    assert_eq!(refused.status, 403);
    assert_eq!(refused.json()["error"]["code"], "model_not_allowed");
    assert_eq!(
        get(&scene, "/v1/models/simulator/echo", &key, false)
            .await
            .status,
        404
    );
}
