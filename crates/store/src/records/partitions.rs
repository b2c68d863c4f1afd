//! The partitions: which months there are, how to read them, and who may write them.

use super::Month;
use super::insert::PartitionWriter;
use crate::StoreError;
use crate::db::{self, Pool, Schema};
use crate::permissions::private_folder;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync;

/// All partitions of a data folder.
#[derive(Debug)]
pub(crate) struct Partitions {
    folder: PathBuf,
    months: Mutex<BTreeSet<Month>>,
    /// Whoever opens a partition first brings its tables up to date; others wait.
    readers: sync::Mutex<BTreeMap<Month, Pool>>,
    /// Held while a transaction is written, and while partitions are dropped.
    writers: sync::Mutex<Writers>,
}

/// Those that write partitions, one a month.
pub(crate) type Writers = BTreeMap<Month, PartitionWriter>;

impl Partitions {
    /// Finds the partitions in `DATA/records`.
    pub(crate) fn open(data_dir: &Path) -> Result<Self, StoreError> {
        let folder = data_dir.join("records");
        private_folder(&folder)?;
        let months = Month::all_in(&folder)?;
        Ok(Self {
            folder,
            months: Mutex::new(months),
            readers: sync::Mutex::default(),
            writers: sync::Mutex::default(),
        })
    }

    /// All months that have records, oldest first.
    pub(crate) fn months(&self) -> Vec<Month> {
        self.known().iter().copied().collect()
    }

    /// Whether there is this partition.
    pub(crate) fn has(&self, month: Month) -> bool {
        self.known().contains(&month)
    }

    /// A partition's file.
    pub(crate) fn path(&self, month: Month) -> PathBuf {
        month.file_in(&self.folder)
    }

    /// For reading a partition; `None` where there is none (any more).
    pub(crate) async fn reader(&self, month: Month) -> Result<Option<Pool>, StoreError> {
        let mut readers = self.readers.lock().await;
        if !self.has(month) {
            return Ok(None);
        }
        if let Some(pool) = readers.get(&month) {
            return Ok(Some(pool.clone()));
        }
        self.prepare(month).await?;
        let pool = db::pool(&self.path(month));
        readers.insert(month, pool.clone());
        Ok(Some(pool))
    }

    /// Those that write; nobody else writes or drops a partition meanwhile.
    pub(crate) async fn writers(&self) -> sync::MutexGuard<'_, Writers> {
        self.writers.lock().await
    }

    /// The one that writes a partition, which is made where it is missing.
    pub(crate) async fn writer<'a>(
        &self,
        writers: &'a mut Writers,
        month: Month,
    ) -> Result<&'a mut PartitionWriter, StoreError> {
        match writers.entry(month) {
            std::collections::btree_map::Entry::Occupied(there) => Ok(there.into_mut()),
            std::collections::btree_map::Entry::Vacant(space) => {
                {
                    let _first = self.readers.lock().await;
                    self.prepare(month).await?;
                    self.known().insert(month);
                }
                Ok(space.insert(PartitionWriter::open(&self.path(month))?))
            }
        }
    }

    /// Deletes every partition before `month`; says how many.
    pub(crate) async fn drop_before(&self, month: Month) -> Result<usize, StoreError> {
        let mut writers = self.writers().await;
        let mut readers = self.readers.lock().await;
        let old: Vec<Month> = self.known().range(..month).copied().collect();
        for month in &old {
            self.known().remove(month);
            writers.remove(month);
            if let Some(pool) = readers.remove(month) {
                pool.close().await;
            }
            db::delete(&self.path(*month))?;
        }
        Ok(old.len())
    }

    /// Closes all connections.
    pub(crate) async fn close(&self) {
        for (_, pool) in std::mem::take(&mut *self.readers.lock().await) {
            pool.close().await;
        }
        self.writers().await.clear();
    }

    async fn prepare(&self, month: Month) -> Result<(), StoreError> {
        db::prepare(&self.path(month), Schema::Records).await
    }

    fn known(&self) -> MutexGuard<'_, BTreeSet<Month>> {
        self.months.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
