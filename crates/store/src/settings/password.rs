//! Passwords of people: hashed slowly (Argon2id), since people choose them and guessing must be dear.

use super::secret::{Secret, no_randomness};
use crate::StoreError;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use aws_lc_rs::rand;

/// The fewest characters of a password.
pub const SHORTEST_PASSWORD: usize = 12;
/// The most bytes of a password.
pub const LONGEST_PASSWORD: usize = 1024;

/// What passes for the hash of somebody who is not known, so that refusing takes as long as for one who is.
const NOBODYS: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// The hash of a new password, to be stored. Takes some 20 ms of a core and 19 MiB: not for async workers.
///
/// # Errors
/// [`StoreError::Invalid`] where it is too short or too long.
pub fn hash_password(password: &Secret) -> Result<String, StoreError> {
    let text = password.expose();
    if text.chars().count() < SHORTEST_PASSWORD || text.len() > LONGEST_PASSWORD {
        return Err(StoreError::Invalid {
            field: "password",
            message: format!(
                "must have at least {SHORTEST_PASSWORD} characters and at most {LONGEST_PASSWORD} bytes"
            ),
        });
    }
    let mut salt = [0; 16];
    rand::fill(&mut salt).map_err(|_| no_randomness())?;
    let hash: PasswordHash = argon2()
        .hash_password_with_salt(text.as_bytes(), &salt)
        .map_err(|error| StoreError::Sealing(format!("a password cannot be hashed: {error}")))?;
    Ok(hash.to_string())
}

/// Whether a password is the one of this hash; without a hash it is not, after as much work. As costly as
/// [`hash_password`].
pub fn is_password(password: &Secret, hash: Option<&str>) -> bool {
    let known = PasswordHash::new(hash.unwrap_or(NOBODYS));
    let same = known.is_ok_and(|known| {
        argon2()
            .verify_password(password.expose().as_bytes(), &known)
            .is_ok()
    });
    same && hash.is_some()
}

/// OWASP's recommendation for Argon2id: 19 MiB, two passes
/// (<https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html>, read 2026-11).
fn argon2() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::DEFAULT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_known_by_its_hash_alone() {
        let password = Secret::new("correct horse battery");
        let hash = hash_password(&password).unwrap();
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
        assert!(!hash.contains("horse"));
        assert_ne!(hash, hash_password(&password).unwrap(), "salted");
        assert!(is_password(&password, Some(&hash)));
        assert!(!is_password(
            &Secret::new("correct horse batterz"),
            Some(&hash)
        ));
        assert!(!is_password(&password, None));
        assert!(!is_password(&password, Some("nonsense")));
        assert!(
            PasswordHash::new(NOBODYS).is_ok(),
            "refusing somebody unknown takes as long"
        );
    }

    #[test]
    fn too_short_and_too_long_ones_are_refused() {
        for (text, good) in [
            ("elevenchars", false),
            ("twelve chars", true),
            ("ßßßßßßßßßßß", false),
            (&"x".repeat(1025), false),
        ] {
            assert_eq!(hash_password(&Secret::new(text)).is_ok(), good, "{text}");
        }
    }
}
