//! The shape of `catalog/providers/<id>.toml`.

use crate::model::DataFile;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Who serves models.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ProviderFile {
    /// For people.
    pub name: String,
    /// Other ids that clients use for it.
    pub aliases: Vec<String>,
    /// The ids that ecosystems and price lists have for it, by ecosystem (`litellm`, `openrouter`).
    pub known_as: BTreeMap<String, Vec<String>>,
    /// Where it is; may hold `${VARIABLE}`.
    pub base_url: String,
    /// The variable that usually holds its address.
    pub base_url_env: Option<String>,
    /// Where it wants its secret.
    pub auth: AuthFile,
    /// The variables that usually hold its secret.
    pub env: Vec<String>,
    /// Its dialects, the preferred one first.
    pub speaks: Vec<String>,
    /// What differs from the above in one dialect.
    pub dialects: BTreeMap<String, DialectFile>,
    /// What carries requests to it.
    pub transport: TransportFile,
    /// Headers that every request carries.
    pub headers: BTreeMap<String, String>,
    /// What is odd about it.
    pub quirks: Vec<QuirkFile>,
    /// Where the company sits: an ISO 3166 country code.
    pub headquarters: Option<String>,
    /// Where it computes.
    pub regions: Vec<String>,
    /// What becomes of the data.
    pub data: Option<DataFile>,
    /// Why its offerings cost nothing, where that is no mistake of a price list.
    pub free: Option<String>,
    /// Where to read more.
    pub links: LinksFile,
    /// What the above was taken from.
    pub evidence: String,
}

/// What differs in one dialect.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DialectFile {
    /// Another address.
    pub base_url: Option<String>,
    /// Another place for the secret.
    pub auth: Option<AuthFile>,
}

/// Where the secret goes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthFile {
    /// `Authorization: Bearer …`
    #[default]
    Bearer,
    /// The bare secret in this header.
    Header(String),
    /// Amazon's: a bearer token, or a signature with an access key.
    Aws {
        /// The service that is signed for.
        service: String,
        /// The region that is signed for where the address names none.
        region: String,
    },
    /// None is wanted.
    None,
}

/// What carries requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransportFile {
    /// The network.
    #[default]
    Http,
    /// The simulator in this program.
    Simulator,
}

/// A quirk, in which dialect (all, where none is named), and where the provider documents it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuirkFile {
    /// What is odd.
    pub is: QuirkKind,
    /// In which dialect.
    #[serde(default)]
    pub dialect: Option<String>,
    /// The page that says so.
    pub source: String,
}

/// What can be odd about a provider.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum QuirkKind {
    /// It knows a request field under another name.
    Rename {
        /// The dialect's.
        from: String,
        /// Its own.
        to: String,
    },
    /// It refuses a request field.
    Drop {
        /// Which.
        field: String,
    },
    /// Its output count leaves reasoning out.
    ReasoningNotInOutput,
    /// It fetches these media by URL.
    Fetches(Vec<MediumFile>),
    /// It holds conversations for its clients (message threads).
    HoldsThreads,
}

/// A kind of content that can be fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MediumFile {
    /// Pictures.
    Image,
    /// Documents.
    File,
    /// Sound.
    Audio,
    /// Moving pictures.
    Video,
}

impl MediumFile {
    /// The word in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::File => "file",
            Self::Audio => "audio",
            Self::Video => "video",
        }
    }
}

/// Where to read more.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LinksFile {
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
