//! Makes a call from a provider's data: address, authentication, headers. The body comes in ready; quirks are applied
//! before (`quirks`), since they are edits of it.

use crate::auth;
use crate::client::{Call, Timeouts};
use crate::failure::{Failure, FailureKind};
use crate::secret::Secret;
use crate::simulator;
use bytes::Bytes;
use domain::catalog::{Provider, Transport};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header};
use protocol::dialect::{Dialect, DialectId, Framing};
use std::time::SystemTime;

/// All that a call is made of.
#[derive(Clone, Copy)]
pub struct Outgoing<'a> {
    /// Whom to ask.
    pub provider: &'a Provider,
    /// In which dialect; the provider must have an endpoint for it.
    pub dialect: &'static Dialect,
    /// The secret, where the provider wants one.
    pub credential: Option<&'a Secret>,
    /// The dialect's path, behind the base URL (`/chat/completions`).
    pub path: &'a str,
    /// The client's headers, all of them: those that the dialect lists cross where the client speaks it too.
    pub client_headers: &'a HeaderMap,
    /// The dialect that the client speaks.
    pub client_dialect: DialectId,
    /// Whether a stream is asked for.
    pub stream: bool,
    /// How long to wait for what.
    pub timeouts: Timeouts,
    /// Now: a signature holds for a few minutes.
    pub now: SystemTime,
}

/// Makes the call.
///
/// # Errors
/// [`FailureKind::Misconfigured`] where the provider's data or credential do not give one; no secret is in the message.
pub fn build(outgoing: &Outgoing<'_>, body: Bytes) -> Result<Call, Failure> {
    let endpoint = outgoing
        .provider
        .endpoint(outgoing.dialect.id)
        .ok_or_else(|| {
            let dialect = outgoing.dialect.id;
            misconfigured(format!("{} does not speak {dialect}", outgoing.provider.id))
        })?;
    let mut call = Call {
        method: Method::POST,
        uri: join(&endpoint.base_url, outgoing.path)?,
        headers: headers(outgoing)?,
        body,
        timeouts: outgoing.timeouts,
    };
    auth::authenticate(&mut call, outgoing, &endpoint.auth)?;
    Ok(call)
}

/// A dialect's path behind a base URL, which may have a path and a query of its own (`?api-version=1`).
fn join(base: &str, path: &str) -> Result<Uri, Failure> {
    let (base, query) = match base.split_once('?') {
        Some((base, query)) => (base, Some(query)),
        None => (base, None),
    };
    let (path, own_query) = match path.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (path, None),
    };
    let mut whole = String::with_capacity(base.len() + path.len() + 16);
    whole.push_str(base.trim_end_matches('/'));
    whole.push('/');
    whole.push_str(path.trim_start_matches('/'));
    for (query, mark) in query.into_iter().chain(own_query).zip(['?', '&']) {
        whole.push(mark);
        whole.push_str(query);
    }
    let uri = Uri::from_maybe_shared(Bytes::from(whole.into_bytes())).ok();
    uri.filter(|uri| matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some())
        .ok_or_else(|| misconfigured(format!("'{base}' is not an http(s) address")))
}

/// The headers, each kind over the ones before: the dialect's fixed ones, the client's, the provider's.
fn headers(outgoing: &Outgoing<'_>) -> Result<HeaderMap, Failure> {
    let mut headers = HeaderMap::with_capacity(16);
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    let accept = match (outgoing.stream, outgoing.dialect.framing) {
        (false, _) => "application/json",
        (true, Framing::Sse | Framing::JsonArray) => "text/event-stream",
        (true, Framing::EventStream) => Framing::EventStream.content_type(),
    };
    headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
    let own = HeaderValue::from_static(concat!("tollgate/", env!("CARGO_PKG_VERSION")));
    headers.insert(header::USER_AGENT, own);
    for (name, value) in outgoing.dialect.fixed_headers {
        headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
    if outgoing.client_dialect == outgoing.dialect.id {
        for name in outgoing.dialect.request_headers {
            cross(&mut headers, outgoing.client_headers, name);
        }
    }
    match outgoing.provider.transport {
        Transport::Simulator => cross(&mut headers, outgoing.client_headers, simulator::HEADER),
        Transport::Http => {}
    }
    for (name, value) in &outgoing.provider.headers {
        let value = HeaderValue::try_from(value.as_str());
        let value = value
            .map_err(|_| misconfigured(format!("header {name} has a value that cannot be sent")))?;
        headers.insert(header_name(name)?, value);
    }
    Ok(headers)
}

/// Copies all values of one of the client's headers.
fn cross(headers: &mut HeaderMap, client: &HeaderMap, name: &'static str) {
    let name = HeaderName::from_static(name);
    let mut values = client.get_all(&name).iter();
    if let Some(first) = values.next() {
        headers.insert(name.clone(), first.clone());
        for value in values {
            headers.append(name.clone(), value.clone());
        }
    }
}

pub(crate) fn header_name(name: &str) -> Result<HeaderName, Failure> {
    HeaderName::try_from(name)
        .map_err(|_| misconfigured(format!("'{name}' is not a header's name")))
}

pub(crate) fn misconfigured(detail: String) -> Failure {
    Failure::of(FailureKind::Misconfigured, detail)
}

#[cfg(test)]
mod tests {
    use super::{Outgoing, build, join};
    use crate::{Call, Failure, FailureKind, Secret, Timeouts};
    use bytes::Bytes;
    use domain::catalog::{Auth, Endpoint, Links, Provider, Transport};
    use http::HeaderMap;
    use protocol::dialect::{Dialect, anthropic, openai_chat};

    fn provider(dialect: &Dialect, auth: Auth, transport: Transport) -> Provider {
        Provider {
            id: "acme".into(),
            name: "Acme".into(),
            aliases: Vec::new(),
            env: Vec::new(),
            base_url_env: None,
            endpoints: vec![Endpoint {
                dialect: dialect.id,
                base_url: "https://api.example.com/v1".into(),
                auth,
                quirks: Vec::new(),
            }],
            transport,
            headers: vec![("x-title".into(), "Tollgate".into())],
            facts: Default::default(),
            links: Links::default(),
            evidence: String::new(),
        }
    }

    fn made(
        provider: &Provider,
        dialect: &'static Dialect,
        client_headers: &[(&str, &str)],
        secret: Option<&str>,
    ) -> Result<Call, Failure> {
        let mut headers = HeaderMap::new();
        for (name, value) in client_headers {
            let name: http::HeaderName = name.parse().unwrap();
            headers.append(name, value.parse().unwrap());
        }
        let secret = secret.map(Secret::new);
        let outgoing = Outgoing {
            provider,
            dialect,
            credential: secret.as_ref(),
            path: "/messages",
            client_headers: &headers,
            client_dialect: anthropic::ID,
            stream: true,
            timeouts: Timeouts::default(),
            now: std::time::SystemTime::UNIX_EPOCH,
        };
        build(&outgoing, Bytes::from_static(b"{}"))
    }

    fn value<'a>(call: &'a Call, name: &str) -> Option<&'a str> {
        call.headers.get(name).map(|value| value.to_str().unwrap())
    }

    #[test]
    fn paths_join_whatever_the_slashes() {
        let check = |base: &str, path: &str, expect: &str| {
            assert_eq!(join(base, path).unwrap().to_string(), expect);
        };
        check("https://a.com", "/chat", "https://a.com/chat");
        check("https://a.com/", "/chat", "https://a.com/chat");
        check(
            "https://a.com/openai/v1//",
            "chat",
            "https://a.com/openai/v1/chat",
        );
        check("http://[::1]:8000/v1", "/chat", "http://[::1]:8000/v1/chat");
        check(
            "https://a.com/v1?api-version=1",
            "/chat",
            "https://a.com/v1/chat?api-version=1",
        );
        check(
            "https://a.com/v1?x=1",
            "/chat?alt=sse",
            "https://a.com/v1/chat?x=1&alt=sse",
        );
        check(
            "https://a.com/v1",
            "/chat?alt=sse",
            "https://a.com/v1/chat?alt=sse",
        );
    }

    #[test]
    fn what_is_no_address_is_our_own_fault() {
        for base in ["", "a.com/v1", "ftp://a.com", "https://", "https://a b.com"] {
            let failure = join(base, "/chat").unwrap_err();
            assert_eq!(failure.kind, FailureKind::Misconfigured, "{base:?}");
        }
    }

    #[test]
    fn only_listed_headers_cross_and_the_secret_is_ours() {
        let provider = provider(
            &anthropic::DIALECT,
            Auth::Header("x-api-key".into()),
            Transport::Http,
        );
        let client = [
            ("anthropic-beta", "one"),
            ("x-api-key", "the client's"),
            ("authorization", "Bearer the client's"),
            ("cookie", "a=b"),
            ("x-title", "the client's"),
            ("x-tollgate-simulator", "{}"),
            ("connection", "close"),
        ];
        let call = made(&provider, &anthropic::DIALECT, &client, Some("sk-1")).unwrap();
        assert_eq!(call.uri, "https://api.example.com/v1/messages");
        assert_eq!(value(&call, "x-api-key"), Some("sk-1"));
        assert_eq!(value(&call, "anthropic-beta"), Some("one"));
        assert!(value(&call, "anthropic-version").is_some());
        assert_eq!(value(&call, "x-title"), Some("Tollgate"));
        assert_eq!(value(&call, "accept"), Some("text/event-stream"));
        assert_eq!(value(&call, "content-type"), Some("application/json"));
        assert!(value(&call, "user-agent").unwrap().starts_with("tollgate/"));
        for absent in [
            "authorization",
            "cookie",
            "connection",
            "x-tollgate-simulator",
        ] {
            assert_eq!(value(&call, absent), None, "{absent}");
        }
        let shown = format!("{call:?}");
        assert!(!shown.contains("sk-1"), "{shown}");
    }

    #[test]
    fn the_clients_version_wins_over_the_dialects() {
        let provider = provider(&anthropic::DIALECT, Auth::None, Transport::Http);
        let client = [("anthropic-version", "2099-01-01")];
        let call = made(&provider, &anthropic::DIALECT, &client, None).unwrap();
        assert_eq!(value(&call, "anthropic-version"), Some("2099-01-01"));
    }

    #[test]
    fn nothing_of_another_dialect_crosses_but_the_simulators_header_to_the_simulator() {
        let provider = provider(&openai_chat::DIALECT, Auth::Bearer, Transport::Simulator);
        let client = [("anthropic-beta", "one"), ("x-tollgate-simulator", "{}")];
        let call = made(&provider, &openai_chat::DIALECT, &client, Some("sk-1")).unwrap();
        assert_eq!(value(&call, "anthropic-beta"), None);
        assert_eq!(value(&call, "x-tollgate-simulator"), Some("{}"));
        assert_eq!(value(&call, "authorization"), Some("Bearer sk-1"));
    }

    #[test]
    fn what_cannot_be_sent_is_said_without_the_secret() {
        let check = |dialect: &'static Dialect, secret: Option<&str>, expect: &str| {
            let provider = provider(&openai_chat::DIALECT, Auth::Bearer, Transport::Http);
            let failure = made(&provider, dialect, &[], secret).unwrap_err();
            assert_eq!(failure.kind, FailureKind::Misconfigured);
            assert_eq!(failure.error.message, expect);
        };
        check(&openai_chat::DIALECT, None, "no credential for acme");
        check(
            &anthropic::DIALECT,
            Some("s"),
            "acme does not speak anthropic",
        );
        check(
            &openai_chat::DIALECT,
            Some("sk-1\n"),
            "the credential of acme holds a character that no header can carry",
        );
    }
}
