//! Secrets that are made or handled here: never printed, wiped from memory when dropped.

use aws_lc_rs::digest::{SHA256, digest};
use domain::account::KeyHash;
use std::fmt;
use zeroize::Zeroizing;

/// A secret in clear.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes it over.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The secret itself: to send it to its provider, or to show it once.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What is kept of a key's or token's secret, and what a caller's is looked up by: its SHA-256. Both have 256 random
/// bits, which nobody can guess, so that a slow hash would only cost time.
pub fn hash_secret(secret: &str) -> KeyHash {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, secret.as_bytes()).as_ref());
    KeyHash(hash)
}
