//! The journal's one reader: it brings what is settled into the database. The journal is its queue, so that nothing
//! waits in memory; reading the same entries twice changes nothing, so that a crash at any moment does no harm.

use super::partitions::Writers;
use super::{Month, Partitions};
use crate::journal::{Entry, Follower, Kind, set_aside};
use crate::{Journal, Position, StoreError};
use domain::id::RequestId;
use domain::record::Record;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// Records that are decoded at once, and so in memory.
const BATCH: usize = 256;

/// Batches of one transaction. Pages that many of its records change are written once, so that more are cheaper.
const BATCHES: usize = 32;

/// Reads the journal and writes the partitions.
#[derive(Debug)]
pub(crate) struct Applier {
    journal: Arc<Journal>,
    partitions: Arc<Partitions>,
    follower: Follower,
    open: HashMap<RequestId, OpenExchange>,
    /// Partitions written to since the position was last made safe.
    touched: BTreeSet<Month>,
}

/// An exchange with an intent and no end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OpenExchange {
    /// Its first intent: reading must begin there after a crash.
    pub(crate) first: Position,
    /// Its latest intent.
    pub(crate) latest: Position,
    /// Its latest checkpoint.
    pub(crate) checkpoint: Option<Position>,
}

/// How far the database has got.
#[derive(Clone, Debug, Default)]
pub(crate) struct Applied {
    /// Everything settled before this is in it.
    pub(crate) to: Position,
    /// Why the last try failed, where it did.
    pub(crate) error: Option<String>,
    /// How many tries failed.
    pub(crate) failures: u64,
    /// Exchanges without an end so far.
    pub(crate) open: u64,
    /// Whether nothing more will be applied.
    pub(crate) ended: bool,
}

impl Applier {
    /// Begins at `safe`.
    pub(crate) fn new(
        journal: Arc<Journal>,
        partitions: Arc<Partitions>,
        safe: Position,
    ) -> Result<Self, StoreError> {
        let follower = Follower::open(journal.folder().to_owned(), safe)?;
        Ok(Self {
            journal,
            partitions,
            follower,
            open: HashMap::new(),
            touched: BTreeSet::new(),
        })
    }

    /// Applies everything before `head`.
    ///
    /// # Errors
    /// Where the database or the journal's files refuse; nothing is lost, and the next call begins where it has to.
    pub(crate) async fn apply_to(&mut self, head: Position) -> Result<(), StoreError> {
        while self.transaction(head).await? {}
        Ok(())
    }

    /// Applies as much as one transaction a partition takes; says whether there may be more.
    async fn transaction(&mut self, head: Position) -> Result<bool, StoreError> {
        let begin = self.follower.position();
        let partitions = Arc::clone(&self.partitions);
        let mut writers = partitions.writers().await;
        let written = self.write(&mut writers, head).await;
        if written.is_err() {
            // Closing them undoes what they have not committed. A file may also have been taken away or replaced: the
            // next try opens it anew. What was committed is found there, and stays.
            writers.clear();
            self.follower = Follower::open(self.journal.folder().to_owned(), begin)?;
        }
        written
    }

    async fn write(&mut self, writers: &mut Writers, head: Position) -> Result<bool, StoreError> {
        let mut months = BTreeSet::new();
        let mut more = true;
        for _ in 0..BATCHES {
            let batch = self.read_batch(head)?;
            more = !batch.is_empty();
            if !more {
                break;
            }
            for (month, records) in by_month(batch) {
                let writer = self.partitions.writer(writers, month).await?;
                months.insert(month);
                writer
                    .insert(&records)
                    .map_err(StoreError::database(&self.partitions.path(month)))?;
            }
        }
        for month in months {
            let writer = self.partitions.writer(writers, month).await?;
            writer
                .commit()
                .map_err(StoreError::database(&self.partitions.path(month)))?;
            self.touched.insert(month);
        }
        Ok(more)
    }

    /// Everything before this has been read, and applied unless the last call failed.
    pub(crate) fn position(&self) -> Position {
        self.follower.position()
    }

    /// Exchanges that have an intent and no end.
    pub(crate) fn open(&self) -> &HashMap<RequestId, OpenExchange> {
        &self.open
    }

    /// Takes exchanges for ended whose records are in the database, though the journal does not say so.
    pub(crate) fn forget(&mut self, id: RequestId) {
        self.open.remove(&id);
    }

    /// Brings what was applied to the disk, and tells the journal what it need not keep: everything before the oldest
    /// exchange that is still open, or before where reading has got.
    pub(crate) async fn make_safe(&mut self) -> Result<(), StoreError> {
        let mut writers = self.partitions.writers().await;
        while let Some(month) = self.touched.first().copied() {
            // A partition that has been pruned meanwhile needs nothing.
            if self.partitions.has(month) {
                let writer = self.partitions.writer(&mut writers, month).await?;
                let complete = writer
                    .checkpoint()
                    .map_err(StoreError::database(&self.partitions.path(month)))?;
                if !complete {
                    return Ok(());
                }
            }
            self.touched.remove(&month);
        }
        drop(writers);
        let oldest = self.open.values().map(|open| open.first).min();
        let read = self.follower.position();
        self.journal
            .release(oldest.map_or(read, |oldest| oldest.min(read)))
    }

    fn read_batch(&mut self, head: Position) -> Result<Vec<Record>, StoreError> {
        let mut batch = Vec::new();
        while batch.len() < BATCH {
            let Some((at, frame)) = self.follower.next(head)? else {
                break;
            };
            match frame.kind {
                Kind::Intent => {
                    let new = OpenExchange {
                        first: at,
                        latest: at,
                        checkpoint: None,
                    };
                    self.open.entry(frame.id).or_insert(new).latest = at;
                }
                Kind::Checkpoint => {
                    if let Some(open) = self.open.get_mut(&frame.id) {
                        open.checkpoint = Some(at);
                    }
                }
                Kind::Settled => match frame.decode() {
                    Ok(Entry::Settled(record)) => {
                        self.open.remove(&frame.id);
                        batch.push(*record);
                    }
                    Ok(Entry::Intent(_) | Entry::Checkpoint(_)) => {}
                    Err(error) => set_aside(self.journal.folder(), at, &frame, &error)?,
                },
            }
        }
        Ok(batch)
    }
}

/// By the id's time, which is when the exchange began: so that an id alone says where its record is.
fn by_month(batch: Vec<Record>) -> BTreeMap<Month, Vec<Record>> {
    let mut months: BTreeMap<Month, Vec<Record>> = BTreeMap::new();
    for record in batch {
        let month = Month::of(record.id.at_ms());
        months.entry(month).or_default().push(record);
    }
    months
}
