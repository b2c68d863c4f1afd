//! The golden laws over `fixtures/anthropic`.

use crate::dialect::anthropic::DIALECT;
use crate::dialect::{FrameKind, Outline, Reply};
use crate::ir::{Choice, Delta, Event, Opening, Part, PartKind, Reasoning, ToolCall, Usage};
use crate::splice::Document;
use crate::sse::Framer;
use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;

/// Every case that has the file, by name.
fn cases(file: &str) -> Vec<(String, Vec<u8>)> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/anthropic");
    let mut found: Vec<_> = fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter_map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            Some((name, fs::read(entry.path().join(file)).ok()?))
        })
        .collect();
    found.sort();
    assert!(found.len() > 5, "fixtures of {file} are missing");
    found
}

fn value(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap()
}

/// What a request may look like after a round trip: the older name of structured outputs is the current one, and
/// `custom` is what a tool is anyway.
fn normal_request(mut request: Value) -> Value {
    let object = request.as_object_mut().unwrap();
    if let Some(format) = object.remove("output_format") {
        object.insert("output_config".into(), json!({ "format": format }));
    }
    if let Some(tools) = object.get_mut("tools") {
        for tool in tools.as_array_mut().unwrap() {
            let tool = tool.as_object_mut().unwrap();
            if tool.get("type") == Some(&json!("custom")) {
                tool.remove("type");
            }
        }
    }
    request
}

#[test]
fn requests_come_back_as_they_were() {
    let (client, provider) = (DIALECT.chat.client.unwrap(), DIALECT.chat.provider.unwrap());
    for (case, body) in cases("request.json") {
        let request = client.decode_request(&body).unwrap();
        let encoded = provider.encode_request(&request).unwrap();
        assert_eq!(encoded.losses, [], "{case}");
        assert_eq!(value(&encoded.body), normal_request(value(&body)), "{case}");
        let again = client.decode_request(&encoded.body).unwrap();
        // What is written stands on one line.
        let line = String::from_utf8(body).unwrap().replace('\n', " ");
        let request = client.decode_request(line.as_bytes()).unwrap();
        assert_eq!(again, request, "{case}");
    }
}

#[test]
fn outlines_agree_with_what_is_decoded() {
    let client = DIALECT.chat.client.unwrap();
    for (case, body) in cases("request.json") {
        let outline = client.outline(&Document::parse(&body).unwrap()).unwrap();
        let request = client.decode_request(&body).unwrap();
        assert_eq!(outline.model, request.model, "{case}");
        assert_eq!(outline.stream, request.stream, "{case}");
        assert_eq!(
            outline.max_output_tokens, request.max_output_tokens,
            "{case}"
        );
        assert_eq!(outline.needs.tools, !request.tools.is_empty(), "{case}");
        assert_eq!(
            outline.needs.structured_output,
            request.output.is_some(),
            "{case}"
        );
        let thinks = request.reasoning.and_then(|asked| asked.enabled) == Some(true);
        assert_eq!(outline.needs.reasoning, thinks, "{case}");
        let text = String::from_utf8(body).unwrap().replace(' ', "");
        assert_eq!(
            outline.needs.vision,
            text.contains(r#""type":"image""#),
            "{case}"
        );
        assert_eq!(
            outline.needs.files,
            text.contains(r#""type":"document""#),
            "{case}"
        );
    }
}

#[test]
fn retargeting_touches_only_model_and_controls() {
    let pass = DIALECT.chat_pass.unwrap();
    let body = br#"{ "max_tokens":5,"provider":{"order":["a"]}, "model" : "anthropic/m","messages":[ {} ] ,"x":1.50}"#;
    let mut doc = Document::parse(body).unwrap();
    let outline: Outline = DIALECT.chat.client.unwrap().outline(&doc).unwrap();
    assert_eq!(
        outline.controls,
        [("provider", r#"{"order":["a"]}"#.to_owned())]
    );
    pass.retarget(&mut doc, &outline, "m\"1");
    assert_eq!(doc.edits(), ["remove provider", "replace model"]);
    let sent = String::from_utf8(doc.apply().to_vec()).unwrap();
    assert!(
        sent.contains(r#""model" : "m\"1","messages":[ {} ] ,"x":1.50}"#),
        "{sent}"
    );
}

#[test]
fn answers_come_back_as_they_were() {
    let (client, provider) = (DIALECT.chat.client.unwrap(), DIALECT.chat.provider.unwrap());
    for (case, body) in cases("response.json") {
        let response = provider.decode_response(&body).unwrap();
        let encoded = client
            .encode_response(&response, &Reply::default(), None)
            .body;
        assert_eq!(value(&encoded), value(&body), "{case}");
        let seen = provider.read_whole(&body).unwrap();
        assert_eq!(seen.usage, response.usage, "{case}");
        let span = seen.usage_span.unwrap();
        assert_eq!(value(&body[span]), value(&body)["usage"], "{case}");
        let priced = client
            .encode_response(&response, &Reply::default(), Some("0.5"))
            .body;
        assert_eq!(value(&priced)["usage"]["cost"], json!(0.5), "{case}");
    }
}

/// Runs a stream through a decoder and a tap, cut into chunks of `size` bytes.
fn run(stream: &[u8], size: usize) -> (Vec<Event>, Vec<FrameKind>, Usage, u64, bool) {
    let provider = DIALECT.chat.provider.unwrap();
    let (mut decoder, mut tap) = (provider.stream_decoder(), DIALECT.chat_pass.unwrap().tap());
    let (mut events, mut kinds) = (Vec::new(), Vec::new());
    let (mut usage, mut text_bytes) = (Usage::default(), 0);
    let mut framer = Framer::default();
    for chunk in stream.chunks(size) {
        let mut frames = framer.push(chunk);
        while let Some(frame) = frames.next().unwrap() {
            decoder.decode(&frame, &mut events).unwrap();
            let seen = tap.read(&frame).unwrap();
            usage = seen.usage.unwrap_or(usage);
            text_bytes += seen.text_bytes;
            if let Some(span) = seen.usage_span {
                assert_eq!(value(&frame.data[span]), value(&frame.data)["usage"]);
                assert_eq!(frame.event.unwrap_or("message_delta"), "message_delta");
            }
            kinds.push(seen.kind);
        }
    }
    decoder.finish(&mut events);
    (events, kinds, usage, text_bytes, tap.complete())
}

/// The frames of a stream as name and data, without what a round trip may drop: pings, pieces of nothing, that there are no
/// citations yet, and what `message_start` says beyond the canonical form.
fn frames(stream: &[u8]) -> Vec<Value> {
    let mut framer = Framer::default();
    let mut frames = framer.push(stream);
    let mut all = Vec::new();
    while let Some(frame) = frames.next().unwrap() {
        let mut data = value(&frame.data);
        assert_eq!(data["type"].as_str(), frame.event);
        if data["content_block"]["citations"] == json!([]) {
            let block = data["content_block"].as_object_mut().unwrap();
            block.remove("citations");
        }
        if data["type"] == "ping" || data["delta"]["partial_json"] == "" {
            continue;
        }
        all.push(data);
    }
    all
}

/// Cases whose streams hold what the canonical form cannot carry.
const LOSSY: &[&str] = &[
    "file",
    "server_tools",
    "unknown_fields",
    "refusal",
    "loose_stream",
];

#[test]
fn streams_come_back_as_they_were() {
    for (case, stream) in cases("stream.sse") {
        let (events, ..) = run(&stream, 7);
        if LOSSY.contains(&case.as_str()) {
            continue;
        }
        let reply = Reply {
            request_id: "req_011CS".into(),
            ..Reply::default()
        };
        let mut encoder = DIALECT.chat.client.unwrap().stream_encoder(&reply);
        let mut out = Vec::new();
        for event in &events {
            encoder.encode(event, None, &mut out);
        }
        assert_eq!(encoder.losses(), [], "{case}");
        let mut expect = frames(&stream);
        if let Some(error) = expect.last_mut().filter(|last| last["type"] == "error") {
            error["request_id"] = json!("req_011CS");
        }
        assert_eq!(frames(&out), expect, "{case}");
    }
}

#[test]
fn the_same_whole_or_streamed_or_tapped_however_cut() {
    let provider = DIALECT.chat.provider.unwrap();
    let wholes = cases("response.json");
    for (case, stream) in cases("stream.sse") {
        let once = run(&stream, stream.len());
        for size in [1, 3, 64] {
            assert_eq!(run(&stream, size), once, "{case}");
        }
        let (events, kinds, usage, text_bytes, complete) = once;
        let streamed = fold(&events);
        assert_eq!(complete, events.last() == Some(&Event::End), "{case}");
        let Some((_, body)) = wholes.iter().find(|(name, _)| *name == case) else {
            continue;
        };
        let whole = provider.decode_response(body).unwrap();
        let said = |parts: &[Part]| {
            let known = parts
                .iter()
                .filter(|part| !matches!(part.kind, PartKind::Opaque(..)));
            known.map(|part| part.kind.clone()).collect::<Vec<_>>()
        };
        assert_eq!(
            said(&streamed.parts),
            said(&whole.choices[0].parts),
            "{case}"
        );
        assert_eq!(streamed.stop, whole.choices[0].stop, "{case}");
        assert_eq!(
            streamed.stop_sequence, whole.choices[0].stop_sequence,
            "{case}"
        );
        assert_eq!(Some(usage), whole.usage, "{case}");
        let counted = events.iter().rev().find_map(|event| match event {
            Event::Usage(usage) => Some(*usage),
            _ => None,
        });
        assert_eq!(counted, Some(usage), "{case}");
        let commit = kinds.iter().position(|kind| *kind == FrameKind::Content);
        assert!(commit.is_some_and(|at| at >= 1), "{case}: {kinds:?}");
        assert_eq!(kinds.last(), Some(&FrameKind::End), "{case}");
        let seen = provider.read_whole(body).unwrap();
        // An empty input is `{}` in a whole answer and nothing in a stream.
        let no_input = u64::from(case == "parallel_tools") * 2;
        assert_eq!(seen.text_bytes, text_bytes + no_input, "{case}");
    }
}

/// Puts the events of an answer together.
fn fold(events: &[Event]) -> Choice {
    let mut choice = Choice::default();
    for event in events {
        match event {
            Event::Open { index, part, .. } => {
                assert_eq!(*index as usize, choice.parts.len());
                choice.parts.push(Part::new(match part {
                    Opening::Text => PartKind::Text(String::new()),
                    Opening::Reasoning => PartKind::Reasoning(Reasoning::default()),
                    Opening::EncryptedReasoning(data) => PartKind::Reasoning(Reasoning {
                        encrypted: Some(data.clone()),
                        ..Reasoning::default()
                    }),
                    Opening::Refusal => PartKind::Refusal(String::new()),
                    Opening::ToolCall { id, name, kind } => PartKind::ToolCall(ToolCall {
                        id: id.clone(),
                        name: name.clone(),
                        arguments: String::new(),
                        kind: *kind,
                    }),
                    Opening::Whole(part) => part.kind.clone(),
                }));
            }
            Event::Delta { index, delta, .. } => {
                assert_eq!(*index as usize + 1, choice.parts.len());
                let part = choice.parts.last_mut().unwrap();
                match (&mut part.kind, delta) {
                    (_, Delta::Citation(citation)) => part.citations.push((**citation).clone()),
                    (PartKind::Text(text), Delta::Text(more)) => text.push_str(more),
                    (PartKind::Reasoning(it), Delta::Reasoning(more)) => it.text.push_str(more),
                    (PartKind::Reasoning(it), Delta::Signature(more)) => {
                        it.signature = Some(more.clone());
                    }
                    (PartKind::ToolCall(call), Delta::Arguments(more)) => {
                        call.arguments.push_str(more);
                    }
                    (part, delta) => panic!("{delta:?} in {part:?}"),
                }
            }
            Event::Stop {
                reason, sequence, ..
            } => {
                choice.stop = Some(reason.clone());
                choice.stop_sequence.clone_from(sequence);
            }
            _ => {}
        }
    }
    for part in &mut choice.parts {
        if let PartKind::ToolCall(call) = &mut part.kind
            && call.arguments.is_empty()
        {
            call.arguments.push_str("{}");
        }
    }
    choice
}

#[test]
fn every_error_class_is_read_and_written() {
    for (case, file) in cases("error.json") {
        let file = value(&file);
        let body = serde_json::to_vec(&file["body"]).unwrap();
        let status = u16::try_from(file["status"].as_u64().unwrap()).unwrap();
        let error = DIALECT.errors.decode(status, &body);
        let written = DIALECT.errors.encode(&error, "req_011CS");
        assert_eq!(value(&written), file["body"], "{case}");
        let anonymous = DIALECT.errors.decode(status, b"{}");
        assert_eq!(anonymous.kind, error.kind, "{case}");
    }
}

#[test]
fn what_streams_lose_is_said_once() {
    let streams = cases("stream.sse");
    let check = |case: &str, expect: &[&str]| {
        let (_, stream) = streams.iter().find(|(name, _)| name == case).unwrap();
        let mut decoder = DIALECT.chat.provider.unwrap().stream_decoder();
        let mut framer = Framer::default();
        let mut frames = framer.push(stream);
        while let Some(frame) = frames.next().unwrap() {
            decoder.decode(&frame, &mut Vec::new()).unwrap();
        }
        let lost: Vec<_> = decoder
            .losses()
            .iter()
            .map(|loss| loss.field.as_str())
            .collect();
        assert_eq!(lost, expect, "{case}");
    };
    check("reasoning", &[]);
    check("refusal", &["stop_details"]);
    check("loose_stream", &["future_event", "content.future_delta"]);
    check(
        "server_tools",
        &["content.server_tool_use", "content.web_search_tool_result"],
    );
}
