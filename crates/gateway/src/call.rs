//! An authenticated request at a door: what `client_api` hands to the pipeline.

use crate::doors::Door;
use crate::state::Live;
use domain::caller::Caller;
use domain::id::RequestId;
use http::{HeaderMap, Uri};
use protocol::dialect::Framing;
use std::sync::Arc;
use std::time::Instant;

/// How much of a client's own request id is kept.
const MAX_CLIENT_REQUEST_ID: usize = 128;

/// An authenticated request at a door.
pub(crate) struct Call {
    /// Our id of it.
    pub(crate) id: RequestId,
    /// When it began, in milliseconds since 1970.
    pub(crate) at_ms: i64,
    /// When it began.
    pub(crate) begun: Instant,
    /// Where it came in.
    pub(crate) door: &'static Door,
    /// The variable part of the path, decoded.
    pub(crate) rest: Option<String>,
    /// Its headers.
    pub(crate) headers: HeaderMap,
    /// The path and query.
    pub(crate) uri: Uri,
    /// Who asks.
    pub(crate) caller: Caller,
    /// The settings that it is judged by from begin to end.
    pub(crate) live: Arc<Live>,
}

impl Call {
    /// How the client wants a stream cut into frames.
    pub(crate) fn framing(&self) -> Framing {
        let usual = self.door.dialect.framing;
        let query = self.uri.query().unwrap_or_default();
        let events = query.split('&').any(|pair| pair == "alt=sse");
        self.door.framing.filter(|_| !events).unwrap_or(usual)
    }

    /// The client's own request id, shortened.
    pub(crate) fn client_request_id(&self) -> Option<String> {
        let id = self.headers.get("x-request-id")?.to_str().ok()?;
        Some(id.chars().take(MAX_CLIENT_REQUEST_ID).collect())
    }
}
