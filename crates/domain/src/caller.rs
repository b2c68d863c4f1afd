//! Who asks: from a key's hash to the resolved identity and rights of one request.

use crate::account::KeyHash;
use crate::catalog::Model;
use crate::snapshot::{KeyEntry, Keys};
use std::sync::Arc;

/// The resolved identity and rights of one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller(Arc<KeyEntry>);

/// Why a key does not open the door.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// No such key.
    #[error("this key is not known")]
    Unknown,
    /// It was revoked.
    #[error("this key was revoked")]
    Revoked,
    /// Its time is over.
    #[error("this key has expired")]
    Expired,
}

/// Who asks with the key of this hash at this moment (milliseconds since 1970).
///
/// # Errors
/// When there is no such key or it is no longer good.
pub fn resolve(keys: &Keys, hash: &KeyHash, now_ms: i64) -> Result<Caller, Denied> {
    let entry = keys.get(hash).ok_or(Denied::Unknown)?;
    if entry.key.revoked_at_ms.is_some_and(|at| at <= now_ms) {
        return Err(Denied::Revoked);
    }
    if entry.key.expires_at_ms.is_some_and(|at| at <= now_ms) {
        return Err(Denied::Expired);
    }
    Ok(Caller(Arc::clone(entry)))
}

impl Caller {
    /// The organization's id.
    pub fn organization(&self) -> &str {
        &self.0.organization.id
    }

    /// The project's id.
    pub fn project(&self) -> &str {
        &self.0.project.id
    }

    /// The key's id.
    pub fn key(&self) -> &str {
        &self.0.key.id
    }

    /// The key with what it belongs to.
    pub fn entry(&self) -> &KeyEntry {
        &self.0
    }

    /// Whether this key may use a model: all, where none is listed; else those whose id or alias is listed, and those
    /// of a listed author (`openai/*`).
    pub fn may_use(&self, model: &Model) -> bool {
        let allowed = &self.0.key.allowed_models;
        allowed.is_empty() || allowed.iter().any(|pattern| covers(pattern, model))
    }
}

fn covers(pattern: &str, model: &Model) -> bool {
    match pattern.strip_suffix("/*") {
        Some(author) => model
            .id
            .strip_prefix(author)
            .is_some_and(|rest| rest.starts_with('/')),
        None => model.id == pattern || model.aliases.iter().any(|alias| alias == pattern),
    }
}
