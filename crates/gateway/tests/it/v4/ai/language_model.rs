//! `POST /v4/ai/language-model`: answers whole and streamed over providers of two dialects, with what they cost; errors in
//! the shape that the SDK reads; and what is said in headers.

use crate::scene::{SOON, Scene, Stream, Whole, frames, price, string_at, whole};
use serde_json::{Value, json};
use testkit::client::Call;
use testkit::fake_provider::End;

fn prompt(text: &str) -> Value {
    json!({"prompt": [{"role": "user", "content": [{"type": "text", "text": text}]}],
        "toolChoice": {"type": "auto"}, "headers": {"user-agent": "ai/7.0.173"}, "providerOptions": {}})
}

/// A call as the SDK makes it.
fn call(scene: &Scene, model: &str, stream: bool, body: &Value) -> Call {
    Call::post(
        scene.gateway.address(),
        "/v4/ai/language-model",
        body.to_string(),
    )
    .header("content-type", "application/json")
    .header("authorization", format!("Bearer {}", scene.gateway.key()))
    .header("ai-gateway-protocol-version", "0.0.1")
    .header("ai-gateway-auth-method", "api-key")
    .header("ai-language-model-specification-version", "4")
    .header("ai-language-model-id", model)
    .header("ai-language-model-streaming", stream.to_string())
}

async fn ask(scene: &Scene, model: &str, stream: bool, body: &Value) -> Whole {
    whole(call(scene, model, stream, body)).await
}

/// The parts of a stream.
fn parts(answer: &Whole) -> Vec<Value> {
    answer.frames().iter().map(|frame| frame.json()).collect()
}

fn total(usage: &Value, at: &str) -> u64 {
    usage.pointer(at).and_then(Value::as_u64).unwrap()
}

#[tokio::test]
async fn an_answer_comes_whole_and_streamed_with_what_it_cost() {
    let scene = Scene::start().await;
    for provider in ["openai-first", "anthropic-first"] {
        let model = format!("{provider}/fake-text");
        let answer = ask(&scene, &model, false, &prompt("Hello")).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let body = answer.json();
        let text = string_at(&body, "/content/0/text");
        assert!(text.starts_with("Hello from the fake provider"), "{body}");
        assert_eq!(
            body["finishReason"],
            json!({"unified": "stop", "raw": "stop"})
        );

        let streamed = ask(&scene, &model, true, &prompt("Hello")).await;
        let parts = parts(&streamed);
        assert_eq!(parts[0], json!({"type": "stream-start", "warnings": []}));
        let said: String = parts.iter().map(|part| string_at(part, "/delta")).collect();
        assert_eq!(said, text);
        let finish = parts.last().unwrap();
        assert_eq!(finish["type"], "finish");
        assert_eq!(finish["usage"], body["usage"]);

        for (answer, told) in [(&answer, &body), (&streamed, finish)] {
            let record = scene.record(&answer.id).await;
            let (usage, recorded) = (&told["usage"], &record["usage"]);
            assert_eq!(record["cost_usd"], price(recorded));
            assert_eq!(total(usage, "/outputTokens/total"), recorded["output"]);
            assert_eq!(total(usage, "/inputTokens/noCache"), recorded["input"]);
            let gateway = &told["providerMetadata"]["gateway"];
            assert_eq!(gateway["cost"], record["cost_usd"]);
            assert_eq!(gateway["marketCost"], record["cost_usd"]);
            assert_eq!(gateway["generationId"], answer.id.as_str());
            assert_eq!(
                gateway["routing"],
                json!({"originalModelId": model, "canonicalSlug": model, "resolvedProvider": provider,
                    "finalProvider": provider, "totalProviderAttemptCount": 1})
            );
        }
    }
}

/// The provider may send a piece only after the test has seen the one before it.
#[tokio::test]
async fn pieces_arrive_one_by_one_and_a_hang_up_ends_the_providers_work() {
    let scene = Scene::start().await;
    for provider in ["openai-first", "anthropic-first"] {
        scene.first.reset();
        let (model, gate) = (format!("{provider}/fake-gate"), format!("sdk-{provider}"));
        let body = prompt(&format!("[[gate={gate} tokens=500]]"));
        let mut stream = Stream::open(call(&scene, &model, true, &body)).await;
        for pieces in 1..8 {
            let seen = |bytes: &[u8]| {
                let deltas = frames(bytes).into_iter().map(|frame| frame.json());
                deltas.filter(|part| part["type"] == "text-delta").count() >= pieces
            };
            stream.until(seen).await;
            scene.first.release(&gate, 1);
        }
        let id = stream.header("x-request-id");
        drop(stream);
        let ended = scene.first.wait(SOON, |all| {
            all.iter().find(|one| one.end != End::Open).cloned()
        });
        assert_eq!(ended.await.unwrap().end, End::HungUp, "{provider}");
        let record = scene.record(&id).await;
        assert_eq!(record["error"]["code"], "client_hung_up");
        assert_eq!(record["cost_usd"], price(&record["usage"]));
    }
}

#[tokio::test]
async fn errors_are_in_the_sdks_shape() {
    let scene = Scene::start().await;
    for stream in [false, true] {
        for (model, status, word) in [
            ("openai-first/fake-error-400", 400, "invalid_request_error"),
            ("anthropic-first/fake-error-429", 429, "rate_limit_exceeded"),
            ("openai-first/fake-error-500", 502, "internal_server_error"),
            ("nobody/none", 404, "model_not_found"),
        ] {
            let answer = ask(&scene, model, stream, &prompt("Hello")).await;
            let body = answer.json();
            assert_eq!(answer.status, status, "{model}: {body}");
            assert_eq!(body["error"]["type"], word, "{body}");
            assert!(body["error"]["message"].is_string());
            assert_eq!(body["generationId"], answer.id.as_str());
            if word == "model_not_found" {
                assert_eq!(body["error"]["param"], json!({"modelId": model}));
            }
        }
    }
    let answer = ask(
        &scene,
        "anthropic-first/fake-error-mid-stream",
        true,
        &prompt("Hi"),
    )
    .await;
    let parts = parts(&answer);
    let error = parts.last().unwrap();
    assert_eq!(error["type"], "error");
    assert_eq!(error["error"]["statusCode"], 502, "{error}");
    assert!(!parts.iter().any(|part| part["type"] == "finish"));
}

#[tokio::test]
async fn what_is_said_in_headers_is_checked() {
    let scene = Scene::start().await;
    let at = scene.gateway.address();
    let plain = || {
        let body = prompt("Hello").to_string();
        let call = Call::post(at, "/v4/ai/language-model", body);
        call.header("authorization", format!("Bearer {}", scene.gateway.key()))
    };
    let model = ("ai-language-model-id", "openai-first/fake-text");
    let check = async |headers: &[(&str, &str)], expect: Result<(), &str>| {
        let call = headers
            .iter()
            .fold(plain(), |call, (name, value)| call.header(*name, *value));
        let answer = whole(call).await;
        let body = answer.json();
        match expect {
            Ok(()) => assert_eq!(answer.status, 200, "{headers:?}: {body}"),
            Err(param) => {
                assert_eq!(answer.status, 400, "{headers:?}: {body}");
                assert_eq!(body["error"]["type"], "invalid_request_error");
                assert_eq!(body["error"]["param"], param);
            }
        }
    };
    check(&[model], Ok(())).await;
    check(&[("ai-model-id", model.1)], Ok(())).await;
    check(&[], Err("ai-language-model-id")).await;
    check(&[(model.0, "")], Err("ai-language-model-id")).await;
    let version = "ai-language-model-specification-version";
    for other in ["3", "5", "v4", ""] {
        check(&[model, (version, other)], Err(version)).await;
    }
    let streaming = "ai-language-model-streaming";
    check(&[model, (streaming, "yes")], Err(streaming)).await;
}

/// Our own controls have no other place in this protocol.
#[tokio::test]
async fn the_gateways_options_route() {
    let scene = Scene::start().await;
    let with = |gateway: Value| {
        let mut body = prompt("Hello");
        body["providerOptions"] = json!({"gateway": gateway});
        body
    };
    let order = with(json!({"order": ["openai-second"]}));
    let answer = ask(&scene, "team/fake-text", false, &order).await;
    assert_eq!(answer.header("x-tollgate-provider"), "openai-second");
    let fallback = with(json!({"models": ["anthropic-first/fake-text"]}));
    let answer = ask(&scene, "openai-first/fake-error-500", false, &fallback).await;
    let body = answer.json();
    let routing = &body["providerMetadata"]["gateway"]["routing"];
    assert_eq!(
        routing["originalModelId"], "openai-first/fake-error-500",
        "{body}"
    );
    assert_eq!(routing["canonicalSlug"], "anthropic-first/fake-text");
    let refused = with(json!({"zeroDataRetention": true}));
    let answer = ask(&scene, "openai-first/fake-text", false, &refused).await;
    assert_eq!(answer.status, 400);
    let param = &answer.json()["error"]["param"];
    assert_eq!(param, "providerOptions.gateway.zeroDataRetention");
}

/// What a provider cannot be told stands in the warnings, whole and streamed.
#[tokio::test]
async fn losses_are_warnings() {
    let scene = Scene::start().await;
    let mut body = prompt("Hello");
    body["topK"] = json!(40);
    let expect = |warnings: &Value| {
        let first = &warnings[0];
        assert_eq!(
            (&first["type"], &first["feature"]),
            (&json!("unsupported"), &json!("topK"))
        );
    };
    let answer = ask(&scene, "openai-first/fake-text", false, &body).await;
    expect(&answer.json()["warnings"]);
    let answer = ask(&scene, "openai-first/fake-text", true, &body).await;
    expect(&parts(&answer)[0]["warnings"]);
    let mut body = body.clone();
    body["providerOptions"] = json!({"gateway": {"require_parameters": true}});
    let refused = ask(&scene, "openai-first/fake-text", false, &body).await;
    assert_eq!(refused.status, 400, "{refused:?}");
}
