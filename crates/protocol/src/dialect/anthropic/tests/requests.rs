//! Requests: what is refused and how it is named, and how those of other dialects are arranged.

use crate::dialect::anthropic::{DIALECT, ID};
use crate::dialect::{DialectId, Encoded};
use crate::ir::{
    Effort, Extra, Json, LossKind, Media, MediaSource, Message, OutputFormat, Part, PartKind,
    Reasoning, ReasoningRequest, Request, Role, Tool, ToolCall, ToolChoice, ToolResult,
};
use serde_json::{Number, Value, json};

/// Some other dialect.
const OTHER: DialectId = DialectId::new("other");

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
    let with = |more: &str| format!(r#"{{"model":"m","max_tokens":1,"messages":[],{more}}}"#);
    let block = |block: &str| {
        format!(
            r#"{{"model":"m","max_tokens":1,"messages":[{{"role":"user","content":"a"}},{{"role":"user","content":[{block}]}}]}}"#
        )
    };
    check(r#"{"max_tokens":1,"messages":[]}"#, "model: is required");
    check(r#"{"model":"m","messages":[]}"#, "max_tokens: is required");
    check(r#"{"model":"m","max_tokens":1}"#, "messages: is required");
    check(
        r#"{"model":"m","max_tokens":"1","messages":[]}"#,
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
    let body = br#"{"model":"m","max_tokens":1,"messages":[],"provider":{"order":["a"]},"models":["b"],"container":"c"}"#;
    let request = DIALECT.chat.client.unwrap().decode_request(body).unwrap();
    let keys: Vec<_> = request.extra.of(ID).map(|(key, _)| key).collect();
    assert_eq!(keys, ["container"]);
}

fn message(role: Role, parts: Vec<Part>) -> Message {
    Message {
        role,
        parts,
        name: None,
        extra: Extra::default(),
    }
}

fn text(role: Role, words: &str) -> Message {
    message(role, vec![Part::text(words)])
}

fn call(id: &str, arguments: &str) -> Part {
    Part::new(PartKind::ToolCall(ToolCall {
        id: id.into(),
        name: "f".into(),
        arguments: arguments.into(),
    }))
}

fn result(id: &str, words: &str) -> Message {
    let parts = vec![Part::text(words)];
    let result = ToolResult {
        call_id: id.into(),
        parts,
        is_error: None,
    };
    message(Role::User, vec![Part::new(PartKind::ToolResult(result))])
}

fn file(media_type: &str, data: &str) -> Part {
    Part::new(PartKind::File(Media {
        source: MediaSource::Base64 {
            media_type: media_type.into(),
            data: data.into(),
        },
        name: Some("a.txt".into()),
        detail: None,
    }))
}

fn function(schema: Option<&str>) -> Tool {
    Tool::Function {
        name: "f".into(),
        description: None,
        schema: schema.map(|text| Json::parse(text).unwrap()),
        strict: Some(false),
        cache: None,
        extra: Extra::default(),
    }
}

fn request(messages: Vec<Message>) -> Request {
    Request {
        model: "m".into(),
        messages,
        max_output_tokens: Some(10_000),
        ..Request::default()
    }
}

fn ask() -> Request {
    request(vec![text(Role::User, "Hi.")])
}

fn encode(request: &Request) -> (Value, Vec<String>) {
    let Encoded { body, losses } = DIALECT
        .chat
        .provider
        .unwrap()
        .encode_request(request)
        .unwrap();
    let losses = losses.into_iter().map(|loss| match loss.kind {
        LossKind::Dropped => loss.field,
        LossKind::Approximated => format!("~{}", loss.field),
    });
    (serde_json::from_slice(&body).unwrap(), losses.collect())
}

/// Checks some members of what is written (`null` for one that must be absent), and all that is lost.
fn check(request: &Request, expect: Value, lost: &[&str]) {
    let (body, losses) = encode(request);
    for (key, value) in expect.as_object().unwrap() {
        assert_eq!(&body[key], value, "{key} in {body}");
    }
    assert_eq!(losses, lost, "{body}");
}

#[test]
fn conversations_are_arranged_in_turns() {
    let messages = vec![
        text(Role::System, "Be kind."),
        text(Role::User, "One."),
        text(Role::Developer, "Be brief."),
        message(
            Role::User,
            vec![Part::text(""), Part::text("Two."), Part::text(" \n")],
        ),
        message(
            Role::Assistant,
            vec![
                Part::text(""),
                call("a.1", ""),
                call("a_1", "{\"x\": 1.50}"),
                call("c", "{\"x"),
            ],
        ),
        text(Role::User, "Wait."),
        result("a.1", "r1"),
        result("a_1", ""),
        result("c", "r3"),
    ];
    check(
        &request(messages),
        json!({
            "system": [{"type": "text", "text": "Be kind."}, {"type": "text", "text": "Be brief."}],
            "messages": [
                {"role": "user", "content": [{"type": "text", "text": "One."}, {"type": "text", "text": "Two."}]},
                {"role": "assistant", "content": [
                    {"type": "tool_use", "id": "a_1_", "name": "f", "input": {}},
                    {"type": "tool_use", "id": "a_1", "name": "f", "input": {"x": 1.5}},
                    {"type": "tool_use", "id": "c", "name": "f", "input": {}},
                ]},
                {"role": "user", "content": [
                    {"type": "tool_result", "tool_use_id": "a_1_", "content": "r1"},
                    {"type": "tool_result", "tool_use_id": "a_1"},
                    {"type": "tool_result", "tool_use_id": "c", "content": "r3"},
                    {"type": "text", "text": "Wait."},
                ]},
            ],
        }),
        &["~messages[2]", "~messages[4].content[3].input"],
    );
}

#[test]
fn a_conversation_begins_with_the_user_and_a_prefill_ends_in_words() {
    check(
        &request(vec![
            text(Role::Assistant, "Hello."),
            text(Role::User, "Hi."),
        ]),
        json!({"messages": [
            {"role": "user", "content": "Continue."},
            {"role": "assistant", "content": "Hello."},
            {"role": "user", "content": "Hi."},
        ]}),
        &["~messages"],
    );
    check(
        &request(vec![
            text(Role::System, "Rule."),
            text(Role::System, "Speak."),
        ]),
        json!({"system": "Rule.", "messages": [{"role": "user", "content": "Speak."}]}),
        &["~messages"],
    );
    check(
        &request(vec![
            text(Role::User, "Go."),
            text(Role::Assistant, "It is \n"),
        ]),
        json!({"messages": [{"role": "user", "content": "Go."}, {"role": "assistant", "content": "It is"}]}),
        &["~messages"],
    );
}

#[test]
fn parts_that_have_no_block_are_lost_by_name() {
    let mut named = message(
        Role::User,
        vec![
            Part::text("Hi."),
            Part::new(PartKind::Opaque(OTHER, Json::null())),
            Part::new(PartKind::Image(Media {
                source: MediaSource::Url("https://images.example/a".into()),
                name: None,
                detail: Some("high".into()),
            })),
        ],
    );
    named.name = Some("ann".into());
    named.parts[0].extra.push(OTHER, "odd", Json::null());
    let answer = message(
        Role::Assistant,
        vec![
            Part::new(PartKind::Reasoning(Reasoning {
                text: "unsigned".into(),
                ..Reasoning::default()
            })),
            Part::new(PartKind::Refusal("No.".into())),
        ],
    );
    let mut asked = request(vec![named, answer, text(Role::User, "Why?")]);
    asked.extra.push(OTHER, "store", Json::of(&true));
    asked.tools = vec![Tool::Opaque(OTHER, Json::null()), function(None)];
    check(
        &asked,
        json!({
            "messages": [
                {"role": "user", "content": [
                    {"type": "text", "text": "Hi."},
                    {"type": "image", "source": {"type": "url", "url": "https://images.example/a"}},
                ]},
                {"role": "assistant", "content": "No."},
                {"role": "user", "content": "Why?"},
            ],
            "tools": [{"name": "f", "input_schema": {"type": "object", "properties": {}}}],
            "store": null,
        }),
        &[
            "messages[0].name",
            "messages[0].content[0].odd",
            "messages[0].content[1]",
            "messages[0].content[2].detail",
            "messages[1].content[0]",
            "~messages[1].content[1]",
            "store",
            "tools[0]",
        ],
    );
}

#[test]
fn audio_cannot_be_said() {
    let sound = Part::new(PartKind::Audio(Media {
        source: MediaSource::FileId("f".into()),
        name: None,
        detail: None,
    }));
    let asked = request(vec![message(Role::User, vec![sound])]);
    let wrong = DIALECT
        .chat
        .provider
        .unwrap()
        .encode_request(&asked)
        .unwrap_err();
    assert_eq!(wrong.field.as_deref(), Some("messages[0].content[0]"));
}

#[test]
fn files_become_what_their_type_says() {
    let parts = vec![
        file("application/pdf", "JVBERg=="),
        file("text/markdown", "IyBIw6k="),
        file("image/png", "iVBO"),
    ];
    check(
        &request(vec![message(Role::User, parts)]),
        json!({"messages": [{"role": "user", "content": [
            {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERg=="}, "title": "a.txt"},
            {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "# Hé"}, "title": "a.txt"},
            {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBO"}},
        ]}]}),
        &[],
    );
}

#[test]
fn schemas_are_of_objects_and_say_so() {
    let schema = |text| {
        let asked = Request {
            tools: vec![function(Some(text))],
            ..ask()
        };
        encode(&asked).0["tools"][0]["input_schema"].clone()
    };
    assert_eq!(schema("{ }"), json!({"type": "object", "properties": {}}));
    assert_eq!(
        schema(r#"{ "properties":{"a":{}}}"#),
        json!({"type": "object", "properties": {"a": {}}})
    );
    assert_eq!(
        schema(r#"{"properties":{},"type":"object"}"#),
        json!({"type": "object", "properties": {}})
    );
}

#[test]
fn tool_choice_goes_with_tools_only() {
    let with = |choice, parallel, tools| Request {
        tool_choice: choice,
        parallel_tool_calls: parallel,
        tools,
        ..ask()
    };
    let tools = || vec![function(None)];
    check(
        &with(None, Some(false), tools()),
        json!({"tool_choice": {"type": "auto", "disable_parallel_tool_use": true}}),
        &[],
    );
    check(
        &with(None, Some(true), tools()),
        json!({"tool_choice": null}),
        &[],
    );
    check(
        &with(Some(ToolChoice::Required), None, tools()),
        json!({"tool_choice": {"type": "any"}}),
        &[],
    );
    check(
        &with(Some(ToolChoice::None), Some(false), tools()),
        json!({"tool_choice": {"type": "none"}}),
        &[],
    );
    check(
        &with(Some(ToolChoice::Named("f".into())), Some(true), tools()),
        json!({"tool_choice": {"type": "tool", "name": "f", "disable_parallel_tool_use": false}}),
        &[],
    );
    check(
        &with(Some(ToolChoice::Auto), Some(false), vec![]),
        json!({"tool_choice": null, "tools": null}),
        &[],
    );
    check(
        &with(Some(ToolChoice::Required), None, vec![]),
        json!({"tool_choice": null}),
        &["tool_choice"],
    );
}

#[test]
fn sampling_is_narrowed() {
    let number = |n: f64| Number::from_f64(n);
    let mut asked = ask();
    asked.sampling.temperature = number(1.7);
    asked.sampling.top_p = number(1.0);
    asked.sampling.top_k = Some(5);
    asked.sampling.seed = Some(1);
    asked.sampling.n = Some(1);
    asked.sampling.logprobs = Some(false);
    asked.sampling.frequency_penalty = number(0.0);
    asked.sampling.presence_penalty = number(0.5);
    asked.sampling.stop = vec!["\n".into(), "END".into()];
    check(
        &asked,
        json!({"temperature": 1, "top_p": null, "top_k": 5, "stop_sequences": ["END"], "seed": null, "n": null}),
        &["presence_penalty", "seed", "~temperature", "stop"],
    );
    let both = |temperature, top_p| {
        let mut asked = ask();
        asked.sampling.temperature = number(temperature);
        asked.sampling.top_p = number(top_p);
        asked
    };
    check(
        &both(1.0, 0.5),
        json!({"temperature": null, "top_p": 0.5}),
        &[],
    );
    check(
        &both(0.5, 1.0),
        json!({"temperature": 0.5, "top_p": null}),
        &[],
    );
    check(
        &both(0.5, 0.5),
        json!({"temperature": 0.5, "top_p": null}),
        &["top_p"],
    );
    let mut thinking = both(0.5, 0.5);
    thinking.sampling.top_k = Some(4);
    thinking.reasoning = Some(ReasoningRequest {
        adaptive: true,
        ..ReasoningRequest::default()
    });
    check(
        &thinking,
        json!({"temperature": null, "top_p": null, "top_k": null}),
        &["temperature", "top_p", "top_k"],
    );
}

#[test]
fn shapes_of_answers() {
    let shaped = |output| Request {
        output: Some(output),
        ..ask()
    };
    check(
        &shaped(OutputFormat::Text),
        json!({"output_config": null, "system": null}),
        &[],
    );
    let (body, losses) = encode(&shaped(OutputFormat::JsonObject));
    assert!(body["system"].as_str().unwrap().contains("one JSON object"));
    assert_eq!(losses, ["~response_format"]);
    let schema = OutputFormat::JsonSchema {
        name: Some("n".into()),
        description: Some("d".into()),
        schema: Json::parse(r#"{"type":"object"}"#).unwrap(),
        strict: Some(false),
    };
    check(
        &shaped(schema),
        json!({"output_config": {"format": {"type": "json_schema", "schema": {"type": "object"}}}}),
        &[
            "response_format.json_schema.description",
            "~response_format.json_schema.strict",
        ],
    );
}

#[test]
fn service_tiers_and_users() {
    let tier = |tier: &str| Request {
        service_tier: Some(tier.into()),
        user: Some("u".into()),
        ..ask()
    };
    let user = json!({"user_id": "u"});
    check(
        &tier("default"),
        json!({"service_tier": "standard_only", "metadata": user}),
        &[],
    );
    check(&tier("auto"), json!({"service_tier": "auto"}), &[]);
    check(
        &tier("priority"),
        json!({"service_tier": "auto"}),
        &["~service_tier"],
    );
    check(
        &tier("flex"),
        json!({"service_tier": null}),
        &["service_tier"],
    );
}

fn thinking(asked: ReasoningRequest, limit: Option<u64>) -> Request {
    Request {
        reasoning: Some(asked),
        max_output_tokens: limit,
        ..ask()
    }
}

fn on(effort: Effort) -> ReasoningRequest {
    ReasoningRequest {
        effort: Some(effort),
        enabled: Some(true),
        ..ReasoningRequest::default()
    }
}

fn budget(tokens: u64) -> ReasoningRequest {
    ReasoningRequest {
        budget_tokens: Some(tokens),
        enabled: Some(true),
        ..ReasoningRequest::default()
    }
}

#[test]
fn effort_and_budget_become_thinking() {
    let enabled = |tokens: u64| json!({"type": "enabled", "budget_tokens": tokens});
    check(
        &thinking(on(Effort::High), None),
        json!({"thinking": enabled(16_384), "max_tokens": 16_384 + 4096, "output_config": null}),
        &["~reasoning_effort"],
    );
    check(
        &thinking(on(Effort::High), Some(5000)),
        json!({"thinking": enabled(4000), "max_tokens": 5000}),
        &["~reasoning_effort"],
    );
    check(
        &thinking(on(Effort::Low), Some(1024)),
        json!({"thinking": null, "max_tokens": 1024}),
        &["reasoning_effort"],
    );
    check(
        &thinking(on(Effort::None), None),
        json!({"thinking": {"type": "disabled"}, "max_tokens": 4096}),
        &[],
    );
    check(
        &thinking(budget(2000), Some(4000)),
        json!({"thinking": enabled(2000)}),
        &[],
    );
    check(
        &thinking(budget(9000), Some(4000)),
        json!({"thinking": enabled(3999)}),
        &["~thinking.budget_tokens"],
    );
    check(
        &thinking(budget(10), None),
        json!({"thinking": enabled(1024), "max_tokens": 5120}),
        &["~thinking.budget_tokens"],
    );
    let plain_on = ReasoningRequest {
        enabled: Some(true),
        ..ReasoningRequest::default()
    };
    check(
        &thinking(plain_on, None),
        json!({"thinking": enabled(8192)}),
        &[],
    );
    let adaptive = |effort, budget_tokens| ReasoningRequest {
        adaptive: true,
        effort,
        budget_tokens,
        ..ReasoningRequest::default()
    };
    let expect = |effort: &str| json!({"thinking": {"type": "adaptive"}, "output_config": {"effort": effort}});
    check(
        &thinking(adaptive(Some(Effort::Max), None), None),
        expect("max"),
        &[],
    );
    check(
        &thinking(adaptive(Some(Effort::Minimal), None), None),
        expect("low"),
        &["~reasoning_effort"],
    );
    check(
        &thinking(adaptive(None, Some(9000)), None),
        expect("medium"),
        &["~thinking.budget_tokens"],
    );
}

#[test]
fn thinking_gives_way_to_a_forced_tool_and_to_a_turn_without_its_thinking() {
    let forced = Request {
        tools: vec![function(None)],
        tool_choice: Some(ToolChoice::Required),
        ..thinking(budget(2000), None)
    };
    check(
        &forced,
        json!({"thinking": null, "tool_choice": {"type": "any"}}),
        &["thinking.budget_tokens"],
    );
    let messages = |signature: Option<&str>| {
        let thought = Part::new(PartKind::Reasoning(Reasoning {
            text: "t".into(),
            signature: signature.map(str::to_owned),
            encrypted: None,
        }));
        vec![
            text(Role::User, "Go."),
            message(Role::Assistant, vec![thought, call("a", "{}")]),
            result("a", "r"),
        ]
    };
    let looped = |signature| Request {
        messages: messages(signature),
        ..thinking(budget(2000), None)
    };
    check(
        &looped(None),
        json!({"thinking": null}),
        &["messages[1].content[0]", "thinking.budget_tokens"],
    );
    check(
        &looped(Some("s")),
        json!({"thinking": {"type": "enabled", "budget_tokens": 2000}}),
        &[],
    );
}

#[test]
fn budgets_stand_for_the_effort_they_come_from() {
    for effort in [
        Effort::Minimal,
        Effort::Low,
        Effort::Medium,
        Effort::High,
        Effort::XHigh,
        Effort::Max,
    ] {
        assert_eq!(Effort::of_budget(effort.budget_tokens()), effort);
    }
    assert_eq!(Effort::of_budget(0), Effort::Minimal);
}
