//! Words of closed and open sets, as files write them, with errors that say what is allowed.

use crate::catalog::provider::placeholders;
use protocol::dialect::{Dialect, DialectId, Operation, of_providers};
use url::Url;

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

/// An address without trailing slash. It may hold `${VARIABLE}` where its host or path will have something.
///
/// # Errors
/// Says what it is not. A secret in it is not repeated.
pub fn base_url(text: &str) -> Result<String, String> {
    let none =
        || format!("'{text}' is no base URL; expected http:// or https://, a host and a path");
    let mut filled = text.to_owned();
    for name in placeholders(text) {
        filled = filled
            .replace(&format!(":${{{name}}}"), ":1")
            .replace(&format!("${{{name}}}"), "x");
    }
    let (scheme, rest) = filled.split_once("://").ok_or_else(none)?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        // Whoever may see the address may not see a secret, so that it is not repeated here either.
        return Err(
            "a base URL has no user and no password; give the secret as api_key".to_owned(),
        );
    }
    let url = Url::parse(&filled).map_err(|_| none())?;
    // Where reading it changes the path, it has characters or steps (`..`) that are not sent as they are written.
    let path = rest.strip_prefix(authority).unwrap_or_default();
    let as_written = path.trim_end_matches('/') == url.path().trim_end_matches('/');
    let graphic = filled.bytes().all(|byte| byte.is_ascii_graphic());
    let whole = url.query().is_none() && url.fragment().is_none() && !authority.is_empty();
    match ["http", "https"].contains(&scheme) && whole && as_written && graphic {
        true => Ok(text.trim_end_matches('/').to_owned()),
        false => Err(none()),
    }
}

#[cfg(test)]
mod tests {
    use super::base_url;

    #[test]
    fn an_address_is_one_that_can_be_called() {
        for (text, expect) in [
            ("http://10.0.0.5:8000/v1/", "http://10.0.0.5:8000/v1"),
            ("https://Acme.example", "https://Acme.example"),
            ("http://[::1]:8000/v1", "http://[::1]:8000/v1"),
            (
                "https://${REGION}.acme.example/${PROJECT}/v1",
                "https://${REGION}.acme.example/${PROJECT}/v1",
            ),
            // A variable as the port was refused, as what was put in for it was none.
            ("http://h:${PORT}/v1", "http://h:${PORT}/v1"),
            ("https://api.${DOMAIN}/v1", "https://api.${DOMAIN}/v1"),
        ] {
            assert_eq!(base_url(text).as_deref(), Ok(expect));
        }
        for text in [
            "",
            "acme.example/v1",
            "ftp://acme.example",
            "http://",
            "http:///v1",
            "http://[::1",
            "http://x y/",
            "http://x/a b",
            "http://x:port/v1",
            "http://x/v1?key=1",
            "http://x/v1#a",
            "http://x/v1/../v2",
            "http://x\ty/v1",
            "http://x\\y/v1",
            "http://x/\u{0}",
            "http://bücher.example/v1",
        ] {
            let error = base_url(text).unwrap_err();
            assert!(error.contains("is no base URL; expected"), "{error}");
        }
    }

    #[test]
    fn an_address_holds_no_secret_and_an_error_about_it_neither() {
        for text in [
            "http://user:pa55word@acme.example",
            "https://pa55word@acme.example/v1",
        ] {
            let error = base_url(text).unwrap_err();
            assert!(
                error.contains("api_key") && !error.contains("pa55word"),
                "{error}"
            );
        }
    }
}
