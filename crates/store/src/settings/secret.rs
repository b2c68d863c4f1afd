//! Secrets that are made or handled here: never printed, wiped from memory when dropped.

use crate::StoreError;
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand;
use domain::account::KeyHash;
use std::fmt;
use zeroize::Zeroizing;

/// What the secrets of keys begin with, so that people and secret scanners know one.
pub const KEY_PREFIX: &str = "tg_";
/// What management tokens begin with.
pub const MANAGEMENT_PREFIX: &str = "tgm_";

/// What the secrets in cookies begin with.
pub const SESSION_PREFIX: &str = "tgs_";
/// What the secrets in one-time links begin with.
pub const LINK_PREFIX: &str = "tgw_";

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// 62⁴³ is more than 2²⁵⁶.
const SECRET_DIGITS: usize = 43;
/// 95 bits: no two ids ever meet.
const ID_DIGITS: usize = 16;
/// How much of a secret is shown in listings, after its prefix.
const SHOWN_DIGITS: usize = 6;

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

    /// A new one with this prefix.
    pub(super) fn random(prefix: &str) -> Result<Self, StoreError> {
        Ok(Self::new(format!(
            "{prefix}{}",
            random_text(SECRET_DIGITS)?
        )))
    }

    /// Its first characters, by which people recognise it; of its 256 bits this gives away 36.
    pub(super) fn shown(&self) -> String {
        let digits = KEY_PREFIX.len() + SHOWN_DIGITS;
        self.0.chars().take(digits).collect()
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

/// A new id with this prefix.
pub(super) fn random_id(prefix: &str) -> Result<String, StoreError> {
    Ok(format!("{prefix}{}", random_text(ID_DIGITS)?))
}

/// Random base-62 digits, each as likely as any other: bytes from 248 (4 × 62) on are thrown away.
fn random_text(digits: usize) -> Result<String, StoreError> {
    let mut text = String::with_capacity(digits + KEY_PREFIX.len());
    let mut bytes = Zeroizing::new([0_u8; 64]);
    while text.len() < digits {
        rand::fill(bytes.as_mut()).map_err(|_| no_randomness())?;
        let fair = bytes.iter().filter(|byte| **byte < 248);
        let drawn = fair.filter_map(|byte| BASE62.get(usize::from(byte % 62)));
        text.extend(
            drawn
                .take(digits - text.len())
                .map(|digit| char::from(*digit)),
        );
    }
    Ok(text)
}

/// The system gives no random bytes.
pub(super) fn no_randomness() -> StoreError {
    StoreError::Sealing("the system gives no random bytes; no secret can be made or sealed".into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn secrets_are_long_new_and_not_shown() {
        let one = Secret::random(KEY_PREFIX).unwrap();
        let other = Secret::random(KEY_PREFIX).unwrap();
        assert_ne!(one, other);
        assert_eq!(one.expose().len(), KEY_PREFIX.len() + SECRET_DIGITS);
        assert_eq!(one.shown(), one.expose()[..9]);
        assert!(!format!("{one:?}").contains(&one.expose()[3..]));
    }

    #[test]
    fn every_digit_is_drawn() {
        let drawn: BTreeSet<char> = random_text(5_000).unwrap().chars().collect();
        assert_eq!(drawn.len(), 62);
    }

    /// The hash of a secret must stay what it is, or no stored key works any more.
    #[test]
    fn the_hash_is_sha_256() {
        let KeyHash(hash) = hash_secret("abc");
        assert_eq!(hash[..4], [0xba, 0x78, 0x16, 0xbf]);
    }
}
