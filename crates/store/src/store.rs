//! Opening, watching and closing everything that is remembered.

#[cfg(test)]
mod processor_time;
#[cfg(test)]
mod tests;
mod writer;

use crate::lock::FolderLock;
use crate::permissions::private_folder;
use crate::records::{
    self, Applied, Applier, Dimension, FollowCursor, Found, KeptUp, Month, Page, Partitions,
    RecordFilter, RollupFilter, RollupRow, TimeRange, UsageRow,
};
use crate::signal::Signal;
use crate::{Journal, Responses, Settings, StoreError, StoreOptions};
use domain::id::RequestId;
use domain::record::Record;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;
use writer::WriterThread;

/// A data folder, open in this process alone.
#[derive(Debug)]
pub struct Store {
    // Dropped in this order: the writer before what it writes from and to, the lock last.
    writer: WriterThread,
    journal: Arc<Journal>,
    partitions: Arc<Partitions>,
    settings: Settings,
    responses: Responses,
    applied: watch::Receiver<Applied>,
    apply: Arc<Signal>,
    /// Let go of by `close`, or at the end.
    lock: Mutex<Option<FolderLock>>,
}

/// How the store is doing, for readiness, metrics and the doctor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// Bytes of journal that are not yet safely in the database. A few megabytes are usual; exchanges that never end
    /// and a database that fails make it grow.
    pub journal_bytes: u64,
    /// How many there may be before new exchanges are refused.
    pub journal_cap_bytes: u64,
    /// Exchanges that have begun and not ended, as of the last look.
    pub open_exchanges: u64,
    /// Why the journal takes no entry at the moment, where it was seen to take none.
    pub append_error: Option<String>,
    /// Why the last sync of the journal failed, where it did.
    pub sync_error: Option<String>,
    /// Why records are not being written to the database at the moment, where they are not.
    pub apply_error: Option<String>,
}

/// Tells when records have arrived.
#[derive(Clone, Debug)]
pub struct Arrivals(watch::Receiver<Applied>);

impl Arrivals {
    /// Waits until more was written than when this was last asked; false where nothing more will be.
    pub async fn next(&mut self) -> bool {
        self.0.changed().await.is_ok() && !self.0.borrow().ended
    }
}

impl Store {
    /// Opens a data folder, makes what is missing, and turns exchanges that an earlier process left open into records
    /// marked `interrupted`.
    ///
    /// # Errors
    /// [`StoreError::Locked`] where another process has it open; otherwise what is wrong with which file.
    pub async fn open(options: StoreOptions) -> Result<Self, StoreError> {
        private_folder(&options.data_dir)?;
        let lock = FolderLock::take(&options.data_dir)?;
        let settings = Settings::open(&options.data_dir, &options.sealing_key).await?;
        let responses = Responses::open(&options.data_dir, options.responses_retention)?;
        let partitions = Arc::new(Partitions::open(&options.data_dir)?);
        let apply = Arc::new(Signal::default());
        let (journal, safe) = Journal::open(&options, Arc::clone(&apply))?;
        let journal = Arc::new(journal);
        let mut applier = Applier::new(Arc::clone(&journal), Arc::clone(&partitions), safe)?;
        records::recover(&mut applier, &journal, &partitions).await?;
        applier.make_safe().await?;
        let (writer, applied) =
            WriterThread::start(&options, applier, &journal, &partitions, &apply)?;
        Ok(Self {
            writer,
            journal,
            partitions,
            settings,
            responses,
            applied,
            apply,
            lock: Mutex::new(Some(lock)),
        })
    }

    /// Where exchanges are written to.
    pub fn journal(&self) -> &Arc<Journal> {
        &self.journal
    }

    /// Accounts, credentials, providers.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Responses that are kept for clients.
    pub fn responses(&self) -> &Responses {
        &self.responses
    }

    /// Records that match, newest first.
    ///
    /// # Errors
    /// Where a partition cannot be read.
    pub async fn records(&self, filter: &RecordFilter, page: Page) -> Result<Found, StoreError> {
        records::page(&self.partitions, filter, page).await
    }

    /// One record.
    ///
    /// # Errors
    /// Where its partition cannot be read.
    pub async fn record(&self, id: RequestId) -> Result<Option<Record>, StoreError> {
        records::find(&self.partitions, id).await
    }

    /// Where a follower begins that wants only what arrives from now on.
    ///
    /// # Errors
    /// Where a partition cannot be read.
    pub async fn follow_from_here(&self) -> Result<FollowCursor, StoreError> {
        records::end(&self.partitions).await
    }

    /// Records that match and arrived after the cursor, in order of arrival; moves the cursor behind them.
    ///
    /// # Errors
    /// Where a partition cannot be read.
    pub async fn follow(
        &self,
        filter: &RecordFilter,
        cursor: &mut FollowCursor,
        limit: u32,
    ) -> Result<Vec<Record>, StoreError> {
        records::follow(&self.partitions, filter, cursor, limit).await
    }

    /// Bounds how far a follower is behind: where its cursor is further behind than `most` records, whether they match or
    /// not, it is moved to half of that.
    ///
    /// # Errors
    /// Where a partition cannot be read.
    pub async fn keep_up(
        &self,
        filter: &RecordFilter,
        cursor: &mut FollowCursor,
        most: u64,
    ) -> Result<KeptUp, StoreError> {
        records::keep_up(&self.partitions, filter, cursor, most).await
    }

    /// Tells when there may be more for a follower.
    pub fn arrivals(&self) -> Arrivals {
        Arrivals(self.applied.clone())
    }

    /// Sums by one dimension: days in order, everything else the dearest first.
    ///
    /// # Errors
    /// Where a partition cannot be read.
    pub async fn usage(
        &self,
        by: Dimension,
        range: TimeRange,
    ) -> Result<Vec<UsageRow>, StoreError> {
        records::usage(&self.partitions, by, range).await
    }

    /// Gives every roll-up that matches to `each`. They are as new as records are: [`Store::flush`] first.
    ///
    /// # Errors
    /// Where a partition cannot be read.
    pub async fn each_rollup(
        &self,
        filter: &RollupFilter,
        each: &mut (dyn FnMut(RollupRow) + Send),
    ) -> Result<(), StoreError> {
        records::each_rollup(&self.partitions, filter, each).await
    }

    /// Waits until everything journalled so far can be read back from the database.
    ///
    /// # Errors
    /// [`StoreError::Apply`] where the database refuses (nothing is lost; it is tried again).
    pub async fn flush(&self) -> Result<(), StoreError> {
        let head = self.journal.head();
        let mut applied = self.applied.clone();
        let failures = applied.borrow_and_update().failures;
        self.apply.hurry();
        let state = applied
            .wait_for(|state| state.to >= head || state.failures > failures || state.ended)
            .await
            .map_err(|_| StoreError::Closed)?;
        match &state.error {
            _ if state.to >= head => Ok(()),
            Some(error) => Err(StoreError::Apply(error.clone())),
            None => Err(StoreError::Closed),
        }
    }

    /// Drops the partitions of records (UTC months) that ended before this moment (ms since 1970); says how many.
    ///
    /// # Errors
    /// Where a file cannot be deleted.
    pub async fn prune(&self, before_ms: i64) -> Result<usize, StoreError> {
        self.partitions.drop_before(Month::of(before_ms)).await
    }

    /// How it is doing.
    pub fn health(&self) -> Health {
        let applied = self.applied.borrow().clone();
        Health {
            journal_bytes: self.journal.waiting_bytes(),
            journal_cap_bytes: self.journal.cap_bytes(),
            open_exchanges: applied.open,
            append_error: self
                .journal
                .settle_owed()
                .err()
                .map(|error| error.to_string()),
            sync_error: self.journal.sync_error(),
            apply_error: applied.error,
        }
    }

    /// Writes out everything, closes, and lets others open the folder; later appends fail with
    /// [`StoreError::Closed`]. A store that is dropped without it loses nothing: the next one reads on from the
    /// journal.
    ///
    /// # Errors
    /// Where the disk or the database refuses; what is in the journal stays there.
    pub async fn close(&self) -> Result<(), StoreError> {
        let synced = self.journal.close().await;
        let flushed = self.flush().await;
        self.writer.stop().await;
        self.partitions.close().await;
        self.settings.close().await;
        self.responses.close().await;
        let mut lock = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        *lock = None;
        synced.and(flushed)
    }
}
