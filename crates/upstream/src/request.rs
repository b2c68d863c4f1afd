//! Makes a call from a provider's data: address, authentication, headers. The body comes in ready; quirks are applied
//! before (`quirks`), since they are edits of it.

use crate::client::{Call, Timeouts};
use crate::failure::{Failure, FailureKind};
use crate::secret::Secret;
use crate::simulator;
use bytes::Bytes;
use domain::catalog::{Auth, Endpoint, Provider, Transport};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header};
use protocol::dialect::{Dialect, DialectId};

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
    Ok(Call {
        method: Method::POST,
        uri: join(&endpoint.base_url, outgoing.path)?,
        headers: headers(outgoing, endpoint)?,
        body,
        timeouts: outgoing.timeouts,
    })
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

/// The headers, each kind over the ones before: the dialect's fixed ones, the client's, the provider's, the secret.
fn headers(outgoing: &Outgoing<'_>, endpoint: &Endpoint) -> Result<HeaderMap, Failure> {
    let mut headers = HeaderMap::with_capacity(16);
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    let accept = if outgoing.stream {
        "text/event-stream"
    } else {
        "application/json"
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
    authenticate(&mut headers, outgoing, &endpoint.auth)?;
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

fn authenticate(
    headers: &mut HeaderMap,
    outgoing: &Outgoing<'_>,
    auth: &Auth,
) -> Result<(), Failure> {
    let secret = || {
        outgoing
            .credential
            .ok_or_else(|| misconfigured(format!("no credential for {}", outgoing.provider.id)))
    };
    let (name, text) = match auth {
        Auth::None => return Ok(()),
        Auth::Bearer => (
            header::AUTHORIZATION,
            format!("Bearer {}", secret()?.expose()),
        ),
        Auth::Header(name) => (header_name(name)?, secret()?.expose().to_owned()),
    };
    let mut value = HeaderValue::try_from(text).map_err(|_| {
        let provider = &outgoing.provider.id;
        misconfigured(format!(
            "the credential of {provider} holds a character that no header can carry"
        ))
    })?;
    value.set_sensitive(true);
    headers.insert(name, value);
    Ok(())
}

fn header_name(name: &str) -> Result<HeaderName, Failure> {
    HeaderName::try_from(name)
        .map_err(|_| misconfigured(format!("'{name}' is not a header's name")))
}

fn misconfigured(detail: String) -> Failure {
    Failure::of(FailureKind::Misconfigured, detail)
}
