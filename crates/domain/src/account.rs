//! Who a request is attributed to: organization, project, key; and the providers' credentials.

use serde::{Deserialize, Serialize};

/// The top of every tree; a fresh installation has one, `default`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organization {
    /// `org_…`
    pub id: String,
    /// For people.
    pub name: String,
    /// Milliseconds since 1970.
    pub created_at_ms: i64,
}

/// What keys belong to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Project {
    /// `proj_…`
    pub id: String,
    /// Its organization.
    pub organization: String,
    /// For people; unique within the organization.
    pub name: String,
    /// Milliseconds since 1970.
    pub created_at_ms: i64,
}

/// SHA-256 of a key's secret: all that is kept of it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct KeyHash(pub [u8; 32]);

impl std::fmt::Debug for KeyHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KeyHash(…)")
    }
}

/// What an application authenticates with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// `key_…`
    pub id: String,
    /// Its project.
    pub project: String,
    /// For people.
    pub name: String,
    /// The secret's first characters (`tg_live_ab12…`), so that people recognise it.
    pub prefix: String,
    /// The secret's hash.
    pub hash: KeyHash,
    /// Models it may call (ids, or `author/*`); empty means all.
    pub allowed_models: Vec<String>,
    /// Milliseconds since 1970.
    pub created_at_ms: i64,
    /// When it stops working, in milliseconds since 1970.
    pub expires_at_ms: Option<i64>,
    /// When it was revoked; ahead of now for one that was replaced and works until then.
    pub revoked_at_ms: Option<i64>,
}

/// What a management key may be used with: the admin API, never a model door.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManagementToken {
    /// `mgmt_…`
    pub id: String,
    /// For people.
    pub name: String,
    /// The secret's hash.
    pub hash: KeyHash,
    /// Milliseconds since 1970.
    pub created_at_ms: i64,
}

/// A person who logs in to the console.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// `user_…`
    pub id: String,
    /// What the person logs in with; in lower case, unique.
    pub email: String,
    /// For people.
    pub name: String,
    /// What the person may do.
    pub role: Role,
    /// Milliseconds since 1970.
    pub created_at_ms: i64,
}

/// What a person may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Everything.
    Owner,
}

/// One log-in of a person, until it ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// `sess_…`
    pub id: String,
    /// The user's id.
    pub user: String,
    /// The hash of the secret in the person's cookie.
    pub hash: KeyHash,
    /// Milliseconds since 1970.
    pub created_at_ms: i64,
    /// When it was last used.
    pub seen_at_ms: i64,
    /// When it ends at the latest, however much it is used.
    pub expires_at_ms: i64,
}
