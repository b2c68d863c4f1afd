//! The append-only files that make records durable before any database sees them. What is read back from them becomes
//! records elsewhere (`records`); nothing here knows SQL.

mod format;
mod position;
mod reader;
mod segment;
mod sync;
#[cfg(test)]
mod tests;
mod writer;

pub(crate) use format::{Entry, Kind};
pub(crate) use position::{load as load_position, save as save_position};
pub(crate) use reader::{Follower, entry_at, set_aside};

use crate::permissions::private_folder;
use crate::signal::Signal;
use crate::{FsyncPolicy, StoreError, StoreOptions};
use domain::id::RequestId;
use domain::record::{Checkpoint, Intent, Record};
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use sync::{Synced, Syncer};
use tokio::sync::watch;
use writer::Writer;

/// How many records are kept in memory while the disk refuses them.
const MOST_OWED: usize = 10_000;

/// When this many records wait, they are applied without waiting for more.
const FULL_BATCH: u64 = 2_000;

/// A place in the journal: entries before it are older than it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The segment's number, from 1; they only grow.
    pub segment: u64,
    /// Bytes from the segment's begin.
    pub offset: u64,
}

/// The journal, open for appending. Appending is one `write(2)` to the page cache, which a killed process cannot lose;
/// it neither awaits nor waits for a disk, so that async workers may call it.
#[derive(Debug)]
pub struct Journal {
    folder: PathBuf,
    fsync: FsyncPolicy,
    cap_bytes: u64,
    writer: Arc<Mutex<Writer>>,
    /// Records appended since the database writer last looked.
    unapplied: AtomicU64,
    /// Records that the disk refused; they are tried again before long.
    owed: Mutex<Vec<Record>>,
    /// Whether there are any.
    owing: AtomicBool,
    apply: Arc<Signal>,
    sync: Arc<Signal>,
    synced: watch::Receiver<Synced>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Journal {
    /// Opens `DATA/journal`, repairs what a crash left, and starts the syncing thread. Also returns the position from
    /// which entries may not be in the database yet.
    ///
    /// # Errors
    /// [`StoreError::Io`], [`StoreError::NewerJournal`].
    pub(crate) fn open(
        options: &StoreOptions,
        apply: Arc<Signal>,
    ) -> Result<(Self, Position), StoreError> {
        let folder = options.data_dir.join("journal");
        private_folder(&folder)?;
        let stored = load_position(&folder);
        let safe = if segment::holds(&folder, stored)? {
            stored
        } else {
            Position::default()
        };
        let segments = segment::repair(&folder, safe)?;
        let writer = Writer::open(&folder, &segments, stored, options.segment_bytes)?;
        let writer = Arc::new(Mutex::new(writer));
        let sync = Arc::new(Signal::default());
        let (sender, synced) = watch::channel(Synced::default());
        let syncer = Syncer {
            folder: folder.clone(),
            writer: Arc::clone(&writer),
            signal: Arc::clone(&sync),
            synced: sender,
            interval: match options.fsync {
                FsyncPolicy::Interval(interval) => interval,
                // Entries that nobody waits for.
                FsyncPolicy::Always => Duration::from_millis(50),
            },
        };
        let thread = std::thread::Builder::new()
            .name("journal-sync".to_owned())
            .spawn(move || syncer.run())
            .map_err(StoreError::io("start the syncing thread for", &folder))?;
        let journal = Self {
            folder,
            fsync: options.fsync,
            cap_bytes: options.journal_cap_bytes,
            writer,
            unapplied: AtomicU64::new(0),
            owed: Mutex::default(),
            owing: AtomicBool::new(false),
            apply,
            sync,
            synced,
            thread: Mutex::new(Some(thread)),
        };
        Ok((journal, safe))
    }

    /// Says that a provider is about to be called.
    ///
    /// # Errors
    /// [`StoreError::JournalFull`] where the database is too far behind: do not call the provider. [`StoreError::Io`]
    /// where the disk refuses: likewise.
    pub fn intent(&self, intent: &Intent) -> Result<(), StoreError> {
        self.append(Kind::Intent, intent.draft.id, intent, self.cap_bytes)
    }

    /// Says how far a long stream has come.
    ///
    /// # Errors
    /// [`StoreError::Io`] where the disk refuses.
    pub fn checkpoint(&self, checkpoint: &Checkpoint) -> Result<(), StoreError> {
        self.append(Kind::Checkpoint, checkpoint.id, checkpoint, u64::MAX)
    }

    /// Says how an exchange ended; the record is in the database soon after. An exchange without an intent may be
    /// settled too (one that was refused).
    ///
    /// # Errors
    /// [`StoreError::Io`] where the disk refuses: then the record is kept in memory and tried again with the next one, or
    /// when somebody asks for the store's health. [`StoreError::JournalFull`] at twice the cap: exchanges that were
    /// let in below the cap can all end, but a flood of refused ones does not fill the disk.
    pub fn settle(&self, record: &Record) -> Result<(), StoreError> {
        match self.append_settled(record) {
            Ok(()) => {
                // What is still refused stays owed.
                self.settle_owed().ok();
                Ok(())
            }
            Err(error) => {
                if matches!(error, StoreError::Io { .. }) {
                    self.owe(record);
                }
                Err(error)
            }
        }
    }

    /// Appends the records that the disk refused earlier, now that it may take them.
    ///
    /// # Errors
    /// [`StoreError::Io`] where it still refuses; what is left is kept.
    pub(crate) fn settle_owed(&self) -> Result<(), StoreError> {
        if !self.owing.load(Ordering::Relaxed) {
            return Ok(());
        }
        let mut owed = lock(&self.owed);
        while let Some(record) = owed.last() {
            self.append_settled(record)?;
            owed.pop();
        }
        self.owing.store(false, Ordering::Relaxed);
        Ok(())
    }

    /// Without this an exchange whose end the disk refused would stay open until the next start, and with it the journal
    /// from its intent on.
    fn owe(&self, record: &Record) {
        let mut owed = lock(&self.owed);
        if owed.len() < MOST_OWED {
            owed.push(record.clone());
            self.owing.store(true, Ordering::Relaxed);
        }
    }

    fn append_settled(&self, record: &Record) -> Result<(), StoreError> {
        let cap = self.cap_bytes.saturating_mul(2);
        self.append(Kind::Settled, record.id, record, cap)?;
        if self.unapplied.fetch_add(1, Ordering::Relaxed) + 1 == FULL_BATCH {
            self.apply.hurry();
        }
        Ok(())
    }

    /// Ends an exchange of an earlier process, however full the journal is: that is what empties it.
    pub(crate) fn settle_orphan(&self, record: &Record) -> Result<(), StoreError> {
        self.append(Kind::Settled, record.id, record, u64::MAX)
    }

    /// Waits until what was appended so far is as durable as the fsync policy asks: under [`FsyncPolicy::Interval`] it
    /// is so at once, under `Always` this waits for a sync that is shared by all who wait.
    ///
    /// # Errors
    /// [`StoreError::Sync`] where the disk refuses.
    pub async fn durable(&self) -> Result<(), StoreError> {
        match self.fsync {
            FsyncPolicy::Interval(_) => Ok(()),
            FsyncPolicy::Always => self.synced().await,
        }
    }

    /// Waits until what was appended so far is on disk, whatever the policy.
    ///
    /// # Errors
    /// [`StoreError::Sync`] where the disk refuses.
    pub async fn synced(&self) -> Result<(), StoreError> {
        let head = self.head();
        let mut synced = self.synced.clone();
        let failures = synced.borrow_and_update().failures;
        self.sync.hurry();
        let state = synced
            .wait_for(|state| state.to >= head || state.failures > failures || state.ended)
            .await
            .map_err(|_| StoreError::Closed)?;
        match &state.error {
            _ if state.to >= head => Ok(()),
            Some(error) => Err(StoreError::Sync(error.clone())),
            None => Err(StoreError::Closed),
        }
    }

    /// Where the next entry will be.
    pub fn head(&self) -> Position {
        lock(&self.writer).head()
    }

    /// The cap that intents are held to, in bytes.
    pub(crate) fn cap_bytes(&self) -> u64 {
        self.cap_bytes
    }

    /// Bytes that are not yet safely in the database.
    pub(crate) fn waiting_bytes(&self) -> u64 {
        lock(&self.writer).waiting_bytes()
    }

    /// Why the last sync failed, where it did.
    pub(crate) fn sync_error(&self) -> Option<String> {
        self.synced.borrow().error.clone()
    }

    /// Where the segments are.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The database writer looks now: what comes later is counted anew.
    pub(crate) fn seen(&self) {
        self.unapplied.store(0, Ordering::Relaxed);
    }

    /// Everything before `safe` is in the database and on disk there: remembers that, and deletes the segments that
    /// are no longer needed.
    pub(crate) fn release(&self, safe: Position) -> Result<(), StoreError> {
        save_position(&self.folder, safe)?;
        let gone = lock(&self.writer).release(safe);
        for path in gone {
            std::fs::remove_file(&path).map_err(StoreError::io("delete", &path))?;
        }
        Ok(())
    }

    /// Refuses further entries, and syncs what is there.
    pub(crate) async fn close(&self) -> Result<(), StoreError> {
        if let Err(error) = self.settle_owed() {
            // Those with an intent are made records by the next start.
            tracing::error!(%error, "records that the disk refused are lost");
        }
        lock(&self.writer).shut();
        self.synced().await
    }

    fn append(
        &self,
        kind: Kind,
        id: RequestId,
        value: &impl Serialize,
        cap: u64,
    ) -> Result<(), StoreError> {
        let mut writer = lock(&self.writer);
        let bytes = writer.waiting_bytes();
        if bytes > cap {
            return Err(StoreError::JournalFull {
                path: self.folder.clone(),
                bytes,
                cap,
            });
        }
        writer.append(kind, id, value)?;
        drop(writer);
        self.sync.work();
        self.apply.work();
        Ok(())
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        lock(&self.writer).shut();
        self.sync.stop();
        if let Some(thread) = lock(&self.thread).take() {
            // It can only have panicked, which its own message has told.
            thread.join().ok();
        }
    }
}

/// A poisoned lock is taken all the same: what it guards is whole between any two statements that could panic.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
