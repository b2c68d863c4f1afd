//! The whole way of a record: journal, database, crash, answer.

mod reading;
mod recovery;
mod rollups;

use super::{Dimension, Page, RecordFilter, Store, StoreError, StoreOptions, TimeRange};
use crate::samples::{self, AT_MS, scratch};
use domain::record::Record;
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;

fn options(folder: &Path) -> StoreOptions {
    StoreOptions {
        segment_bytes: 8_000,
        apply_pause: Duration::from_millis(5),
        ..StoreOptions::new(folder)
    }
}

async fn open(folder: &Path) -> Store {
    Store::open(options(folder)).await.unwrap()
}

async fn fresh() -> (TempDir, Store) {
    let folder = scratch();
    let store = open(folder.path()).await;
    (folder, store)
}

const ALL: Page = Page {
    before: None,
    limit: 1_000,
    patience: Duration::MAX,
};

async fn all(store: &Store) -> Vec<Record> {
    let found = store.records(&RecordFilter::default(), ALL).await;
    found.unwrap().records
}

/// Servers call all of this from tasks, which move between threads.
#[tokio::test(flavor = "multi_thread")]
async fn everything_may_be_awaited_in_a_task() {
    let folder = scratch();
    let path = folder.path().to_owned();
    let task = tokio::spawn(async move {
        let store = open(&path).await;
        store.journal().settle(&samples::record(1)).unwrap();
        store.journal().durable().await.unwrap();
        store.flush().await.unwrap();
        let mut cursor = store.follow_from_here().await.unwrap();
        let filter = RecordFilter::default();
        let arrived = store.follow(&filter, &mut cursor, 9).await.unwrap();
        let found = store.record(samples::id(1)).await.unwrap();
        let rows = store
            .usage(Dimension::Key, TimeRange::default())
            .await
            .unwrap();
        let listed = all(&store).await.len();
        let dropped = store.prune(AT_MS).await.unwrap();
        store.settings().keys().await.unwrap();
        store.settings().opened_credentials().await.unwrap();
        store.close().await.unwrap();
        (arrived.len(), found.is_some(), rows.len(), listed, dropped)
    });
    assert_eq!(task.await.unwrap(), (0, true, 1, 1, 0));
}

#[tokio::test]
async fn a_record_comes_back_whole() {
    let (folder, store) = fresh().await;
    let records = [samples::full_record(2), samples::record(1)];
    for record in &records {
        store.journal().settle(record).unwrap();
    }
    store.flush().await.unwrap();
    assert_eq!(all(&store).await, records);
    assert_eq!(
        store.record(records[0].id).await.unwrap().as_ref(),
        Some(&records[0])
    );
    assert_eq!(store.record(samples::id(3)).await.unwrap(), None);
    store.close().await.unwrap();
    assert_eq!(all(&open(folder.path()).await).await, records);
}

#[tokio::test]
async fn files_are_private_and_the_folder_is_locked() {
    use std::os::unix::fs::PermissionsExt;
    let outer = scratch();
    let folder = outer.path().join("data");
    let store = open(&folder).await;
    store.journal().settle(&samples::record(1)).unwrap();
    store.flush().await.unwrap();
    let mut waiting = vec![folder.clone()];
    let mut files = 0;
    while let Some(path) = waiting.pop() {
        let metadata = std::fs::metadata(&path).unwrap();
        let mode = metadata.permissions().mode() & 0o777;
        if metadata.is_dir() {
            assert_eq!(mode, 0o700, "{}", path.display());
            waiting.extend(
                std::fs::read_dir(&path)
                    .unwrap()
                    .map(|entry| entry.unwrap().path()),
            );
        } else {
            assert_eq!(mode, 0o600, "{}", path.display());
            files += 1;
        }
    }
    assert!(files >= 5);
    let refused = Store::open(options(&folder)).await.unwrap_err();
    assert!(matches!(refused, StoreError::Locked { .. }), "{refused}");
    drop(store);
    open(&folder).await;
}
