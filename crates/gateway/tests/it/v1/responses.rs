//! The state of the Responses API: conversations that go on from a kept response, at providers that keep nothing.

use crate::scene::{Frame, Scene, Whole, admin, fake, record, setup, string_at, whole};
use serde_json::{Value, json};
use std::time::Duration;
use testkit::client::Call;
use testkit::fake_provider::Behaviour;
use testkit::gateway::TestGateway;

const PATH: &str = "/v1/responses";
/// One fake in dialects that say a conversation differently.
const MODELS: [&str; 2] = ["openai-first/fake-text", "anthropic-first/fake-text"];

fn call(gateway: &TestGateway, method: &str, path: &str, body: &Value) -> Call {
    let mut call = gateway.call(path, body);
    call.method = method.parse().unwrap();
    call
}

async fn ask(gateway: &TestGateway, body: Value) -> Whole {
    whole(gateway.call(PATH, &body)).await
}

async fn get(gateway: &TestGateway, path: &str) -> Whole {
    whole(call(
        gateway,
        "GET",
        &format!("{PATH}/{path}"),
        &Value::Null,
    ))
    .await
}

async fn delete(gateway: &TestGateway, id: &str) -> Whole {
    whole(call(
        gateway,
        "DELETE",
        &format!("{PATH}/{id}"),
        &Value::Null,
    ))
    .await
}

/// An answer of status 200: its id and all of it.
fn answered(got: &Whole) -> (String, Value) {
    assert_eq!(got.status, 200, "{}", got.json());
    (string_at(&got.json(), "/id"), got.json())
}

/// What was refused: status, code and message.
fn refused(got: &Whole) -> (u16, String, String) {
    let body = got.json();
    (
        got.status,
        string_at(&body, "/error/code"),
        string_at(&body, "/error/message"),
    )
}

/// The answer that a stream's last event holds.
fn last(frames: &[Frame]) -> Value {
    let last = frames.last().unwrap().json();
    assert_eq!(last["type"], "response.completed", "{last}");
    last["response"].clone()
}

/// Role and text of each message that the fake received last.
fn heard(scene: &Scene) -> Vec<(String, String)> {
    let sent: Value = serde_json::from_slice(&scene.first.requests().last().unwrap().body).unwrap();
    for member in ["store", "previous_response_id"] {
        assert_eq!(sent.get(member), None, "{sent}");
    }
    let messages = sent["messages"].as_array().unwrap().iter();
    let text = |content: &Value| match content {
        Value::String(text) => text.clone(),
        parts => string_at(parts, "/0/text"),
    };
    messages
        .map(|one| (string_at(one, "/role"), text(&one["content"])))
        .collect()
}

fn said(role: &str, text: &str) -> (String, String) {
    (role.to_owned(), text.to_owned())
}

/// A key of another project.
async fn stranger(gateway: &TestGateway) -> String {
    let wanted = json!({"project": "elsewhere", "name": "web"});
    let (status, made) = admin(gateway, "POST", "/admin/v1/keys", wanted).await;
    assert_eq!(status, 201, "{made}");
    string_at(&made, "/key")
}

#[tokio::test]
async fn a_conversation_goes_on_at_providers_of_other_dialects() {
    let scene = Scene::start().await;
    for (first, second) in [(0, 1), (1, 0)] {
        let asked = json!({"model": MODELS[first], "input": "One.", "instructions": "Be brief."});
        let (one, answer) = answered(&ask(&scene.gateway, asked).await);
        assert_eq!(
            (&answer["store"], &answer["previous_response_id"]),
            (&json!(true), &Value::Null)
        );
        let text = string_at(&answer, "/output/0/content/0/text");
        for stream in [false, true] {
            let asked = json!({"model": MODELS[second], "previous_response_id": one, "stream": stream,
                "input": [{"role": "user", "content": "Two."}], "max_output_tokens": 100});
            let got = ask(&scene.gateway, asked).await;
            let answer = if stream {
                last(&got.frames())
            } else {
                answered(&got).1
            };
            assert_eq!(answer["previous_response_id"], one);
            let so_far = [
                said("user", "One."),
                said("assistant", &text),
                said("user", "Two."),
            ];
            // Instructions are of one turn only.
            assert_eq!(heard(&scene), so_far);

            let two = string_at(&answer, "/id");
            let asked = json!({"model": MODELS[first], "previous_response_id": two, "input": "Three.",
                "store": false});
            let (three, answer) = answered(&ask(&scene.gateway, asked).await);
            let again = [said("assistant", &text), said("user", "Three.")];
            assert_eq!(heard(&scene), [so_far.as_slice(), &again].concat());
            assert_eq!(answer["store"], false);
            assert_eq!(get(&scene.gateway, &three).await.status, 404);
        }
    }
}

#[tokio::test]
async fn calls_of_tools_are_answered_with_nothing_but_their_results() {
    let scene = Scene::start().await;
    for provider in ["openai-first", "anthropic-first"] {
        let mut asked = json!({"model": format!("{provider}/fake-tools"), "input": "Weather?",
            "tools": [{"type": "function", "name": "get_weather",
                "parameters": {"type": "object", "properties": {"place": {"type": "string"}}}}]});
        let (id, answer) = answered(&ask(&scene.gateway, asked.clone()).await);
        let items = answer["output"].as_array().unwrap();
        let call = items.iter().find(|item| item["type"] == "function_call");
        let call_id = string_at(call.unwrap(), "/call_id");
        asked["previous_response_id"] = json!(id);
        asked["input"] =
            json!([{"type": "function_call_output", "call_id": call_id, "output": "sunny"}]);
        let (_, answer) = answered(&ask(&scene.gateway, asked).await);
        let text = string_at(&answer, "/output/0/content/0/text");
        assert_eq!(text, format!("Results: {call_id}=sunny"));
    }
}

#[tokio::test]
async fn what_is_kept_is_read_again_listed_and_deleted() {
    let scene = Scene::start().await;
    let gateway = &scene.gateway;
    for stream in [false, true] {
        let asked = json!({"model": MODELS[1], "stream": stream,
            "input": [{"role": "user", "content": "a"}, {"role": "user", "content": "b", "id": "mine"}]});
        let got = ask(gateway, asked).await;
        let answer = if stream {
            last(&got.frames())
        } else {
            got.json()
        };
        let id = string_at(&answer, "/id");
        let kept = get(gateway, &id).await;
        assert_eq!(answered(&kept), (id.clone(), answer.clone()));
        if !stream {
            assert_eq!(kept.bytes, got.bytes);
        }
        assert_eq!(
            refused(&get(gateway, &format!("{id}?stream=true")).await).0,
            400
        );

        let list = async |query: &str| {
            let got = get(gateway, &format!("{id}/input_items{query}")).await;
            assert_eq!(got.status, 200, "{}", got.json());
            got.json()
        };
        let all = list("").await;
        let data = all["data"].as_array().unwrap();
        assert_eq!(
            (all["object"].as_str(), &all["has_more"]),
            (Some("list"), &json!(false))
        );
        assert_eq!(data[0]["id"], "mine");
        assert_eq!(
            data[1]["content"],
            json!([{"type": "input_text", "text": "a"}])
        );
        assert_eq!(
            (&all["first_id"], &all["last_id"]),
            (&data[0]["id"], &data[1]["id"])
        );
        let one = list("?limit=1&order=asc").await;
        assert_eq!(
            (&one["data"], &one["has_more"]),
            (&json!([data[1]]), &json!(true))
        );
        let after = list(&format!(
            "?order=asc&after={}",
            one["last_id"].as_str().unwrap()
        ))
        .await;
        assert_eq!(
            (&after["data"], &after["has_more"]),
            (&json!([data[0]]), &json!(false))
        );
        for wrong in ["?limit=0", "?limit=101", "?order=up", "?after=none"] {
            let got = get(gateway, &format!("{id}/input_items{wrong}")).await;
            assert_eq!(got.status, 400, "{wrong}");
        }

        let cancel = whole(gateway.call(&format!("{PATH}/{id}/cancel"), &Value::Null)).await;
        assert_eq!(refused(&cancel).0, 400);
        let wrong = whole(gateway.call(&format!("{PATH}/{id}"), &Value::Null)).await;
        assert_eq!((wrong.status, wrong.header("allow")), (405, "GET, DELETE"));
        let gone = delete(gateway, &id).await;
        assert_eq!(
            gone.json(),
            json!({"id": id, "object": "response", "deleted": true})
        );
        for got in [
            get(gateway, &id).await,
            get(gateway, &format!("{id}/input_items")).await,
            delete(gateway, &id).await,
        ] {
            let message = format!("Response with id '{id}' not found.");
            assert_eq!(
                refused(&got),
                (404, "response_not_found".to_owned(), message)
            );
        }
        let on = json!({"model": MODELS[0], "input": "c", "previous_response_id": id});
        assert_not_found(&ask(gateway, on).await, &id);
    }
}

/// What OpenAI answers, all four of it: <https://github.com/router-for-me/CLIProxyAPI/issues/2954> (2026-04) and, the
/// status, <https://github.com/bigduu/Bamboo-agent/pull/513> (2026-07). Its documents only name the code:
/// <https://developers.openai.com/api/docs/guides/websocket-mode>.
fn assert_not_found(got: &Whole, id: &str) {
    let message = format!("Previous response with id '{id}' not found.");
    let code = "previous_response_not_found".to_owned();
    assert_eq!(refused(got), (400, code, message));
    let error = got.json()["error"].clone();
    assert_eq!(error["type"], "invalid_request_error");
    assert_eq!(error["param"], "previous_response_id");
}

#[tokio::test]
async fn another_project_finds_nothing() {
    let scene = Scene::start().await;
    let asked = json!({"model": MODELS[0], "input": "A secret."});
    let (id, answer) = answered(&ask(&scene.gateway, asked).await);
    let item = string_at(&answer, "/output/0/id");
    let calls_before = scene.first.requests().len();
    let key = stranger(&scene.gateway).await;
    let as_stranger = async |method: &str, path: &str, body: Value| {
        let mut call = call(&scene.gateway, method, path, &body);
        call.headers.retain(|(name, _)| name != "authorization");
        whole(call.header("authorization", format!("Bearer {key}"))).await
    };
    for (method, path) in [
        ("GET", format!("{PATH}/{id}")),
        ("GET", format!("{PATH}/{id}/input_items")),
        ("POST", format!("{PATH}/{id}/cancel")),
        ("DELETE", format!("{PATH}/{id}")),
    ] {
        let got = as_stranger(method, &path, Value::Null).await;
        assert_eq!(refused(&got).0, 404, "{method} {path}");
    }
    let on = json!({"model": MODELS[0], "input": "Tell.", "previous_response_id": id});
    assert_not_found(&as_stranger("POST", PATH, on).await, &id);
    let named = json!({"model": MODELS[0], "input": [{"type": "item_reference", "id": item}]});
    let got = as_stranger("POST", PATH, named).await;
    assert_eq!(refused(&got).1, "item_not_found");
    assert_eq!(scene.first.requests().len(), calls_before);
    assert_eq!(get(&scene.gateway, &id).await.status, 200);
}

#[tokio::test]
async fn items_that_are_kept_may_be_named() {
    let scene = Scene::start().await;
    let asked =
        json!({"model": MODELS[0], "input": [{"role": "user", "content": "One.", "id": "m1"}]});
    let (_, answer) = answered(&ask(&scene.gateway, asked).await);
    let item = string_at(&answer, "/output/0/id");
    let text = string_at(&answer, "/output/0/content/0/text");
    let asked = json!({"model": MODELS[1], "input": [{"type": "item_reference", "id": "m1"},
        {"type": "item_reference", "id": item}, {"role": "user", "content": "Two."}]});
    answered(&ask(&scene.gateway, asked).await);
    let expect = [
        said("user", "One."),
        said("assistant", &text),
        said("user", "Two."),
    ];
    assert_eq!(heard(&scene), expect);
    let asked = json!({"model": MODELS[1], "input": [{"type": "item_reference", "id": "nobody"}]});
    assert_eq!(refused(&ask(&scene.gateway, asked).await).0, 404);
    let asked = json!({"model": MODELS[1], "input": "Hi.", "conversation": "conv_1"});
    assert_eq!(refused(&ask(&scene.gateway, asked).await).0, 400);
}

#[tokio::test]
async fn what_failed_is_not_kept() {
    let scene = Scene::start().await;
    for scenario in ["error-mid-stream", "cut"] {
        let asked = json!({"model": format!("openai-first/fake-{scenario}"), "input": "Hi.", "stream": true});
        let got = ask(&scene.gateway, asked).await;
        let first = got.frames()[0].json();
        let id = string_at(&first, "/response/id");
        assert!(!id.is_empty(), "{first}");
        assert_eq!(get(&scene.gateway, &id).await.status, 404, "{scenario}");
    }
}

#[tokio::test]
async fn a_restart_forgets_nothing() {
    let mut scene = Scene::start().await;
    let asked = json!({"model": MODELS[0], "input": "One."});
    let (id, answer) = answered(&ask(&scene.gateway, asked).await);
    // As `kill -9` does.
    scene.gateway.restart().await.unwrap();
    assert_eq!(get(&scene.gateway, &id).await.json(), answer);
    let on = json!({"model": MODELS[1], "input": "Two.", "previous_response_id": id});
    answered(&ask(&scene.gateway, on).await);
    assert_eq!(heard(&scene).len(), 3);
}

#[tokio::test]
async fn what_is_too_old_goes_at_the_start() {
    let scene = Scene::start().await;
    let folder = scene.gateway.data_dir().join("responses");
    let mut gateway = scene.gateway;
    gateway.terminate(Duration::from_secs(20)).await.unwrap();
    std::fs::write(folder.join("2020-01.db"), "").unwrap();
    gateway.restart().await.unwrap();
    let begun = std::time::Instant::now();
    while folder.join("2020-01.db").exists() {
        assert!(begun.elapsed() < crate::scene::SOON, "{}", gateway.log());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn nothing_is_kept_where_the_operator_says_so() {
    let scene = Scene::with("[responses]\nstore = false\n").await;
    for stream in [false, true] {
        let asked = json!({"model": MODELS[1], "input": "One.", "store": true, "stream": stream});
        let got = ask(&scene.gateway, asked).await;
        let answer = if stream {
            last(&got.frames())
        } else {
            got.json()
        };
        assert_eq!(answer["store"], false, "{answer}");
        let id = string_at(&answer, "/id");
        assert_eq!(get(&scene.gateway, &id).await.status, 404);
        let on = json!({"model": MODELS[0], "input": "c", "previous_response_id": id});
        assert_not_found(&ask(&scene.gateway, on).await, &id);
    }
}

#[tokio::test]
async fn what_is_too_large_is_answered_and_not_kept() {
    let scene =
        Scene::with("[server]\nmax_body_bytes = 30000\n[responses]\nmax_bytes = 20000\n").await;
    let long = "x".repeat(25_000);
    for stream in [false, true] {
        let asked = json!({"model": MODELS[0], "input": long, "stream": stream});
        let got = ask(&scene.gateway, asked).await;
        let answer = if stream {
            last(&got.frames())
        } else {
            got.json()
        };
        assert_eq!(answer["store"], false);
        assert_eq!(
            get(&scene.gateway, &string_at(&answer, "/id")).await.status,
            404
        );
    }
    let half = "x".repeat(15_000);
    let asked = json!({"model": MODELS[0], "input": half});
    let (one, _) = answered(&ask(&scene.gateway, asked).await);
    let on = json!({"model": MODELS[0], "input": half, "previous_response_id": one});
    let got = refused(&ask(&scene.gateway, on).await);
    assert_eq!((got.0, got.1.as_str()), (400, "conversation_too_long"));
}

/// Each reference to an item became a copy of it before anything was measured, and what was kept was not measured at all.
#[tokio::test]
async fn references_count_as_what_they_stand_for() {
    let scene =
        Scene::with("[server]\nmax_body_bytes = 50000\n[responses]\nmax_bytes = 20000\n").await;
    let asked = json!({"model": MODELS[0], "input": "x".repeat(12_000)});
    let (one, _) = answered(&ask(&scene.gateway, asked).await);
    let items = get(&scene.gateway, &format!("{one}/input_items")).await;
    let reference = json!({"type": "item_reference", "id": string_at(&items.json(), "/data/0/id")});
    let refer = |times: usize| {
        let asked = json!({"model": MODELS[0], "input": vec![reference.clone(); times]});
        ask(&scene.gateway, asked)
    };
    for (times, store) in [(1, true), (3, false)] {
        let (_, answer) = answered(&refer(times).await);
        assert_eq!(answer["store"], store, "{times}");
    }
    for times in [5, 500] {
        let got = refused(&refer(times).await);
        assert_eq!((got.0, got.1.as_str()), (400, "conversation_too_long"));
    }
}

#[tokio::test]
async fn items_without_number_are_not_looked_for() {
    let scene = Scene::start().await;
    let input: Vec<Value> = (0..1001)
        .map(|at| json!({"type": "item_reference", "id": format!("msg_{at}")}))
        .collect();
    let got = ask(&scene.gateway, json!({"model": MODELS[0], "input": input})).await;
    let (status, _, message) = refused(&got);
    assert_eq!(status, 400);
    assert!(message.contains("1001 items"), "{message}");
}

/// A provider that gave each response the same id overwrote the first one, which then went on from itself for ever.
#[tokio::test]
async fn a_provider_that_repeats_an_id_makes_no_circle() {
    let odd = fake().await;
    let config = format!(
        "[providers.odd]\nbase_url = \"{}/v1\"\napi_key = \"x\"\nspeaks = [\"openai_responses\"]\nmodels = [\"fake-raw\"]\n",
        odd.url()
    );
    let gateway = TestGateway::start(setup(Vec::new(), &config))
        .await
        .unwrap();
    let message = json!({"type": "message", "id": "msg_1", "role": "assistant", "status": "completed",
        "content": [{"type": "output_text", "text": "Hi", "annotations": []}]});
    let said = json!({"id": "resp_1", "object": "response", "created_at": 1, "status": "completed",
        "model": "m", "output": [message], "usage": {"input_tokens": 1, "output_tokens": 1, "total_tokens": 2}});
    let event = |kind: &str| {
        let event = json!({"type": kind, "sequence_number": 0, "response": said});
        format!("event: {kind}\ndata: {event}\n\n")
    };
    let streamed = event("response.created") + &event("response.completed");
    let mut previous = Value::Null;
    let mut ids = Vec::new();
    for stream in [false, false, true, false] {
        let text = if stream {
            streamed.clone()
        } else {
            said.to_string()
        };
        let raw = Behaviour {
            text: Some(text),
            ..Behaviour::of("raw")
        };
        odd.script("fake-raw", [raw]);
        let asked = json!({"model": "odd/fake-raw", "input": "Hi.", "stream": stream,
            "previous_response_id": previous});
        let got = ask(&gateway, asked).await;
        let answer = if stream {
            last(&got.frames())
        } else {
            answered(&got).1
        };
        assert_eq!(answer["store"], true, "{answer}");
        let id = string_at(&answer, "/id");
        assert_eq!(get(&gateway, &id).await.json(), answer);
        previous = json!("resp_1");
        ids.push(id);
    }
    assert_eq!(ids[0], "resp_1");
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 4, "{ids:?}");
}

/// The provider is another gateway, which speaks this dialect too.
#[tokio::test]
async fn a_provider_of_the_same_dialect_keeps_nothing() {
    let behind = Scene::start().await;
    let config = format!(
        "[providers.behind]\nbase_url = \"{}/v1\"\napi_key = \"{}\"\nspeaks = [\"openai_responses\"]\nmodels = [\"{}\"]\n",
        behind.gateway.url(),
        behind.gateway.key(),
        MODELS[0],
    );
    let front = TestGateway::start(setup(Vec::new(), &config))
        .await
        .unwrap();
    let model = format!("behind/{}", MODELS[0]);
    let mut previous = Value::Null;
    let mut turns = 0;
    for stream in [false, true, false] {
        let asked = json!({"model": model, "input": "Hi.", "stream": stream, "store": true,
            "previous_response_id": previous});
        let got = ask(&front, asked).await;
        let answer = if stream {
            last(&got.frames())
        } else {
            answered(&got).1
        };
        assert_eq!(answer["store"], true, "{answer}");
        assert_eq!(answer["previous_response_id"], previous);
        let id = string_at(&answer, "/id");
        assert_eq!(get(&front, &id).await.json(), answer);
        assert_eq!(get(&behind.gateway, &id).await.status, 404);
        turns += 1;
        assert_eq!(heard(&behind).len(), 2 * turns - 1);
        previous = json!(id);
    }
}

/// They were taken for a response's id: "takes GET and DELETE requests only".
#[tokio::test]
async fn what_is_not_served_of_the_api_is_said() {
    let scene = Scene::start().await;
    for name in ["compact", "input_tokens"] {
        let asked = json!({"model": MODELS[0], "input": "Hi."});
        let got = whole(scene.gateway.call(&format!("{PATH}/{name}"), &asked)).await;
        let (status, code, message) = refused(&got);
        assert_eq!((status, code.as_str()), (404, "path_not_found"), "{name}");
        assert!(message.contains("is not served"), "{message}");
    }
}

/// Reasoning that a provider other than its own cannot go on from was dropped in silence, also where both speak this
/// dialect.
#[tokio::test]
async fn reasoning_of_another_origin_is_left_out_by_name() {
    let (ours, theirs) = (fake().await, fake().await);
    let provider = |id: &str, at: &str, speaks: &str| {
        format!(
            "[providers.{id}]\nbase_url = \"{at}/v1\"\napi_key = \"x\"\nspeaks = [\"{speaks}\"]\nmodels = [\"fake-reasoning\"]\n"
        )
    };
    let config = provider("responses", &ours.url(), "openai_responses")
        + &provider("claude", &theirs.url(), "anthropic")
        + &provider("chat", &theirs.url(), "openai_chat");
    let gateway = TestGateway::start(setup(Vec::new(), &config))
        .await
        .unwrap();
    let sealed = "previous_response_id[1].encrypted_content";
    let told = "previous_response_id[1].summary";
    // Who thought, whether it could be sent back, who goes on, and what that one cannot.
    for (first, effort, second, lost) in [
        ("responses", Some("low"), "responses", None),
        ("responses", Some("low"), "claude", Some(sealed)),
        ("responses", Some("low"), "chat", Some(sealed)),
        ("responses", None, "responses", Some(told)),
        ("claude", Some("low"), "claude", None),
        ("claude", Some("low"), "responses", Some(sealed)),
        ("chat", Some("low"), "responses", Some(told)),
        ("chat", Some("low"), "chat", None),
    ] {
        let case = format!("{first} {effort:?} {second}");
        let asked = json!({"model": format!("{first}/fake-reasoning"), "input": "One.",
            "reasoning": {"effort": effort, "summary": "auto"}});
        let (id, answer) = answered(&ask(&gateway, asked).await);
        assert_eq!(answer["output"][0]["type"], "reasoning", "{case}: {answer}");
        for stream in [false, true] {
            let asked = json!({"model": format!("{second}/fake-reasoning"), "input": "Two.",
                "previous_response_id": id, "stream": stream});
            let got = ask(&gateway, asked).await;
            assert_eq!(
                got.status,
                200,
                "{case}: {}",
                String::from_utf8_lossy(&got.bytes)
            );
            let kept = record(&gateway, &got.id).await;
            let recorded = kept["lost"].as_array().unwrap().iter();
            let recorded = recorded.map(|one| string_at(one, "/field"));
            let told = got.header("x-tollgate-lost").split(", ").map(str::to_owned);
            for named in [Vec::from_iter(recorded), Vec::from_iter(told)] {
                let of_before = named.iter().filter(|one| one.starts_with("previous_"));
                assert_eq!(Vec::from_iter(of_before), Vec::from_iter(lost), "{case}");
            }
        }
    }
}

/// Places counted what the client had not sent.
#[tokio::test]
async fn what_is_wrong_is_named_by_the_clients_own_items() {
    let scene = Scene::start().await;
    let (id, _) =
        answered(&ask(&scene.gateway, json!({"model": MODELS[1], "input": "One."})).await);
    let asked = json!({"model": MODELS[1], "previous_response_id": id,
        "input": [{"role": "user", "content": "Two."}, {"type": "z_scene", "z": 1}]});
    let got = ask(&scene.gateway, asked).await;
    assert_eq!(
        (got.status, string_at(&got.json(), "/error/param")),
        (400, "input[1].type".to_owned())
    );
}
