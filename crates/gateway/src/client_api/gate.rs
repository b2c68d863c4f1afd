//! Requests without a valid key: a counter and at most one log line a second, never a record.

use crate::state::Gateway;
use domain::id::RequestId;
use http::Uri;
use protocol::ir::Error;

/// Counts it and says why.
pub(crate) fn turned_away(gateway: &Gateway, uri: &Uri, id: RequestId, error: &Error) {
    let reason = error.code.as_deref().unwrap_or("unauthenticated");
    gateway.metrics.unauthenticated(reason);
    if let Some(left_out) = gateway.refusals.line_at(id.at_ms() / 1000) {
        // The path only: a query may carry a key.
        tracing::warn!(%id, path = uri.path(), reason, left_out, "refused a request without a valid key");
    }
}
