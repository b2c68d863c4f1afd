//! The databases that kept responses are in: one a UTC month, made when first written to, deleted whole.

use crate::StoreError;
use crate::db::{self, Pool, Schema};
use crate::permissions::private_folder;
use crate::records::Month;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use tokio::sync::{Mutex, MutexGuard};

/// All months of a data folder.
#[derive(Debug)]
pub(super) struct Partitions {
    folder: PathBuf,
    /// Each month that has a file, and its connections once it was opened.
    months: Mutex<BTreeMap<Month, Option<Pool>>>,
    /// Held while something is written: a database has one writer, and the others wait here without blocking a thread.
    writing: Mutex<()>,
}

/// One month.
#[derive(Debug)]
pub(super) struct Partition {
    pub(super) pool: Pool,
    pub(super) path: PathBuf,
}

/// The right to write.
pub(super) type Writing<'p> = MutexGuard<'p, ()>;

impl Partitions {
    /// Finds the files in `DATA/responses`.
    pub(super) fn open(data_dir: &Path) -> Result<Self, StoreError> {
        let folder = data_dir.join("responses");
        private_folder(&folder)?;
        let months = Month::all_in(&folder)?;
        let unopened = months.into_iter().map(|month| (month, None));
        Ok(Self {
            folder,
            months: Mutex::new(unopened.collect()),
            writing: Mutex::default(),
        })
    }

    /// Waits for whoever writes now.
    pub(super) async fn writing(&self) -> Writing<'_> {
        self.writing.lock().await
    }

    /// The month of a moment (ms since 1970), which is made where it is missing.
    pub(super) async fn for_writing(
        &self,
        _right: &Writing<'_>,
        at_ms: i64,
    ) -> Result<Partition, StoreError> {
        let month = Month::of(at_ms);
        let mut months = self.months.lock().await;
        let pool = months.entry(month).or_default();
        self.opened(month, pool).await
    }

    /// All months, the newest first.
    pub(super) async fn all(&self) -> Result<Vec<Partition>, StoreError> {
        let mut months = self.months.lock().await;
        let mut all = Vec::with_capacity(months.len());
        for (month, pool) in months.iter_mut().rev() {
            all.push(self.opened(*month, pool).await?);
        }
        Ok(all)
    }

    /// Deletes the months that ended before a moment; says how many.
    pub(super) async fn drop_before(
        &self,
        _right: &Writing<'_>,
        at_ms: i64,
    ) -> Result<usize, StoreError> {
        let mut months = self.months.lock().await;
        let old: Vec<Month> = months.range(..Month::of(at_ms)).map(|(m, _)| *m).collect();
        for month in &old {
            if let Some(Some(pool)) = months.remove(month) {
                pool.close().await;
            }
            db::delete(&self.path(*month))?;
        }
        Ok(old.len())
    }

    /// Closes all connections.
    pub(super) async fn close(&self) {
        for (_, pool) in std::mem::take(&mut *self.months.lock().await) {
            if let Some(pool) = pool {
                pool.close().await;
            }
        }
    }

    async fn opened(&self, month: Month, pool: &mut Option<Pool>) -> Result<Partition, StoreError> {
        let path = self.path(month);
        let pool = match pool {
            Some(pool) => pool.clone(),
            None => {
                db::prepare(&path, Schema::Responses).await?;
                pool.insert(db::content_pool(&path)).clone()
            }
        };
        Ok(Partition { pool, path })
    }

    fn path(&self, month: Month) -> PathBuf {
        month.file_in(&self.folder)
    }
}
