//! Who is tried first.

use super::{ASKED, Case};
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

#[test]
fn the_clients_order_comes_before_the_price() {
    let ordered = Case {
        provider: r#"{"order": ["same", "nobody", "costly"], "only": ["same", "costly", "cheap"]}"#,
        ..ASKED
    };
    ordered.check(
        &[
            "chat-same: ordered, anthropic",
            "chat-dear: ordered, openai_chat",
            "chat-cheap: price, openai_chat",
        ],
        &["off: not_in_only", "own: not_in_only"],
    );
    let first_only = Case {
        provider: r#"{"order": ["same"], "allow_fallbacks": false}"#,
        ..ASKED
    };
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
