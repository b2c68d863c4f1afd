//! The cookie that a browser keeps a session's secret in: no script can read it, and no other site's page sends it.

use http::{HeaderMap, HeaderValue, header};
use store::Secret;

/// Of a session that came in the clear.
const NAME: &str = "tollgate_session";
/// Of one that came by TLS: browsers take such a name from this very host by TLS alone, so that neither a neighbouring
/// host nor somebody on the line can plant one.
const TLS_NAME: &str = "__Host-tollgate_session";

/// The secrets in a request's cookies: those that nobody could plant first. A browser sends all cookies of a name that it
/// has, and does not say which of them is ours.
pub(crate) fn read(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let of = |name: &'static str| {
        let lines = headers.get_all(header::COOKIE).into_iter();
        lines
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(';'))
            .filter_map(move |pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
    };
    of(TLS_NAME).chain(of(NAME))
}

/// What sets it, for this many seconds. `Secure` where the request came by TLS: a browser would not keep such a cookie
/// from a plain connection.
pub(crate) fn set(secret: &Secret, seconds: i64, by_tls: bool) -> Option<HeaderValue> {
    written(secret.expose(), seconds, by_tls)
}

/// What takes it away, by whichever way it came.
pub(crate) fn clear() -> impl Iterator<Item = HeaderValue> {
    let ways = [false, true].into_iter();
    ways.filter_map(|by_tls| written("", 0, by_tls))
}

fn written(value: &str, seconds: i64, by_tls: bool) -> Option<HeaderValue> {
    let (name, secure) = match by_tls {
        true => (TLS_NAME, "; Secure"),
        false => (NAME, ""),
    };
    let text =
        format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}");
    let mut value = HeaderValue::try_from(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_is_found_among_others() {
        for (line, expect) in [
            ("tollgate_session=abc", &["abc"][..]),
            ("a=1; tollgate_session=abc; b=2", &["abc"]),
            (
                "tollgate_session=old; tollgate_session=abc",
                &["old", "abc"],
            ),
            ("tollgate_session=a; __Host-tollgate_session=b", &["b", "a"]),
            ("tollgate_session2=abc", &[]),
            ("x_tollgate_session=abc", &[]),
            ("", &[]),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, HeaderValue::from_static(line));
            assert!(read(&headers).eq(expect.iter().copied()), "{line}");
        }
    }

    #[test]
    fn what_sets_it_keeps_it_from_scripts_and_other_sites() {
        let plain = set(&Secret::new("abc"), 60, false).unwrap();
        assert_eq!(
            plain,
            "tollgate_session=abc; Path=/; Max-Age=60; HttpOnly; SameSite=Strict"
        );
        assert!(clear().eq([
            "tollgate_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict",
            "__Host-tollgate_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict; Secure",
        ]));
    }
}
