//! Where a client's key may stand: `Authorization`, `x-api-key`, `api-key`, `x-goog-api-key`, `?key=`.

use http::{HeaderMap, header};
use protocol::ir::{Error, ErrorKind};
use std::borrow::Cow;

/// The code of the error where there is no key.
pub(super) const MISSING: &str = "missing_api_key";

const KEY_HEADERS: [&str; 3] = ["x-api-key", "api-key", "x-goog-api-key"];

/// The key that a request carries.
///
/// # Errors
/// When there is none, or two different ones: then it is unclear on whose account the request goes.
pub(crate) fn key_of<'r>(
    headers: &'r HeaderMap,
    query: Option<&'r str>,
) -> Result<Cow<'r, str>, Error> {
    let mut found: Option<Cow<'r, str>> = None;
    let in_headers = KEY_HEADERS
        .iter()
        .flat_map(|name| headers.get_all(*name))
        .map(|value| value.to_str().ok());
    let bearer = headers
        .get_all(header::AUTHORIZATION)
        .iter()
        .map(|value| value.to_str().ok())
        .map(|value| {
            value
                .map(unsigned)
                .transpose()
                .map(|value| value.and_then(bearer))
        });
    for secret in bearer.chain(in_headers.map(Ok)) {
        let secret = secret?.ok_or_else(unreadable)?;
        merge(&mut found, Cow::Borrowed(secret.trim()))?;
    }
    for secret in query
        .into_iter()
        .flat_map(|query| query.split('&'))
        .filter_map(|pair| pair.strip_prefix("key="))
    {
        merge(&mut found, percent_decoded(secret))?;
    }
    found.ok_or_else(|| {
        denied(
            "No API key was given. Send one as `Authorization: Bearer <key>` or `x-api-key: <key>`; \
             `tollgate keys create` makes one.",
            MISSING,
        )
    })
}

/// Whether a request carries a key, or something that should be one.
pub(crate) fn is_given(headers: &HeaderMap, query: Option<&str>) -> bool {
    let mut in_headers = KEY_HEADERS.iter().copied().chain(["authorization"]);
    let mut in_query = query.unwrap_or_default().split('&');
    in_headers.any(|name| headers.contains_key(name))
        || in_query.any(|pair| pair.starts_with("key="))
}

/// What AWS's libraries sign has no key in it that could be looked up.
fn unsigned(value: &str) -> Result<&str, Error> {
    match value.starts_with("AWS4-") {
        false => Ok(value),
        true => Err(denied(
            "Requests signed by AWS's scheme (SigV4) are not taken: set AWS_BEARER_TOKEN_BEDROCK to the API key, so that \
             it is sent as `Authorization: Bearer <key>`.",
            "signed_request",
        )),
    }
}

fn bearer(value: &str) -> Option<&str> {
    let (scheme, secret) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(secret)
}

fn merge<'r>(found: &mut Option<Cow<'r, str>>, secret: Cow<'r, str>) -> Result<(), Error> {
    match found {
        Some(other) if *other != secret => Err(denied(
            "Two different API keys were given, in different headers or in the query: send one.",
            "conflicting_api_keys",
        )),
        _ => {
            *found = Some(secret);
            Ok(())
        }
    }
}

fn unreadable() -> Error {
    denied(
        "The API key could not be read: `Authorization` must be `Bearer <key>` in plain ASCII.",
        "invalid_api_key",
    )
}

fn denied(message: &str, code: &str) -> Error {
    Error::new(ErrorKind::Authentication, message).with_code(code)
}

/// Keys consist of unreserved characters, so decoding matters only to clients that encode everything.
fn percent_decoded(text: &str) -> Cow<'_, str> {
    super::percent_decoded(text)
}

#[cfg(test)]
mod tests {
    use super::key_of;
    use http::{HeaderMap, HeaderName, HeaderValue};

    fn check(
        headers: &[(&'static str, &'static str)],
        query: Option<&str>,
        expect: Result<&str, &str>,
    ) {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            );
        }
        let got = key_of(&map, query).map_err(|error| error.code.unwrap_or_default());
        assert_eq!(
            got.as_deref().map_err(String::as_str),
            expect,
            "{headers:?} {query:?}"
        );
    }

    #[test]
    fn one_key_wherever_it_stands() {
        check(&[("authorization", "Bearer k1")], None, Ok("k1"));
        check(&[("authorization", "bearer k1")], None, Ok("k1"));
        check(&[("x-api-key", "k1")], None, Ok("k1"));
        check(&[("api-key", "k1")], None, Ok("k1"));
        check(&[("x-goog-api-key", "k1")], None, Ok("k1"));
        check(&[], Some("alt=sse&key=k%31"), Ok("k1"));
        check(
            &[("authorization", "Bearer k1"), ("x-api-key", "k1")],
            Some("key=k1"),
            Ok("k1"),
        );
    }

    #[test]
    fn none_or_two_different_ones_are_refused() {
        check(&[], None, Err("missing_api_key"));
        check(
            &[("authorization", "Basic abc")],
            None,
            Err("invalid_api_key"),
        );
        check(
            &[(
                "authorization",
                "AWS4-HMAC-SHA256 Credential=AKIA/20261121/us-east-1/bedrock/aws4_request",
            )],
            None,
            Err("signed_request"),
        );
        check(
            &[("authorization", "Bearer k1"), ("x-api-key", "k2")],
            None,
            Err("conflicting_api_keys"),
        );
        check(
            &[("x-api-key", "k1")],
            Some("key=k2"),
            Err("conflicting_api_keys"),
        );
    }
}
