//! Who is not tried, and why.

use super::{ASKED, Case, TOOLS, routed};
use protocol::dialect::{Operation, anthropic};
use protocol::ir::ErrorKind;

#[test]
fn what_cannot_serve_it_is_left_out_with_the_reason() {
    let tools = Case {
        needs: TOOLS,
        ..ASKED
    };
    tools.check(
        &[
            "chat-dear: price, openai_chat",
            "chat-same: price, anthropic",
            "lab/chat: unpriced, openai_chat",
        ],
        &["cheap: lacks_tools", "off: no_credential"],
    );
    let strict = Case {
        needs: TOOLS,
        ..routed(r#"{"require_parameters": true, "ignore": ["same"]}"#)
    };
    // What nobody knows is not missing, but what is known comes first.
    strict.check(
        &[
            "chat-dear: price, openai_chat",
            "lab/chat: unpriced, openai_chat",
        ],
        &["same: ignored", "cheap: lacks_tools", "off: no_credential"],
    );
    let long_answer = Case {
        provider: r#"{"require_parameters": true}"#,
        max_output: Some(4001),
        ..ASKED
    };
    long_answer.check(
        &[
            "chat-dear: price, openai_chat",
            "lab/chat: unpriced, openai_chat",
        ],
        &[
            "same: output_too_small",
            "cheap: output_too_small",
            "off: no_credential",
        ],
    );
}

#[test]
fn only_free_ones_for_a_free_suffix() {
    let free = Case {
        model: "lab/other:free",
        ..ASKED
    };
    free.check(&["other-dear: price, openai_chat"], &[]);
    let not_free = Case {
        model: "lab/chat:free",
        ..ASKED
    };
    not_free.refuse(
        ErrorKind::NotFound,
        "not_free",
        Some("model"),
        "no provider that is set up serves lab/chat free of charge",
    );
}

#[test]
fn a_dialect_without_the_operation_is_not_asked() {
    let vectors = Case {
        model: "vectors",
        operation: Operation::Embed,
        dialect: anthropic::ID,
        // Many texts, each of which may fit.
        input: 100_000,
        ..ASKED
    };
    vectors.check(
        &["vectors-dear: unpriced, openai_chat"],
        &["same: no_dialect"],
    );
    let nobody = Case {
        model: "same/vectors",
        ..vectors
    };
    nobody.refuse(
        ErrorKind::InvalidRequest,
        "no_dialect",
        Some("model"),
        "no provider of lab/vectors can be asked in a dialect that has this operation",
    );
}

#[test]
fn a_key_is_held_to_its_models() {
    let allowed = Case {
        allowed: &["lab/*"],
        model: "lab/other",
        ..ASKED
    };
    allowed.check(&["other-dear: price, openai_chat"], &[]);
    let denied = Case {
        allowed: &["lab/chat", "la/*"],
        model: "lab/other",
        ..ASKED
    };
    denied.refuse(
        ErrorKind::Permission,
        "model_not_allowed",
        Some("model"),
        "this key may not use lab/other",
    );
}
