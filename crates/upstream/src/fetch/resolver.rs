//! From a host's name to its addresses. Judges none of them.

use std::fmt;
use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// How names are resolved: by the system, or by whatever a test puts in its place.
#[derive(Clone)]
pub struct Resolver(Arc<dyn Fn(String) -> Lookup + Send + Sync>);

type Lookup = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// Look-ups by the system at once. Each holds a thread until the name service answers, long after its fetch may have
/// given up, and those threads are needed for files too.
const LOOKUPS_AT_ONCE: usize = 64;

impl Resolver {
    /// The system's name service.
    #[must_use]
    pub fn system() -> Self {
        let turns = Arc::new(Semaphore::new(LOOKUPS_AT_ONCE));
        Self::new(move |name| {
            let turns = Arc::clone(&turns);
            async move {
                let turn = turns.acquire_owned().await.map_err(io::Error::other)?;
                // A task of its own keeps its turn until the thread is free again.
                let lookup = tokio::spawn(async move {
                    let found = tokio::net::lookup_host((name, 0)).await;
                    drop(turn);
                    found.map(|addresses| addresses.map(|address| address.ip()).collect())
                });
                lookup.await.map_err(io::Error::other)?
            }
        })
    }

    /// Another way to resolve names.
    pub fn new<F>(look_up: impl Fn(String) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = io::Result<Vec<IpAddr>>> + Send + 'static,
    {
        Self(Arc::new(move |name| Box::pin(look_up(name))))
    }

    pub(super) async fn look_up(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        (self.0)(name.to_owned()).await
    }
}

impl fmt::Debug for Resolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resolver").finish_non_exhaustive()
    }
}
