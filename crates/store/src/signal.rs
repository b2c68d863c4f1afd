//! How the store's own threads are woken: rarely, and at no cost to those that have something for them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Wakes one thread that gathers work: it sleeps while there is none, then waits a little for more to come.
#[derive(Debug, Default)]
pub(crate) struct Signal {
    /// Whether the thread knows already that there is work: then nobody needs the mutex.
    known: AtomicBool,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    work: bool,
    hurry: bool,
    stop: bool,
}

/// What a woken thread should do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wake {
    /// Whatever is there by now.
    Work,
    /// The same, and then end.
    Stop,
}

impl Signal {
    /// There is work; one pause from now is soon enough.
    pub(crate) fn work(&self) {
        if !self.known.swap(true, Ordering::AcqRel) {
            self.state().work = true;
            self.changed.notify_one();
        }
    }

    /// There is work, and somebody waits for it.
    pub(crate) fn hurry(&self) {
        self.known.store(true, Ordering::Release);
        let mut state = self.state();
        state.work = true;
        state.hurry = true;
        self.changed.notify_one();
    }

    /// Nothing more will come.
    pub(crate) fn stop(&self) {
        self.state().stop = true;
        self.changed.notify_one();
    }

    /// Sleeps until there is work, or at most for `idle` where that is given, then for `pause`, unless somebody is in a
    /// hurry. Work announced before this returns is covered by what the caller looks at afterwards; what comes later
    /// wakes it again.
    pub(crate) fn wait(&self, pause: Duration, idle: Option<Duration>) -> Wake {
        let nothing = |state: &mut State| !state.work && !state.stop;
        let state = match idle {
            None => self.changed.wait_while(self.state(), nothing),
            Some(idle) => self
                .changed
                .wait_timeout_while(self.state(), idle, nothing)
                .map(|(state, _)| state)
                .map_err(|poisoned| PoisonError::new(poisoned.into_inner().0)),
        };
        let state = state.unwrap_or_else(PoisonError::into_inner);
        let (mut state, _) = self
            .changed
            .wait_timeout_while(state, pause, |state| !state.hurry && !state.stop)
            .unwrap_or_else(PoisonError::into_inner);
        state.work = false;
        state.hurry = false;
        self.known.store(false, Ordering::Release);
        if state.stop { Wake::Stop } else { Wake::Work }
    }

    /// Sleeps for `pause`, or until asked to stop.
    pub(crate) fn rest(&self, pause: Duration) -> Wake {
        let (state, _) = self
            .changed
            .wait_timeout_while(self.state(), pause, |state| !state.stop)
            .unwrap_or_else(PoisonError::into_inner);
        if state.stop { Wake::Stop } else { Wake::Work }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
