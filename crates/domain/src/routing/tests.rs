//! Plans over a small catalogue: what is tried in which order, what is not and why, and what is heard where nothing is.

use super::{Cooling, Plan, Preference, Rejection, Situation, Wanted, plan};
use crate::account::{Key, KeyHash, Organization, Project};
use crate::caller::{self, Caller};
use crate::catalog::{Catalog, ModelOverlay, OfferingIdx, Overlay, ProviderOverlay};
use crate::snapshot::{Credential, CredentialHandle, KeyEntry, Keys, ProviderState, Providers};
use protocol::dialect::{DialectId, Needs, Operation, anthropic, openai_chat};
use protocol::ir::ErrorKind;
use std::sync::Arc;

const PROVIDERS: [(&str, &str); 4] = [
    (
        "providers/cheap.toml",
        r#"name = "Cheap"
base_url = "https://cheap.example/v1"
speaks = ["openai_chat"]
env = ["CHEAP_KEY"]"#,
    ),
    (
        "providers/dear.toml",
        r#"name = "Dear"
aliases = ["costly"]
base_url = "https://dear.example/v1"
speaks = ["openai_chat", "anthropic"]
env = ["DEAR_KEY"]"#,
    ),
    (
        "providers/same.toml",
        r#"name = "Same price as dear, one dialect"
base_url = "https://same.example/v1"
speaks = ["anthropic"]
auth = "none""#,
    ),
    (
        "providers/off.toml",
        r#"name = "Never set up"
base_url = "https://off.example/v1"
speaks = ["openai_chat"]
env = ["OFF_KEY"]"#,
    ),
];

const MODELS: &str = r#"
[[model]]
slug = "chat"
name = "Chat"
input = ["text", "image"]
capabilities = ["tools", "structured_output", "streaming"]
[[model.offering]]
provider = "same"
wire_id = "chat-same"
source = "https://example.com"
date = "2026-11-21"
context = 10000
max_output = 4000
[[model.offering.price]]
rates = { input = "2", output = "2" }
[[model.offering]]
provider = "dear"
wire_id = "chat-dear"
source = "https://example.com"
date = "2026-11-21"
context = 100000
max_output = 8000
[[model.offering.price]]
rates = { input = "2", output = "2" }
[[model.offering]]
provider = "cheap"
wire_id = "chat-cheap"
source = "https://example.com"
date = "2026-11-21"
context = 1000
max_output = 500
input = ["text"]
capabilities = ["streaming"]
[[model.offering.price]]
rates = { input = "1", output = "1" }
[[model.offering]]
provider = "off"
wire_id = "chat-off"
source = "https://example.com"
date = "2026-11-21"
[[model.offering.price]]
rates = { input = "0", output = "0" }

[[model]]
slug = "other"
name = "Other"
[[model.offering]]
provider = "dear"
wire_id = "other-dear"
source = "https://example.com"
date = "2026-11-21"
capabilities = ["streaming"]
[[model.offering.price]]
rates = { input = "0", output = "0" }

[[model]]
slug = "vectors"
name = "Vectors"
output = ["embedding"]
operations = ["embed"]
[[model.offering]]
provider = "dear"
wire_id = "vectors-dear"
context = 8000
source = "https://example.com"
date = "2026-11-21"

[[model.offering]]
provider = "same"
wire_id = "vectors-same"
source = "https://example.com"
date = "2026-11-21"

[[model]]
slug = "away"
name = "Away"
[[model.offering]]
provider = "off"
wire_id = "away-off"
source = "https://example.com"
date = "2026-11-21"
"#;

fn catalog() -> Catalog {
    let files = PROVIDERS.into_iter().chain([("models/lab.toml", MODELS)]);
    let catalog = Catalog::parse(files).unwrap_or_else(|error| panic!("{error}"));
    let own = ProviderOverlay {
        id: "own".to_owned(),
        base_url: Some("http://own.example/v1".to_owned()),
        auth: Some(crate::catalog::Auth::None),
        models: vec![ModelOverlay {
            id: "lab/chat".to_owned(),
            ..ModelOverlay::default()
        }],
        ..ProviderOverlay::default()
    };
    let overlay = Overlay {
        providers: vec![own],
    };
    catalog.overlay(&overlay).unwrap()
}

fn caller(allowed: &[&str]) -> Caller {
    let organization = Arc::new(Organization {
        id: "org_1".to_owned(),
        name: "default".to_owned(),
        created_at_ms: 0,
    });
    let project = Arc::new(Project {
        id: "proj_1".to_owned(),
        organization: organization.id.clone(),
        name: "default".to_owned(),
        created_at_ms: 0,
    });
    let key = Key {
        id: "key_1".to_owned(),
        project: project.id.clone(),
        name: "test".to_owned(),
        prefix: "tg_test_".to_owned(),
        hash: KeyHash([7; 32]),
        allowed_models: allowed.iter().map(|id| (*id).to_owned()).collect(),
        created_at_ms: 0,
        expires_at_ms: None,
        revoked_at_ms: None,
    };
    let keys = Keys::default().with(KeyEntry {
        key,
        project,
        organization,
    });
    caller::resolve(&keys, &KeyHash([7; 32]), 0).unwrap()
}

/// A request to plan for; the fields are what tests vary.
struct Case {
    model: &'static str,
    provider: &'static str,
    models: &'static str,
    operation: Operation,
    needs: Needs,
    dialect: DialectId,
    input: u64,
    max_output: Option<u64>,
    allowed: &'static [&'static str],
    cooling: &'static [(&'static str, i64)],
}

const ASKED: Case = Case {
    model: "lab/chat",
    provider: "{}",
    models: "[]",
    operation: Operation::Chat,
    needs: Needs {
        tools: false,
        vision: false,
        files: false,
        audio: false,
        structured_output: false,
        reasoning: false,
    },
    dialect: openai_chat::ID,
    input: 100,
    max_output: None,
    allowed: &[],
    cooling: &[],
};

const TOOLS: Needs = Needs {
    tools: true,
    ..ASKED.needs
};

impl Case {
    fn plan(&self) -> (Catalog, Result<Plan, Rejection>) {
        let catalog = catalog();
        let credential = Credential {
            id: "env".into(),
            handle: CredentialHandle(0),
        };
        let providers = Providers::new(&catalog, |idx| {
            let provider = catalog.provider(idx);
            match provider.id.as_str() {
                "off" => ProviderState::Disabled,
                _ if provider.needs_credential() => {
                    ProviderState::Enabled([credential.clone()].into())
                }
                _ => ProviderState::Enabled([].into()),
            }
        });
        let cooling: Vec<Cooling> = self
            .cooling
            .iter()
            .map(|(wire_id, until_ms)| Cooling {
                offering: by_wire_id(&catalog, wire_id),
                until_ms: *until_ms,
            })
            .collect();
        let controls = [
            ("provider", self.provider.to_owned()),
            ("models", self.models.to_owned()),
        ];
        let preference = Preference::parse(&controls).unwrap();
        let caller = caller(self.allowed);
        let situation = Situation {
            catalog: &catalog,
            providers: &providers,
            caller: &caller,
            cooling: &cooling,
            now_ms: 1000,
        };
        let wanted = Wanted {
            model: self.model,
            operation: self.operation,
            needs: self.needs,
            stream: self.operation == Operation::Chat,
            dialect: self.dialect,
            preference: &preference,
            input_estimate: self.input,
            max_output: self.max_output,
        };
        let planned = plan(&situation, &wanted);
        (catalog, planned)
    }

    /// What is tried (`wire id: why, dialect`), and what is not (`provider: reason`).
    fn check(&self, steps: &[&str], excluded: &[&str]) {
        let (catalog, planned) = self.plan();
        let planned = planned.unwrap_or_else(|rejection| panic!("{rejection:?}"));
        let tried: Vec<String> = planned
            .steps
            .iter()
            .map(|step| {
                let wire_id = &catalog.offering(step.offering).wire_id;
                format!("{wire_id}: {}, {}", step.why.as_str(), step.dialect)
            })
            .collect();
        assert_eq!(tried, steps);
        let not: Vec<String> = planned
            .excluded
            .iter()
            .map(|out| format!("{}: {}", out.provider, out.reason))
            .collect();
        assert_eq!(not, excluded);
    }

    fn refuse(&self, kind: ErrorKind, code: &str, param: Option<&str>, message: &str) {
        let (_, planned) = self.plan();
        let rejection = planned.unwrap_err();
        assert_eq!(
            (
                rejection.kind,
                rejection.code.as_deref(),
                rejection.param.as_deref()
            ),
            (kind, Some(code), param),
            "{}",
            rejection.message
        );
        assert_eq!(rejection.message, message);
    }
}

fn by_wire_id(catalog: &Catalog, wire_id: &str) -> OfferingIdx {
    let mut offerings = catalog.offerings();
    let found = offerings.find(|(_, offering)| offering.wire_id == wire_id);
    found.unwrap().0
}

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
        provider: r#"{"require_parameters": true, "ignore": ["same"]}"#,
        ..tools
    };
    strict.check(
        &["chat-dear: price, openai_chat"],
        &[
            "same: ignored",
            "cheap: lacks_tools",
            "off: no_credential",
            "own: unknown_capabilities",
        ],
    );
    let long_answer = Case {
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
        Case {
            provider: r#"{"only": ["deepinfra"]}"#,
            ..ASKED
        },
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
        "no provider that is set up for lab/chat can call tools",
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
            provider: r#"{"only": ["cheap"]}"#,
            max_output: Some(501),
            ..ASKED
        },
        ErrorKind::InvalidRequest,
        "output_too_small",
        None,
        "lab/chat gives at most 500 output tokens",
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
