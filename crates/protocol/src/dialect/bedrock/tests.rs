//! What is particular to this dialect, beside the laws that hold for all.

use super::*;
use crate::eventstream;
use crate::ir::{Event, StopReason, Usage};

#[test]
fn a_sign_of_life_is_an_event_that_nobody_knows() {
    let mut written = Vec::new();
    eventstream::write_event(&mut written, "ping", b"{}");
    assert_eq!(PING, written);
}

#[test]
fn a_models_id_is_one_segment_of_the_path() {
    let check = |model: &str, stream: bool, expect: &str| {
        assert_eq!(Converse.path(model, stream), expect);
    };
    check(
        "amazon.nova-pro-v1:0",
        false,
        "/model/amazon.nova-pro-v1%3A0/converse",
    );
    check(
        "arn:aws:bedrock:us-east-1:1:inference-profile/us.x-v1",
        true,
        "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Ainference-profile%2Fus.x-v1/converse-stream",
    );
}

#[test]
fn a_stream_that_stopped_without_counts_is_complete_and_gets_an_estimate() {
    let mut out = Vec::new();
    let reply = Reply {
        input_estimate: 12,
        ..Reply::default()
    };
    let mut encoder = stream::Encoder::new(&reply);
    for event in [
        Event::Start(crate::ir::Start::default()),
        Event::Stop {
            choice: 0,
            reason: StopReason::Stop,
            sequence: None,
        },
        Event::End,
    ] {
        encoder.encode(&event, None, &mut out);
    }
    let mut decoder = Converse.stream_decoder();
    let mut tap = Converse.tap();
    let mut events = Vec::new();
    let mut framer = crate::frame::Framer::of(Framing::EventStream);
    let mut frames = framer.push(&out);
    while let Some(frame) = frames.next().unwrap() {
        decoder.decode(&frame, &mut events).unwrap();
        tap.read(&frame).unwrap();
        assert_eq!(
            tap.complete(),
            events
                .iter()
                .any(|event| matches!(event, Event::Stop { .. }))
        );
    }
    let estimate = Usage {
        input: 12,
        ..Usage::default()
    };
    assert_eq!(events[2..], [Event::Usage(estimate), Event::End]);
}

#[test]
fn the_newest_claude_gets_adaptive_thinking_and_no_sampling() {
    let mut request = crate::ir::Request {
        model: "arn:aws:bedrock:us-east-1:1:application-inference-profile/abc".into(),
        known_as: Some("anthropic/claude-opus-4.7".into()),
        messages: vec![crate::ir::Message {
            role: crate::ir::Role::User,
            parts: vec![crate::ir::Part::text("Hi.")],
            name: None,
            extra: crate::ir::Extra::default(),
        }],
        reasoning: Some(crate::ir::ReasoningRequest {
            effort: Some(crate::ir::Effort::High),
            enabled: Some(true),
            ..crate::ir::ReasoningRequest::default()
        }),
        ..crate::ir::Request::default()
    };
    request.sampling.temperature = serde_json::Number::from_f64(0.5);
    request.sampling.top_k = Some(4);
    let encoded = Converse.encode_request(&request).unwrap();
    let body: serde_json::Value = serde_json::from_slice(&encoded.body).unwrap();
    assert_eq!(
        body["additionalModelRequestFields"],
        serde_json::json!({"thinking": {"type": "adaptive"}})
    );
    assert_eq!(body["outputConfig"], serde_json::json!({"effort": "high"}));
    assert!(body.get("inferenceConfig").is_none(), "{body}");
    let lost: Vec<&str> = encoded
        .losses
        .iter()
        .map(|loss| loss.field.as_str())
        .collect();
    assert_eq!(lost, ["temperature", "top_k"]);
}
