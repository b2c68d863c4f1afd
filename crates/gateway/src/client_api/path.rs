//! Percent-decoding of path segments and query values (RFC 3986, section 2.1).

use std::borrow::Cow;

/// The text with `%XX` resolved; what is not a valid escape, or would not be UTF-8, stays as it is.
pub(crate) fn percent_decoded(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let escaped = (byte == b'%').then(|| text.get(at + 1..at + 3)).flatten();
        match escaped.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(decoded) => {
                out.push(decoded);
                at += 3;
            }
            None => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8(out).map_or(Cow::Borrowed(text), Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::percent_decoded;

    #[test]
    fn escapes_are_resolved_and_nonsense_is_kept() {
        for (text, expect) in [
            ("openai%2Fgpt-4o", "openai/gpt-4o"),
            ("a%2", "a%2"),
            ("%zz", "%zz"),
            ("%ff", "%ff"),
            ("plain", "plain"),
        ] {
            assert_eq!(percent_decoded(text), expect);
        }
    }
}
