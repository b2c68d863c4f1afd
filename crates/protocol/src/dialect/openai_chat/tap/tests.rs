//! What a tap makes of single frames.

use super::*;

fn seen(data: &str) -> Seen {
    let raw = format!("data: {data}\n\n");
    StreamTap::default()
        .read(&Frame::parse(raw.as_bytes()))
        .unwrap()
}

#[test]
fn each_frame_is_what_it_is() {
    let check = |data: &str, kind: FrameKind, text_bytes: u64| {
        let seen = seen(data);
        assert_eq!((seen.kind, seen.text_bytes), (kind, text_bytes), "{data}");
    };
    let delta = |delta: &str| format!(r#"{{"choices":[{{"index":0,"delta":{delta}}}]}}"#);
    use FrameKind::{Content, Ping, Preamble, UsageOnly};
    check(
        &delta(r#"{"role":"assistant","content":"","refusal":null}"#),
        Preamble,
        0,
    );
    check(
        &delta(r#"{"role":"assistant","content":null,"tool_calls":[],"annotations":[]}"#),
        Preamble,
        0,
    );
    check(&delta("null"), Preamble, 0);
    check(
        r#"{"choices":[],"prompt_filter_results":[{}]}"#,
        Preamble,
        0,
    );
    check(&delta(r#"{"content":"a\n\u00e9"}"#), Content, 4);
    check(&delta(r#"{"reasoning_content":"ab"}"#), Content, 2);
    check(
        &delta(
            r#"{"content":"","reasoning":"ab","reasoning_details":[{"type":"reasoning.text","text":"ab"}]}"#,
        ),
        Content,
        2,
    );
    check(
        &delta(r#"{"reasoning_details":[{"type":"reasoning.summary","summary":"abc"}]}"#),
        Content,
        3,
    );
    check(&delta(r#"{"refusal":"no"}"#), Content, 2);
    check(
        &delta(
            r#"{"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]}"#,
        ),
        Content,
        2,
    );
    check(&delta(r#"{"audio":{"data":"AAAA"}}"#), Content, 0);
    check(
        r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#,
        Content,
        0,
    );
    check(
        r#"{"choices":[{"index":0,"delta":{"content":""},"finish_reason":""}]}"#,
        Preamble,
        0,
    );
    check(
        r#"{"choices":[],"usage":{"prompt_tokens":1}}"#,
        UsageOnly,
        0,
    );
    check("", Ping, 0);
}

#[test]
fn usage_is_found_where_it_stands() {
    let data = r#"{"choices":[],"usage": {"prompt_tokens":3,"completion_tokens":2} }"#;
    let found = seen(data);
    assert_eq!(
        found.usage.map(|usage| (usage.input, usage.output)),
        Some((3, 2))
    );
    assert_eq!(
        &data[found.usage_span.unwrap()],
        r#"{"prompt_tokens":3,"completion_tokens":2}"#
    );
    let early =
        seen(r#"{"choices":[{"index":0,"delta":{"content":"x"}}],"usage":{"prompt_tokens":3}}"#);
    assert!(early.usage.is_some() && early.usage_span.is_none());
    let none = seen(r#"{"choices":[{"index":0,"delta":{"content":"\"usage\":{}"}}],"usage":null}"#);
    assert_eq!((none.usage, none.usage_span), (None, None));
}

#[test]
fn broken_frames_are_malformed() {
    for bad in [
        r#"{"choices":[{"delta":{"content":"x"}}"#,
        "{'a':1}",
        "[DONE]",
        "x",
        r#"{"choices":7}"#,
    ] {
        let raw = format!("data: {bad}\n\n");
        let mut tap = StreamTap::default();
        assert!(tap.read(&Frame::parse(raw.as_bytes())).is_err(), "{bad}");
        assert!(!tap.complete());
    }
}

#[test]
fn a_whole_answer_with_an_error_inside_is_seen() {
    let seen = read_whole(br#"{"error":{"message":"m","code":503}}"#).unwrap();
    assert_eq!(seen.error.map(|error| error.message).as_deref(), Some("m"));
    let body = br#"{"choices":[{"index":0,"message":{"role":"assistant","content":"abc","tool_calls":[{"id":"a","function":{"name":"f","arguments":"{}"}}]}}],"usage":null}"#;
    let seen = read_whole(body).unwrap();
    assert_eq!((seen.text_bytes, seen.usage, seen.error), (5, None, None));
}
