//! The one HTTP client: a connection pool for every provider, and a call over it. Knows neither dialects nor
//! providers; makes no decision about retries.

use crate::body::{Body, Deadlines};
use crate::connect::{Connector, failed_step};
use crate::failure::{Failure, FailureKind};
use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode, Uri, header};
use http_body_util::Full;
use hyper_rustls::ConfigBuilderExt;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use protocol::dialect::Errors;
use rustls::ClientConfig;
use std::error::Error as StdError;
use std::fmt::Write;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::time::Instant;

/// What is fixed for all calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Until a connection stands: name, TCP and TLS together.
    pub connect: Duration,
    /// How long an unused connection is kept.
    pub pool_idle: Duration,
    /// How many unused connections are kept per provider host.
    pub pool_max_idle_per_host: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            pool_idle: Duration::from_secs(60),
            pool_max_idle_per_host: 1024,
        }
    }
}

/// One HTTP request to a provider, ready to be sent.
#[derive(Clone, Debug)]
pub struct Call {
    /// The method.
    pub method: Method,
    /// The absolute address.
    pub uri: Uri,
    /// All headers but `host` and `content-length`. Those that hold secrets are marked sensitive.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// How long to wait for what.
    pub timeouts: Timeouts,
}

/// How long to wait for what, in one call. (Connecting has a limit of its own, in [`Settings`].)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// From begin until the headers of the answer. For a whole answer this is nearly all of the generation.
    pub first_byte: Duration,
    /// Between two pieces of the answer's body.
    pub idle: Duration,
    /// From begin until the end of the answer.
    pub total: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            first_byte: Duration::from_secs(300),
            idle: Duration::from_secs(120),
            total: Duration::from_secs(1800),
        }
    }
}

/// What a provider answered: any status; the body still to come.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body. Dropping it closes the connection at once, so that the provider stops generating.
    pub body: Body,
}

impl Answer {
    /// Reads the error body of an answer whose status is not 2xx and says whose fault it is. What does not come in
    /// full or in time is judged by the status alone. `now` is what a date in `Retry-After` is compared with.
    pub async fn into_failure(self, errors: &dyn Errors, now: SystemTime) -> Failure {
        let status = self.status.as_u16();
        let reading = tokio::time::timeout(ERROR_BODY_WAIT, self.body.collect(ERROR_BODY_MAX));
        let body = match reading.await {
            Ok(Ok(body)) => body,
            Ok(Err(_)) | Err(_) => Bytes::new(),
        };
        Failure::refused(status, &self.headers, errors.decode(status, &body), now)
    }
}

/// How much of an error body is read.
const ERROR_BODY_MAX: usize = 256 * 1024;

/// How long an error body may take: the next offering is waiting.
const ERROR_BODY_WAIT: Duration = Duration::from_secs(5);

/// The connection pool. Made once; clones share it.
#[derive(Clone)]
pub struct Client {
    http: hyper_util::client::legacy::Client<Connector, Full<Bytes>>,
    /// Whom it trusts, and how.
    pub(crate) tls: Arc<ClientConfig>,
}

/// No client could be made.
#[derive(Debug, thiserror::Error)]
#[error("TLS cannot be set up: {0}")]
pub struct NoClient(#[from] rustls::Error);

impl Client {
    /// Makes the pool. Trusts the system's root certificates; where it has none, the built-in list of Mozilla's.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(settings: Settings) -> Result<Self, NoClient> {
        let tls = Arc::new(tls()?);
        let connector = Connector::new(Arc::clone(&tls), settings.connect);
        let http = hyper_util::client::legacy::Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(settings.pool_idle)
            .pool_max_idle_per_host(settings.pool_max_idle_per_host)
            // Bounds the head of an answer as well as one read of its body.
            .http1_max_buf_size(64 * 1024)
            // A request that met a pooled connection just closed by the provider goes out again on another one.
            .retry_canceled_requests(true)
            .build(connector);
        Ok(Self { http, tls })
    }

    /// Sends a call and waits for the headers of its answer. Dropping the future ends the call.
    ///
    /// # Errors
    /// When no answer began: the network's fault or a time-out. An HTTP error status is an answer.
    pub async fn send(&self, call: Call) -> Result<Answer, Failure> {
        let begin = Instant::now();
        let Timeouts {
            first_byte,
            idle,
            total,
        } = call.timeouts;
        let answer = self.http.request(request_of(call));
        let response = match tokio::time::timeout(first_byte.min(total), answer).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => return Err(not_answered(&error)),
            Err(_) if total < first_byte => {
                return Err(Failure::too_slow(FailureKind::TotalTimeout, total));
            }
            Err(_) => return Err(Failure::too_slow(FailureKind::FirstByteTimeout, first_byte)),
        };
        let (head, body) = response.into_parts();
        if head.status.is_success() && is_compressed(&head.headers) {
            let detail = "the answer is compressed, which was not asked for";
            return Err(Failure::of(FailureKind::Malformed, detail));
        }
        Ok(Answer {
            status: head.status,
            headers: head.headers,
            body: Body::from_network(body, Deadlines { begin, idle, total }),
        })
    }
}

fn request_of(call: Call) -> Request<Full<Bytes>> {
    let mut request = Request::new(Full::new(call.body));
    *request.method_mut() = call.method;
    *request.uri_mut() = call.uri;
    *request.headers_mut() = call.headers;
    // What is not compressed cannot blow up, and is read without copying.
    request.headers_mut().insert(
        header::ACCEPT_ENCODING,
        header::HeaderValue::from_static("identity"),
    );
    request
}

pub(crate) fn is_compressed(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_ENCODING)
        .is_some_and(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity"))
}

fn tls() -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = || {
        ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
    };
    let config = match builder()?.with_native_roots() {
        Ok(trusting) => trusting,
        Err(error) => {
            tracing::warn!(%error, "no root certificates of the system: using the built-in list");
            builder()?.with_webpki_roots()
        }
    };
    Ok(config.with_no_client_auth())
}

/// Why no answer began.
fn not_answered(error: &hyper_util::client::legacy::Error) -> Failure {
    if error.is_connect() {
        return Failure::of(failed_step(error), chain(error));
    }
    let kind = match error
        .source()
        .and_then(|inner| inner.downcast_ref::<hyper::Error>())
    {
        Some(inner) if inner.is_parse() => FailureKind::Malformed,
        Some(inner) if inner.is_user() => FailureKind::Misconfigured,
        Some(_) => FailureKind::Disconnected,
        None => FailureKind::Misconfigured,
    };
    Failure::of(kind, chain(error))
}

/// An error with all its causes, for the record.
pub(crate) fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        // Writing to a string cannot fail.
        let _ = write!(text, ": {error}");
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests;
