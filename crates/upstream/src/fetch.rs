//! Fetching a file or image that a client's request names by URL, so that no such request goes where the client should
//! not reach: not to the gateway's own network, whatever a name, a redirect or an odd spelling says. Knows nothing of
//! requests and dialects; keeps no file.
//!
//! A URL passes, in this order: its form (`target`), a look-up of its name (`resolver`), the judgement of all the
//! addresses found (`guard`, `address`), a connection to one of these very addresses (`dial`), an answer within
//! size and time (`visit`, `budget`), and a look at what it is (`media`). A redirect begins again with the first.

mod address;
mod budget;
mod dial;
mod error;
mod guard;
mod media;
mod resolver;
mod target;
mod turns;
mod visit;

pub use budget::Budget;
pub use error::{FetchError, UrlFault};
pub use guard::{Guard, WrongEntry};
pub use media::Wanted;
pub use resolver::Resolver;

use bytes::Bytes;
use dial::Dialer;
use error::Cause;
use rustls::ClientConfig;
use rustls::client::Resumption;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use target::Target;
use tokio::time::Instant;
use turns::Turns;
use visit::{Ask, Visit};

/// Redirects that are followed.
const MAX_REDIRECTS: usize = 3;

/// Bounds of fetching.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FetchLimits {
    /// Bytes of one file.
    pub max_bytes: usize,
    /// For each connection: name, TCP and TLS together.
    pub connect: Duration,
    /// For one file: waiting for its turn, all redirects, and the file itself.
    pub total: Duration,
    /// Fetches that run at once, over all requests.
    pub at_once: usize,
    /// Those of them that one project may have.
    pub at_once_each: usize,
    /// That a URL could not be fetched is told only at the end of such a stretch of time, so that how long it took says
    /// little of why.
    pub refusal_step: Duration,
}

impl Default for FetchLimits {
    fn default() -> Self {
        Self {
            max_bytes: 20 * 1024 * 1024,
            connect: Duration::from_secs(5),
            total: Duration::from_secs(30),
            at_once: 32,
            at_once_each: 8,
            refusal_step: Duration::from_millis(500),
        }
    }
}

/// A file that was fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// What it is, without parameters: `image/png`. By its bytes where they tell, else as its server says.
    pub media_type: String,
    /// All of it. Text is UTF-8.
    pub bytes: Bytes,
}

/// Fetches files that clients name by URL. Made once; clones share its bounds.
#[derive(Clone)]
pub struct Fetcher(Option<Arc<Inner>>);

struct Inner {
    limits: FetchLimits,
    dialer: Dialer,
    turns: Turns,
}

impl Fetcher {
    /// A fetcher within these limits and network rules. Made by [`crate::Upstream::fetcher`].
    pub(crate) fn new(
        limits: FetchLimits,
        guard: Guard,
        resolver: Resolver,
        tls: &ClientConfig,
    ) -> Self {
        let mut tls = tls.clone();
        // Hosts that clients choose share no TLS sessions with providers, nor with each other.
        tls.resumption = Resumption::disabled();
        tls.alpn_protocols = vec![b"http/1.1".to_vec()];
        Self(Some(Arc::new(Inner {
            limits,
            dialer: Dialer {
                guard,
                resolver,
                tls: Arc::new(tls).into(),
            },
            turns: Turns::new(limits.at_once, limits.at_once_each),
        })))
    }

    /// One that fetches nothing, because the operator has switched it off.
    #[must_use]
    pub fn off() -> Self {
        Self(None)
    }

    /// How long one file may take; zero where nothing is fetched.
    #[must_use]
    pub fn limit(&self) -> Duration {
        self.0
            .as_ref()
            .map_or(Duration::ZERO, |inner| inner.limits.total)
    }

    /// Fetches what a URL names, if the rules allow it and it is of the kind that is wanted. `budget` bounds all fetches
    /// of one request together. Dropping the future ends the fetch and closes its connection.
    ///
    /// # Errors
    /// With a sentence for the client, which says nothing of the network behind the gateway. The reason is logged, with
    /// the host alone.
    pub async fn fetch(
        &self,
        url: &str,
        wanted: Wanted,
        budget: &Budget,
    ) -> Result<Fetched, FetchError> {
        let Some(inner) = &self.0 else {
            return Err(FetchError::Off);
        };
        let begin = Instant::now();
        let outcome = inner.fetch(url, wanted, budget, begin).await;
        if outcome == Err(FetchError::NotFetched) {
            tokio::time::sleep_until(end_of_step(begin, inner.limits.refusal_step)).await;
        }
        outcome
    }
}

impl fmt::Debug for Fetcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fetcher")
            .field("on", &self.0.is_some())
            .finish_non_exhaustive()
    }
}

impl Inner {
    async fn fetch(
        &self,
        url: &str,
        wanted: Wanted,
        budget: &Budget,
        begin: Instant,
    ) -> Result<Fetched, FetchError> {
        let target = Target::parse(url, &self.dialer.guard).map_err(FetchError::NotAllowed)?;
        budget.take_file()?;
        let ask = Ask {
            wanted,
            budget,
            limits: self.limits,
            deadline: begin + self.limits.total,
        };
        // Held until the file is there, but not while a refusal waits to be told.
        let turn = self.turns.take(budget.project());
        let turn = tokio::time::timeout_at(ask.deadline, turn).await;
        let Ok(Some(_turn)) = turn else {
            return Err(FetchError::Busy);
        };
        self.follow(target, ask).await
    }

    async fn follow(&self, mut target: Target, ask: Ask<'_>) -> Result<Fetched, FetchError> {
        for _ in 0..=MAX_REDIRECTS {
            let location = match visit::visit(&self.dialer, &target, ask).await {
                Ok(Visit::File(file)) => return Ok(file),
                Ok(Visit::Elsewhere(location)) => location,
                Err(cause) => return Err(log(&target, &cause)),
            };
            target = target
                .redirected(&location, &self.dialer.guard)
                .map_err(|cause| log(&target, &cause))?;
        }
        Err(log(&target, &Cause::Redirects(MAX_REDIRECTS)))
    }
}

/// Logs a cause, and gives what the client hears of it.
fn log(target: &Target, cause: &Cause) -> FetchError {
    tracing::debug!(host = %target.host, %cause, "a URL of a request was not fetched");
    cause.told()
}

/// The end of the stretch of time, counted from `begin`, that is running now.
fn end_of_step(begin: Instant, step: Duration) -> Instant {
    let passed = begin.elapsed().as_nanos();
    let steps = passed.div_ceil(step.as_nanos().max(1));
    begin + step * u32::try_from(steps).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
