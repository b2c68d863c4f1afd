//! What is refused, and how it is named.

use crate::dialect::anthropic::{DIALECT, ID};

#[test]
fn what_is_wrong_is_named_with_its_path() {
    let check = |body: &str, expect: &str| {
        let wrong = DIALECT
            .chat
            .client
            .unwrap()
            .decode_request(body.as_bytes())
            .unwrap_err();
        assert_eq!(wrong.to_string(), expect);
    };
    let with = |more: &str| {
        format!(
            r#"{{"model":"m","max_tokens":1,"messages":[{{"role":"user","content":"x"}}],{more}}}"#
        )
    };
    let block = |block: &str| {
        format!(
            r#"{{"model":"m","max_tokens":1,"messages":[{{"role":"user","content":"a"}},{{"role":"user","content":[{block}]}}]}}"#
        )
    };
    check(
        r#"{"max_tokens":1,"messages":[{"role":"user","content":"x"}]}"#,
        "model: is required",
    );
    check(
        r#"{"model":"m","messages":[{"role":"user","content":"x"}]}"#,
        "max_tokens: is required",
    );
    check(r#"{"model":"m","max_tokens":1}"#, "messages: is required");
    check(
        r#"{"model":"m","max_tokens":"1","messages":[{"role":"user","content":"x"}]}"#,
        "max_tokens: must be a whole number of 0 or more, but is a string",
    );
    check(
        r#"{"model":"m","max_tokens":1,"messages":[{"role":"tool","content":""}]}"#,
        "messages[0].role: must be `user`, `assistant` or `system`, but is `tool`",
    );
    check(
        r#"{"model":"m","max_tokens":1,"messages":[{"role":"user","content":{}}]}"#,
        "messages[0].content: must be a string or a list of content blocks, but is an object",
    );
    check(
        &block(r#"{"text":"a"}"#),
        "messages[1].content[0].type: is required",
    );
    check(
        &block(r#"{"type":"text"}"#),
        "messages[1].content[0].text: is required",
    );
    check(
        &block(r#"{"type":"image","source":{"type":"base64","media_type":7,"data":""}}"#),
        "messages[1].content[0].source.media_type: must be a string, but is 7",
    );
    check(
        &block(r#"{"type":"tool_result","tool_use_id":"a","content":[{"type":"text","text":[]}]}"#),
        "messages[1].content[0].content[0].text: must be a string, but is a list",
    );
    check(
        &block(r#"{"type":"tool_use","id":"a","name":"b","input":"{}"}"#),
        "messages[1].content[0].input: must be an object, but is a string",
    );
    check(
        &with(r#""temperature":"hot""#),
        "temperature: must be a number, but is a string",
    );
    check(
        &with(r#""stop_sequences":["a",1]"#),
        "stop_sequences[1]: must be a string, but is 1",
    );
    check(
        &with(r#""tools":[{"name":"a"}]"#),
        "tools[0].input_schema: is required",
    );
    check(
        &with(r#""tool_choice":{"type":"tool"}"#),
        "tool_choice.name: is required",
    );
    check(
        &with(r#""thinking":{"type":"enabled"}"#),
        "thinking.budget_tokens: is required",
    );
    check(
        &with(r#""metadata":"u""#),
        "metadata: must be an object, but is a string",
    );
    check(
        &with(r#""output_config":{"format":{"type":"json_schema"}}"#),
        "output_config.format.schema: is required",
    );
    check(
        &with(
            r#""output_config":{"format":{"type":"json_schema","schema":{}}},"output_format":{"type":"json_schema","schema":{}}"#,
        ),
        "output_format: is the older name of `output_config.format`; send one of them",
    );
}

#[test]
fn the_gateways_own_controls_do_not_ride_along() {
    let body = br#"{"model":"m","max_tokens":1,"messages":[{"role":"user","content":"x"}],"provider":{"order":["a"]},"models":["b"],"container":"c"}"#;
    let request = DIALECT.chat.client.unwrap().decode_request(body).unwrap();
    let keys: Vec<_> = request.extra.of(ID).map(|(key, _)| key).collect();
    assert_eq!(keys, ["container"]);
}
