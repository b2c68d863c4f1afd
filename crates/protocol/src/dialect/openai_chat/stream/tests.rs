//! Streams in forms that fixtures do not show, and what must never break a reader.

use super::*;
use crate::dialect::StreamDecoder;
use crate::ir::{Delta, Event, Malformed, Opening, StopReason};
use crate::sse::Framer;
use proptest::prelude::*;

/// The events of these frames' data, and of the stream's end.
fn events(data: &[&str]) -> Result<Vec<Event>, Malformed> {
    let mut decoder = Decoder::default();
    let mut out = Vec::new();
    let mut framer = Framer::default();
    for data in data {
        let bytes = format!("data: {data}\n\n").into_bytes();
        let mut frames = framer.push(&bytes);
        while let Some(frame) = frames.next().unwrap() {
            decoder.decode(&frame, &mut out)?;
        }
    }
    decoder.finish(&mut out);
    Ok(out)
}

#[test]
fn what_a_delta_says_and_no_event_can_is_lost_by_name() {
    let mut decoder = Decoder::default();
    let chunk = br#"data: {"choices":[{"index":0,"delta":{"content":"x","annotations":[{"type":"url_citation"}],"audio":null,"function_call":{"name":"f"}}}]}

"#;
    for _ in 0..2 {
        let mut framer = Framer::default();
        let mut frames = framer.push(chunk);
        let frame = frames.next().unwrap().unwrap();
        decoder.decode(&frame, &mut Vec::new()).unwrap();
    }
    let lost: Vec<&str> = decoder.losses().iter().map(|l| l.field.as_str()).collect();
    assert_eq!(lost, ["message.function_call", "message.annotations"]);
}

/// The calls that the events tell: name and arguments.
fn calls(events: &[Event]) -> Vec<(String, String, String)> {
    let mut calls: Vec<(String, String, String)> = Vec::new();
    for event in events {
        match event {
            Event::Open {
                part: Opening::ToolCall { id, name, .. },
                ..
            } => {
                calls.push((id.clone(), name.clone(), String::new()));
            }
            Event::Delta {
                delta: Delta::Arguments(text),
                ..
            } => {
                calls.last_mut().unwrap().2.push_str(text);
            }
            _ => {}
        }
    }
    calls
}

fn call_delta(call: &str) -> String {
    format!(r#"{{"id":"r","choices":[{{"index":0,"delta":{{"tool_calls":[{call}]}}}}]}}"#)
}

const STOP: &str = r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#;

fn check_calls(deltas: &[&str], expect: &[(&str, &str, &str)]) {
    let chunks: Vec<String> = deltas.iter().map(|delta| call_delta(delta)).collect();
    let mut data: Vec<&str> = chunks.iter().map(String::as_str).collect();
    data.push(STOP);
    let events = events(&data).unwrap();
    let told = calls(&events);
    let told: Vec<_> = told
        .iter()
        .map(|(a, b, c)| (a.as_str(), b.as_str(), c.as_str()))
        .collect();
    assert_eq!(told, expect);
    let stop = events.iter().find_map(|event| match event {
        Event::Stop { reason, .. } => Some(reason.clone()),
        _ => None,
    });
    assert_eq!(stop, Some(StopReason::ToolCalls));
}

#[test]
fn calls_that_share_an_index_are_told_apart_by_their_ids() {
    check_calls(
        &[
            r#"{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}"#,
            r#"{"index":0,"id":"b","function":{"name":"g","arguments":"{}"}}"#,
        ],
        &[("a", "f", "{}"), ("b", "g", "{}")],
    );
}

#[test]
fn an_id_repeated_with_every_piece_is_one_call() {
    check_calls(
        &[
            r#"{"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\""}}"#,
            r#"{"index":0,"id":"a","function":{"name":"f","arguments":":1}"}}"#,
        ],
        &[("a", "f", "{\"x\":1}")],
    );
}

#[test]
fn a_name_may_come_later_and_an_id_not_at_all() {
    check_calls(
        &[
            r#"{"index":0,"function":{"arguments":""}}"#,
            r#"{"index":0,"function":{"name":"f"}}"#,
            r#"{"index":0,"function":{"arguments":"{}"}}"#,
            r#"{"index":1,"function":{"name":"g"}}"#,
        ],
        &[
            ("call_tollgate_r_0", "f", "{}"),
            ("call_tollgate_r_1", "g", ""),
        ],
    );
}

#[test]
fn arguments_said_again_are_said_once() {
    check_calls(
        &[
            r#"{"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\":1}"}}"#,
            r#"{"index":0,"function":{"arguments":"{\"x\":1}"}}"#,
        ],
        &[("a", "f", "{\"x\":1}")],
    );
}

#[test]
fn text_behind_an_open_call_waits_for_it() {
    let text = r#"{"choices":[{"index":0,"delta":{"content":"then"}}]}"#;
    let first = call_delta(r#"{"index":0,"id":"a","function":{"name":"f","arguments":"{"}}"#);
    let rest = call_delta(r#"{"index":0,"function":{"arguments":"}"}}"#);
    let told = events(&[&first, text, &rest, STOP]).unwrap();
    let order: Vec<&str> = told
        .iter()
        .filter_map(|event| match event {
            Event::Open {
                part: Opening::ToolCall { .. },
                ..
            } => Some("call"),
            Event::Open {
                part: Opening::Text,
                ..
            } => Some("text"),
            Event::Delta {
                delta: Delta::Arguments(_),
                ..
            } => Some("arguments"),
            Event::Delta {
                delta: Delta::Text(_),
                ..
            } => Some("then"),
            Event::Close { .. } => Some("close"),
            Event::Stop { .. } => Some("stop"),
            _ => None,
        })
        .collect();
    assert_eq!(
        order,
        [
            "call",
            "arguments",
            "arguments",
            "close",
            "text",
            "then",
            "close",
            "stop"
        ]
    );
}

#[test]
fn what_is_no_answer_is_malformed() {
    for bad in [
        "[DONE]",
        "{",
        "<html>",
        "7",
        r#"{"choices":7}"#,
        r#"{"choices":[{"index":999}]}"#,
    ] {
        assert!(events(&[bad]).is_err(), "{bad}");
    }
}

#[test]
fn errors_of_every_shape_end_the_stream() {
    for bad in [
        r#"{"error":{"message":"m"}}"#,
        r#"{"error":"m"}"#,
        r#"{"object":"error","message":"m","code":500}"#,
    ] {
        let told = events(&[bad, STOP, "[DONE]"]).unwrap();
        assert!(
            matches!(told.as_slice(), [Event::Error(error)] if error.message == "m"),
            "{bad}: {told:?}"
        );
    }
}

#[test]
fn calls_in_turns_may_not_hold_more_than_the_bound() {
    let first = call_delta(r#"{"index":0,"id":"a","function":{"name":"f","arguments":"{"}}"#);
    let more = format!(
        r#"{{"index":1,"id":"b","function":{{"name":"g","arguments":"{}"}}}}"#,
        "x".repeat(1 << 19)
    );
    let more = call_delta(&more);
    let mut data = vec![first.as_str()];
    data.extend(std::iter::repeat_n(more.as_str(), 9));
    assert!(events(&data).is_err());
}

proptest! {
    /// Two calls whose pieces come in any turns are told one after the other, whole.
    #[test]
    fn calls_in_any_turns_come_out_in_sequence(turns in proptest::collection::vec(any::<bool>(), 0..40)) {
        let arguments = [r#"{"a":"}{\"","b":[1,{}]}"#, r#"{"c":"\\"}"#];
        let pieces = arguments.map(|text| text.chars().map(String::from).collect::<Vec<_>>());
        let mut left = [0, 0];
        let mut order: Vec<usize> = turns.iter().map(|turn| usize::from(*turn)).collect();
        order.extend([0; 40]);
        order.extend([1; 40]);
        let mut deltas = vec![
            r#"{"index":0,"id":"a","function":{"name":"f"}}"#.to_owned(),
            r#"{"index":1,"id":"b","function":{"name":"g"}}"#.to_owned(),
        ];
        for which in order {
            if let Some(piece) = pieces[which].get(left[which]) {
                left[which] += 1;
                let text = serde_json::to_string(piece).unwrap();
                deltas.push(format!(r#"{{"index":{which},"function":{{"arguments":{text}}}}}"#));
            }
        }
        let chunks: Vec<String> = deltas.iter().map(|delta| call_delta(delta)).collect();
        let mut data: Vec<&str> = chunks.iter().map(String::as_str).collect();
        data.push(STOP);
        let told = calls(&events(&data).unwrap());
        prop_assert_eq!(told.len(), 2);
        prop_assert_eq!(&told[0].2, arguments[0]);
        prop_assert_eq!(&told[1].2, arguments[1]);
    }
}
