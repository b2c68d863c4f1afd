//! What the fake received and gave: each request exactly as it came, what was sent of the answer, and how it ended, with
//! order numbers from one count so that a test can show what happened before what without a stopwatch.

use super::answer::TokenCounts;
use base64::Engine;
use bytes::Bytes;
use serde::{Serialize, Serializer};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// One request and what became of it.
#[derive(Clone, Debug, Serialize)]
pub struct Recorded {
    /// Its number, from 1.
    pub seq: u64,
    /// The test's own id: directive `id=`, header `x-fake-id`, or the end user's name.
    pub id: Option<String>,
    /// HTTP method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// Headers in the order received, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, exactly; as JSON it is text, or `{"base64": …}` where it is not UTF-8.
    #[serde(serialize_with = "body_as_text")]
    pub body: Bytes,
    /// The model named.
    pub model: String,
    /// The scenario chosen; empty where none was.
    pub scenario: String,
    /// Whether a stream was asked for.
    pub stream: bool,
    /// Top-level fields that the vendor does not document.
    pub unknown_fields: Vec<String>,
    /// HTTP status answered, once the head went out.
    pub status: Option<u16>,
    /// What was reported to the client, once the frame that holds it went out.
    pub usage: Option<TokenCounts>,
    /// Content chunks handed to the connection; a whole answer is one.
    pub chunks_sent: usize,
    /// Generated tokens in them.
    pub tokens_sent: usize,
    /// Order number of the request's arrival.
    pub received_at: u64,
    /// Order number of the first content chunk.
    pub first_chunk_at: Option<u64>,
    /// Order number of the last content chunk so far.
    pub last_chunk_at: Option<u64>,
    /// Order number of the end.
    pub ended_at: Option<u64>,
    /// How it ended.
    pub end: End,
}

/// How an exchange ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// It has not.
    Open,
    /// All was handed over.
    Finished,
    /// The fake closed the connection on purpose.
    Cut,
    /// The client closed the connection first.
    HungUp,
}

/// A condition did not come true in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the condition did not come true in time")]
pub struct TimedOut;

/// The list of all requests.
#[derive(Debug)]
pub(super) struct Recorder {
    list: Mutex<List>,
    order: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct List {
    /// Numbers given out before the list was last cleared.
    cleared: u64,
    requests: Vec<Recorded>,
}

impl Recorder {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            list: Mutex::default(),
            order: watch::Sender::new(0),
        })
    }

    /// Adds a request; its number and arrival are set here.
    pub(super) fn begin(self: &Arc<Self>, mut request: Recorded) -> Tracked {
        let mut list = self.lock();
        request.seq = list.cleared + list.requests.len() as u64 + 1;
        request.received_at = self.next();
        let seq = request.seq;
        list.requests.push(request);
        Tracked {
            recorder: Arc::clone(self),
            seq,
        }
    }

    /// Takes an order number for something that a test did.
    pub(super) fn next(&self) -> u64 {
        let mut taken = 0;
        self.order.send_modify(|order| {
            *order += 1;
            taken = *order;
        });
        taken
    }

    pub(super) fn read<T>(&self, look: impl FnOnce(&[Recorded]) -> T) -> T {
        look(&self.lock().requests)
    }

    /// Forgets all requests; those still open are no longer tracked.
    pub(super) fn clear(&self) {
        let mut list = self.lock();
        list.cleared += list.requests.len() as u64;
        list.requests.clear();
    }

    /// Waits until `look` finds what it looks for.
    pub(super) async fn wait<T>(
        &self,
        within: Duration,
        look: impl Fn(&[Recorded]) -> Option<T>,
    ) -> Result<T, TimedOut> {
        let mut order = self.order.subscribe();
        let found = async {
            loop {
                order.borrow_and_update();
                if let Some(found) = self.read(&look) {
                    return Some(found);
                }
                order.changed().await.ok()?;
            }
        };
        let found = tokio::time::timeout(within, found).await;
        found.ok().flatten().ok_or(TimedOut)
    }

    fn lock(&self) -> MutexGuard<'_, List> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One open request. Dropped before its end was noted, it was hung up: that is how the server tells that the client has
/// gone.
#[derive(Debug)]
pub(super) struct Tracked {
    recorder: Arc<Recorder>,
    /// The request's number.
    pub(super) seq: u64,
}

impl Tracked {
    /// Changes the request's entry and takes an order number for it.
    pub(super) fn note(&self, change: impl FnOnce(&mut Recorded, u64)) {
        let mut list = self.recorder.lock();
        let cleared = list.cleared;
        let place = self.seq.checked_sub(cleared + 1);
        let place = place.and_then(|place| usize::try_from(place).ok());
        if let Some(entry) = place.and_then(|place| list.requests.get_mut(place)) {
            // Under the lock, so that who is woken by the number sees the change.
            change(entry, self.recorder.next());
        }
    }

    /// Notes content handed over.
    pub(super) fn sent(&self, chunks: usize, tokens: usize) {
        self.note(|entry, at| {
            entry.chunks_sent += chunks;
            entry.tokens_sent += tokens;
            entry.first_chunk_at.get_or_insert(at);
            entry.last_chunk_at = Some(at);
        });
    }

    /// Notes the end, if none was noted.
    pub(super) fn end(&self, end: End) {
        self.note(|entry, at| {
            if entry.end == End::Open {
                entry.end = end;
                entry.ended_at = Some(at);
            }
        });
    }
}

impl Drop for Tracked {
    fn drop(&mut self) {
        self.end(End::HungUp);
    }
}

fn body_as_text<S: Serializer>(body: &Bytes, out: S) -> Result<S::Ok, S::Error> {
    match std::str::from_utf8(body) {
        Ok(text) => out.serialize_str(text),
        Err(_) => {
            let text = base64::engine::general_purpose::STANDARD.encode(body);
            serde_json::json!({"base64": text}).serialize(out)
        }
    }
}
