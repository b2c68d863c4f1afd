//! Requests that are wrong, and what their answers name; outlines; what a client's body becomes. Whole requests that
//! are right are fixtures.

use super::*;
use crate::ir::{Loss, MediaSource, Message, Part, PartKind, Request, Role, ToolResult};

fn message(json: &str) -> String {
    format!(r#"{{"model":"m","messages":[{{"role":"user","content":"x"}},{json}]}}"#)
}

fn refused(body: &str) -> String {
    decode(body.as_bytes()).unwrap_err().to_string()
}

#[test]
fn a_wrong_field_is_named_with_what_is_allowed() {
    let check = |body: &str, expect: &str| assert_eq!(refused(body), expect, "{body}");
    check(r#"{"messages":[{}]}"#, "model: is required");
    check(
        r#"{"model":"","messages":[{}]}"#,
        "model: must not be empty",
    );
    check(
        r#"{"model":7,"messages":[{}]}"#,
        "model: must be a string, but is 7",
    );
    check(r#"{"model":"m"}"#, "messages: is required");
    check(
        r#"{"model":"m","messages":[]}"#,
        "messages: must hold at least one message",
    );
    check(
        r#"{"model":"m","messages":"hi"}"#,
        "messages: must be a list, but is a string",
    );
    check(&message("7"), "messages[1]: must be an object, but is 7");
    check(&message("{}"), "messages[1].role: is required");
    check(
        &message(r#"{"role":"bot","content":"x"}"#),
        "messages[1].role: must be one of system, developer, user, assistant, tool, but is `bot`",
    );
    check(
        &message(r#"{"role":"user"}"#),
        "messages[1].content: is required",
    );
    check(
        &message(r#"{"role":"user","content":7}"#),
        "messages[1].content: must be a string or a list of parts, but is 7",
    );
    check(
        &message(r#"{"role":"user","content":[{"type":"image_url","image_url":{"url":7}}]}"#),
        "messages[1].content[0].image_url.url: must be a string, but is 7",
    );
    check(
        &message(r#"{"role":"user","content":[{"type":"image_url","image_url":"http://x"}]}"#),
        "messages[1].content[0].image_url: must be an object, but is a string",
    );
    check(
        &message(r#"{"role":"user","content":[{"type":"file","file":{}}]}"#),
        "messages[1].content[0].file: must have file_data or file_id",
    );
    check(
        &message(r#"{"role":"tool","content":"x"}"#),
        "messages[1].tool_call_id: is required",
    );
    check(
        &message(
            r#"{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":{}}}]}"#,
        ),
        "messages[1].tool_calls[0].function.arguments: must be a string, but is an object",
    );
}

#[test]
fn a_wrong_parameter_is_named_with_what_is_allowed() {
    let check = |members: &str, expect: &str| {
        let body =
            format!(r#"{{"model":"m","messages":[{{"role":"user","content":"x"}}],{members}}}"#);
        assert_eq!(refused(&body), expect, "{members}");
    };
    check(
        r#""max_tokens":5,"max_completion_tokens":6"#,
        "max_tokens: is 5, but max_completion_tokens is 6: give one of them",
    );
    check(
        r#""max_tokens":-1"#,
        "max_tokens: must be a whole number of 0 or more, but is -1",
    );
    check(
        r#""temperature":"hot""#,
        "temperature: must be a number, but is a string",
    );
    check(r#""stop":[1]"#, "stop[0]: must be a string, but is 1");
    check(
        r#""stream":"yes""#,
        "stream: must be true or false, but is a string",
    );
    check(
        r#""stream_options":{"include_usage":1}"#,
        "stream_options.include_usage: must be true or false, but is 1",
    );
    check(
        r#""tool_choice":"maybe""#,
        "tool_choice: must be auto, none, required or an object that names a function, but is `maybe`",
    );
    check(
        r#""tools":[{"type":"function","function":{"name":"f","parameters":"x"}}]"#,
        "tools[0].function.parameters: must be an object, but is a string",
    );
    check(
        r#""reasoning_effort":"huge""#,
        "reasoning_effort: must be one of none, minimal, low, medium, high, xhigh, max, but is `huge`",
    );
    check(
        r#""reasoning_effort":"low","reasoning":{"effort":"high"}"#,
        "reasoning.effort: is high, but reasoning_effort is low: give one of them",
    );
    check(
        r#""functions":[]"#,
        "functions: is deprecated and cannot be translated for this model: use `tools`",
    );
}

fn outlined(body: &str) -> Result<Outline, Malformed> {
    outline(&Document::parse(body.as_bytes()).unwrap())
}

#[test]
fn an_outline_knows_what_the_model_must_do() {
    let check = |member: &str, expect: Needs| {
        let body = format!(r#"{{"model":"m","messages":[{{}}],{member}}}"#);
        assert_eq!(outlined(&body).unwrap().needs, expect, "{member}");
    };
    let none = Needs::default();
    check(r#""tools":[ ]"#, none);
    check(
        r#""tools":[{}]"#,
        Needs {
            tools: true,
            ..none
        },
    );
    check(r#""reasoning_effort":"none""#, none);
    check(
        r#""reasoning_effort":"low""#,
        Needs {
            reasoning: true,
            ..none
        },
    );
    check(r#""reasoning":{"enabled":false}"#, none);
    check(
        r#""reasoning":{}"#,
        Needs {
            reasoning: true,
            ..none
        },
    );
    check(r#""response_format":{"type":"json_object"}"#, none);
    let schema = r#""response_format":{"type":"json_schema","json_schema":{"schema":{}}}"#;
    check(
        schema,
        Needs {
            structured_output: true,
            ..none
        },
    );
    let part = |part: &str| {
        let body = format!(r#"{{"model":"m","messages":[{{"role":"user","content":[{part}]}}]}}"#);
        outlined(&body).unwrap().needs
    };
    assert_eq!(part(r#"{"type":"text","text":"\"image_url\": x"}"#), none);
    assert!(part(r#"{"type":"image_url","image_url":{"url":"u"}}"#).vision);
    assert!(part(r#"{"type":"file","file":{"file_id":"f"}}"#).files);
    assert!(part(r#"{"type":"input_audio","input_audio":{}}"#).audio);
}

#[test]
fn an_outline_reads_the_rest_and_names_what_is_wrong() {
    let found = outlined(
        r#"{"models":["a/b","c/d"],"messages":[{}],"stream":true,"stream_options":{"include_usage":true},"max_completion_tokens":9,"tags":["x"]}"#,
    )
    .unwrap();
    assert_eq!(found.model, "a/b");
    assert!(found.stream && found.include_usage);
    assert_eq!(found.max_output_tokens, Some(9));
    let names: Vec<_> = found.controls.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["models", "tags"]);
    for (body, field) in [
        (r#"{"messages":[{}]}"#, "model"),
        (r#"{"model":"m"}"#, "messages"),
        (r#"{"model":"m","messages":{}}"#, "messages"),
        (r#"{"model":"m","messages":[{}],"stream":1}"#, "stream"),
        (
            r#"{"model":"m","messages":[{}],"max_tokens":"9"}"#,
            "max_tokens",
        ),
        (
            r#"{"model":"m","messages":[{}],"stream_options":7}"#,
            "stream_options",
        ),
    ] {
        assert_eq!(
            outlined(body).unwrap_err().field.as_deref(),
            Some(field),
            "{body}"
        );
    }
}

#[test]
fn retargeting_edits_bytes_and_only_these() {
    let check = |body: &str, expect: &str| {
        let mut doc = Document::parse(body.as_bytes()).unwrap();
        let outline = outline(&doc).unwrap();
        retarget(&mut doc, &outline, "wire");
        assert_eq!(std::str::from_utf8(&doc.apply()).unwrap(), expect);
    };
    check(
        r#"{ "messages": [ {} ], "tags":[1], "model" : "a/b", "new":1.50 }"#,
        r#"{ "messages": [ {} ], "model" : "wire", "new":1.50 }"#,
    );
    check(
        r#"{"model":"m","messages":[{}],"stream":true,"stream_options":{"x":1}}"#,
        r#"{"model":"wire","messages":[{}],"stream":true,"stream_options":{"x":1,"include_usage":true}}"#,
    );
    check(
        r#"{"model":"m","messages":[{}],"stream":true,"stream_options":{"include_usage": true}}"#,
        r#"{"model":"wire","messages":[{}],"stream":true,"stream_options":{"include_usage": true}}"#,
    );
}

fn request(parts: Vec<Part>) -> Request {
    Request {
        model: "m".into(),
        messages: vec![Message {
            role: Role::User,
            parts,
            name: None,
            extra: crate::ir::Extra::default(),
        }],
        ..Request::default()
    }
}

#[test]
fn what_a_tool_shows_goes_into_the_next_message() {
    let picture = crate::ir::Media {
        media_type: None,
        source: MediaSource::Url("https://example.com/a.png".into()),
        name: None,
        detail: None,
    };
    let result = PartKind::ToolResult(ToolResult {
        call_id: "c".into(),
        parts: vec![Part::new(PartKind::Image(picture))],
        is_error: Some(true),
    });
    let encoded = encode(&request(vec![Part::text("And?"), Part::new(result)])).unwrap();
    let body: serde_json::Value = serde_json::from_slice(&encoded.body).unwrap();
    assert_eq!(
        body["messages"],
        serde_json::json!([
            {"role": "tool", "tool_call_id": "c", "content": "The answer of the tool follows in the next message."},
            {"role": "user", "content": [
                {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}},
                {"type": "text", "text": "And?"},
            ]},
        ])
    );
    assert_eq!(
        encoded.losses,
        [
            Loss::approximated("messages[0].content[1].content"),
            Loss::dropped("messages[0].content[1].is_error"),
        ]
    );
}

#[test]
fn a_user_name_too_long_is_dropped_and_a_budget_becomes_a_word() {
    let mut request = request(vec![Part::text("x")]);
    request.user = Some("u".repeat(65));
    request.reasoning = Some(ReasoningRequest {
        budget_tokens: Some(1024),
        enabled: Some(true),
        ..ReasoningRequest::default()
    });
    let encoded = encode(&request).unwrap();
    let body: serde_json::Value = serde_json::from_slice(&encoded.body).unwrap();
    assert_eq!(body["reasoning_effort"], "low");
    assert!(body.get("user").is_none());
    assert_eq!(
        encoded.losses,
        [
            Loss::approximated("reasoning.budget_tokens"),
            Loss::dropped("user"),
        ]
    );
}
