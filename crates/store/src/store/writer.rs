//! The thread that writes records: woken rarely, patient with a database that fails.

use crate::records::{Applied, Applier, Month, Partitions};
use crate::signal::{Signal, Wake};
use crate::{Journal, Position, StoreError, StoreOptions, clock};
use std::sync::Arc;
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;

/// The longest pause between two tries.
const MAX_REST: Duration = Duration::from_secs(5);

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The running thread; ends when dropped.
#[derive(Debug)]
pub(crate) struct WriterThread {
    apply: Arc<Signal>,
    /// Taken by whoever waits for its end.
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl WriterThread {
    /// Starts it where recovery has got to. A thread of its own rather than a task: decoding and binding thousands of
    /// records would hold up whatever shares a worker with it.
    pub(crate) fn start(
        options: &StoreOptions,
        applier: Applier,
        journal: &Arc<Journal>,
        partitions: &Arc<Partitions>,
        apply: &Arc<Signal>,
    ) -> Result<(Self, watch::Receiver<Applied>), StoreError> {
        let (applied, receiver) = watch::channel(Applied {
            to: applier.position(),
            ..Applied::default()
        });
        let fail = || StoreError::io("start the record writer for", &options.data_dir);
        let runtime = Builder::new_current_thread()
            .enable_time()
            .build()
            .map_err(fail())?;
        let writer = Writer {
            safe_to: applier.position(),
            applier,
            journal: Arc::clone(journal),
            apply: Arc::clone(apply),
            applied,
            apply_pause: options.apply_pause,
            safe_interval: options.safe_interval,
            safe_at: Instant::now(),
            partitions: Arc::clone(partitions),
            retention: options.retention,
            pruned_at: None,
        };
        let thread = std::thread::Builder::new()
            .name("record-writer".to_owned())
            .spawn(move || writer.run(&runtime))
            .map_err(fail())?;
        let running = Self {
            apply: Arc::clone(apply),
            thread: Mutex::new(Some(thread)),
        };
        Ok((running, receiver))
    }

    /// Asks it to end, and waits until it has.
    pub(crate) async fn stop(&self) {
        self.apply.stop();
        if let Some(thread) = self.take_thread() {
            // Either can only have panicked, which its own message has told.
            tokio::task::spawn_blocking(move || thread.join())
                .await
                .ok();
        }
    }
}

impl WriterThread {
    fn take_thread(&self) -> Option<JoinHandle<()>> {
        // A handle is valid whatever a panic interrupted.
        self.thread
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }
}

impl Drop for WriterThread {
    fn drop(&mut self) {
        self.apply.stop();
        if let Some(thread) = self.take_thread() {
            thread.join().ok();
        }
    }
}

struct Writer {
    applier: Applier,
    journal: Arc<Journal>,
    apply: Arc<Signal>,
    applied: watch::Sender<Applied>,
    apply_pause: Duration,
    safe_interval: Duration,
    /// When the position was last made safe, and what had been read then.
    safe_at: Instant,
    safe_to: Position,
    partitions: Arc<Partitions>,
    retention: Option<Duration>,
    pruned_at: Option<Instant>,
}

impl Writer {
    fn run(mut self, runtime: &Runtime) {
        let mut rest = self.apply_pause;
        loop {
            // Old segments go, and their exchanges become safe, also where no traffic follows.
            let idle = (self.applier.position() != self.safe_to).then_some(self.safe_interval);
            let wake = self.apply.wait(self.apply_pause, idle);
            match runtime.block_on(self.round(wake)) {
                Ok(()) => rest = self.apply_pause,
                Err(error) => {
                    self.say_failed(&error);
                    if wake == Wake::Work {
                        self.apply.rest(rest);
                        self.apply.work();
                        rest = (rest * 2).clamp(Duration::from_millis(10), MAX_REST);
                    }
                }
            }
            if wake == Wake::Stop {
                self.applied.send_modify(|state| state.ended = true);
                return;
            }
        }
    }

    async fn round(&mut self, wake: Wake) -> Result<(), StoreError> {
        self.journal.seen();
        let head = self.journal.head();
        self.applier.apply_to(head).await?;
        self.applied.send_modify(|state| {
            if state.error.take().is_some() {
                tracing::info!("records are written to the database again");
            }
            state.to = head;
            state.open = self.applier.open().len() as u64;
        });
        if wake == Wake::Stop || self.safe_at.elapsed() >= self.safe_interval {
            self.safe_at = Instant::now();
            let read = self.applier.position();
            self.applier.make_safe().await?;
            self.safe_to = read;
        }
        self.prune().await
    }

    /// Once at first and then once a day.
    async fn prune(&mut self) -> Result<(), StoreError> {
        let due = self.pruned_at.is_none_or(|at| at.elapsed() >= DAY);
        let Some(retention) = self.retention.filter(|_| due) else {
            return Ok(());
        };
        self.pruned_at = Some(Instant::now());
        let kept_ms = i64::try_from(retention.as_millis()).unwrap_or(i64::MAX);
        let oldest = Month::of(clock::now_ms().saturating_sub(kept_ms));
        let count = self.partitions.drop_before(oldest).await?;
        if count > 0 {
            tracing::info!(count, %oldest, "dropped partitions of records that are older than the retention");
        }
        Ok(())
    }

    fn say_failed(&self, error: &StoreError) {
        let text = error.to_string();
        self.applied.send_modify(|state| {
            if state.error.as_ref() != Some(&text) {
                tracing::error!(
                    error = text,
                    "records stay in the journal until the database takes them"
                );
            }
            state.error = Some(text);
            state.failures += 1;
        });
    }
}
