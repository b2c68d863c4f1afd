//! What settings are made from and given back as, where `domain` has no word for it.

use crate::Secret;
use domain::account::Key;

/// What a new key needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewKey {
    /// Project id.
    pub project: String,
    /// For people.
    pub name: String,
    /// Models it may call (ids, or `author/*`); empty means all.
    pub allowed_models: Vec<String>,
    /// When it stops working, in milliseconds since 1970.
    pub expires_at_ms: Option<i64>,
}

/// What to change of a key; `None` leaves it as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyPatch {
    /// For people.
    pub name: Option<String>,
    /// Models it may call; empty means all.
    pub allowed_models: Option<Vec<String>>,
    /// When it stops working; `Some(None)` means never.
    pub expires_at_ms: Option<Option<i64>>,
}

/// How long a replaced key works at most, in seconds: longer is no rotation.
pub const LONGEST_GRACE_S: i64 = 366 * 24 * 3_600;

/// How a key is replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// Until when the old key works, in milliseconds since 1970.
    pub ends_at_ms: i64,
    /// When the new key stops working.
    pub expires_at_ms: Option<i64>,
}

/// A key that was replaced, and the one that took its place.
#[derive(Debug)]
pub struct Rotated {
    /// The new one.
    pub successor: Created<Key>,
    /// The old one, with its end.
    pub replaced: Key,
}

/// Something new, and the secret that is shown this once.
#[derive(Debug)]
pub struct Created<T> {
    /// What was made.
    pub made: T,
    /// Its secret; only the hash is kept.
    pub secret: Secret,
}

/// A provider's stored secret, as far as it may be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// `cred_…`
    pub id: String,
    /// Provider id.
    pub provider: String,
    /// For people; unique within the provider.
    pub name: String,
    /// Which sealing key it is sealed with.
    pub sealing_key: String,
    /// Milliseconds since 1970.
    pub created_at_ms: i64,
}

/// What the admin API has said of a provider: that it is on or off, or, for one that the catalogue does not have, all
/// of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredProvider {
    /// Provider id.
    pub id: String,
    /// Whether it may be used.
    pub enabled: bool,
    /// Its address, where the catalogue's is not meant.
    pub base_url: Option<String>,
    /// Dialects that it speaks; empty where the catalogue's are meant.
    pub speaks: Vec<String>,
    /// Its models, as a JSON array in the shape that the gateway defines; `None` where the catalogue's are meant.
    pub models: Option<String>,
    /// Milliseconds since 1970; set when storing.
    pub updated_at_ms: i64,
}
