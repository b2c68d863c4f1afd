//! The cookie that a browser keeps a session's secret in: no script can read it, and no other site's page sends it.

use http::{HeaderMap, HeaderValue, header};
use store::Secret;

const NAME: &str = "tollgate_session";

/// The secret in a request's cookie.
pub(crate) fn read(headers: &HeaderMap) -> Option<&str> {
    let lines = headers.get_all(header::COOKIE).iter();
    lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .find_map(|pair| pair.trim().strip_prefix(NAME)?.strip_prefix('='))
}

/// What sets it, for this many seconds. `Secure` where the request came by TLS: a browser would not keep such a cookie
/// from a plain connection.
pub(crate) fn set(secret: &Secret, seconds: i64, by_tls: bool) -> Option<HeaderValue> {
    written(secret.expose(), seconds, by_tls)
}

/// What takes it away.
pub(crate) fn clear(by_tls: bool) -> Option<HeaderValue> {
    written("", 0, by_tls)
}

fn written(value: &str, seconds: i64, by_tls: bool) -> Option<HeaderValue> {
    let secure = if by_tls { "; Secure" } else { "" };
    let text =
        format!("{NAME}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}");
    let mut value = HeaderValue::try_from(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// Whether a proxy in front of us took the request by TLS. Whoever makes this up only marks a cookie of their own.
pub(crate) fn by_tls(headers: &HeaderMap) -> bool {
    let proto = headers.get("x-forwarded-proto");
    let first = proto
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(',').next());
    first.is_some_and(|proto| proto.trim().eq_ignore_ascii_case("https"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_is_found_among_others() {
        for (line, expect) in [
            ("tollgate_session=abc", Some("abc")),
            ("a=1; tollgate_session=abc; b=2", Some("abc")),
            ("tollgate_session2=abc", None),
            ("x_tollgate_session=abc", None),
            ("", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, HeaderValue::from_static(line));
            assert_eq!(read(&headers), expect, "{line}");
        }
    }

    #[test]
    fn what_sets_it_keeps_it_from_scripts_and_other_sites() {
        let plain = set(&Secret::new("abc"), 60, false).unwrap();
        assert_eq!(
            plain,
            "tollgate_session=abc; Path=/; Max-Age=60; HttpOnly; SameSite=Strict"
        );
        let mut headers = HeaderMap::new();
        assert!(!by_tls(&headers));
        headers.insert("x-forwarded-proto", HeaderValue::from_static("https, http"));
        assert!(by_tls(&headers));
        let gone = clear(by_tls(&headers)).unwrap();
        assert_eq!(
            gone,
            "tollgate_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict; Secure"
        );
    }
}
