//! A provider's secret in memory: wiped when dropped, never printed.

use std::fmt;
use zeroize::Zeroizing;

/// A provider's API key. Printing it shows `…`; its memory is overwritten when it is dropped. (The header of a call
/// under way holds a copy that is marked sensitive and lives as long as the call.)
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes a secret over.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The secret itself: for the header that carries it, nothing else.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Blots it out of a provider's words, which may repeat it (`Incorrect API key provided: …`).
    pub fn hide_in(&self, text: &mut String) {
        let whole = std::iter::once(self.0.as_str()).filter(|whole| !whole.is_empty());
        // One of several parts (an access key) may be repeated in parts.
        let parts = self.0.split(':').filter(|part| part.len() >= 16);
        for secret in whole.chain(parts) {
            if text.contains(secret) {
                *text = text.replace(secret, "…");
            }
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

#[cfg(test)]
mod tests {
    use super::Secret;

    #[test]
    fn a_text_that_repeats_it_loses_it() {
        let hidden = |secret: &str, text: &str| {
            let mut text = text.to_owned();
            Secret::new(secret).hide_in(&mut text);
            text
        };
        assert_eq!(
            hidden("sk-1", "Wrong key: sk-1, 'sk-1'."),
            "Wrong key: …, '…'."
        );
        assert_eq!(hidden("sk-1", "Wrong key: sk-***"), "Wrong key: sk-***");
        assert_eq!(hidden("", "Wrong key"), "Wrong key");
        let access_key = "AKIDEXAMPLE:wJalrXUtnFEMI/K7MDENG:token-of-a-session";
        assert_eq!(
            hidden(access_key, "id AKIDEXAMPLE, not wJalrXUtnFEMI/K7MDENG."),
            "id AKIDEXAMPLE, not …."
        );
    }

    #[test]
    fn debug_hides_it_wherever_it_is_nested() {
        let shown = format!("{:?}", Some(Secret::new("sk-live-123")));
        assert_eq!(shown, "Some(…)");
    }
}
