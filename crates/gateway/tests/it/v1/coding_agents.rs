//! Requests shaped as coding agents send them (long instructions, tools with real schemas, cache markers, thinking, many
//! turns) to models of other authors. The fake providers check what they get as strictly as the vendors do.

use crate::scene::{Door, Frame, Scene, Whole, admin, string_at};
use serde_json::{Value, json};

/// As Claude Code sends it: Anthropic's Messages API, streamed, with interleaved thinking.
const CLAUDE_CODE: &str = include_str!("coding_agents/claude_code.json");

async fn ask(scene: &Scene, model: &str) -> Whole {
    let mut body: Value = serde_json::from_str(CLAUDE_CODE).unwrap();
    body["model"] = model.into();
    let call = scene.call(Door::Messages, body.to_string());
    let betas = "claude-code-20250219,interleaved-thinking-2025-05-14";
    Whole::read(call.header("anthropic-beta", betas).send().await.unwrap()).await
}

/// The order that Anthropic's clients demand: one start, blocks one after the other, the counts, the stop.
fn assert_well_formed(frames: &[Frame]) {
    let names: Vec<&str> = frames.iter().map(|frame| frame.event.as_str()).collect();
    assert_eq!(names.first(), Some(&"message_start"), "{names:?}");
    assert_eq!(names.last(), Some(&"message_stop"), "{names:?}");
    assert_eq!(names[names.len() - 2], "message_delta", "{names:?}");
    let mut open = None;
    let mut next = 0;
    for frame in frames {
        let index = frame.json()["index"].as_u64();
        match frame.event.as_str() {
            "content_block_start" => {
                assert_eq!((open, index), (None, Some(next)), "{frame:?}");
                open = index;
                next += 1;
            }
            "content_block_delta" => assert_eq!(index, open, "{frame:?}"),
            "content_block_stop" => assert_eq!(index, open.take(), "{frame:?}"),
            _ => {}
        }
    }
}

#[tokio::test]
async fn claude_code_works_with_models_of_other_authors() {
    let scene = Scene::start().await;
    for scenario in ["text", "tools", "parallel-tools", "reasoning"] {
        let got = ask(&scene, &format!("openai-first/fake-{scenario}")).await;
        assert_eq!(got.status, 200, "{scenario}: {}", got.json());
        let frames = got.frames();
        assert_well_formed(&frames);
        let stop = frames
            .iter()
            .find(|frame| frame.event == "message_delta")
            .map(|frame| string_at(&frame.json(), "/delta/stop_reason"));
        let called = scenario != "text";
        let expect = if called { "tool_use" } else { "end_turn" };
        assert_eq!(stop.as_deref(), Some(expect), "{scenario}");
        let started = frames[0].json();
        assert_ne!(started["message"]["usage"]["input_tokens"], 0, "{started}");
        // What the model's own dialect has no word for is named.
        assert!(got.header("x-tollgate-lost").contains("cache_control"));
    }
    let first = &scene.first.requests()[0];
    let sent: Value = serde_json::from_slice(&first.body).unwrap();
    let asked: Value = serde_json::from_str(CLAUDE_CODE).unwrap();
    let names = |tools: &Value, at: &str| -> Vec<String> {
        let tools = tools.as_array().unwrap().iter();
        tools.map(|tool| string_at(tool, at)).collect()
    };
    // Tools in their order, since prompt caches depend on it; results behind the calls that they answer.
    assert_eq!(
        names(&sent["tools"], "/function/name"),
        names(&asked["tools"], "/name")
    );
    assert_eq!(
        names(&sent["messages"], "/role"),
        ["system", "user", "assistant", "tool", "tool", "user"]
    );
    assert!(!String::from_utf8_lossy(&first.body).contains("cache_control"));
}

#[tokio::test]
async fn claude_code_reaches_its_own_author_unchanged() {
    let scene = Scene::start().await;
    let got = ask(&scene, "anthropic-first/fake-tools").await;
    assert_eq!(got.status, 200, "{}", got.json());
    assert_well_formed(&got.frames());
    let first = &scene.first.requests()[0];
    assert_eq!(
        std::str::from_utf8(&first.body).unwrap(),
        serde_json::from_str::<Value>(CLAUDE_CODE)
            .map(|mut body| {
                body["model"] = "fake-tools".into();
                body.to_string()
            })
            .unwrap()
    );
    let mut betas = first.headers.iter();
    let interleaved = |(name, value): &(String, String)| {
        name == "anthropic-beta" && value.contains("interleaved-thinking")
    };
    assert!(betas.any(interleaved));
}

/// A model at the first fake that does not think and gives 8,000 tokens at most, asked in this dialect.
async fn small_model(scene: &Scene, dialect: &str) -> String {
    let said = json!({
        "base_url": format!("{}/v1", scene.first.url()), "speaks": [dialect],
        "models": [{"id": "fake-text", "input": "1", "output": "2", "max_output": 8000,
            "capabilities": ["tools", "parallel_tools", "streaming"]}],
    });
    let name = format!("small-{}", dialect.replace('_', "-"));
    let path = format!("/admin/v1/providers/{name}");
    let (status, put) = admin(&scene.gateway, "PUT", &path, said).await;
    assert_eq!(status, 200, "{put}");
    let credential = json!({"name": "main", "api_key": "k"});
    let path = format!("{path}/credentials");
    let (status, made) = admin(&scene.gateway, "POST", &path, credential).await;
    assert_eq!(status, 201, "{made}");
    format!("{name}/fake-text")
}

/// Every such model refused them: "can reason on request", "gives at most 8000 output tokens".
#[tokio::test]
async fn what_a_model_does_not_give_is_left_out_and_named() {
    let scene = Scene::start().await;
    for dialect in ["openai_chat", "anthropic"] {
        let model = small_model(&scene, dialect).await;
        let got = ask(&scene, &model).await;
        assert_eq!(got.status, 200, "{dialect}: {}", got.json());
        assert_well_formed(&got.frames());
        let lost = got.header("x-tollgate-lost");
        assert!(
            lost.starts_with("max_tokens;approximated, thinking"),
            "{lost}"
        );
        let request = scene.first.requests().pop().unwrap();
        let sent: Value = serde_json::from_slice(&request.body).unwrap();
        assert_eq!(sent["max_tokens"], 8000, "{dialect}");
        for name in ["thinking", "reasoning_effort"] {
            assert_eq!(sent.get(name), None, "{dialect}");
        }
        let mut strict: Value = serde_json::from_str(CLAUDE_CODE).unwrap();
        strict["model"] = model.into();
        strict["require_parameters"] = true.into();
        let refused = scene.ask(Door::Messages, &strict).await;
        assert_eq!(refused.status, 400, "{dialect}");
    }
}

/// To OpenAI's and Cohere's APIs it is one turn of many.
#[tokio::test]
async fn an_answer_that_the_client_began_is_named_where_no_api_goes_on_with_it() {
    let scene = Scene::start().await;
    for (model, lost) in [
        ("openai-first/fake-text", "messages;approximated"),
        ("cohere-first/fake-text", "messages;approximated"),
        ("anthropic-first/fake-text", ""),
    ] {
        let mut body = Door::Messages.body(model, "Name three rivers as JSON.", false);
        let begun = json!({"role": "assistant", "content": "{"});
        body["messages"].as_array_mut().unwrap().push(begun);
        let got = scene.ask(Door::Messages, &body).await;
        assert_eq!(
            (got.status, got.header("x-tollgate-lost")),
            (200, lost),
            "{model}"
        );
    }
}
