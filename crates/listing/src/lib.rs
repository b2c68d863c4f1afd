//! What is written about providers and models: the shapes of catalogue files, their packed form, how public price lists
//! become them, and what differs between two. Words and numbers are kept as written; what they mean is decided in
//! `domain::catalog`.

mod diff;
pub mod import;
mod model;
mod pack;
mod price;
mod provider;
mod read;
mod squash;
mod write;

pub use diff::{Diff, Offered};
pub use model::{AuthorFile, DataFile, ModelFile, OfferingFile, ScoreFile};
pub use pack::{NotPacked, Unpacking, pack, unpack};
pub use price::{AboveFile, OffPeakFile, PeriodFile, RatesFile, SetFile};
pub use provider::{
    AuthFile, DialectFile, LinksFile, MediumFile, ProviderFile, QuirkFile, QuirkKind, TransportFile,
};
pub use read::NotAListing;
pub use squash::squash;

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// All that catalogue files say.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Listing {
    /// Who serves models, by id.
    pub providers: BTreeMap<String, ProviderFile>,
    /// Models and who offers them, by the models' author.
    pub authors: BTreeMap<String, AuthorFile>,
}

impl Listing {
    /// How many offerings there are.
    pub fn offerings(&self) -> usize {
        self.authors
            .values()
            .flat_map(|author| &author.model)
            .map(|model| model.offering.len())
            .sum()
    }
}
