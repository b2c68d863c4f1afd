//! Names of functions. Gemini's begin with a letter or `_` and hold letters, digits, `_ . : -`; other dialects' may begin
//! with anything. A name that would be refused is spelled otherwise on its way out and read back in the answer.
//! <https://ai.google.dev/api/caching#FunctionDeclaration> (2026-11)

use std::borrow::Cow;
use std::fmt::Write;

/// What stands before a name that was spelled otherwise.
const MARK: &str = "_tollgate.";

/// The name as Gemini takes it.
pub(super) fn write(name: &str) -> Cow<'_, str> {
    let begins_well = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    if begins_well && name.bytes().all(is_plain) && !name.starts_with(MARK) {
        return Cow::Borrowed(name);
    }
    let mut out = MARK.to_owned();
    for byte in name.bytes() {
        if is_plain(byte) && byte != b':' {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, ":{byte:02x}");
        }
    }
    Cow::Owned(out)
}

/// The name as the client declared it.
pub(super) fn read(name: String) -> String {
    let Some(spelled) = name.strip_prefix(MARK) else {
        return name;
    };
    let mut bytes = Vec::with_capacity(spelled.len());
    let mut pieces = spelled.split(':');
    bytes.extend_from_slice(pieces.next().unwrap_or_default().as_bytes());
    for piece in pieces {
        let Some((hex, rest)) = piece.split_at_checked(2) else {
            return name;
        };
        let Ok(byte) = u8::from_str_radix(hex, 16) else {
            return name;
        };
        bytes.push(byte);
        bytes.extend_from_slice(rest.as_bytes());
    }
    String::from_utf8(bytes).unwrap_or(name)
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_.:-".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_comes_back() {
        for (name, written) in [
            ("get_weather", "get_weather"),
            ("mcp__a.b:c-d", "mcp__a.b:c-d"),
            ("3d_view", "_tollgate.3d_view"),
            ("-x:y", "_tollgate.-x:3ay"),
            ("grüße", "_tollgate.gr:c3:bc:c3:9fe"),
            ("", "_tollgate."),
            ("_tollgate.x", "_tollgate._tollgate.x"),
        ] {
            assert_eq!(write(name), written);
            assert_eq!(read(written.to_owned()), name);
        }
        for odd in ["_tollgate.a:", "_tollgate.a:zz", "_tollgate.:ff"] {
            assert_eq!(read(odd.to_owned()), odd);
        }
    }
}
