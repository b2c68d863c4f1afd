//! What is heard where nobody can serve it.

use super::{ASKED, Case, THOUGHT, TOOLS, routed};
use protocol::ir::ErrorKind;

#[test]
fn an_unknown_model_names_close_ones_and_the_field() {
    let typo = Case {
        model: "lab/chta",
        ..ASKED
    };
    typo.refuse(
        ErrorKind::NotFound,
        "model_not_found",
        Some("model"),
        "no model is called 'lab/chta'; close names: lab/chat",
    );
    let in_list = Case {
        models: r#"["lab/other", "nothing-like-it"]"#,
        ..ASKED
    };
    in_list.refuse(
        ErrorKind::NotFound,
        "model_not_found",
        Some("models[1]"),
        "no model is called 'nothing-like-it'",
    );
}

#[test]
fn what_is_heard_is_the_reason_of_the_one_that_came_closest() {
    let check = |case: Case, kind, code, param, message| case.refuse(kind, code, param, message);
    check(
        Case {
            model: "lab/away",
            ..ASKED
        },
        ErrorKind::NotFound,
        "model_not_available",
        Some("model"),
        "no provider of lab/away is set up here; the operator can enable off (OFF_KEY)",
    );
    check(
        Case {
            model: "lab/vectors",
            ..ASKED
        },
        ErrorKind::InvalidRequest,
        "wrong_operation",
        Some("model"),
        "lab/vectors cannot be used for the operation 'chat'",
    );
    check(
        routed(r#"{"only": ["deepinfra"]}"#),
        ErrorKind::NotFound,
        "not_in_only",
        Some("provider.only"),
        "provider.only leaves no provider for lab/chat; served by: same, dear, cheap, off, own",
    );
    check(
        Case {
            provider: r#"{"only": ["cheap"]}"#,
            needs: TOOLS,
            ..ASKED
        },
        ErrorKind::InvalidRequest,
        "lacks_tools",
        Some("tools"),
        "no provider that is set up for lab/chat can call tools: cheap/chat-cheap lacks tools; where that is wrong, the \
         operator says what it can do in `capabilities` of the provider's model in tollgate.toml (README, section Add providers)",
    );
    check(
        Case {
            options: r#"{"gateway": {"only": ["own"], "has": ["vision"]}}"#,
            ..ASKED
        },
        ErrorKind::InvalidRequest,
        "unknown_capabilities",
        Some("has"),
        "has demands what is known of an offering, and of lab/chat at own nothing is; where that is wrong, the \
         operator says what it can do in `capabilities` of the provider's model in tollgate.toml (README, section Add providers)",
    );
    check(
        Case {
            provider: r#"{"only": ["cheap"]}"#,
            input: 5000,
            ..ASKED
        },
        ErrorKind::ContextLength,
        "context_length_exceeded",
        Some("messages"),
        "the input (about 5000 tokens) does not fit the context window of lab/chat (1000 tokens)",
    );
    check(
        Case {
            provider: r#"{"only": ["cheap"], "require_parameters": true}"#,
            max_output: Some(501),
            ..ASKED
        },
        ErrorKind::InvalidRequest,
        "output_too_small",
        None,
        "lab/chat gives at most 500 output tokens",
    );
    check(
        Case {
            provider: r#"{"require_parameters": true, "only": ["dear", "cheap"]}"#,
            needs: THOUGHT,
            ..ASKED
        },
        ErrorKind::InvalidRequest,
        "lacks_reasoning",
        None,
        "no provider that is set up for lab/chat can reason on request: dear/chat-dear lacks reasoning, \
         cheap/chat-cheap lacks reasoning; where that is wrong, the operator says what it can do in `capabilities` of \
         the provider's model in tollgate.toml (README, section Add providers)",
    );
}

#[test]
fn a_refusal_keeps_every_reason_for_the_record() {
    let nobody = Case {
        provider: r#"{"only": ["cheap", "off"]}"#,
        needs: TOOLS,
        ..ASKED
    };
    let (_, planned) = nobody.plan();
    let reasons: Vec<String> = planned
        .unwrap_err()
        .excluded
        .into_iter()
        .map(|out| format!("{} {}: {}", out.model, out.provider, out.reason))
        .collect();
    assert_eq!(
        reasons,
        [
            "lab/chat same: not_in_only",
            "lab/chat dear: not_in_only",
            "lab/chat cheap: lacks_tools",
            "lab/chat off: no_credential",
            "lab/chat own: not_in_only",
        ]
    );
}
