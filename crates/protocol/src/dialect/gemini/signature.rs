//! `thoughtSignature`: what proves where thinking came from. It is bytes as base64, and clients decode and encode it
//! again, so another dialect's proof crosses one of these clients inside base64 of ours.
//! <https://ai.google.dev/gemini-api/docs/thought-signatures> (2026-11)

use super::ID;
use crate::dialect::origin;
use crate::ir::{Reasoning, Sealed};
use base64::Engine;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use std::borrow::Cow;

/// What stands in place of the signature of a call that another provider's model made: documented for conversations that
/// move to Gemini, which refuses a call without one.
pub(super) const STAND_IN: &str = "skip_thought_signature_validator";

/// The other documented one.
const OTHER_STAND_IN: &str = "context_engineering_is_the_way_to_go";

/// What stands before encrypted reasoning of another dialect, to tell it from a signature.
const ENCRYPTED: &str = "encrypted:";

const ANY_PADDING: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const PLAIN: GeneralPurpose = GeneralPurpose::new(&STANDARD, ANY_PADDING);
const IN_URLS: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, ANY_PADDING);

/// The reasoning that a signature stands for, without text; `None` for a stand-in, which proves nothing.
pub(super) fn read(value: &str) -> Option<Reasoning> {
    if [STAND_IN, OTHER_STAND_IN].contains(&value) || value.is_empty() {
        return None;
    }
    let text = PLAIN
        .decode(value)
        .or_else(|_| IN_URLS.decode(value))
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .unwrap_or_default();
    if [STAND_IN, OTHER_STAND_IN].contains(&text.as_str()) {
        return None;
    }
    let mut reasoning = Reasoning::default();
    if let Some(data) = text.strip_prefix(ENCRYPTED) {
        reasoning.encrypted = Some(origin::read(data.to_owned(), ID));
    } else if text.starts_with(origin::MARK) {
        reasoning.signature = Some(origin::read(text, ID));
    } else {
        reasoning.signature = Some(Sealed::new(ID, value));
    }
    Some(reasoning)
}

/// Whether it was made here for another dialect's proof, or stands in for one.
pub(super) fn is_foreign(value: &str) -> bool {
    let proofs = read(value).map(|it| [it.signature, it.encrypted]);
    let own = |sealed: &Sealed| sealed.open(ID).is_some();
    proofs.is_some_and(|proofs| !proofs.iter().flatten().all(own))
}

/// A signature as clients of this dialect get it.
pub(super) fn write(sealed: &Sealed) -> Cow<'_, str> {
    match sealed.open(ID) {
        Some(value) => Cow::Borrowed(value),
        None => Cow::Owned(PLAIN.encode(origin::write(sealed, ID).as_bytes())),
    }
}

/// Encrypted reasoning as clients of this dialect get it.
pub(super) fn write_encrypted(sealed: &Sealed) -> String {
    PLAIN.encode(format!("{ENCRYPTED}{}", origin::write(sealed, ID)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::anthropic;

    #[test]
    fn every_proof_comes_back_however_a_client_spells_base64() {
        let own = Sealed::new(ID, "CikBVKhc7u/+Cg==");
        assert_eq!(write(&own), "CikBVKhc7u/+Cg==");
        assert_eq!(read("CikBVKhc7u/+Cg==").unwrap().signature, Some(own));
        let foreign = Sealed::new(anthropic::ID, "Ek8K??>~ÿ");
        let written = write(&foreign).into_owned();
        for spelling in [
            written.clone(),
            written.replace('+', "-").replace('/', "_"),
            written.replace('=', ""),
        ] {
            let back = read(&spelling).unwrap();
            assert_eq!(
                (back.signature.as_ref(), back.encrypted),
                (Some(&foreign), None)
            );
            assert!(is_foreign(&spelling));
        }
        let encrypted = read(&write_encrypted(&foreign)).unwrap();
        assert_eq!(
            (encrypted.signature, encrypted.encrypted),
            (None, Some(foreign))
        );
    }

    #[test]
    fn a_stand_in_proves_nothing() {
        for stand_in in [STAND_IN, OTHER_STAND_IN] {
            assert_eq!(read(stand_in), None);
            assert_eq!(read(&PLAIN.encode(stand_in)), None);
            assert!(!is_foreign(stand_in));
        }
        assert!(!is_foreign("CikBVKhc7u/+Cg=="));
    }
}
