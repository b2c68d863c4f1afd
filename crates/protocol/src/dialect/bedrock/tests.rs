//! What is particular to this dialect, beside the laws that hold for all.

use super::*;
use crate::eventstream;
use crate::ir::{
    Effort, Event, Extra, LossKind, Message, Part, ReasoningRequest, ReasoningSummary, Role,
    StopReason, Tool, Usage,
};
use serde_json::{Value, json};

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

/// A request for a model, with one turn of the user's.
fn ask(model: &str) -> Request {
    Request {
        model: model.into(),
        messages: vec![message(Role::User, "Hi.")],
        ..Request::default()
    }
}

fn message(role: Role, words: &str) -> Message {
    Message {
        role,
        parts: vec![Part::text(words)],
        name: None,
        extra: Extra::default(),
    }
}

/// One that asks a model to think hard, and for so much of it to be shown.
fn think(model: &str, summary: Option<ReasoningSummary>) -> Request {
    Request {
        reasoning: Some(ReasoningRequest {
            effort: Some(Effort::High),
            enabled: Some(true),
            summary,
            ..ReasoningRequest::default()
        }),
        ..ask(model)
    }
}

/// Checks some members of what is written (`null` for one that must be absent), and all that is lost.
fn check(request: &Request, expect: Value, lost: &[&str]) {
    let encoded = Converse.encode_request(request).unwrap();
    let body: Value = serde_json::from_slice(&encoded.body).unwrap();
    for (key, value) in expect.as_object().unwrap() {
        assert_eq!(&body[key], value, "{key} in {body}");
    }
    let losses = encoded.losses.into_iter().map(|loss| match loss.kind {
        LossKind::Dropped => loss.field,
        LossKind::Approximated => format!("~{}", loss.field),
    });
    assert_eq!(losses.collect::<Vec<_>>(), lost, "{body}");
}

const NEWEST: &str = "us.anthropic.claude-opus-4-8";

#[test]
fn the_newest_claude_gets_adaptive_thinking_and_no_sampling() {
    let profile = "arn:aws:bedrock:us-east-1:1:application-inference-profile/abc";
    let mut request = Request {
        known_as: Some("anthropic/claude-opus-4.7".into()),
        ..think(profile, None)
    };
    request.sampling.temperature = serde_json::Number::from_f64(0.5);
    request.sampling.top_k = Some(4);
    check(
        &request,
        json!({
            "additionalModelRequestFields": {"thinking": {"type": "adaptive"}},
            "outputConfig": {"effort": "high"},
            "inferenceConfig": null,
        }),
        &["temperature", "top_k"],
    );
}

/// The newest models show nothing of their thinking unless they are told to.
#[test]
fn what_a_client_wants_to_see_of_the_thinking_is_said() {
    let nova = "amazon.nova-2-lite-v1:0";
    let of_claude = |display: &str| json!({"thinking": {"type": "adaptive", "display": display}});
    let of_nova = json!({"reasoningConfig": {"type": "enabled", "maxReasoningEffort": "high"}});
    let (auto, omitted) = (ReasoningSummary::Auto, ReasoningSummary::Omitted);
    for (model, summary, expect, lost) in [
        (NEWEST, auto, of_claude("summarized"), &[] as &[&str]),
        (NEWEST, omitted, of_claude("omitted"), &[]),
        (nova, auto, of_nova.clone(), &[]),
        (nova, omitted, of_nova, &["reasoning.summary"]),
    ] {
        let expect = json!({"additionalModelRequestFields": expect});
        check(&think(model, Some(summary)), expect, lost);
    }
}

#[test]
fn an_answer_that_the_client_began_is_for_models_that_take_one() {
    let turn = |role: &str, words: &str| json!({"role": role, "content": [{"text": words}]});
    let (user, begun) = (turn("user", "Hi."), turn("assistant", "It is"));
    let takes = json!([user, begun]);
    let refuses = json!([user, begun, turn("user", "Continue.")]);
    for (model, expect, lost) in [
        ("amazon.nova-pro-v1:0", &takes, &[] as &[&str]),
        ("anthropic.claude-haiku-4-5-20251001-v1:0", &takes, &[]),
        ("meta.llama3-3-70b-instruct-v1:0", &refuses, &["~messages"]),
        (NEWEST, &refuses, &["~messages"]),
    ] {
        let mut request = ask(model);
        request.messages.push(message(Role::Assistant, "It is"));
        check(&request, json!({"messages": expect}), lost);
    }
}

#[test]
fn that_calls_are_made_one_by_one_is_lost_only_where_any_are_made() {
    let mut request = Request {
        parallel_tool_calls: Some(false),
        ..ask(NEWEST)
    };
    check(&request, json!({"toolConfig": null}), &[]);
    request.tools = vec![Tool::Function {
        name: "f".into(),
        description: None,
        schema: None,
        strict: None,
        cache: None,
        extra: Extra::default(),
    }];
    check(&request, json!({}), &["parallel_tool_calls"]);
}

/// The official clients send no member that Converse does not know, so that controls stand among those for the model.
#[test]
fn controls_stand_among_what_is_meant_for_the_model() {
    let check = |body: Value, expect: Result<&[&str], &str>, sent: Value| {
        let text = body.to_string();
        let mut doc = Document::parse(text.as_bytes()).unwrap();
        let outline = match (request::outline(&doc), expect) {
            (Err(wrong), Err(field)) => return assert_eq!(wrong.field.as_deref(), Some(field)),
            (outline, _) => outline.unwrap(),
        };
        let names: Vec<&str> = outline.controls.iter().map(|(name, _)| *name).collect();
        assert_eq!(Ok(&*names), expect, "{body}");
        Converse.retarget(&mut doc, &outline, "m");
        let passed: Value = serde_json::from_slice(&doc.apply()).unwrap();
        assert_eq!(passed, sent);
        let decoded = request::decode(text.as_bytes()).unwrap();
        assert!(!format!("{:?}", decoded.extra).contains("tollgate"));
    };
    let asked = |more: Value| {
        json!({"messages": [{"role": "user", "content": [{"text": "Hi"}]}],
            "additionalModelRequestFields": more})
    };
    let mut plain = asked(json!(0));
    plain
        .as_object_mut()
        .unwrap()
        .remove("additionalModelRequestFields");
    let more = json!({"top_k": 3, "tollgate": {"models": ["a"], "require_parameters": true}});
    check(
        asked(more),
        Ok(&["models", "require_parameters"]),
        asked(json!({"top_k": 3})),
    );
    check(
        asked(json!({"tollgate": {"provider": {}}})),
        Ok(&["provider"]),
        plain.clone(),
    );
    check(plain.clone(), Ok(&[]), plain);
    let wrong = asked(json!({"tollgate": {"only": ["a"]}}));
    check(
        wrong,
        Err("additionalModelRequestFields.tollgate.only"),
        json!(0),
    );
    let mut twice = asked(json!({"tollgate": {"provider": {}}}));
    twice["provider"] = json!({});
    check(
        twice,
        Err("additionalModelRequestFields.tollgate.provider"),
        json!(0),
    );
    let text = asked(json!({"tollgate": "order"}));
    check(text, Err("additionalModelRequestFields.tollgate"), json!(0));
}
