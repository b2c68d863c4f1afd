//! How a connection comes about: name, TCP, TLS, all within one time-out, and which of them failed. What is said over
//! the connection is not here.

use crate::failure::{Failure, FailureKind};
use hyper_rustls::{HttpsConnector, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::{GaiAddrs, GaiFuture, GaiResolver, Name};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use std::error::Error as StdError;
use std::fmt::Write;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use std::{fmt, io};
use tokio::net::TcpStream;
use tower_service::Service;

/// A connection: bytes in and out, over TLS or not.
pub(crate) type Stream = TokioIo<MaybeHttpsStream<TokioIo<TcpStream>>>;

/// Connects over TCP or TLS within a time-out.
pub(crate) struct Connector {
    https: HttpsConnector<HttpConnector<Resolver>>,
    limit: Duration,
}

impl Connector {
    /// A connector that gives up after `limit`. TCP delays are off: a call is written in one piece and must not wait
    /// for the acknowledgement of the one before.
    pub(crate) fn new(tls: Arc<ClientConfig>, limit: Duration) -> Self {
        let mut http = HttpConnector::new_with_resolver(Resolver(GaiResolver::new()));
        http.enforce_http(false);
        http.set_nodelay(true);
        http.set_keepalive(Some(Duration::from_secs(60)));
        Self {
            https: (http, tls).into(),
            limit,
        }
    }

    /// A connection to the host of an address.
    ///
    /// # Errors
    /// Which step of connecting failed, or that it took too long.
    pub(crate) async fn connect(&self, to: http::Uri) -> Result<Stream, Failure> {
        let mut https = self.https.clone();
        let connecting = async {
            poll_fn(|cx| https.poll_ready(cx)).await?;
            https.call(to).await
        };
        match tokio::time::timeout(self.limit, connecting).await {
            Ok(Ok(stream)) => Ok(TokioIo::new(stream)),
            Ok(Err(error)) => Err(Failure::of(failed_step(&*error), chain(&*error))),
            Err(_) => Err(Failure::too_slow(FailureKind::ConnectTimeout, self.limit)),
        }
    }
}

/// Which step of connecting an error comes from.
fn failed_step(error: &(dyn StdError + 'static)) -> FailureKind {
    let mut next = Some(error);
    while let Some(error) = next {
        if error.is::<Unresolved>() {
            return FailureKind::Dns;
        }
        if error.is::<rustls::Error>() {
            return FailureKind::Tls;
        }
        // `io::Error::source` skips the error that it wraps and goes on with that one's source.
        next = match error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref)
        {
            Some(inner) => Some(inner as &(dyn StdError + 'static)),
            None => error.source(),
        };
    }
    FailureKind::Connect
}

/// An error with all its causes, for the record.
fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        // Writing to a string cannot fail.
        let _ = write!(text, ": {error}");
        cause = error.source();
    }
    text
}

/// The system's name service, with errors that can be told from those of connecting.
#[derive(Clone)]
struct Resolver(GaiResolver);

impl Service<Name> for Resolver {
    type Response = GaiAddrs;
    type Error = Unresolved;
    type Future = Resolving;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Unresolved>> {
        self.0.poll_ready(cx).map_err(Unresolved)
    }

    fn call(&mut self, name: Name) -> Resolving {
        Resolving(self.0.call(name))
    }
}

struct Resolving(GaiFuture);

impl Future for Resolving {
    type Output = Result<GaiAddrs, Unresolved>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(cx).map_err(Unresolved)
    }
}

/// The provider's name has no address.
#[derive(Debug)]
struct Unresolved(io::Error);

impl fmt::Display for Unresolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "name not resolved: {}", self.0)
    }
}

impl StdError for Unresolved {}
