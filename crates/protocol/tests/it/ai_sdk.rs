//! The AI SDK's dialect, read by a small reader of its own: nothing here leans on the codec's types. What a provider says
//! must be told the same whole and streamed, with the same counts, and must come back in the next prompt as it was told.

use crate::fixtures::{self, value};
use crate::fold::{fold, gist};
use crate::run;
use protocol::dialect::{DIALECTS, Dialect, ai_sdk};
use protocol::ir::{Choice, Part, PartKind, Response, Usage};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// An answer as the SDK puts it together.
#[derive(Debug, Default, PartialEq)]
struct Answer {
    content: Vec<Value>,
    finish_reason: Value,
    usage: Value,
    metadata: Value,
    warnings: Value,
    error: Value,
}

fn whole(body: &Value) -> Answer {
    Answer {
        content: body["content"].as_array().unwrap().clone(),
        finish_reason: body["finishReason"].clone(),
        usage: body["usage"].clone(),
        metadata: body["providerMetadata"].clone(),
        warnings: body["warnings"].clone(),
        error: Value::Null,
    }
}

/// Every type of part that the SDK knows (`LanguageModelV4StreamPart`): one more would end the stream there.
const KNOWN: &[&str] = &[
    "text-start",
    "text-delta",
    "text-end",
    "reasoning-start",
    "reasoning-delta",
    "reasoning-end",
    "tool-input-start",
    "tool-input-delta",
    "tool-input-end",
    "tool-call",
    "file",
    "source",
    "stream-start",
    "response-metadata",
    "finish",
    "error",
];

/// Puts a stream together, checking its grammar on the way.
fn streamed(case: &str, stream: &str) -> Answer {
    let mut answer = Answer::default();
    let mut open: BTreeMap<String, usize> = BTreeMap::new();
    let mut inputs: BTreeMap<String, String> = BTreeMap::new();
    let mut texts = Vec::new();
    let mut over = false;
    for event in stream.split("\n\n").filter(|event| !event.is_empty()) {
        let Some(data) = event.strip_prefix("data: ") else {
            assert!(event.starts_with(": "), "{case}: {event}");
            continue;
        };
        assert!(!over, "{case}: {data} after the end");
        let part: Value = serde_json::from_str(data).unwrap();
        let kind = part["type"].as_str().unwrap();
        assert!(KNOWN.contains(&kind), "{case}: {kind}");
        let id = part["id"].as_str().unwrap_or_default().to_owned();
        match kind {
            "text-start" | "reasoning-start" => {
                let mut begun = Map::new();
                begun.insert("type".into(), kind.trim_end_matches("-start").into());
                begun.insert("text".into(), "".into());
                told(&mut begun, &part);
                answer.content.push(Value::Object(begun));
                assert_eq!(open.insert(id, answer.content.len() - 1), None, "{case}");
            }
            "text-delta" | "reasoning-delta" => {
                let at = &mut answer.content[open[&id]]["text"];
                *at = (at.as_str().unwrap().to_owned() + part["delta"].as_str().unwrap()).into();
            }
            "text-end" | "reasoning-end" => {
                let at = open.remove(&id).unwrap();
                let begun = answer.content[at].as_object_mut().unwrap();
                told(begun, &part);
                if let Some(citations) = part.get("citations") {
                    begun.insert("citations".into(), citations.clone());
                }
                texts.push(at);
            }
            "tool-input-start" => assert_eq!(inputs.insert(id, String::new()), None, "{case}"),
            "tool-input-delta" => {
                let input = inputs.get_mut(&id).unwrap();
                input.push_str(part["delta"].as_str().unwrap());
            }
            "tool-input-end" => assert!(inputs.contains_key(&id), "{case}"),
            "tool-call" => {
                let id = part["toolCallId"].as_str().unwrap();
                let (input, whole) = (&inputs[id], part["input"].as_str().unwrap());
                // A tool that takes any text has it as a JSON text in the whole call.
                let quoted = json!(input).to_string();
                assert!(whole == *input || whole == quoted, "{case}: {whole}");
                answer.content.push(part);
            }
            "file" | "source" => {
                let mut members = part.as_object().unwrap().clone();
                members.remove("providerMetadata");
                told(&mut members, &part);
                answer.content.push(Value::Object(members));
            }
            "stream-start" => answer.warnings = part["warnings"].clone(),
            "response-metadata" => assert!(part["modelId"].is_string(), "{case}"),
            "finish" => {
                over = true;
                assert!(open.is_empty(), "{case}: {open:?} at the end");
                answer.finish_reason = part["finishReason"].clone();
                answer.usage = part["usage"].clone();
                answer.metadata = part["providerMetadata"].clone();
            }
            "error" => {
                over = true;
                answer.error = part["error"].clone();
            }
            other => panic!("{case}: {other}"),
        }
    }
    assert!(
        over || stream.is_empty(),
        "{case}: neither finish nor error"
    );
    answer
}

/// The SDK keeps the metadata that came last. Our id of the answer is told in streams alone.
fn told(begun: &mut Map<String, Value>, part: &Value) {
    if let Some(mut metadata) = part.get("providerMetadata").cloned() {
        metadata.as_object_mut().unwrap().remove("gateway");
        if metadata != json!({}) {
            begun.insert("providerMetadata".into(), metadata);
        }
    }
}

/// The content with sources after all else: a stream tells a source when it is cited, a whole answer behind the text. The
/// input of calls is read, since the recorded answers space it differently.
fn by_kind(content: &[Value]) -> (Vec<Value>, Vec<Value>) {
    let read = content.iter().cloned().map(|mut part| {
        if let Some(input) = part["input"].as_str() {
            part["input"] = serde_json::from_str(input).unwrap_or(part["input"].clone());
        }
        part
    });
    read.partition(|part| part["type"] != "source")
}

fn providers() -> impl Iterator<Item = &'static Dialect> {
    DIALECTS
        .iter()
        .copied()
        .filter(|it| it.chat.provider.is_some())
}

fn written(choice: &Choice, provider: &Dialect, case: &str) -> Value {
    let body = fixtures::one(provider, case, "response.json").unwrap();
    let mut response = provider
        .chat
        .provider
        .unwrap()
        .decode_response(&body)
        .unwrap();
    response.choices = vec![choice.clone()];
    let client = ai_sdk::DIALECT.chat.client.unwrap();
    let encoded = client.encode_response(&response, &run::reply(), Some("7"));
    value(case, &encoded.body)
}

#[test]
fn an_answer_is_told_the_same_whole_and_streamed() {
    let mut seen = 0;
    for provider in providers() {
        for fixture in fixtures::all(provider, "stream.sse") {
            let case = format!("{}/{}", provider.id, fixture.case);
            let Some(body) = fixtures::one(provider, &fixture.case, "response.json") else {
                continue;
            };
            let relayed = run::relay(&ai_sdk::DIALECT, provider, &run::reply(), &fixture.body, 64);
            let stream = streamed(&case, &String::from_utf8(relayed.out).unwrap());
            let response = provider
                .chat
                .provider
                .unwrap()
                .decode_response(&body)
                .unwrap();
            // Some recorded answers cite only where they are whole.
            let events = run::decode(provider, &fixture.body, 64).unwrap();
            if cited(&fold(&case, &events).response) != cited(&response) {
                continue;
            }
            // The relay's price in these tests is the number of output tokens.
            let cost = response.usage.unwrap().output.to_string();
            let client = ai_sdk::DIALECT.chat.client.unwrap();
            let encoded = client.encode_response(&response, &run::reply(), Some(&cost));
            let answer = whole(&value(&case, &encoded.body));
            let (a, b) = (by_kind(&stream.content), by_kind(&answer.content));
            assert_eq!(a, b, "{case}");
            assert_eq!(stream.finish_reason, answer.finish_reason, "{case}");
            assert_eq!(stream.usage, answer.usage, "{case}");
            assert_eq!(stream.metadata, answer.metadata, "{case}");
            assert_eq!(stream.warnings, json!([]), "{case}");
            assert_counts(&case, response.usage.unwrap(), &answer.usage);
            seen += 1;
        }
    }
    assert!(seen > 40, "{seen}");
}

fn cited(response: &Response) -> usize {
    let parts = response.choices.iter().flat_map(|choice| &choice.parts);
    parts.map(|part| part.citations.len()).sum()
}

fn assert_counts(case: &str, usage: Usage, told: &Value) {
    let count = |path: &str| told.pointer(path).unwrap().as_u64().unwrap();
    let (input, output) = ("/inputTokens", "/outputTokens");
    assert_eq!(
        count(&format!("{input}/total")),
        usage.total_input(),
        "{case}"
    );
    let parts = ["noCache", "cacheRead", "cacheWrite"].map(|it| count(&format!("{input}/{it}")));
    assert_eq!(parts.iter().sum::<u64>(), usage.total_input(), "{case}");
    assert_eq!(count(&format!("{output}/total")), usage.output, "{case}");
    let parts = ["text", "reasoning"].map(|it| count(&format!("{output}/{it}")));
    assert_eq!(
        parts,
        [usage.output - usage.reasoning, usage.reasoning],
        "{case}"
    );
}

#[test]
fn every_stream_ends_with_finish_or_error() {
    for provider in providers() {
        for fixture in fixtures::all(provider, "stream.sse") {
            let case = format!("{}/{}", provider.id, fixture.case);
            for cut in [fixture.body.len(), fixture.body.len() * 2 / 3] {
                let stream = &fixture.body[..cut];
                let reply = run::reply();
                let relayed = run::relay(&ai_sdk::DIALECT, provider, &reply, stream, 64);
                let text = String::from_utf8(relayed.out).unwrap();
                let answer = streamed(&case, &text);
                if !text.is_empty() {
                    assert_eq!(
                        answer.error.is_null(),
                        relayed.fault.is_none(),
                        "{case}: {text}"
                    );
                }
            }
        }
    }
}

/// What the SDK does with an answer's content when it makes the next prompt of it (`toResponseMessages`).
fn sent_back(content: &[Value]) -> Value {
    let parts = content.iter().filter(|part| part["type"] != "source");
    let parts: Vec<Value> = parts
        .map(|part| {
            let mut part = part.as_object().unwrap().clone();
            if let Some(metadata) = part.remove("providerMetadata") {
                part.insert("providerOptions".into(), metadata);
            }
            part.remove("citations");
            if part["type"] == "tool-call" {
                let input = part["input"].as_str().unwrap();
                let input = serde_json::from_str(input).unwrap_or(json!(input));
                part.insert("input".into(), input);
            }
            Value::Object(part)
        })
        .collect();
    json!({"prompt": [{"role": "user", "content": [{"type": "text", "text": "Hi."}]}, {"role": "assistant", "content": parts}]})
}

#[test]
fn what_was_told_comes_back_in_the_next_prompt() {
    let client = ai_sdk::DIALECT.chat.client.unwrap();
    for provider in providers() {
        for fixture in fixtures::all(provider, "response.json") {
            let case = format!("{}/{}", provider.id, fixture.case);
            let decoder = provider.chat.provider.unwrap();
            let response = decoder.decode_response(&fixture.body).unwrap();
            let Some(choice) = response.choices.first() else {
                continue;
            };
            let body = written(choice, provider, &fixture.case);
            let prompt = sent_back(body["content"].as_array().unwrap());
            let mut prompt = prompt.as_object().unwrap().clone();
            let freeform: Vec<Value> = gist(choice)
                .iter()
                .filter_map(|kind| match kind {
                    PartKind::ToolCall(call) if call.kind == protocol::ir::CallKind::Freeform => {
                        Some(json!({"type": "provider", "id": "openai.custom", "name": call.name, "args": {}}))
                    }
                    _ => None,
                })
                .collect();
            prompt.insert("tools".into(), freeform.into());
            let prompt = serde_json::to_vec(&prompt).unwrap();
            let request = client.decode_request(&prompt).unwrap();
            let back = Choice {
                parts: request.messages[1].parts.clone(),
                ..Choice::default()
            };
            assert_eq!(said(&back), said(choice), "{case}");
        }
    }
}

/// What an answer says, without empty texts.
fn said(choice: &Choice) -> Vec<PartKind> {
    let empty = |kind: &PartKind| matches!(kind, PartKind::Text(text) if text.is_empty());
    let mut kinds = gist(choice);
    kinds.retain(|kind| !empty(kind));
    kinds
}

/// A signature that is told before a call, without reasoning of its own, stands beside the call; and so it comes back.
#[test]
fn a_signature_without_reasoning_stands_beside_what_follows_it() {
    let stream = |events: &[protocol::ir::Event]| {
        let client = ai_sdk::DIALECT.chat.client.unwrap();
        let mut encoder = client.stream_encoder(&run::reply());
        let mut out = Vec::new();
        for event in events {
            encoder.encode(event, None, &mut out);
        }
        String::from_utf8(out).unwrap()
    };
    use protocol::ir::{Delta, Event, Opening, Reasoning, Sealed, StopReason, ToolCall};
    let sealed = Sealed::new(protocol::dialect::anthropic::ID, "c2ln");
    let events = [
        Event::Start(protocol::ir::Start::default()),
        Event::Open {
            choice: 0,
            index: 0,
            part: Opening::Reasoning,
        },
        Event::Delta {
            choice: 0,
            index: 0,
            delta: Delta::Signature(sealed.clone()),
        },
        Event::Close {
            choice: 0,
            index: 0,
        },
        Event::Open {
            choice: 0,
            index: 1,
            part: Opening::ToolCall {
                id: "c".into(),
                name: "f".into(),
                kind: Default::default(),
            },
        },
        Event::Delta {
            choice: 0,
            index: 1,
            delta: Delta::Arguments("{}".into()),
        },
        Event::Close {
            choice: 0,
            index: 1,
        },
        Event::Stop {
            choice: 0,
            reason: StopReason::ToolCalls,
            sequence: None,
        },
        Event::End,
    ];
    fold("signature", &events);
    let expect = [json!({
        "type": "tool-call", "toolCallId": "c", "toolName": "f", "input": "{}",
        "providerMetadata": {"anthropic": {"signature": "c2ln"}},
    })];
    assert_eq!(streamed("signature", &stream(&events)).content, expect);
    let reasoning = Reasoning {
        signature: Some(sealed),
        ..Reasoning::default()
    };
    let call = ToolCall {
        id: "c".into(),
        name: "f".into(),
        arguments: "{}".into(),
        kind: Default::default(),
    };
    let parts = [PartKind::Reasoning(reasoning), PartKind::ToolCall(call)].map(Part::new);
    let choice = Choice {
        parts: parts.to_vec(),
        ..Choice::default()
    };
    let body = written(&choice, &protocol::dialect::anthropic::DIALECT, "text");
    assert_eq!(body["content"], json!(expect));
    let prompt = serde_json::to_vec(&sent_back(&expect)).unwrap();
    let client = ai_sdk::DIALECT.chat.client.unwrap();
    let request = client.decode_request(&prompt).unwrap();
    assert_eq!(request.messages[1].parts, choice.parts);
}

/// A tool's answer may hold parts for one provider alone, which have nothing but its options: it was refused with a list of
/// what messages may hold.
#[test]
fn custom_parts_of_a_tools_answer_are_left_out_by_name() {
    let body = json!({"prompt": [
        {"role": "user", "content": [{"type": "text", "text": "Hi"}]},
        {"role": "assistant", "content": [
            {"type": "tool-call", "toolCallId": "c1", "toolName": "f", "input": {}}]},
        {"role": "tool", "content": [
            {"type": "tool-result", "toolCallId": "c1", "toolName": "f", "output": {
                "type": "content", "value": [
                    {"type": "text", "text": "found"},
                    {"type": "custom", "providerOptions": {"anthropic": {"type": "tool-reference"}}}]}}]},
    ]});
    let client = ai_sdk::DIALECT.chat.client.unwrap();
    let request = client.decode_request(body.to_string().as_bytes()).unwrap();
    for provider in DIALECTS.iter().filter(|it| it.chat.provider.is_some()) {
        assert_eq!(
            request.check_known_to(provider.id),
            Ok(()),
            "{}",
            provider.id
        );
        let encoded = provider.chat.provider.unwrap().encode_request(&request);
        let encoded = encoded.unwrap();
        let sent = String::from_utf8(encoded.body).unwrap();
        assert!(
            sent.contains("found") && !sent.contains("tool-reference"),
            "{sent}"
        );
        let lost = encoded.losses.iter().map(|loss| loss.field.as_str());
        let lost: Vec<&str> = lost.filter(|it| it.starts_with("messages[2]")).collect();
        assert!(!lost.is_empty(), "{}", provider.id);
    }
}
