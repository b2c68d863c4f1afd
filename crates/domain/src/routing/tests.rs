//! Plans over a small catalogue: what is tried in which order, what is not and why, and what is heard where nothing is.
//! The catalogue and how cases are written stand here, the cases next door.

mod excluded;
mod order;
mod refused;

use super::{Cooling, Plan, Preference, Rejection, Situation, Wanted, plan};
use crate::caller::{self, Caller};
use crate::catalog::{Catalog, ModelOverlay, OfferingIdx, Overlay, ProviderOverlay};
use crate::samples::key_entry;
use crate::snapshot::{Credential, CredentialHandle, Keys, ProviderState, Providers};
use protocol::dialect::{DialectId, Needs, Operation, openai_chat};
use protocol::ir::ErrorKind;

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
    let mut entry = key_entry();
    entry.key.allowed_models = allowed.iter().map(|id| (*id).to_owned()).collect();
    let hash = entry.key.hash;
    caller::resolve(&Keys::default().with(entry), &hash, 0).unwrap()
}

/// A request to plan for; the fields are what tests vary.
struct Case {
    model: &'static str,
    provider: &'static str,
    options: &'static str,
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
    options: "{}",
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

const THOUGHT: Needs = Needs {
    reasoning: true,
    ..ASKED.needs
};

/// What is asked, with something said of providers.
fn routed(provider: &'static str) -> Case {
    Case { provider, ..ASKED }
}

impl Case {
    fn plan(&self) -> (Catalog, Result<Plan, Rejection>) {
        let catalog = catalog();
        let planned = self.plan_with(&catalog, 1000);
        (catalog, planned)
    }

    fn plan_with(&self, catalog: &Catalog, now_ms: i64) -> Result<Plan, Rejection> {
        let credential = Credential {
            id: "env".into(),
            handle: CredentialHandle(0),
        };
        let providers = Providers::new(catalog, |idx| {
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
                offering: by_wire_id(catalog, wire_id),
                until_ms: *until_ms,
            })
            .collect();
        let controls = [
            ("provider", self.provider.to_owned()),
            ("providerOptions", self.options.to_owned()),
            ("models", self.models.to_owned()),
        ];
        let preference = Preference::parse(&controls).unwrap();
        let caller = caller(self.allowed);
        let situation = Situation {
            catalog,
            providers: &providers,
            caller: &caller,
            cooling: &cooling,
            now_ms,
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
        plan(&situation, &wanted)
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
