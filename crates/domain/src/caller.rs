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
    /// Somebody who has shown otherwise who they are; the entry says by what name, for what, and that there is no key.
    pub fn without_key(entry: KeyEntry) -> Self {
        Self(Arc::new(entry))
    }

    /// The organization's id.
    pub fn organization(&self) -> &str {
        &self.0.organization.id
    }

    /// The project's id.
    pub fn project(&self) -> &str {
        &self.0.project.id
    }

    /// The key's id; the user's, where a person asks.
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

/// Whether what a key is bound to (an id, an alias, or `author/*`) means this model.
pub fn covers(pattern: &str, model: &Model) -> bool {
    match pattern.strip_suffix("/*") {
        Some(author) => model
            .id
            .strip_prefix(author)
            .is_some_and(|rest| rest.starts_with('/')),
        None => model.id == pattern || model.aliases.iter().any(|alias| alias == pattern),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::Key;
    use crate::samples::key_entry;

    fn keys(edit: impl FnOnce(&mut Key)) -> Keys {
        let mut entry = key_entry();
        edit(&mut entry.key);
        Keys::default().with(entry)
    }

    fn check(edit: impl FnOnce(&mut Key), now_ms: i64, expect: Result<(), Denied>) {
        let resolved = resolve(&keys(edit), &KeyHash([1; 32]), now_ms);
        assert_eq!(resolved.map(|_| ()), expect);
    }

    #[test]
    fn a_key_is_good_until_it_expires_or_is_revoked() {
        check(|_| {}, 0, Ok(()));
        check(|key| key.expires_at_ms = Some(10), 9, Ok(()));
        check(|key| key.expires_at_ms = Some(10), 10, Err(Denied::Expired));
        check(|key| key.revoked_at_ms = Some(10), 9, Ok(()));
        check(|key| key.revoked_at_ms = Some(10), 10, Err(Denied::Revoked));
        check(|key| key.hash = KeyHash([2; 32]), 0, Err(Denied::Unknown));
    }

    #[test]
    fn a_caller_is_key_project_and_organization() {
        let caller = resolve(&keys(|_| {}), &KeyHash([1; 32]), 0).unwrap();
        assert_eq!(
            (caller.key(), caller.project(), caller.organization()),
            ("key_1", "proj_1", "org_1")
        );
    }

    #[test]
    fn a_listed_model_author_or_alias_may_be_used() {
        let model = Model {
            id: "openai/gpt-4o-mini".to_owned(),
            name: String::new(),
            author: "openai".to_owned(),
            aliases: vec!["gpt-4o-mini-2024-07-18".to_owned()],
            released: None,
            offerings: Vec::new(),
            facts: Default::default(),
        };
        let may = |allowed: &[&str]| {
            let allowed = allowed.iter().map(|id| (*id).to_owned()).collect();
            let keys = keys(|key| key.allowed_models = allowed);
            let caller = resolve(&keys, &KeyHash([1; 32]), 0).unwrap();
            caller.may_use(&model)
        };
        assert!(may(&[]));
        assert!(may(&["x/y", "openai/gpt-4o-mini"]));
        assert!(may(&["openai/*"]));
        assert!(may(&["gpt-4o-mini-2024-07-18"]));
        assert!(!may(&["openai/gpt-4o"]));
        assert!(!may(&["open/*"]));
        assert!(!may(&["openai/gpt-4o-mini/*"]));
    }
}
