//! Cohere as the provider of clients that speak other dialects: what it bills is what the record says.

use crate::scene::{DOORS, Door, Scene, frames, price, string_at, usd};
use serde_json::{Value, json};
use testkit::fake_provider::Behaviour;

fn model(scenario: &str) -> String {
    format!("cohere-first/fake-{scenario}")
}

#[tokio::test]
async fn whole_and_streamed_answers_are_billed_exactly() {
    let scene = Scene::start().await;
    for door in DOORS {
        for stream in [false, true] {
            for scenario in ["text", "cached"] {
                scene.first.reset();
                let case = format!("{door:?} {scenario} {stream}");
                let mut body = door.body(&model(scenario), "Hi.", stream);
                if stream && door == Door::Chat {
                    body["stream_options"] = json!({"include_usage": true});
                }
                let got = scene.ask(door, &body).await;
                assert_eq!(got.status, 200, "{case}");
                assert!(!stream || door.is_complete(&got.frames()), "{case}");
                let record = scene.record(&got.id).await;
                assert_eq!(record["estimate"], false, "{case}: {record}");
                let reported = scene.first.requests()[0].usage.unwrap();
                // Nothing is said of what is written to a cache: it is input.
                let input = reported.input + reported.cache_write;
                assert_eq!(record["usage"]["input"], input, "{case}");
                assert_eq!(record["usage"]["cache_read"], reported.cache_read, "{case}");
                assert_eq!(record["usage"]["output"], reported.output, "{case}");
                if scenario == "text" {
                    assert_eq!(record["cost_usd"], price(&record["usage"]), "{case}");
                    let shown = if stream {
                        door.streamed_usage(&got.frames()).unwrap()
                    } else {
                        got.json()["usage"].clone()
                    };
                    let cost = (shown["cost"].as_f64().unwrap() * 1e6).round() as u64;
                    assert_eq!(usd(cost), string_at(&record, "/cost_usd"), "{case}");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_plan_and_calls_come_back_as_they_were() {
    let scene = Scene::start().await;
    let mut asked = Door::Messages.body(&model("tools"), "Weather?", false);
    asked["tools"] = json!([{"name": "get_weather", "input_schema":
        {"type": "object", "properties": {"place": {"type": "string"}}, "required": ["place"]}}]);
    let first = scene.ask(Door::Messages, &asked).await.json();
    assert_eq!(first["stop_reason"], "tool_use", "{first}");
    let call = first["content"].as_array().unwrap().last().unwrap().clone();
    let turns = asked["messages"].as_array_mut().unwrap();
    turns.push(json!({"role": "assistant", "content": first["content"]}));
    turns.push(json!({"role": "user", "content": [
        {"type": "tool_result", "tool_use_id": call["id"], "content": "4 °C"}]}));
    let second = scene.ask(Door::Messages, &asked).await.json();
    let said = string_at(&second, "/content/0/text");
    assert_eq!(said, format!("Results: {}=4 °C", string_at(&call, "/id")));
    let sent: Value = serde_json::from_slice(&scene.first.requests()[1].body).unwrap();
    assert_eq!(sent["messages"][1]["tool_plan"], "Let me look.", "{sent}");
    assert_eq!(
        scene.first.requests()[1].unknown_fields,
        Vec::<String>::new()
    );
}

#[tokio::test]
async fn its_errors_are_told_in_the_clients_words() {
    let scene = Scene::start().await;
    for door in DOORS {
        for (scenario, status) in [("error-400", 400), ("error-404", 404), ("error-429", 429)] {
            let got = scene
                .ask(door, &door.body(&model(scenario), "Hi.", false))
                .await;
            assert_eq!(got.status, status, "{door:?} {scenario}");
            assert!(!string_at(&got.json(), "/error/message").is_empty());
        }
        for scenario in ["error-mid-stream", "cut", "malformed-chunk"] {
            let got = scene
                .ask(door, &door.body(&model(scenario), "Hi.", true))
                .await;
            let error = door.streamed_error(&got.frames());
            assert!(error.is_some(), "{door:?} {scenario}: {:?}", got.frames());
        }
    }
}

/// What Cohere says of its own error in mid-stream goes on to the client, after what was said before it.
#[tokio::test]
async fn an_error_at_the_end_of_a_stream_is_no_answer() {
    let scene = Scene::start().await;
    let ending = concat!(
        "data: {\"type\":\"message-start\",\"id\":\"c1\"}\n\n",
        "data: {\"type\":\"content-delta\",\"index\":0,\"delta\":{\"message\":{\"content\":{\"text\":\"It\"}}}}\n\n",
        "data: {\"type\":\"message-end\",\"delta\":{\"finish_reason\":\"ERROR\",\"error\":\"it broke\"}}\n\n",
    );
    let raw = Behaviour {
        text: Some(ending.to_owned()),
        ..Behaviour::of("raw")
    };
    scene.first.script("fake-text", [raw]);
    let got = scene
        .ask(Door::Chat, &Door::Chat.body(&model("text"), "Hi.", true))
        .await;
    let frames = frames(&got.bytes);
    assert_eq!(Door::Chat.streamed_text(&frames), "It");
    let (_, message) = Door::Chat.streamed_error(&frames).unwrap();
    assert_eq!(message, "The provider failed to answer.");
    let record = scene.record(&got.id).await;
    assert_eq!(string_at(&record, "/attempts/0/message"), "it broke");
}
