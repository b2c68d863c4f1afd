//! How people are let in: sessions, the pace of attempts, the cost of hashing. The admin API's handlers for it stand in
//! `admin_api/session.rs` and `admin_api/people.rs`.

pub(crate) mod caller;
pub(crate) mod client;
pub(crate) mod cookie;
pub(crate) mod origin;
pub(crate) mod sessions;
pub(crate) mod throttle;

use sessions::Sessions;
use store::settings::password;
use store::{Secret, Store, StoreError};
use throttle::Throttle;
use tokio::sync::Semaphore;

/// How many passwords are hashed at once: each takes 19 MiB and some 20 ms of a core.
const HASHED_AT_ONCE: usize = 2;

/// What letting people in needs while the program runs.
pub(crate) struct Login {
    /// Who is logged in.
    pub(crate) sessions: Sessions,
    /// How often may be tried.
    pub(crate) throttle: Throttle,
    hashing: Semaphore,
}

impl Login {
    /// With the sessions that are stored.
    ///
    /// # Errors
    /// When they cannot be read.
    pub(crate) async fn open(store: &Store) -> Result<Self, StoreError> {
        Ok(Self {
            sessions: Sessions::open(store).await?,
            throttle: Throttle::new(),
            hashing: Semaphore::new(HASHED_AT_ONCE),
        })
    }

    /// The hash of a new password.
    ///
    /// # Errors
    /// When it is too short or too long.
    pub(crate) async fn hash(&self, password: Secret) -> Result<String, StoreError> {
        self.aside(move || password::hash_password(&password))
            .await
            .unwrap_or(Err(StoreError::Closed))
    }

    /// Whether a password is the one of this hash; takes as long without one.
    pub(crate) async fn is_password(&self, password: Secret, hash: Option<String>) -> bool {
        self.aside(move || password::is_password(&password, hash.as_deref()))
            .await
            .unwrap_or(false)
    }

    /// Works on a thread that may be kept busy, few at a time; `None` where the program is ending.
    async fn aside<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        let _turn = self.hashing.acquire().await.ok()?;
        tokio::task::spawn_blocking(work).await.ok()
    }
}
