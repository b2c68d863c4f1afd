//! The stream's grammar, whatever the events' origin.

use crate::dialect::Reply;
use crate::dialect::anthropic::{DIALECT, ID};
use crate::ir::{
    CallKind, Delta, Error, ErrorKind, Event, Opening, Sealed, Start, StopReason, Usage,
};
use crate::sse::Frame;

fn encode(events: &[(Event, Option<&str>)]) -> String {
    let reply = Reply {
        now: 0,
        request_id: "r1".into(),
        model: "asked/for".into(),
        include_usage: true,
        input_estimate: 42,
        ..Reply::default()
    };
    let mut encoder = DIALECT.chat.client.unwrap().stream_encoder(&reply);
    let mut out = Vec::new();
    for (event, cost) in events {
        encoder.encode(event, *cost, &mut out);
    }
    String::from_utf8(out).unwrap()
}

fn open(index: u32, part: Opening) -> (Event, Option<&'static str>) {
    let event = Event::Open {
        choice: 0,
        index,
        part,
    };
    (event, None)
}

fn delta(index: u32, delta: Delta) -> (Event, Option<&'static str>) {
    let event = Event::Delta {
        choice: 0,
        index,
        delta,
    };
    (event, None)
}

fn close(index: u32) -> (Event, Option<&'static str>) {
    (Event::Close { choice: 0, index }, None)
}

fn stop(reason: StopReason) -> (Event, Option<&'static str>) {
    let event = Event::Stop {
        choice: 0,
        reason,
        sequence: None,
    };
    (event, None)
}

fn start(id: &str) -> (Event, Option<&'static str>) {
    let start = Start {
        id: id.into(),
        model: if id.is_empty() { "" } else { "gpt" }.into(),
        created: Some(1),
        service_tier: Some("default".into()),
    };
    (Event::Start(start), None)
}

#[test]
fn counts_that_come_after_the_end_of_the_answer_are_waited_for() {
    let usage = Usage {
        input: 10,
        cache_read: 5,
        output: 7,
        reasoning: 3,
        ..Usage::default()
    };
    insta::assert_snapshot!(encode(&[
        start("chatcmpl-1"),
        open(0, Opening::Reasoning),
        delta(0, Delta::Reasoning("Hm.".into())),
        close(0),
        open(1, Opening::Text),
        delta(1, Delta::Text("a \"b\"\n".into())),
        close(1),
        open(
            2,
            Opening::ToolCall {
                id: "call_1".into(),
                name: "f".into(),
                kind: CallKind::Function,
            }
        ),
        delta(2, Delta::Arguments("{\"x\":".into())),
        delta(2, Delta::Arguments("1}".into())),
        close(2),
        stop(StopReason::Stop),
        (Event::Usage(usage), Some("0.0021")),
        (Event::End, None),
    ]));
}

#[test]
fn without_counts_they_are_estimated() {
    insta::assert_snapshot!(encode(&[
        (Event::Ping, None),
        open(0, Opening::Refusal),
        delta(0, Delta::Text("I will not.".into())),
        stop(StopReason::Stop),
        (Event::End, None),
    ]));
}

#[test]
fn an_end_without_anything_is_still_a_message() {
    let text = encode(&[start(""), (Event::End, None)]);
    let names: Vec<_> = text
        .lines()
        .filter_map(|line| line.strip_prefix("event: "))
        .collect();
    assert_eq!(names, ["message_start", "message_delta", "message_stop"]);
    assert!(
        text.contains(r#""id":"msg_r1""#) && text.contains(r#""model":"asked/for""#),
        "{text}"
    );
    assert!(text.contains(r#""stop_reason":"end_turn""#), "{text}");
}

#[test]
fn counts_before_the_first_block_stand_in_the_beginning_and_at_the_end() {
    let first = Usage {
        input: 3,
        cache_write: 9,
        cache_write_1h: 9,
        output: 1,
        ..Usage::default()
    };
    let text = encode(&[
        start("m"),
        (Event::Usage(first), None),
        (Event::Ping, None),
        open(0, Opening::EncryptedReasoning(Sealed::new(ID, "x"))),
        close(0),
        stop(StopReason::ContentFilter),
        (Event::End, None),
    ]);
    assert_eq!(
        text.matches(r#""ephemeral_1h_input_tokens":9"#).count(),
        1,
        "{text}"
    );
    assert!(
        text.contains(r#"{"type":"redacted_thinking","data":"x"}"#),
        "{text}"
    );
    assert!(text.contains(r#""stop_reason":"refusal""#), "{text}");
}

#[test]
fn an_error_ends_everything() {
    let error = Error::new(ErrorKind::Overloaded, "later");
    let text = encode(&[
        start("m"),
        open(0, Opening::Text),
        delta(0, Delta::Text("a".into())),
        (Event::Error(error), None),
        (Event::End, None),
    ]);
    let expect = "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"later\"},\"request_id\":\"r1\"}\n\n";
    assert!(text.ends_with(expect), "{text}");
}

#[test]
fn further_choices_and_logprobs_are_losses_said_once() {
    let client = DIALECT.chat.client.unwrap();
    let mut encoder = client.stream_encoder(&Reply::default());
    let mut out = Vec::new();
    for choice in [1, 1, 2] {
        let part = Opening::Text;
        encoder.encode(
            &Event::Open {
                choice,
                index: 0,
                part,
            },
            None,
            &mut out,
        );
    }
    let fields: Vec<_> = encoder
        .losses()
        .iter()
        .map(|loss| loss.field.as_str())
        .collect();
    assert_eq!(fields, ["choices"]);
    assert!(out.is_empty());
}

fn raw(event: &str, data: &str) -> Vec<u8> {
    format!("event: {event}\ndata: {data}\n\n").into_bytes()
}

#[test]
fn broken_frames_are_malformed_for_decoder_and_tap() {
    let provider = DIALECT.chat.provider.unwrap();
    for (event, data) in [
        ("message_start", r#"{"type":"message_start","mess"#),
        (
            "content_block_delta",
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"ab"#,
        ),
        ("content_block_delta", "<html>"),
        (
            "content_block_start",
            r#"{"type":"content_block_start","index":0}"#,
        ),
        (
            "message_delta",
            r#"{"delta":{},"usage":{"output_tokens":"many"}}"#,
        ),
    ] {
        let raw = raw(event, data);
        let frame = Frame::parse(&raw);
        let mut events = Vec::new();
        assert!(
            provider
                .stream_decoder()
                .decode(&frame, &mut events)
                .is_err(),
            "{data}"
        );
        assert!(
            DIALECT.chat_pass.unwrap().tap().read(&frame).is_err(),
            "{data}"
        );
    }
}

#[test]
fn a_delta_for_a_block_that_is_not_open_is_malformed() {
    let mut decoder = DIALECT.chat.provider.unwrap().stream_decoder();
    let data =
        r#"{"type":"content_block_delta","index":3,"delta":{"type":"text_delta","text":"a"}}"#;
    let wrong = decoder
        .decode(
            &Frame::parse(&raw("content_block_delta", data)),
            &mut Vec::new(),
        )
        .unwrap_err();
    assert!(
        wrong.message.contains("block 3, which is not open"),
        "{wrong}"
    );
}

#[test]
fn a_second_beginning_changes_nothing_but_counts() {
    let mut decoder = DIALECT.chat.provider.unwrap().stream_decoder();
    let data = r#"{"message":{"id":"a","model":"m","usage":{"input_tokens":2,"output_tokens":1}}}"#;
    let mut events = Vec::new();
    for _ in 0..2 {
        decoder
            .decode(&Frame::parse(&raw("message_start", data)), &mut events)
            .unwrap();
    }
    let starts = events
        .iter()
        .filter(|event| matches!(event, Event::Start(_)))
        .count();
    assert_eq!((starts, events.len()), (1, 3));
}

#[test]
fn geminis_proof_at_the_end_is_no_last_block() {
    let signature = || Delta::Signature(Sealed::new(crate::dialect::gemini::ID, "c2ln"));
    let check = |after: &[(Event, Option<&str>)], blocks: &[&str], signed: bool, lost: usize| {
        let mut events = vec![
            start("a"),
            open(0, Opening::Text),
            delta(0, Delta::Text("Hi.".into())),
            close(0),
            open(1, Opening::Reasoning),
            delta(1, signature()),
            close(1),
        ];
        events.extend_from_slice(after);
        events.push(stop(StopReason::Stop));
        let mut encoder = DIALECT
            .chat
            .client
            .unwrap()
            .stream_encoder(&Reply::default());
        let mut out = Vec::new();
        for (event, cost) in &events {
            encoder.encode(event, *cost, &mut out);
        }
        let text = String::from_utf8(out).unwrap();
        let starts = text.match_indices(r#""content_block":{"type":""#);
        let kinds: Vec<&str> = starts
            .map(|(at, begin)| text[at + begin.len()..].split('"').next().unwrap())
            .collect();
        assert_eq!(kinds, blocks, "{text}");
        assert_eq!(text.matches("content_block_stop").count(), blocks.len() * 2);
        assert_eq!(text.contains("tollgate:gemini:c2ln"), signed, "{text}");
        assert_eq!(encoder.losses().len(), lost);
    };
    check(&[], &["text"], false, 1);
    let call = Opening::ToolCall {
        id: "c".into(),
        name: "f".into(),
        kind: CallKind::Function,
    };
    let calls = [open(2, call), close(2)];
    check(&calls, &["text", "thinking", "tool_use"], true, 0);
    let thinks = [
        open(2, Opening::Reasoning),
        delta(2, Delta::Reasoning("Hm.".into())),
        close(2),
    ];
    check(&thinks, &["text", "thinking", "thinking"], true, 0);
}
