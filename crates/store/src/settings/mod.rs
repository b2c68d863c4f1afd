//! Settings that the admin API and the CLI own: accounts, people, credentials, providers. What a configuration file declares
//! is not kept here.

mod accounts;
mod credentials;
mod keys;
pub mod password;
mod people;
mod providers;
mod sealing;
pub mod secret;
mod sessions;
#[cfg(test)]
mod tests;
mod tokens;
mod types;

pub use people::{LinkPurpose, NewUser};
pub use providers::Credentials;
pub use types::{
    Created, Credential, KeyPatch, LONGEST_GRACE_S, NewKey, Rotated, Rotation, StoredProvider,
};

use crate::db::{self, Pool, Schema};
use crate::{SealingKeySource, StoreError, clock};
use domain::account::KeyHash;
use sealing::Sealer;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Id of the organization that a fresh installation has.
pub const DEFAULT_ORGANIZATION: &str = "org_default";

/// Names are for people: long enough for any, short enough for every listing.
const MAX_NAME: usize = 200;

/// The settings database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Settings {
    pool: Pool,
    path: PathBuf,
    sealer: Arc<Sealer>,
}

impl Settings {
    /// Opens `DATA/settings.db`; a new one gets the organization `default`.
    pub(crate) async fn open(
        data_dir: &Path,
        sealing_key: &SealingKeySource,
    ) -> Result<Self, StoreError> {
        let path = data_dir.join("settings.db");
        db::prepare(&path, Schema::Settings).await?;
        let settings = Self {
            pool: db::pool(&path),
            path,
            sealer: Arc::new(Sealer::open(data_dir, sealing_key)?),
        };
        sqlx::query(
            "INSERT INTO organization (id, name, created_at_ms) VALUES ($1, 'default', $2) \
             ON CONFLICT DO NOTHING",
        )
        .bind(DEFAULT_ORGANIZATION)
        .bind(clock::now_ms())
        .execute(&settings.pool)
        .await
        .map_err(settings.failed())?;
        Ok(settings)
    }

    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }

    fn failed(&self) -> impl FnOnce(sqlx::Error) -> StoreError {
        StoreError::database(&self.path)
    }

    /// For `map_err` on statements that give something a name.
    fn failed_to_name(
        &self,
        what: &'static str,
        name: &str,
    ) -> impl FnOnce(sqlx::Error) -> StoreError {
        let failed = self.failed();
        let name = name.to_owned();
        move |error| {
            if db::is_taken(&error) {
                StoreError::Taken { what, name }
            } else {
                failed(error)
            }
        }
    }

    fn unreadable(&self, what: impl Into<String>) -> StoreError {
        StoreError::Unreadable {
            path: self.path.clone(),
            what: what.into(),
        }
    }

    fn hash(&self, bytes: Vec<u8>, whose: &str) -> Result<KeyHash, StoreError> {
        let hash = bytes.try_into().map(KeyHash);
        hash.map_err(|_| self.unreadable(format!("the hash of {whose}")))
    }

    fn list(&self, json: &str, whose: &str) -> Result<Vec<String>, StoreError> {
        serde_json::from_str(json)
            .map_err(|error| self.unreadable(format!("a list of {whose}: {error}")))
    }
}

fn not_found(what: &'static str, id: &str) -> StoreError {
    StoreError::NotFound {
        what,
        id: id.to_owned(),
    }
}

/// A name without space around it.
fn name(text: &str) -> Result<&str, StoreError> {
    let name = text.trim();
    if name.is_empty() || name.chars().count() > MAX_NAME || name.chars().any(char::is_control) {
        return Err(StoreError::Invalid {
            field: "name",
            message: format!("must have 1 to {MAX_NAME} characters and no control characters"),
        });
    }
    Ok(name)
}

fn json_list(list: &[String]) -> String {
    serde_json::Value::from(list).to_string()
}
