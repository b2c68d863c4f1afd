//! Sentences about errors that dialects share: what is said of a body without any, and where the field at fault stands in
//! formats that have no member for it.

use crate::ir::Error;
use std::borrow::Cow;

/// How much of a body that is no JSON goes into a message, in characters.
const EXCERPT: usize = 300;

/// What to say of a provider's body without a message of its own.
pub(in crate::dialect) fn of_body(status: u16, body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let text = text.trim();
    if text.is_empty() {
        return format!("the provider answered with status {status} and no body");
    }
    if text.starts_with('<') {
        return format!("the provider answered with status {status} and a web page");
    }
    text.chars().take(EXCERPT).collect()
}

/// The message, which the name of the field at fault leads unless it stands in it.
pub(in crate::dialect) fn with_field(error: &Error) -> Cow<'_, str> {
    match &error.param {
        Some(param) if !error.message.contains(param.as_str()) => {
            Cow::Owned(format!("{param}: {}", error.message))
        }
        _ => Cow::Borrowed(&error.message),
    }
}
