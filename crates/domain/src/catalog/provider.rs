//! Who serves models over HTTP, and what is odd about them. Addresses and names of variables, never secrets.

use super::DataTerms;
use protocol::dialect::{DialectId, Fetches};
use std::collections::BTreeMap;

/// Who serves models.
#[derive(Clone, Debug, PartialEq)]
pub struct Provider {
    /// `groq`; the file's name, or as the operator wrote it.
    pub id: String,
    /// For people.
    pub name: String,
    /// Other ids that ecosystems know it by (`togetherai`).
    pub aliases: Vec<String>,
    /// Environment variables that usually hold its secret; the first one that is set enables it. A secret of several parts
    /// names several variables, joined by `+`, those that may be missing with a `?` behind them; its parts are joined by
    /// colons.
    pub env: Vec<String>,
    /// The environment variable that usually holds its address (`OLLAMA_HOST`); being set enables it.
    pub base_url_env: Option<String>,
    /// How it is reached, one entry for each dialect it speaks, the preferred one first; never empty.
    pub endpoints: Vec<Endpoint>,
    /// What carries requests to it.
    pub transport: Transport,
    /// Headers that every request to it carries.
    pub headers: Vec<(String, String)>,
    /// What else is known of it.
    pub facts: ProviderFacts,
    /// Where to read more.
    pub links: Links,
    /// What the above was taken from; empty where unknown.
    pub evidence: String,
}

/// What is known of a provider and decides nothing. What is unknown is empty.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProviderFacts {
    /// The ids that each ecosystem and price list has for it (`litellm`, `openrouter`); all are aliases too.
    pub known_as: BTreeMap<String, Vec<String>>,
    /// Where the company sits: an ISO 3166 country code; empty where unknown.
    pub headquarters: String,
    /// Where it computes; empty where unknown.
    pub regions: Vec<String>,
    /// What becomes of the data, where an offering says nothing else.
    pub data: DataTerms,
}

impl Provider {
    /// How it is reached in one dialect, if it speaks it.
    pub fn endpoint(&self, dialect: DialectId) -> Option<&Endpoint> {
        self.endpoints
            .iter()
            .find(|endpoint| endpoint.dialect == dialect)
    }

    /// Whether a request needs a secret, in whichever dialect.
    pub fn needs_credential(&self) -> bool {
        self.endpoints
            .iter()
            .any(|endpoint| endpoint.auth != Auth::None)
    }
}

/// How a provider is reached in one dialect.
#[derive(Clone, Debug, PartialEq)]
pub struct Endpoint {
    /// The dialect.
    pub dialect: DialectId,
    /// What the dialect's paths (`/chat/completions`) follow: scheme, host, path without trailing `/`. May hold
    /// `${VARIABLE}` until [`Endpoint::fill`].
    pub base_url: String,
    /// Where the secret goes.
    pub auth: Auth,
    /// What is odd about it, in the order to apply.
    pub quirks: Vec<Quirk>,
}

/// Where a provider wants its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Auth {
    /// `Authorization: Bearer …`
    Bearer,
    /// The bare secret in this header (lower case).
    Header(String),
    /// Amazon's: a bearer token; or a signature (SigV4), where the secret is an access key's id, its secret and, if there
    /// is one, its session token, joined by colons.
    Aws {
        /// The service that is signed for (`bedrock`).
        service: String,
        /// The region that is signed for where the address names none.
        region: String,
    },
    /// It wants none.
    None,
}

impl Endpoint {
    /// Puts variables where the address names them (`${AWS_REGION}`); what is not set stays.
    pub fn fill(&mut self, variable: &dyn Fn(&str) -> Option<String>) {
        for name in placeholders(&self.base_url) {
            if let Some(value) = variable(&name).filter(|value| !value.trim().is_empty()) {
                self.base_url = self.base_url.replace(&format!("${{{name}}}"), value.trim());
            }
        }
    }

    /// Whether the address is one: all that it names was set.
    pub fn is_complete(&self) -> bool {
        !self.base_url.contains("${")
    }
}

/// The names in `${NAME}`.
pub(super) fn placeholders(text: &str) -> Vec<String> {
    text.split("${")
        .skip(1)
        .filter_map(|rest| Some(rest.split_once('}')?.0.to_owned()))
        .collect()
}

impl Auth {
    /// Where providers of a dialect usually want their secret.
    pub fn usual(dialect: DialectId) -> Self {
        protocol::dialect::find(dialect.as_str())
            .and_then(|dialect| dialect.key_header)
            .map_or(Self::Bearer, |name| Self::Header(name.to_owned()))
    }
}

/// What carries requests to a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// The network.
    Http,
    /// The simulator in this program.
    Simulator,
}

/// What is odd about a provider. A small closed vocabulary, interpreted by `upstream`; each use in a catalogue file
/// names where the provider documents it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Quirk {
    /// It knows a top-level request field under another name.
    Rename {
        /// The dialect's name.
        from: String,
        /// The provider's.
        to: String,
    },
    /// It refuses a top-level request field.
    Drop {
        /// The field.
        field: String,
    },
    /// Its output count leaves reasoning out: what is output is both together.
    ReasoningNotInOutput,
    /// It fetches other media by URL than providers of its dialect usually do.
    Fetches(Fetches),
    /// It holds conversations (Anthropic's message threads): a request may have no more than what is new.
    HoldsThreads,
}

/// Where to read more about a provider; empty where unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Links {
    /// Reference of its API.
    pub docs: String,
    /// Price list.
    pub pricing: String,
    /// Terms of service.
    pub terms: String,
    /// What it does with personal data.
    pub privacy: String,
    /// Status page.
    pub status: String,
}
