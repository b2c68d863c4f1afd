//! What is remembered: the journal, the records that it becomes, the settings, and the responses that are kept for
//! clients. The only crate with SQL in it, and never one that talks to a provider or knows HTTP.

mod clock;
mod db;
mod error;
mod lock;
mod options;
mod permissions;
#[cfg(test)]
mod samples;
mod signal;
mod store;

pub mod journal;
pub mod records;
pub mod responses;
pub mod settings;

pub use error::StoreError;
pub use journal::{Journal, Position};
pub use options::{FsyncPolicy, SealingKeySource, StoreOptions};
pub use responses::Responses;
pub use settings::Settings;
pub use settings::secret::{Secret, hash_secret};
pub use store::{Arrivals, Health, Store};
