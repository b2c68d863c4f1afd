//! Requests without a valid key: a counter and at most one log line a second, never a record.

use crate::state::Gateway;
use domain::id::RequestId;
use http::Uri;
use protocol::ir::Error;
use std::sync::atomic::{AtomicU64, Ordering};

/// When the last line was written (seconds since 1970), and how many were left out since.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    last_s: AtomicU64,
    left_out: AtomicU64,
}

/// Counts it and says why.
pub(crate) fn turned_away(gateway: &Gateway, uri: &Uri, id: RequestId, error: &Error) {
    let reason = error.code.as_deref().unwrap_or("unauthenticated");
    gateway.metrics.unauthenticated(reason);
    let gate = &gateway.gate;
    let now_s = u64::try_from(id.at_ms() / 1000).unwrap_or(0);
    let last_s = gate.last_s.load(Ordering::Relaxed);
    let first = last_s != now_s
        && gate
            .last_s
            .compare_exchange(last_s, now_s, Ordering::Relaxed, Ordering::Relaxed)
            .is_ok();
    if first {
        let left_out = gate.left_out.swap(0, Ordering::Relaxed);
        // The path only: a query may carry a key.
        tracing::warn!(%id, path = uri.path(), reason, left_out, "refused a request without a valid key");
    } else {
        gate.left_out.fetch_add(1, Ordering::Relaxed);
    }
}
