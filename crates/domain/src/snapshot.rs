//! The immutable view of settings that the hot path reads: several independent `Arc`s, so that one edit copies little.
//! Holds no secret: a credential is a handle that its sealed store understands.

use crate::account::{Key, KeyHash, Organization, Project};
use crate::catalog::{Catalog, ProviderIdx};
use std::collections::HashMap;
use std::sync::Arc;

/// Everything that a request is judged by. Cloning copies three pointers.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// What there is.
    pub catalog: Arc<Catalog>,
    /// Which of the catalogue's providers can be used.
    pub providers: Arc<Providers>,
    /// Who may ask.
    pub keys: Keys,
}

/// The state of every provider of the snapshot's catalogue.
#[derive(Clone, Debug, Default)]
pub struct Providers(Vec<ProviderState>);

/// Whether a provider can be used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ProviderState {
    /// Not set up.
    #[default]
    Disabled,
    /// Set up, and what to authenticate with: empty where the provider wants no credential.
    Enabled(Arc<[Credential]>),
}

/// A provider's secret, by reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// As records write it (`env`, `file`, or the id of a stored one).
    pub id: Arc<str>,
    /// What the keeper of secrets finds it by.
    pub handle: CredentialHandle,
}

/// What the keeper of secrets finds a secret by; means nothing to anybody else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CredentialHandle(pub u32);

impl Providers {
    /// The states by provider, for every provider of `catalog`.
    pub fn new(catalog: &Catalog, state: impl Fn(ProviderIdx) -> ProviderState) -> Self {
        Self(catalog.providers().map(|(idx, _)| state(idx)).collect())
    }

    /// Whether a provider can be used.
    pub fn state(&self, idx: ProviderIdx) -> &ProviderState {
        self.0
            .get(idx.as_usize())
            .unwrap_or(&ProviderState::Disabled)
    }
}

/// A key with what it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyEntry {
    /// The key.
    pub key: Key,
    /// Its project.
    pub project: Arc<Project>,
    /// The project's organization.
    pub organization: Arc<Organization>,
}

/// How many parts the keys are divided into: at 10⁵ keys an edit copies some 400 pointers.
const SHARDS: usize = 256;

type Shard = HashMap<KeyHash, Arc<KeyEntry>>;

/// All keys by hash, in shards. Cloning copies one pointer; an edit copies one shard and the list of shards.
#[derive(Clone, Debug)]
pub struct Keys(Arc<[Arc<Shard>]>);

impl Default for Keys {
    fn default() -> Self {
        let empty = Arc::new(Shard::new());
        Self(vec![empty; SHARDS].into())
    }
}

impl Keys {
    /// The key of that hash, revoked and expired ones included.
    pub fn get(&self, hash: &KeyHash) -> Option<&Arc<KeyEntry>> {
        self.0[shard_of(hash)].get(hash)
    }

    /// These keys and one more, or one changed.
    #[must_use]
    pub fn with(&self, entry: KeyEntry) -> Self {
        self.edit(entry.key.hash, |shard| {
            shard.insert(entry.key.hash, Arc::new(entry));
        })
    }

    /// These keys without one.
    #[must_use]
    pub fn without(&self, hash: &KeyHash) -> Self {
        self.edit(*hash, |shard| {
            shard.remove(hash);
        })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.iter().map(|shard| shard.len()).sum()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn edit(&self, hash: KeyHash, change: impl FnOnce(&mut Shard)) -> Self {
        let mut shards = self.0.to_vec();
        change(Arc::make_mut(&mut shards[shard_of(&hash)]));
        Self(shards.into())
    }
}

impl FromIterator<KeyEntry> for Keys {
    fn from_iter<I: IntoIterator<Item = KeyEntry>>(entries: I) -> Self {
        let mut shards = vec![Shard::new(); SHARDS];
        for entry in entries {
            shards[shard_of(&entry.key.hash)].insert(entry.key.hash, Arc::new(entry));
        }
        Self(shards.into_iter().map(Arc::new).collect())
    }
}

/// A hash is evenly spread already, so that its first byte is a fair shard.
fn shard_of(hash: &KeyHash) -> usize {
    usize::from(hash.0[0])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::key_entry;

    fn entry(first: u8, name: &str) -> KeyEntry {
        let mut entry = key_entry();
        entry.key.id = format!("key_{first}");
        entry.key.name = name.to_owned();
        entry.key.hash.0 = [0; 32];
        entry.key.hash.0[0] = first;
        entry.key.hash.0[31] = 1;
        entry
    }

    #[test]
    fn an_edit_leaves_the_old_keys_and_all_other_shards_alone() {
        let before: Keys = (0..=255).map(|first| entry(first, "old")).collect();
        let changed = entry(7, "new");
        let hash = changed.key.hash;
        let after = before.with(changed);
        assert_eq!(before.get(&hash).unwrap().key.name, "old");
        assert_eq!(after.get(&hash).unwrap().key.name, "new");
        assert_eq!((before.len(), after.len()), (256, 256));
        for shard in 0..SHARDS {
            assert_eq!(Arc::ptr_eq(&before.0[shard], &after.0[shard]), shard != 7);
        }
        let gone = after.without(&hash);
        assert!(gone.get(&hash).is_none());
        assert_eq!(gone.len(), 255);
        assert_eq!(after.len(), 256);
    }

    #[test]
    fn a_key_of_the_same_shard_is_not_another() {
        let keys = Keys::default().with(entry(7, "one"));
        let mut other = [0; 32];
        other[0] = 7;
        assert!(keys.get(&KeyHash(other)).is_none());
        assert!(Keys::default().is_empty());
    }

    #[test]
    fn a_provider_that_nobody_set_up_is_disabled() {
        let catalog = Catalog::parse([(
            "providers/a.toml",
            "name = \"A\"\nbase_url = \"https://a.example\"\nspeaks = [\"openai_chat\"]",
        )])
        .unwrap();
        let idx = catalog.find_provider("a").unwrap();
        assert_eq!(Providers::default().state(idx), &ProviderState::Disabled);
        let enabled = || ProviderState::Enabled([].into());
        assert_eq!(
            Providers::new(&catalog, |_| enabled()).state(idx),
            &enabled()
        );
    }
}
