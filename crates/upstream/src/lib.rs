//! Talking to providers: connections and their pool, the call made from a provider's data, its quirks, whose fault a
//! failure is, which offerings are cooling down, and the built-in simulator; and fetching what a client names by URL.
//! Knows nothing of accounts, records or storage.

mod auth;
pub mod body;
pub mod client;
mod connect;
pub mod failure;
pub mod fetch;
pub mod health;
mod http1;
mod pool;
pub mod quirks;
pub mod request;
mod secret;
pub mod simulator;

pub use body::Body;
pub use client::{Answer, Call, Client, NoClient, Settings, Timeouts};
pub use failure::{Blame, Failure, FailureKind, Retry};
pub use fetch::{Budget, FetchError, FetchLimits, Fetched, Fetcher, Guard, Resolver, Wanted};
pub use health::{Health, Outcome, Turn};
pub use request::Outgoing;
pub use secret::Secret;

use domain::catalog::{Provider, Transport};

/// The way to every provider, whatever carries it. Made once; clones share the connection pool.
#[derive(Clone)]
pub struct Upstream {
    client: Client,
}

impl Upstream {
    /// Makes the connection pool.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(settings: Settings) -> Result<Self, NoClient> {
        Ok(Self {
            client: Client::new(settings)?,
        })
    }

    /// A fetcher of files that clients name by URL. It trusts the same certificates, and shares nothing else with
    /// the calls to providers.
    #[must_use]
    pub fn fetcher(&self, limits: FetchLimits, guard: Guard, resolver: Resolver) -> Fetcher {
        Fetcher::new(limits, guard, resolver, &self.client.tls)
    }

    /// Sends a call and waits for the head of its answer. Dropping the future ends the call; so does dropping the
    /// answer's body.
    ///
    /// # Errors
    /// When no answer began. An HTTP error status is an answer: see [`Answer::into_failure`].
    pub async fn send(&self, provider: &Provider, call: Call) -> Result<Answer, Failure> {
        match provider.transport {
            Transport::Http => self.client.send(call).await,
            Transport::Simulator => simulator::answer(call).await,
        }
    }
}
