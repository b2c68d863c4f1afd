//! Providers' secrets at rest: AES-256-GCM under one key that is not in the database, each bound to its row, so that a
//! copied database gives nothing away and a swapped row does not open.

use super::secret::{Secret, no_randomness};
use crate::permissions::{new_private_file, private_file, sync_folder};
use crate::{SealingKeySource, StoreError};
use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};
use zeroize::Zeroizing;

const KEY_BYTES: usize = 32;

/// Seals and opens with one key.
#[derive(Debug)]
pub(super) struct Sealer {
    /// Empty while there is none: it is made when the first secret is sealed, and never beside secrets that another
    /// key has sealed.
    key: OnceLock<SealingKey>,
    /// Where it is kept; `None` where it was given.
    file: Option<PathBuf>,
    making: Mutex<()>,
}

/// One key.
pub(super) struct SealingKey {
    key: RandomizedNonceKey,
    id: String,
}

impl std::fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SealingKey({})", self.id)
    }
}

impl Sealer {
    /// Takes the key from where it is, if it is there.
    pub(super) fn open(data_dir: &Path, source: &SealingKeySource) -> Result<Self, StoreError> {
        let (key, file) = match source {
            SealingKeySource::Text(text) => {
                let what = "the sealing key (TOLLGATE_SEALING_KEY)";
                (Some(SealingKey::from_text(text.expose(), what)?), None)
            }
            SealingKeySource::File => {
                let path = data_dir.join("sealing.key");
                let key = path.exists().then(|| SealingKey::read(&path)).transpose()?;
                (key, Some(path))
            }
        };
        Ok(Self {
            key: key.map_or_else(OnceLock::new, OnceLock::from),
            file,
            making: Mutex::new(()),
        })
    }

    /// The key to seal with. Where there is none it is made, unless `others` says that secrets are kept which a lost one
    /// has sealed: these would never open again, and nobody would notice.
    pub(super) fn key(&self, others: Others) -> Result<&SealingKey, StoreError> {
        // Two that want the first one wait for each other.
        let _alone = self.making.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = self.key.get() {
            return Ok(key);
        }
        let path = self.file.as_ref().filter(|_| others == Others::None);
        let path = path.ok_or_else(|| {
            StoreError::Sealing(format!(
                "the sealing key is missing, and stored credentials are sealed with it; {BRING_BACK}, or delete them and enter them again"
            ))
        })?;
        make_key_file(path)?;
        let made = SealingKey::read(path)?;
        Ok(self.key.get_or_init(|| made))
    }

    /// Opens what was sealed for the same row, `key` being the id of the key that it was sealed with.
    pub(super) fn open_sealed(
        &self,
        row: &str,
        key: &str,
        sealed: &[u8],
    ) -> Result<Secret, StoreError> {
        let ours = self.key.get().ok_or_else(|| {
            StoreError::Sealing(format!(
                "credential `{row}` is sealed with the key {key}, and the sealing key is missing; {BRING_BACK}, or delete the credential and enter it again"
            ))
        })?;
        ours.open_sealed(row, key, sealed)
    }
}

/// What to do about a lost key.
const BRING_BACK: &str = "bring sealing.key back into the data folder or set TOLLGATE_SEALING_KEY";

/// Whether secrets are kept already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Others {
    /// No: a key can be made.
    None,
    /// Some are.
    Sealed,
}

impl SealingKey {
    fn read(path: &Path) -> Result<Self, StoreError> {
        let mut text = Zeroizing::new(String::new());
        private_file(path)?
            .read_to_string(&mut text)
            .map_err(StoreError::io("read", path))?;
        Self::from_text(&text, &format!("the sealing key in {}", path.display()))
    }

    /// Which key this is: the begin of its hash, which tells nothing of it.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// Seals a secret for the row of this id: nonce, ciphertext and tag.
    pub(super) fn seal(&self, row: &str, secret: &Secret) -> Result<Vec<u8>, StoreError> {
        let mut sealed = secret.expose().as_bytes().to_vec();
        let nonce = self
            .key
            .seal_in_place_append_tag(Aad::from(row), &mut sealed)
            .map_err(|_| no_randomness())?;
        sealed.splice(0..0, nonce.as_ref().iter().copied());
        Ok(sealed)
    }

    fn open_sealed(&self, row: &str, key: &str, sealed: &[u8]) -> Result<Secret, StoreError> {
        if key != self.id {
            return Err(StoreError::Sealing(format!(
                "credential `{row}` is sealed with the key {key}, but the sealing key is {}; bring back the former key, or delete the credential and enter it again",
                self.id
            )));
        }
        let damaged = || {
            StoreError::Sealing(format!(
                "credential `{row}` does not open: its row was changed; delete it and enter it again"
            ))
        };
        let (nonce, rest) = sealed.split_at_checked(NONCE_LEN).ok_or_else(damaged)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| damaged())?;
        let mut rest = Zeroizing::new(rest.to_vec());
        let clear = self
            .key
            .open_in_place(nonce, Aad::from(row), &mut rest)
            .map_err(|_| damaged())?;
        let text = std::str::from_utf8(clear).map_err(|_| damaged())?;
        Ok(Secret::new(text))
    }

    fn from_text(text: &str, what: &str) -> Result<Self, StoreError> {
        let malformed = || {
            StoreError::Sealing(format!(
                "{what} is malformed: it must be {KEY_BYTES} bytes in base64 (`openssl rand -base64 32` makes one)"
            ))
        };
        let bytes = STANDARD.decode(text.trim()).map_err(|_| malformed())?;
        let bytes = Zeroizing::new(bytes);
        if bytes.len() != KEY_BYTES {
            return Err(malformed());
        }
        let key = RandomizedNonceKey::new(&AES_256_GCM, &bytes).map_err(|_| malformed())?;
        let hash = digest(&SHA256, &bytes);
        let id = hash.as_ref().iter().take(4);
        Ok(Self {
            key,
            id: id.map(|byte| format!("{byte:02x}")).collect(),
        })
    }
}

/// The folder is locked, so that nobody else makes one meanwhile.
fn make_key_file(path: &Path) -> Result<(), StoreError> {
    let mut bytes = Zeroizing::new([0_u8; KEY_BYTES]);
    rand::fill(bytes.as_mut()).map_err(|_| no_randomness())?;
    let text = Zeroizing::new(STANDARD.encode(bytes.as_ref()));
    // Written whole under another name first: half a key would look like a malformed one for ever after.
    let draft = path.with_extension("key.draft");
    std::fs::remove_file(&draft).ok();
    let mut file = new_private_file(&draft)?;
    writeln!(file, "{}", text.as_str())
        .and_then(|()| file.sync_all())
        .map_err(StoreError::io("write", &draft))?;
    std::fs::rename(&draft, path).map_err(StoreError::io("create", path))?;
    path.parent().map_or(Ok(()), sync_folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> SealingKey {
        let text = STANDARD.encode([byte; KEY_BYTES]);
        SealingKey::from_text(&text, "a key").unwrap()
    }

    #[test]
    fn what_is_sealed_opens_with_the_same_key_and_row_alone() {
        let (ours, other) = (key(1), key(2));
        let secret = Secret::new("sk-provider-secret");
        let sealed = ours.seal("cred_1", &secret).unwrap();
        assert!(!sealed.windows(6).any(|bytes| bytes == b"secret"));
        assert_ne!(sealed, ours.seal("cred_1", &secret).unwrap());
        assert_eq!(
            ours.open_sealed("cred_1", ours.id(), &sealed).unwrap(),
            secret
        );

        let refused = |ours: &SealingKey, row, key: &str, sealed: &[u8]| {
            ours.open_sealed(row, key, sealed).unwrap_err().to_string()
        };
        let text = refused(&other, "cred_1", ours.id(), &sealed);
        assert!(
            text.contains(ours.id()) && text.contains(other.id()),
            "{text}"
        );
        // The right id beside the wrong key, a row that was swapped, a byte that was changed, and no bytes.
        assert!(refused(&other, "cred_1", other.id(), &sealed).contains("does not open"));
        assert!(refused(&ours, "cred_2", ours.id(), &sealed).contains("does not open"));
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(refused(&ours, "cred_1", ours.id(), &changed).contains("does not open"));
            assert!(refused(&ours, "cred_1", ours.id(), &sealed[..at]).contains("does not open"));
        }
    }

    #[test]
    fn the_key_file_is_made_once_and_private_when_something_is_sealed() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let open = || Sealer::open(folder.path(), &SealingKeySource::File).unwrap();
        let path = folder.path().join("sealing.key");
        let first = open();
        assert!(!path.exists());
        let made = first.key(Others::None).unwrap().id().to_owned();
        assert_eq!(first.key(Others::Sealed).unwrap().id(), made);
        assert_eq!(open().key(Others::Sealed).unwrap().id(), made);
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);

        for wrong in ["", "short", "AAAA", "not base64!"] {
            std::fs::write(&path, wrong).unwrap();
            let error = Sealer::open(folder.path(), &SealingKeySource::File).unwrap_err();
            let text = error.to_string();
            assert!(
                text.contains("sealing.key") && text.contains("base64"),
                "{text}"
            );
        }
    }

    #[test]
    fn a_lost_key_is_not_replaced_beside_what_it_has_sealed() {
        let folder = tempfile::tempdir().unwrap();
        let lost = Sealer::open(folder.path(), &SealingKeySource::File).unwrap();
        let text = lost.key(Others::Sealed).unwrap_err().to_string();
        assert!(text.contains("TOLLGATE_SEALING_KEY"), "{text}");
        let text = lost
            .open_sealed("cred_1", "12345678", b"sealed")
            .unwrap_err();
        assert!(text.to_string().contains("cred_1"), "{text}");
        assert!(!folder.path().join("sealing.key").exists());
    }
}
