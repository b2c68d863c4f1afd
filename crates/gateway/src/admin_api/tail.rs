//! `/admin/v1/requests/tail`: records as they arrive, as server-sent events. A listener holds a cursor and one page at
//! most; what it is too slow for is left out, and it is told so.

use super::Shared;
use super::error::{AdminError, QueryOf};
use super::requests::{RequestQuery, filter};
use crate::state::Gateway;
use crate::view::RequestView;
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{self, Stream};
use serde::Serialize;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use store::Arrivals;
use store::records::{FollowCursor, RecordFilter};
use tokio::sync::OwnedSemaphorePermit;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// How many may listen at once: each reads the database whenever something arrives.
pub(crate) const MOST_LISTENERS: usize = 20;
/// Records that a listener holds at most.
const PAGE: u32 = 100;
/// A listener that is further behind goes on with what arrives now.
const MOST_BEHIND: u64 = 1_000;
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// What a listener that was too slow is told, as the event `lag`.
#[derive(Serialize, ToSchema)]
pub(super) struct Lag {
    /// How many records were left out, whether they match or not.
    missed: u64,
}

/// One who listens.
struct Listener {
    gateway: Arc<Gateway>,
    filter: RecordFilter,
    cursor: FollowCursor,
    arrivals: Arrivals,
    page: VecDeque<RequestView>,
    /// Whether there may be more behind the page.
    more: bool,
    _place: OwnedSemaphorePermit,
}

pub(super) fn routes() -> OpenApiRouter<Arc<Gateway>> {
    OpenApiRouter::new().routes(routes!(tail))
}

/// Records that match, as they arrive from now on: server-sent events named `record`, each with a record as JSON; and
/// `lag` where the listener was too slow and some were left out. `since`, `until`, `before` and `limit` mean nothing here.
#[utoipa::path(get, path = "/admin/v1/requests/tail", tag = "requests", params(RequestQuery),
    responses((status = 200, description = "Events `record` (a RequestView) and `lag` (a Lag)", content_type = "text/event-stream",
        body = String), (status = 429, description = "Too many listen already")))]
async fn tail(
    State(gateway): Shared,
    QueryOf(query): QueryOf<RequestQuery>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>> + use<>>, AdminError> {
    let place = Arc::clone(&gateway.listeners).try_acquire_owned();
    let place = place.map_err(|_| AdminError::too_many_listeners(MOST_LISTENERS))?;
    let mut filter = filter(&query)?;
    filter.range = Default::default();
    let listener = Listener {
        arrivals: gateway.store.arrivals(),
        cursor: gateway.store.follow_from_here().await?,
        gateway,
        filter,
        page: VecDeque::new(),
        more: false,
        _place: place,
    };
    let events = stream::unfold(listener, |mut listener| async move {
        let event = listener.next().await?;
        Some((Ok(event), listener))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}

impl Listener {
    /// The next event; `None` where there will be no more.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(record) = self.page.pop_front() {
                return Event::default().event("record").json_data(record).ok();
            }
            if !self.more {
                let mut draining = self.gateway.draining.subscribe();
                let arrived = tokio::select! {
                    arrived = self.arrivals.next() => arrived,
                    _ = draining.wait_for(|draining| *draining) => false,
                };
                if !arrived {
                    return None;
                }
            }
            match self.read().await {
                Ok(None) => {}
                Ok(Some(lag)) => return Event::default().event("lag").json_data(lag).ok(),
                Err(error) => {
                    tracing::warn!(%error, "a listener to records is let go");
                    return None;
                }
            }
        }
    }

    /// Reads what has arrived, or leaves it out where it is too much.
    async fn read(&mut self) -> Result<Option<Lag>, store::StoreError> {
        let store = &self.gateway.store;
        let end = store.follow_from_here().await?;
        let missed = self.cursor.behind(&end);
        if missed > MOST_BEHIND {
            self.cursor = end;
            self.more = false;
            return Ok(Some(Lag { missed }));
        }
        let records = store.follow(&self.filter, &mut self.cursor, PAGE).await?;
        self.more = records.len() == PAGE as usize;
        if !self.more {
            // What does not match need not be looked at again.
            self.cursor.advance(&end);
        }
        self.page.extend(records.into_iter().map(RequestView::from));
        Ok(None)
    }
}
