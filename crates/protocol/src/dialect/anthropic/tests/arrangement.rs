//! How conversations of other dialects are arranged.

use super::requests::{OTHER, call, check, file, function, message, request, result, text};
use crate::dialect::anthropic::{DIALECT, ID};
use crate::ir::{
    Json, Media, MediaSource, Part, PartKind, Reasoning, ReasoningRequest, Request, Role, Sealed,
    Tool, ToolChoice,
};
use serde_json::json;

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
    let asked = Request {
        tools: vec![function(None)],
        ..request(messages)
    };
    check(
        &asked,
        json!({
            "system": [{"type": "text", "text": "Be kind."}, {"type": "text", "text": "Be brief."}],
            "messages": [
                {"role": "user", "content": [{"type": "text", "text": "One."}, {"type": "text", "text": "Two."}]},
                {"role": "assistant", "content": [
                    {"type": "tool_use", "id": "a_1_2", "name": "f", "input": {}},
                    {"type": "tool_use", "id": "a_1", "name": "f", "input": {"x": 1.5}},
                    {"type": "tool_use", "id": "c", "name": "f", "input": {}},
                ]},
                {"role": "user", "content": [
                    {"type": "tool_result", "tool_use_id": "a_1_2", "content": "r1"},
                    {"type": "tool_result", "tool_use_id": "a_1"},
                    {"type": "tool_result", "tool_use_id": "c", "content": "r3"},
                    {"type": "text", "text": "Wait."},
                ]},
            ],
        }),
        &["~messages[2]", "messages[4].content[3].input"],
    );
}

#[test]
fn a_result_without_its_call_is_said_as_what_it_is() {
    let unknown = Part::new(PartKind::Opaque(OTHER, Json::of(&json!({"id": "x"}))));
    check(
        &request(vec![
            text(Role::User, "Go."),
            message(Role::Assistant, vec![Part::text("I look."), unknown]),
            result("x", "Found."),
        ]),
        json!({
            "messages": [
                {"role": "user", "content": "Go."},
                {"role": "assistant", "content": "I look."},
                {"role": "user", "content": "Found."},
            ],
            "tools": null,
        }),
        &["messages[1].content[1]", "~messages[2].content[0]"],
    );
}

#[test]
fn a_conversation_with_calls_and_no_tools_declares_them_for_none_to_be_called() {
    let messages = || {
        vec![
            text(Role::User, "Go."),
            message(Role::Assistant, vec![call("a", "{}"), call("b", "{}")]),
            result("a", "r"),
            result("b", "r"),
        ]
    };
    let declared = json!({
        "tools": [{"name": "f", "input_schema": {"type": "object"}}],
        "tool_choice": {"type": "none"},
    });
    check(&request(messages()), declared.clone(), &["~tools"]);
    let dropped = Request {
        tools: vec![Tool::Opaque(OTHER, Json::null())],
        tool_choice: Some(ToolChoice::Required),
        ..request(messages())
    };
    let lost = ["tools[0]", "~tools", "tool_choice"];
    check(&dropped, declared, &lost);
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
fn an_answer_that_the_client_began_is_for_models_and_modes_that_take_one() {
    let begun = |model: &str, reasoning: Option<ReasoningRequest>| Request {
        model: model.into(),
        reasoning,
        ..request(vec![text(Role::User, "Go."), text(Role::Assistant, "It ")])
    };
    let thinking = ReasoningRequest {
        budget_tokens: Some(2000),
        enabled: Some(true),
        ..ReasoningRequest::default()
    };
    let user = json!({"role": "user", "content": "Go."});
    let model = json!({"role": "assistant", "content": "It"});
    let more = json!({"role": "user", "content": "Continue."});
    let all = json!({"messages": [user, model, more]});
    check(
        &begun("claude-haiku-4-5", None),
        json!({"messages": [user, model]}),
        &["~messages"],
    );
    check(
        &begun("claude-haiku-4-5", Some(thinking)),
        all.clone(),
        &["~messages"],
    );
    check(&begun("claude-sonnet-4-6", None), all, &["~messages"]);
}

#[test]
fn parts_that_have_no_block_are_lost_by_name() {
    let mut named = message(
        Role::User,
        vec![
            Part::text("Hi."),
            Part::new(PartKind::Opaque(OTHER, Json::null())),
            Part::new(PartKind::Image(Media {
                media_type: None,
                source: MediaSource::Url("https://images.example/a".into()),
                name: None,
                detail: Some("high".into()),
            })),
        ],
    );
    named.name = Some("ann".into());
    named.parts[0].extra.push(OTHER, "odd", Json::of(&1));
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
fn media_that_the_api_refuses_are_refused_by_name() {
    let check = |part: Part, expect: &str| {
        let asked = request(vec![message(Role::User, vec![part])]);
        let writer = DIALECT.chat.provider.unwrap();
        let wrong = writer.encode_request(&asked).unwrap_err();
        assert_eq!(wrong.field.as_deref(), Some("messages[0].content[0]"));
        assert!(wrong.message.contains(expect), "{wrong}");
    };
    let sound = Part::new(PartKind::Audio(Media {
        media_type: None,
        source: MediaSource::FileId(Sealed::new(ID, "f")),
        name: None,
        detail: None,
    }));
    check(sound, "sound and video cannot be sent");
    for media_type in ["application/msword", "image/heic", "application/zip", ""] {
        check(
            file(media_type, "AAAA"),
            &format!("has the media type `{media_type}`"),
        );
    }
}

#[test]
fn files_become_what_their_type_says() {
    let parts = vec![
        file("application/pdf", "JVBERg=="),
        file("text/markdown", "IyBIw6k="),
        file("application/json; charset=utf-8", "e30="),
        file("image/png", "iVBO"),
        file("image/jpg", "/9j/"),
    ];
    check(
        &request(vec![message(Role::User, parts)]),
        json!({"messages": [{"role": "user", "content": [
            {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERg=="}, "title": "a.txt"},
            {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "# Hé"}, "title": "a.txt"},
            {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "{}"}, "title": "a.txt"},
            {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBO"}},
            {"type": "image", "source": {"type": "base64", "media_type": "image/jpeg", "data": "/9j/"}},
        ]}]}),
        &[],
    );
}
