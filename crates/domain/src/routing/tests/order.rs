//! Who is tried first.

use super::{ASKED, Case, MODELS, PROVIDERS, THOUGHT, routed};
use crate::catalog::Catalog;
use crate::routing::Step;
use protocol::dialect::{Needs, anthropic};

#[test]
fn the_cheapest_comes_first_then_the_clients_dialect_then_what_has_no_price() {
    ASKED.check(
        &[
            "chat-cheap: price, openai_chat",
            "chat-dear: price, openai_chat",
            "chat-same: price, anthropic",
            "lab/chat: unpriced, openai_chat",
        ],
        &["off: no_credential"],
    );
    let anthropic = Case {
        dialect: anthropic::ID,
        ..ASKED
    };
    anthropic.check(
        &[
            "chat-cheap: price, openai_chat",
            "chat-same: price, anthropic",
            "chat-dear: price, anthropic",
            "lab/chat: unpriced, openai_chat",
        ],
        &["off: no_credential"],
    );
}

#[test]
fn an_input_beyond_the_window_by_estimate_is_tried_last_and_far_beyond_it_not_at_all() {
    let long = Case {
        input: 1001,
        ..ASKED
    };
    long.check(
        &[
            "chat-dear: price, openai_chat",
            "chat-same: price, anthropic",
            "lab/chat: unpriced, openai_chat",
            "chat-cheap: tight_context, openai_chat",
        ],
        &["off: no_credential"],
    );
    let too_long = Case {
        input: 3001,
        ..ASKED
    };
    too_long.check(
        &[
            "chat-dear: price, openai_chat",
            "chat-same: price, anthropic",
            "lab/chat: unpriced, openai_chat",
        ],
        &["cheap: context_too_small", "off: no_credential"],
    );
    let picture = Case {
        input: 1_000_000,
        needs: Needs {
            vision: true,
            ..ASKED.needs
        },
        ..ASKED
    };
    picture.check(
        &[
            "chat-dear: price, openai_chat",
            "chat-same: price, anthropic",
            "lab/chat: unpriced, openai_chat",
        ],
        &["cheap: lacks_vision", "off: no_credential"],
    );
}

/// Coding agents ask every model to think, and for 32,000 tokens: they could not use those that give less.
#[test]
fn what_gives_less_than_was_asked_for_stands_behind_what_gives_all() {
    let long = Case {
        max_output: Some(6000),
        ..ASKED
    };
    long.check(
        &[
            "chat-dear: price, openai_chat",
            "lab/chat: unpriced, openai_chat",
            "chat-cheap: in_part, openai_chat",
            "chat-same: in_part, anthropic",
        ],
        &["off: no_credential"],
    );
    let thought = Case {
        needs: THOUGHT,
        ..ASKED
    };
    thought.check(
        &[
            "lab/chat: unpriced, openai_chat",
            "chat-cheap: in_part, openai_chat",
            "chat-dear: in_part, openai_chat",
            "chat-same: in_part, anthropic",
        ],
        &["off: no_credential"],
    );
    let both = Case {
        needs: THOUGHT,
        max_output: Some(6000),
        provider: r#"{"only": ["dear", "cheap"]}"#,
        ..ASKED
    };
    both.check(
        &[
            "chat-dear: in_part, openai_chat",
            "chat-cheap: in_part, openai_chat",
        ],
        &["same: not_in_only", "off: not_in_only", "own: not_in_only"],
    );
}

#[test]
fn the_clients_order_comes_before_the_price() {
    let ordered =
        routed(r#"{"order": ["same", "nobody", "costly"], "only": ["same", "costly", "cheap"]}"#);
    ordered.check(
        &[
            "chat-same: ordered, anthropic",
            "chat-dear: ordered, openai_chat",
            "chat-cheap: price, openai_chat",
        ],
        &["off: not_in_only", "own: not_in_only"],
    );
    let first_only = routed(r#"{"order": ["same"], "allow_fallbacks": false}"#);
    first_only.check(
        &["chat-same: ordered, anthropic"],
        &[
            "off: no_credential",
            "cheap: fallbacks_off",
            "dear: fallbacks_off",
            "own: fallbacks_off",
        ],
    );
}

#[test]
fn fallback_models_come_after_and_each_only_once() {
    let fallback = Case {
        model: "cheap/chat",
        models: r#"["cheap/chat", "other", "lab/other"]"#,
        ..ASKED
    };
    fallback.check(
        &[
            "chat-cheap: price, openai_chat",
            "other-dear: fallback, openai_chat",
        ],
        &[
            "same: other_provider",
            "dear: other_provider",
            "off: other_provider",
            "own: other_provider",
        ],
    );
}

#[test]
fn what_failed_lately_is_tried_after_all_else_the_soonest_ready_first() {
    let cooling = Case {
        cooling: &[
            ("chat-cheap", 9000),
            ("chat-dear", 5000),
            ("chat-same", 1000),
        ],
        models: r#"["other"]"#,
        ..ASKED
    };
    cooling.check(
        &[
            "chat-same: price, anthropic",
            "lab/chat: unpriced, openai_chat",
            "other-dear: fallback, openai_chat",
            "chat-dear: cooling, openai_chat",
            "chat-cheap: cooling, openai_chat",
        ],
        &["off: no_credential"],
    );
}

/// Lists name days of end that come and go: nobody has to look for them.
#[test]
fn what_is_past_its_end_stands_behind_what_is_served() {
    let listed = MODELS.replace(
        "wire_id = \"chat-dear\"",
        "wire_id = \"chat-dear\"\ndeprecated = \"2026-11-21\"",
    );
    let order = |now: &str, provider: &'static str| -> Vec<String> {
        let files = PROVIDERS
            .into_iter()
            .chain([("models/lab.toml", listed.as_str())]);
        let catalog = Catalog::parse(files).unwrap();
        let case = routed(provider);
        let at: jiff::Timestamp = now.parse().unwrap();
        let planned = case.plan_with(&catalog, at.as_millisecond()).unwrap();
        let step = |step: &Step| {
            let wire_id = &catalog.offering(step.offering).wire_id;
            format!("{wire_id}: {}", step.why.as_str())
        };
        planned.steps.iter().map(step).collect()
    };
    let (before, since) = ("2026-11-20T23:59:59.999Z", "2026-11-21T00:00:00Z");
    assert_eq!(
        order(before, "{}"),
        ["chat-cheap: price", "chat-dear: price", "chat-same: price"]
    );
    assert_eq!(
        order(since, "{}"),
        [
            "chat-cheap: price",
            "chat-same: price",
            "chat-dear: retired"
        ]
    );
    // The client's own order is a wish that is followed.
    assert_eq!(
        order(since, r#"{"order": ["dear"]}"#)[0],
        "chat-dear: ordered"
    );
    assert_eq!(
        order(since, r#"{"only": ["dear"]}"#),
        ["chat-dear: retired"],
        "the last resort is one"
    );
}
