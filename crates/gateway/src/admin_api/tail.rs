//! `/admin/v1/requests/tail`: records as they arrive, as server-sent events. A listener holds a cursor and one page at
//! most; what it is too slow for is left out, and it is told so.

use super::Shared;
use super::access::Actor;
use super::error::{AdminError, QueryOf};
use super::requests::{RequestQuery, filter};
use crate::state::Gateway;
use crate::view::RequestView;
use axum::Extension;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream;
use http::{HeaderName, HeaderValue, header};
use serde::Serialize;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use store::Arrivals;
use store::records::{FollowCursor, KeptUp, RecordFilter};
use tokio::sync::OwnedSemaphorePermit;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// How many may listen at once: each reads the database whenever something arrives.
pub(crate) const MOST_LISTENERS: usize = 20;
/// Records that a listener holds at most.
const PAGE: u32 = 100;
/// A listener that is further behind, by records of all kinds, goes on with newer ones. Several times what is written at
/// once under load (8,192), so that who is quick enough misses nothing.
const MOST_BEHIND: u64 = 50_000;
const X_ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// How long a silent listener is kept after its log-out at most.
const ASKED_AGAIN: Duration = Duration::from_secs(5);

/// What a listener that was too slow is told, as the event `lag`.
#[derive(Serialize, ToSchema)]
pub(super) struct Lag {
    /// How many records that match were left out.
    missed: u64,
}

/// One who listens.
struct Listener {
    gateway: Arc<Gateway>,
    actor: Actor,
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
    Extension(actor): Extension<Actor>,
    QueryOf(query): QueryOf<RequestQuery>,
) -> Result<impl IntoResponse, AdminError> {
    let place = Arc::clone(&gateway.listeners).try_acquire_owned();
    let place = place.map_err(|_| AdminError::too_many_listeners(MOST_LISTENERS))?;
    let mut filter = filter(&query)?;
    filter.range = Default::default();
    let listener = Listener {
        arrivals: gateway.store.arrivals(),
        cursor: gateway.store.follow_from_here().await?,
        gateway,
        actor,
        filter,
        page: VecDeque::new(),
        more: false,
        _place: place,
    };
    let events = stream::unfold(listener, |mut listener| async move {
        let event = listener.next().await?;
        Some((Ok::<_, Infallible>(event), listener))
    });
    // Nothing keeps it, and nginx passes on each event as it comes.
    let live = [
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (X_ACCEL_BUFFERING, HeaderValue::from_static("no")),
    ];
    let events = Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE));
    Ok((live, events))
}

impl Listener {
    /// The next event; `None` where there will be no more.
    async fn next(&mut self) -> Option<Event> {
        while self.actor.is_let_in(&self.gateway) {
            if let Some(record) = self.page.pop_front() {
                return Event::default().event("record").json_data(record).ok();
            }
            if !self.more && !self.wait().await {
                return None;
            }
            match self.read().await {
                Ok(0) => {}
                Ok(missed) => {
                    let lag = Event::default().event("lag").json_data(Lag { missed });
                    return lag.ok();
                }
                Err(error) => {
                    tracing::warn!(%error, "a listener to records is let go");
                    return None;
                }
            }
        }
        None
    }

    /// Waits for more, but no longer than until it is time to ask again who listens; false where no more will be.
    async fn wait(&mut self) -> bool {
        let mut draining = self.gateway.draining.subscribe();
        tokio::select! {
            arrived = self.arrivals.next() => arrived,
            () = tokio::time::sleep(ASKED_AGAIN) => true,
            _ = draining.wait_for(|draining| *draining) => false,
        }
    }

    /// Reads what has arrived; gives how many it leaves out because it is too far behind.
    async fn read(&mut self) -> Result<u64, store::StoreError> {
        let store = &self.gateway.store;
        let (filter, cursor) = (&self.filter, &mut self.cursor);
        let KeptUp { missed, end } = store.keep_up(filter, cursor, MOST_BEHIND).await?;
        let records = store.follow(filter, cursor, PAGE).await?;
        self.more = records.len() == PAGE as usize;
        if !self.more {
            // What does not match need not be looked at again.
            cursor.advance(&end);
        }
        self.page.extend(records.into_iter().map(RequestView::from));
        Ok(missed)
    }
}
