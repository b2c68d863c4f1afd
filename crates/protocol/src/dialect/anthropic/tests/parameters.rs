//! How the parameters of other dialects are narrowed to this one's.

use super::requests::{OTHER, ask, call, check, encode, function, message, result, text};
use crate::dialect::anthropic::ID;
use crate::ir::{
    Effort, Json, OutputFormat, Part, PartKind, Reasoning, ReasoningRequest, ReasoningSummary,
    Request, Role, Sealed, Tool, ToolChoice,
};
use serde_json::{Number, json};

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
fn a_choice_goes_with_the_tools_that_are_left() {
    let choosing = |tools, choice| Request {
        tools,
        tool_choice: Some(choice),
        ..ask()
    };
    let named = |name: &str| ToolChoice::Named(name.into());
    let unknown = || Tool::Opaque(OTHER, Json::null());
    check(
        &choosing(vec![unknown()], named("x")),
        json!({"tools": null, "tool_choice": null}),
        &["tools[0]", "tool_choice"],
    );
    check(
        &choosing(vec![unknown()], ToolChoice::Auto),
        json!({"tools": null, "tool_choice": null}),
        &["tools[0]"],
    );
    check(
        &choosing(vec![unknown(), function(None)], named("x")),
        json!({"tool_choice": null}),
        &["tools[0]", "tool_choice"],
    );
    check(
        &choosing(vec![unknown(), function(None)], named("f")),
        json!({"tool_choice": {"type": "tool", "name": "f"}}),
        &["tools[0]"],
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
        json!({"output_config": {"format": {"type": "json_schema", "schema": {"type": "object", "additionalProperties": false}}}}),
        &[
            "response_format.json_schema.description",
            "~response_format.json_schema.strict",
            "~response_format.json_schema.schema",
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
fn each_model_is_told_to_think_as_it_knows_how_to() {
    let to = |model: &str, asked| Request {
        model: model.into(),
        ..thinking(asked, Some(20_000))
    };
    let adaptive = |effort: &str| json!({"thinking": {"type": "adaptive"}, "output_config": {"effort": effort}});
    let off = |kind: &str| json!({"thinking": {"type": kind}, "output_config": null});
    for newest in ["claude-opus-4-7", "claude-opus-4-8", "claude-sonnet-5"] {
        check(&to(newest, on(Effort::High)), adaptive("high"), &[]);
        check(
            &to(newest, budget(9000)),
            adaptive("medium"),
            &["~thinking.budget_tokens"],
        );
        check(&to(newest, on(Effort::None)), off("disabled"), &[]);
    }
    check(
        &to("claude-opus-4-6", on(Effort::XHigh)),
        adaptive("high"),
        &["~reasoning_effort"],
    );
    let enabled = |tokens: u64| json!({"thinking": {"type": "enabled", "budget_tokens": tokens}, "output_config": null});
    check(&to("claude-opus-4-6", budget(9000)), enabled(9000), &[]);
    // Gemini's budget of -1.
    let as_it_likes = ReasoningRequest {
        adaptive: true,
        enabled: Some(true),
        ..ReasoningRequest::default()
    };
    check(
        &to("claude-haiku-4-5", as_it_likes.clone()),
        enabled(8192),
        &["~reasoning"],
    );
    check(
        &to("claude-3-5-haiku-20241022", as_it_likes),
        json!({"thinking": null}),
        &["reasoning"],
    );
    check(
        &to("claude-opus-5-5", on(Effort::None)),
        json!({"thinking": null, "output_config": null}),
        &["reasoning_effort"],
    );
    check(
        &to("claude-sonnet-5-5", on(Effort::None)),
        off("between_tools"),
        &["~reasoning_effort"],
    );
}

#[test]
fn what_a_client_wants_to_see_of_the_thinking_is_said_where_there_is_any() {
    let seeing = |asked, summary| ReasoningRequest {
        summary: Some(summary),
        ..asked
    };
    let shown = |word: &str| json!({"thinking": {"type": "enabled", "budget_tokens": 2000, "display": word}});
    for (summary, word, lost) in [
        (ReasoningSummary::Omitted, "omitted", &[] as &[&str]),
        (ReasoningSummary::Auto, "summarized", &[]),
        (
            ReasoningSummary::Concise,
            "summarized",
            &["~reasoning.summary"],
        ),
        (
            ReasoningSummary::Detailed,
            "summarized",
            &["~reasoning.summary"],
        ),
    ] {
        let asked = seeing(budget(2000), summary);
        check(&thinking(asked, None), shown(word), lost);
    }
    let nothing = json!({"thinking": null});
    let none = ReasoningRequest::default();
    for (summary, lost) in [
        (ReasoningSummary::Auto, &["reasoning.summary"] as &[&str]),
        (ReasoningSummary::Omitted, &[]),
    ] {
        check(
            &thinking(seeing(none.clone(), summary), None),
            nothing.clone(),
            lost,
        );
    }
    check(
        &thinking(seeing(on(Effort::None), ReasoningSummary::Auto), None),
        json!({"thinking": {"type": "disabled"}}),
        &[],
    );
}

#[test]
fn the_newest_models_get_neither_sampling_nor_a_forced_tool() {
    let mut asked = Request {
        model: "anthropic.claude-opus-5-5".into(),
        tools: vec![function(None)],
        tool_choice: Some(ToolChoice::Required),
        ..ask()
    };
    asked.sampling.temperature = Number::from_f64(0.5);
    asked.sampling.top_p = Number::from_f64(1.0);
    asked.sampling.top_k = Some(4);
    check(
        &asked,
        json!({"temperature": null, "top_p": null, "top_k": null, "tool_choice": null}),
        &["tool_choice", "temperature", "top_k"],
    );
    asked.model = "claude-opus-4-7".into();
    check(
        &asked,
        json!({"temperature": null, "top_k": null, "tool_choice": {"type": "any"}}),
        &["temperature", "top_k"],
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
    let forced_by_effort = Request {
        reasoning: Some(on(Effort::High)),
        ..forced
    };
    check(
        &forced_by_effort,
        json!({"thinking": null, "output_config": null}),
        &["reasoning_effort"],
    );
    let messages = |signature: Option<&str>| {
        let thought = Part::new(PartKind::Reasoning(Reasoning {
            text: "t".into(),
            signature: signature.map(|it| Sealed::new(ID, it)),
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
        tools: vec![function(None)],
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
