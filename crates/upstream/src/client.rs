//! The one HTTP client: a call over a connection from the pool, or a new one. Knows neither dialects nor
//! providers; makes no decision about retries.

use crate::body::{Body, Deadlines};
use crate::connect::Connector;
use crate::failure::{Failure, FailureKind};
use crate::http1::{Answered, Broken, Connection, Written};
use crate::pool::{Home, Origin, Pool};
use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, Uri, header};
use hyper_rustls::ConfigBuilderExt;
use protocol::dialect::Errors;
use rustls::ClientConfig;
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
        let error = errors.decode(status, &body);
        let failure = Failure::refused(status, &self.headers, error, now);
        Failure {
            // The header wins over the body.
            retry_after: failure.retry_after.or_else(|| errors.retry_after(&body)),
            ..failure
        }
    }
}

/// How much of an error body is read.
const ERROR_BODY_MAX: usize = 256 * 1024;

/// How long an error body may take: the next offering is waiting.
const ERROR_BODY_WAIT: Duration = Duration::from_secs(5);

/// The connection pool. Made once; clones share it.
#[derive(Clone)]
pub struct Client {
    connector: Arc<Connector>,
    pool: Arc<Pool>,
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
        let pool = Pool::new(settings.pool_idle, settings.pool_max_idle_per_host);
        Ok(Self {
            connector: Arc::new(Connector::new(Arc::clone(&tls), settings.connect)),
            pool: Arc::new(pool),
            tls,
        })
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
        let Some(origin) = Origin::of(&call.uri) else {
            let detail = format!("'{}' is not an http(s) address", call.uri);
            return Err(Failure::of(FailureKind::Misconfigured, detail));
        };
        let answered = self.ask(call, &origin);
        let Answered {
            status,
            headers,
            incoming,
        } = match tokio::time::timeout(first_byte.min(total), answered).await {
            Ok(answered) => answered?,
            Err(_) if total < first_byte => {
                return Err(Failure::too_slow(FailureKind::TotalTimeout, total));
            }
            Err(_) => return Err(Failure::too_slow(FailureKind::FirstByteTimeout, first_byte)),
        };
        if status.is_success() && is_compressed(&headers) {
            let detail = "the answer is compressed, which was not asked for";
            return Err(Failure::of(FailureKind::Malformed, detail));
        }
        let home = Home::new(Arc::clone(&self.pool), origin);
        let deadlines = Deadlines { begin, idle, total };
        Ok(Answer {
            status,
            headers,
            body: Body::from_network(incoming, home, deadlines),
        })
    }

    /// Asks over an idle connection, else over a new one. A connection that its provider had closed before a byte was
    /// sent is no failure: the call goes out again on another.
    async fn ask(&self, call: Call, origin: &Origin) -> Result<Answered, Failure> {
        let uri = call.uri.clone();
        let written = Written::of(call);
        while let Some(idle) = self.pool.take(origin) {
            match idle.ask(written.clone()).await {
                Err(Broken::Unsent(error)) => {
                    tracing::debug!(%error, "an idle connection was dead")
                }
                Err(broken) => return Err(broken.before_answer()),
                Ok(answered) => return Ok(answered),
            }
        }
        let connection = Connection::new(self.connector.connect(uri).await?);
        let asking = Box::new(connection).ask(written);
        asking.await.map_err(Broken::before_answer)
    }
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

#[cfg(test)]
mod tests;
