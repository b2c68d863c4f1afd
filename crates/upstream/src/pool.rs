//! Connections that wait for their next request, by provider host. They are looked after now and then, so that those
//! which a provider closed, or nobody needed for long, do not stay open.

use crate::http1::Connection;
use http::Uri;
use http::uri::{Authority, Scheme};
use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;
use tokio::time::Instant;

/// How often idle connections are looked after, at least.
const SWEEP: Duration = Duration::from_secs(5);

/// What connections have in common that can stand in for each other: scheme, host and port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    tls: bool,
    authority: Authority,
}

/// As the derived one, but at once instead of letter by letter: each request asks twice.
impl Hash for Origin {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let authority = self.authority.as_str();
        self.tls.hash(state);
        match authority.bytes().any(|byte| byte.is_ascii_uppercase()) {
            // Hosts that differ in case only are equal.
            true => authority.to_ascii_lowercase().hash(state),
            false => authority.hash(state),
        }
    }
}

impl Origin {
    /// Where an address leads; `None` where it has no host.
    pub(crate) fn of(uri: &Uri) -> Option<Self> {
        Some(Self {
            tls: uri.scheme() == Some(&Scheme::HTTPS),
            authority: uri.authority()?.clone(),
        })
    }
}

/// The idle connections of all providers.
pub(crate) struct Pool {
    idle: Mutex<Waiting>,
    /// How long one is kept.
    keep: Duration,
    /// How many are kept for each origin.
    most: usize,
}

#[derive(Default)]
struct Waiting {
    /// The longest idle first.
    by_origin: HashMap<Origin, Vec<Idle>>,
    /// Whether a task looks after them.
    swept: bool,
}

struct Idle {
    connection: Box<Connection>,
    since: Instant,
}

impl Pool {
    /// An empty one.
    pub(crate) fn new(keep: Duration, most: usize) -> Self {
        Self {
            idle: Mutex::default(),
            keep,
            most,
        }
    }

    /// The connection that became idle last, if there is one which is still good.
    pub(crate) fn take(&self, origin: &Origin) -> Option<Box<Connection>> {
        loop {
            let newest = self.lock().by_origin.get_mut(origin)?.pop()?;
            if let Some(connection) = newest.good(self.keep) {
                return Some(connection);
            }
        }
    }

    /// Keeps a connection for the next request.
    fn give_back(self: &Arc<Self>, origin: Origin, connection: Box<Connection>) {
        let mut waiting = self.lock();
        let same = waiting.by_origin.entry(origin).or_default();
        if same.len() < self.most {
            same.push(Idle {
                connection,
                since: Instant::now(),
            });
        }
        if !std::mem::replace(&mut waiting.swept, true) {
            let every = SWEEP.min(self.keep).max(Duration::from_millis(1));
            tokio::spawn(look_after(Arc::downgrade(self), every));
        }
    }

    /// Closes those that nobody will use; whether any are left.
    fn sweep(&self) -> bool {
        let mut waiting = self.lock();
        waiting.by_origin.retain(|_, same| {
            same.retain_mut(|idle| idle.is_good(self.keep));
            !same.is_empty()
        });
        waiting.swept = !waiting.by_origin.is_empty();
        waiting.swept
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where a connection goes after its answer.
pub(crate) struct Home {
    pool: Arc<Pool>,
    origin: Origin,
}

impl Home {
    /// That pool, among the connections of that origin.
    pub(crate) fn new(pool: Arc<Pool>, origin: Origin) -> Self {
        Self { pool, origin }
    }

    /// The connection has come home.
    pub(crate) fn take_in(self, connection: Box<Connection>) {
        self.pool.give_back(self.origin, connection);
    }
}

impl Idle {
    fn is_good(&mut self, keep: Duration) -> bool {
        self.since.elapsed() < keep && !self.connection.is_stale()
    }

    fn good(mut self, keep: Duration) -> Option<Box<Connection>> {
        self.is_good(keep).then_some(self.connection)
    }
}

/// Sweeps until the pool is empty, or gone.
async fn look_after(pool: Weak<Pool>, every: Duration) {
    loop {
        tokio::time::sleep(every).await;
        match pool.upgrade() {
            Some(pool) if pool.sweep() => {}
            Some(_) | None => return,
        }
    }
}
