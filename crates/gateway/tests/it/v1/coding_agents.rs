//! Requests shaped as coding agents send them (long instructions, tools with real schemas, cache markers, thinking, many
//! turns) to models of other authors. The fake providers check what they get as strictly as the vendors do.

use crate::scene::{Door, Frame, Scene, Whole, string_at};
use serde_json::Value;

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
