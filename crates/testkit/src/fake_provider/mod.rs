//! A fake provider on loopback: the dialects of OpenAI (both), Anthropic, Google, Amazon and Cohere as the vendors
//! document them, scenarios picked by the model's name (`fake-text`, `fake-cut` …) or a script, and an exact record of all that was received and
//! given.
//!
//! It shares no code with the gateway. It refuses what the vendors refuse, so that a wrong translation is a 400 here.

mod answer;
mod anthropic;
mod asked;
mod bedrock;
mod calls;
mod cohere;
mod control;
mod exchange;
mod gate;
mod gemini;
mod image;
mod openai;
mod playback;
mod recorder;
mod responses;
mod scenario;
mod vendor;

pub use answer::TokenCounts;
pub use recorder::{End, Recorded, TimedOut};
pub use scenario::{Behaviour, SCENARIOS, Scenario};

use anthropic::threads::Threads;
use gate::Gates;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use recorder::Recorder;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};

/// A running fake provider. Dropped, it closes its port and all connections.
#[derive(Debug)]
pub struct FakeProvider {
    address: SocketAddr,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

/// What was handed over and reported under one id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counter {
    /// Requests received.
    pub requests: usize,
    /// Content chunks handed over.
    pub chunks_sent: usize,
    /// Generated tokens in them.
    pub tokens_sent: usize,
    /// Requests whose usage was reported.
    pub reported: usize,
    /// The sum of what was reported.
    pub usage: TokenCounts,
}

#[derive(Debug)]
struct Shared {
    recorder: Arc<Recorder>,
    gates: Arc<Gates>,
    scripts: Mutex<HashMap<String, VecDeque<Behaviour>>>,
    threads: Threads,
}

impl FakeProvider {
    /// Starts on a free port of the loopback interface.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start() -> io::Result<Self> {
        Self::listen(SocketAddr::from(([127, 0, 0, 1], 0))).await
    }

    /// Starts on an address.
    ///
    /// # Errors
    /// When it cannot be had.
    pub async fn listen(address: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            recorder: Recorder::new(),
            gates: Arc::default(),
            scripts: Mutex::default(),
            threads: Threads::default(),
        });
        let server = tokio::spawn(serve(listener, Arc::clone(&shared)));
        Ok(Self {
            address,
            shared,
            server,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its base URL, without a path: `http://127.0.0.1:PORT`. OpenAI's clients add `/v1` to it.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Sets what the next requests for a model get, in order; after them its name decides again.
    pub fn script(&self, model: &str, behaviours: impl IntoIterator<Item = Behaviour>) {
        self.shared.script(model, behaviours);
    }

    /// Lets `count` waiters pass a gate, now or later. Returns the order number of the release.
    pub fn release(&self, gate: &str, count: usize) -> u64 {
        self.shared.release(gate, count)
    }

    /// All requests so far.
    pub fn requests(&self) -> Vec<Recorded> {
        self.shared.recorder.read(<[Recorded]>::to_vec)
    }

    /// Whether a request with that id arrived.
    pub fn has_received(&self, id: &str) -> bool {
        self.shared.recorder.read(|all| {
            let mut newest_first = all.iter().rev();
            newest_first.any(|one| one.id.as_deref() == Some(id))
        })
    }

    /// Per id of a request: what was handed over and reported. Requests without one count under the empty id.
    pub fn counters(&self) -> BTreeMap<String, Counter> {
        self.shared.recorder.read(Self::count)
    }

    /// Waits until `look` finds what it looks for among all requests.
    ///
    /// # Errors
    /// When it does not within that time.
    pub async fn wait<T>(
        &self,
        within: Duration,
        look: impl Fn(&[Recorded]) -> Option<T>,
    ) -> Result<T, TimedOut> {
        self.shared.recorder.wait(within, look).await
    }

    /// Forgets all requests, scripts, releases and threads.
    pub fn reset(&self) {
        self.shared.reset();
    }

    /// Runs until the process ends.
    pub async fn run(mut self) {
        // It only ends by being aborted; either way there is nothing left to do.
        let _ = (&mut self.server).await;
    }

    fn count(all: &[Recorded]) -> BTreeMap<String, Counter> {
        let mut counters: BTreeMap<String, Counter> = BTreeMap::new();
        for request in all {
            let id = request.id.clone().unwrap_or_default();
            let counter = counters.entry(id).or_default();
            counter.requests += 1;
            counter.chunks_sent += request.chunks_sent;
            counter.tokens_sent += request.tokens_sent;
            if let Some(usage) = request.usage {
                counter.reported += 1;
                counter.usage.add(usage);
            }
        }
        counters
    }
}

impl Drop for FakeProvider {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Shared {
    fn script(&self, model: &str, behaviours: impl IntoIterator<Item = Behaviour>) {
        let mut scripts = self.scripts.lock().unwrap_or_else(PoisonError::into_inner);
        scripts
            .entry(model.to_owned())
            .or_default()
            .extend(behaviours);
    }

    fn scripted(&self, model: &str) -> Option<Behaviour> {
        let mut scripts = self.scripts.lock().unwrap_or_else(PoisonError::into_inner);
        scripts.get_mut(model).and_then(VecDeque::pop_front)
    }

    /// The number is taken before the gate opens, so that it is below that of whatever passes.
    fn release(&self, gate: &str, count: usize) -> u64 {
        let order = self.recorder.next();
        self.gates.release(gate, count);
        order
    }

    fn reset(&self) {
        self.recorder.clear();
        self.gates.clear();
        self.threads.clear();
        self.scripts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }
}

/// Connections live in the set, so that aborting this closes them too.
async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let Ok((stream, _)) = listener.accept().await else {
            // Out of file descriptors, say: others will close soon.
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        let _ = stream.set_nodelay(true);
        let shared = Arc::clone(&shared);
        connections.spawn(async move {
            let service = service_fn(move |request| exchange::answer(Arc::clone(&shared), request));
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .serve_connection(TokioIo::new(stream), service);
            // Broken connections are what this is for; the recorder has what became of the request.
            let _ = connection.await;
        });
    }
}
