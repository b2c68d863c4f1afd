//! Gates: a stream waits at one until a test releases it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Semaphore;

/// Gates by name; one is made when it is first named.
#[derive(Debug, Default)]
pub(super) struct Gates(Mutex<HashMap<String, Arc<Semaphore>>>);

impl Gates {
    /// Lets `count` waiters pass, now or later.
    pub(super) fn release(&self, name: &str, count: usize) {
        self.named(name).add_permits(count);
    }

    /// Waits until one may pass.
    pub(super) async fn pass(&self, name: &str) {
        if let Ok(permit) = self.named(name).acquire().await {
            permit.forget();
        }
    }

    /// Forgets what was released; who waits goes on waiting at a gate that nobody can release.
    pub(super) fn clear(&self) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    fn named(&self, name: &str) -> Arc<Semaphore> {
        let mut gates = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(
            gates
                .entry(name.to_owned())
                .or_insert_with(|| Arc::new(Semaphore::new(0))),
        )
    }
}
