//! The append-only file that makes records durable before any database sees them.

use crate::StoreError;
use domain::record::{Checkpoint, Intent, Record};

/// A place in the journal: entries before it are older than it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The segment's number, from 1; they only grow.
    pub segment: u64,
    /// Bytes from the segment's begin.
    pub offset: u64,
}

/// The journal, open for appending. Appending is one `write(2)` to the page cache, which a killed process cannot lose;
/// it neither awaits nor blocks on a disk, so that async workers may call it.
#[derive(Debug)]
pub struct Journal {}

impl Journal {
    /// Says that a provider is about to be called.
    ///
    /// # Errors
    /// [`StoreError::JournalFull`] where the database is too far behind: do not call the provider. [`StoreError::Io`]
    /// where the disk refuses: likewise.
    pub fn intent(&self, intent: &Intent) -> Result<(), StoreError> {
        unimplemented!("{intent:?}")
    }

    /// Says how far a long stream has come.
    ///
    /// # Errors
    /// [`StoreError::Io`] where the disk refuses.
    pub fn checkpoint(&self, checkpoint: &Checkpoint) -> Result<(), StoreError> {
        unimplemented!("{checkpoint:?}")
    }

    /// Says how an exchange ended; the record is in the database soon after.
    ///
    /// # Errors
    /// [`StoreError::Io`] where the disk refuses.
    pub fn settle(&self, record: &Record) -> Result<(), StoreError> {
        unimplemented!("{record:?}")
    }

    /// Waits until what was appended so far is as durable as the fsync policy asks: under
    /// [`crate::FsyncPolicy::Interval`] it is so at once, under `Always` this waits for a sync shared by all who wait.
    ///
    /// # Errors
    /// [`StoreError::Sync`] where the disk refuses.
    pub async fn durable(&self) -> Result<(), StoreError> {
        unimplemented!()
    }
}
