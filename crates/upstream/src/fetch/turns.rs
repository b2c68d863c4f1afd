//! Whose turn it is to fetch: so many run at once, and of one project's a few of them, so that servers which a project
//! chose to be slow hold up nobody else's files.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};

/// The turns that there are.
pub(super) struct Turns {
    all: Semaphore,
    each: usize,
    /// The turns of each project that waits for one or has one.
    shares: Mutex<HashMap<String, Weak<Semaphore>>>,
}

/// A turn, until it is dropped.
pub(super) struct Turn<'a> {
    /// Keeps the share alive.
    _share: OwnedSemaphorePermit,
    _turn: SemaphorePermit<'a>,
}

impl Turns {
    /// So many at once, and so many of them for each project.
    pub(super) fn new(all: usize, each: usize) -> Self {
        Self {
            all: Semaphore::new(all),
            each,
            shares: Mutex::default(),
        }
    }

    /// Waits for a turn of this project; `None` when there will be none any more.
    pub(super) async fn take(&self, project: &str) -> Option<Turn<'_>> {
        let share = self.share(project);
        Some(Turn {
            _share: share.acquire_owned().await.ok()?,
            _turn: self.all.acquire().await.ok()?,
        })
    }

    fn share(&self, project: &str) -> Arc<Semaphore> {
        let mut shares = self.shares.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(share) = shares.get(project).and_then(Weak::upgrade) {
            return share;
        }
        shares.retain(|_, share| share.strong_count() > 0);
        let share = Arc::new(Semaphore::new(self.each));
        shares.insert(project.to_owned(), Arc::downgrade(&share));
        share
    }
}
