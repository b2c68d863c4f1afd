//! Words of closed and open sets, as files write them, with errors that say what is allowed.

use protocol::dialect::{Dialect, DialectId, Operation, of_providers};

/// The dialect of that name, which a provider can speak.
pub(in crate::catalog) fn dialect(word: &str) -> Result<&'static Dialect, String> {
    let found = of_providers().find(|dialect| dialect.id.as_str() == word);
    found.ok_or_else(|| {
        let all: Vec<_> = of_providers().map(|dialect| dialect.id.as_str()).collect();
        unknown("dialect", word, &all)
    })
}

/// What models do that this gateway does not ask of them. A word moves from here to [`Operation`] once it does.
const ELSEWHERE: [&str; 11] = [
    "complete",
    "rerank",
    "image",
    "video",
    "speech",
    "transcribe",
    "moderate",
    "realtime",
    "ocr",
    "search",
    "judge",
];

/// That word, if it is what models do elsewhere.
pub(super) fn elsewhere(word: &str) -> Option<&'static str> {
    ELSEWHERE.into_iter().find(|known| *known == word)
}

/// The operation of that name.
pub(in crate::catalog) fn operation(word: &str) -> Result<Operation, String> {
    let all = [Operation::Chat, Operation::Embed];
    all.into_iter()
        .find(|known| known.as_str() == word)
        .ok_or_else(|| unknown("operation", word, &all.map(Operation::as_str)))
}

/// The dialects of a list, each once.
pub(in crate::catalog) fn speakable<'a>(
    words: impl IntoIterator<Item = &'a str>,
) -> Result<Vec<DialectId>, String> {
    let mut found: Vec<DialectId> = Vec::new();
    for word in words {
        let id = dialect(word)?.id;
        if found.contains(&id) {
            return Err(format!("'{word}' stands twice"));
        }
        found.push(id);
    }
    Ok(found)
}

/// An error that says what is allowed.
pub(super) fn unknown(what: &str, word: &str, allowed: &[&str]) -> String {
    format!(
        "unknown {what} '{word}'; allowed are {}",
        allowed.join(", ")
    )
}

/// An address without trailing slash.
pub(in crate::catalog) fn base_url(text: &str) -> Result<String, String> {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    match rest {
        Some(rest) if !rest.starts_with('/') && !rest.is_empty() && !rest.contains(['?', '#']) => {
            Ok(text.trim_end_matches('/').to_owned())
        }
        _ => Err(format!(
            "'{text}' is no base URL; expected http:// or https://, a host and a path"
        )),
    }
}
