//! Tools whose names the provider would refuse: the fakes do, as the vendors do.

use crate::scene::{Door, Scene, string_at};
use serde_json::{Value, json};

/// Names that MCP servers give; two of them look alike once they are bent.
const NAMES: [&str; 3] = ["fs/read", "fs.read", "get_weather"];

fn tool(door: Door, name: &str) -> Value {
    match door {
        Door::Chat => json!({"type": "function", "function": {"name": name,
            "parameters": {"type": "object", "properties": {}}}}),
        Door::Messages => {
            json!({"name": name, "input_schema": {"type": "object", "properties": {}}})
        }
    }
}

/// The names of the tools that a whole answer calls.
fn called(door: Door, answer: &Value) -> Vec<String> {
    let (list, name) = match door {
        Door::Chat => ("/choices/0/message/tool_calls", "/function/name"),
        Door::Messages => ("/content", "/name"),
    };
    let parts = answer.pointer(list).and_then(Value::as_array).unwrap();
    let named = parts.iter().filter(|part| part.pointer(name).is_some());
    named.map(|part| string_at(part, name)).collect()
}

#[tokio::test]
async fn tools_are_called_by_the_names_that_the_client_gave() {
    let scene = Scene::start().await;
    for (door, model) in [
        (Door::Chat, "anthropic-first/fake-parallel-tools"),
        (Door::Messages, "openai-first/fake-parallel-tools"),
    ] {
        for stream in [false, true] {
            let mut body = door.body(model, "Read it.", stream);
            body["tools"] = NAMES.iter().map(|name| tool(door, name)).collect();
            let got = scene.ask(door, &body).await;
            let text = String::from_utf8_lossy(&got.bytes);
            assert_eq!(got.status, 200, "{door:?} {model}: {text}");
            if stream {
                let at = |name: &str| text.find(&format!("\"name\":\"{name}\""));
                let places = NAMES.map(|name| at(name).unwrap_or_else(|| panic!("{name}: {text}")));
                assert!(places.is_sorted(), "{door:?} {model}: {text}");
            } else {
                assert_eq!(called(door, &got.json()), NAMES, "{door:?} {model}");
            }
        }
    }
}
