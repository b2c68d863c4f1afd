//! Opening, watching and closing everything that is remembered.

use crate::records::{Dimension, FollowCursor, Page, RecordFilter, TimeRange, UsageRow};
use crate::{Journal, Settings, StoreError, StoreOptions};
use domain::id::RequestId;
use domain::record::Record;
use std::sync::Arc;

/// A data folder, open in this process alone.
#[derive(Debug)]
pub struct Store {
    journal: Arc<Journal>,
    settings: Settings,
}

/// How the store is doing, for readiness, metrics and the doctor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// Bytes of journal that are not yet safely in the database.
    pub journal_bytes: u64,
    /// How many there may be before new exchanges are refused.
    pub journal_cap_bytes: u64,
    /// Exchanges that have begun and not ended.
    pub open_exchanges: u64,
    /// Why the last sync of the journal failed, where it did.
    pub sync_error: Option<String>,
    /// Why records are not being written to the database at the moment, where they are not.
    pub apply_error: Option<String>,
}

impl Store {
    /// Opens a data folder, makes what is missing, and turns exchanges that an earlier process left open into records
    /// marked `interrupted`.
    ///
    /// # Errors
    /// [`StoreError::Locked`] where another process has it open; otherwise what is wrong with which file.
    pub async fn open(options: StoreOptions) -> Result<Self, StoreError> {
        unimplemented!("{options:?}")
    }

    /// Where exchanges are written to.
    pub fn journal(&self) -> &Arc<Journal> {
        &self.journal
    }

    /// Accounts, credentials, providers.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Records that match, newest first.
    pub async fn records(
        &self,
        filter: &RecordFilter,
        page: Page,
    ) -> Result<Vec<Record>, StoreError> {
        unimplemented!("{filter:?}{page:?}")
    }

    /// One record.
    pub async fn record(&self, id: RequestId) -> Result<Option<Record>, StoreError> {
        unimplemented!("{id}")
    }

    /// Where a follower begins that wants only what arrives from now on.
    pub async fn follow_from_here(&self) -> Result<FollowCursor, StoreError> {
        unimplemented!()
    }

    /// Records that match and arrived after the cursor, in order of arrival, and where to go on.
    pub async fn follow(
        &self,
        filter: &RecordFilter,
        after: FollowCursor,
        limit: u32,
    ) -> Result<(Vec<Record>, FollowCursor), StoreError> {
        unimplemented!("{filter:?}{after:?}{limit}")
    }

    /// Sums by one dimension, the dearest first (days in order).
    pub async fn usage(
        &self,
        by: Dimension,
        range: TimeRange,
    ) -> Result<Vec<UsageRow>, StoreError> {
        unimplemented!("{by:?}{range:?}")
    }

    /// Waits until everything journalled so far can be read back from the database.
    ///
    /// # Errors
    /// [`StoreError::Apply`] where the database refuses (nothing is lost; it is tried again).
    pub async fn flush(&self) -> Result<(), StoreError> {
        unimplemented!()
    }

    /// Drops the partitions of records (UTC months) that ended before this moment (ms since 1970); says how many.
    pub async fn prune(&self, before_ms: i64) -> Result<usize, StoreError> {
        unimplemented!("{before_ms}")
    }

    /// How it is doing.
    pub fn health(&self) -> Health {
        unimplemented!()
    }

    /// Writes out everything and closes; later appends fail with [`StoreError::Closed`].
    pub async fn close(self) -> Result<(), StoreError> {
        unimplemented!()
    }
}
