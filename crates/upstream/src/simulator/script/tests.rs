//! What is said, request by request.

use super::{Said, Script, usage, write};
use crate::simulator::settings::{Model, Settings};
use crate::simulator::tokens::{Chance, count};
use protocol::ir::{
    Extra, Json, Media, MediaSource, Message, OutputFormat, Part, PartKind, ReasoningRequest,
    Request, Role, StopReason, Tool, ToolChoice, ToolResult,
};
use serde_json::{Value, json};

fn message(role: Role, parts: Vec<Part>) -> Message {
    Message {
        role,
        parts,
        name: None,
        extra: Extra::default(),
    }
}

fn asking(text: &str) -> Request {
    Request {
        model: "simulator/fast".into(),
        messages: vec![message(Role::User, vec![Part::text(text)])],
        ..Request::default()
    }
}

fn with_tools(text: &str, names: &[&str]) -> Request {
    let schema = json!({"type": "object", "properties": {"location": {"type": "string"}}, "required": ["location"]});
    let tools = names.iter().map(|name| Tool::Function {
        name: (*name).to_owned(),
        description: None,
        schema: Some(Json::of(&schema)),
        strict: None,
        cache: None,
        extra: Extra::default(),
    });
    Request {
        tools: tools.collect(),
        ..asking(text)
    }
}

fn say(model: Model, request: &Request) -> Script {
    say_with(model, Settings::default(), request)
}

fn say_with(model: Model, settings: Settings, request: &Request) -> Script {
    let mut scripts = write(model, &settings, request, Chance::from_bytes(b"seed")).unwrap();
    scripts.remove(0)
}

fn text(script: &Script) -> &str {
    match script.parts.last() {
        Some(Said::Text(text)) => text,
        other => panic!("{other:?} is no text"),
    }
}

fn called(script: &Script) -> Vec<&str> {
    let names = script.parts.iter().filter_map(|part| match part {
        Said::Call { name, .. } => Some(name.as_str()),
        Said::Reasoning(_) | Said::Text(_) => None,
    });
    names.collect()
}

#[test]
fn an_answer_says_that_it_is_simulated_and_what_it_saw() {
    let image = Part::new(PartKind::Image(Media {
        media_type: None,
        source: MediaSource::Url("https://example.com/a.png".into()),
        name: None,
        detail: None,
    }));
    let mut request = asking("What is this.");
    request.messages[0].parts.extend([image.clone(), image]);
    let script = say(Model::Fast, &request);
    let expect = "Simulated answer to: \"What is this.\" I was shown 2 images. ";
    assert!(text(&script).starts_with(expect), "{}", text(&script));
    assert_eq!(script.stop, StopReason::Stop);
}

#[test]
fn echo_repeats_the_last_user_text() {
    let mut request = asking("one");
    request
        .messages
        .push(message(Role::Assistant, vec![Part::text("two")]));
    request
        .messages
        .push(message(Role::User, vec![Part::text("three four")]));
    assert_eq!(text(&say(Model::Echo, &request)), "three four");
}

#[test]
fn length_is_what_was_asked_for() {
    for wanted in [0, 1, 7, 200, 5_000] {
        let settings = Settings {
            output_tokens: Some(wanted),
            ..Settings::default()
        };
        for model in [Model::Fast, Model::Echo] {
            let script = say_with(model, settings, &asking("hello"));
            assert_eq!(count(text(&script)), u64::from(wanted), "{model:?}");
        }
    }
}

#[test]
fn the_output_limit_holds_reasoning_included() {
    let check = |model: Model, limit: u64, stop: StopReason| {
        let request = Request {
            max_output_tokens: Some(limit),
            ..asking("hello")
        };
        let scripts = write(
            model,
            &Settings::default(),
            &request,
            Chance::from_bytes(b""),
        )
        .unwrap();
        assert_eq!(scripts[0].stop, stop, "{model:?} {limit}");
        let counted = usage(&request, &scripts);
        match stop {
            StopReason::Length => assert_eq!(counted.output, limit),
            _ => assert!(counted.output <= limit),
        }
    };
    check(Model::Fast, 0, StopReason::Length);
    check(Model::Fast, 1, StopReason::Length);
    check(Model::Fast, 10, StopReason::Length);
    check(Model::Fast, 10_000, StopReason::Stop);
    check(Model::Reasoner, 5, StopReason::Length);
    check(Model::Reasoner, 60, StopReason::Length);
}

#[test]
fn stop_texts_end_the_answer_before_them() {
    let mut request = asking("one two three");
    request.sampling.stop = vec!["three".into(), " two".into(), String::new()];
    let script = say(Model::Echo, &request);
    assert_eq!(text(&script), "one");
    assert_eq!(script.stop, StopReason::StopSequence);
    assert_eq!(script.stop_sequence.as_deref(), Some(" two"));
}

#[test]
fn usage_counts_what_was_read_and_said() {
    let mut request = asking("hello there you");
    request
        .messages
        .insert(0, message(Role::System, vec![Part::text("be brief")]));
    let scripts = write(
        Model::Reasoner,
        &Settings::default(),
        &request,
        Chance::from_bytes(b""),
    )
    .unwrap();
    let counted = usage(&request, &scripts);
    assert_eq!(counted.input, (3 + 2) + (3 + 3));
    let reasoning = count(scripts[0].parts[0].text());
    assert_eq!(counted.reasoning, reasoning);
    assert_eq!(
        counted.output,
        reasoning + count(scripts[0].parts[1].text())
    );
    assert_eq!(counted.cache_read + counted.cache_write, 0);
}

#[test]
fn only_the_reasoner_reasons_and_not_when_told_not_to() {
    let reasons =
        |model, request: &Request| matches!(say(model, request).parts[0], Said::Reasoning(_));
    let mut request = asking("why?");
    assert!(reasons(Model::Reasoner, &request));
    assert!(!reasons(Model::Fast, &request));
    request.reasoning = Some(ReasoningRequest {
        enabled: Some(false),
        ..ReasoningRequest::default()
    });
    assert!(!reasons(Model::Reasoner, &request));
}

#[test]
fn tools_are_called_when_forced_or_mentioned() {
    let names = ["get_weather", "lookupPrice", "search"];
    let check = |text: &str, choice: Option<ToolChoice>, expect: &[&str]| {
        let request = Request {
            tool_choice: choice,
            ..with_tools(text, &names)
        };
        let script = say(Model::Fast, &request);
        assert_eq!(called(&script), expect, "{text}");
        let stop = if expect.is_empty() {
            StopReason::Stop
        } else {
            StopReason::ToolCalls
        };
        assert_eq!(script.stop, stop);
    };
    check("Hello", None, &[]);
    check("What is the Weather in Paris?", None, &["get_weather"]);
    check(
        "Call get_weather now",
        Some(ToolChoice::Auto),
        &["get_weather"],
    );
    check(
        "Weather and price, please",
        None,
        &["get_weather", "lookupPrice"],
    );
    check("Get a research grant", None, &[]);
    check("What is the weather?", Some(ToolChoice::None), &[]);
    check("Hello", Some(ToolChoice::Required), &["get_weather"]);
    check("search this", Some(ToolChoice::Required), &["search"]);
    check(
        "Hello",
        Some(ToolChoice::Named("search".into())),
        &["search"],
    );
    let serial = Request {
        parallel_tool_calls: Some(false),
        ..with_tools("weather and price", &names)
    };
    assert_eq!(called(&say(Model::Fast, &serial)), ["get_weather"]);
}

#[test]
fn calls_have_ids_of_their_own_and_arguments_that_fit() {
    let script = say(
        Model::Fast,
        &with_tools("weather and price", &["get_weather", "get_price"]),
    );
    let [
        Said::Call {
            id: one, arguments, ..
        },
        Said::Call { id: two, .. },
    ] = &script.parts[..]
    else {
        panic!("{script:?}")
    };
    assert_ne!(one, two);
    let arguments: Value = serde_json::from_str(arguments).unwrap();
    assert_eq!(arguments, json!({"location": "simulated location"}));
}

#[test]
fn after_results_the_answer_is_text_about_them() {
    let mut request = with_tools("What is the weather?", &["get_weather"]);
    let result = ToolResult {
        call_id: "call_1".into(),
        parts: vec![Part::text("21 degrees")],
        is_error: None,
    };
    request.messages.push(message(Role::Assistant, Vec::new()));
    request.messages.push(message(
        Role::User,
        vec![Part::new(PartKind::ToolResult(result))],
    ));
    let script = say(Model::Fast, &request);
    assert!(text(&script).starts_with("Simulated answer after a tool said: \"21 degrees\"."));
}

#[test]
fn structured_answers_fit_their_schema() {
    let schema =
        json!({"type": "object", "properties": {"ok": {"const": true}}, "required": ["ok"]});
    let mut request = asking("hello");
    request.output = Some(OutputFormat::JsonSchema {
        name: None,
        description: None,
        schema: Json::of(&schema),
        strict: None,
    });
    assert_eq!(text(&say(Model::Fast, &request)), "{\"ok\":true}");
    request.output = Some(OutputFormat::JsonObject);
    let value: Value = serde_json::from_str(text(&say(Model::Echo, &request))).unwrap();
    assert!(value.is_object());
}

#[test]
fn what_cannot_be_is_refused_by_name() {
    let check = |request: Request, field: &str| {
        let refused = write(
            Model::Fast,
            &Settings::default(),
            &request,
            Chance::from_bytes(b""),
        );
        assert_eq!(refused.unwrap_err().field.as_deref(), Some(field));
    };
    let mut many = asking("hello");
    many.sampling.n = Some(17);
    check(many, "n");
    let choosing = |choice| Request {
        tool_choice: Some(choice),
        ..asking("hello")
    };
    check(choosing(ToolChoice::Required), "tool_choice");
    check(choosing(ToolChoice::Named("nothing".into())), "tool_choice");
    let mut request = asking("hello");
    request.output = Some(OutputFormat::JsonSchema {
        name: None,
        description: None,
        schema: Json::of(&3),
        strict: None,
    });
    check(request, "response_format.json_schema.schema");
}
