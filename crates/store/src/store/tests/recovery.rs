//! What is left of exchanges after crashes and failures.

use super::{all, fresh, open, options, rollups};
use crate::samples::{self, scratch};
use crate::{Journal, StoreError, StoreOptions};
use domain::id::RequestId;
use domain::money::Amount;
use domain::record::{Checkpoint, Intent, Record};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;

#[tokio::test]
async fn reading_the_journal_again_changes_nothing() {
    let (folder, store) = fresh().await;
    for n in 0..100 {
        store.journal().intent(&samples::intent(n)).unwrap();
        store.journal().settle(&samples::full_record(n)).unwrap();
    }
    store.flush().await.unwrap();
    let before = all(&store).await;
    assert_eq!(before.len(), 100);
    // The position was never made safe (that takes five seconds), so that a killed process reads all of it again.
    let copy = copy_of(folder.path());
    assert!(!copy.path().join("journal/position").exists() || store.health().journal_bytes > 0);
    let again = open(copy.path()).await;
    assert_eq!(all(&again).await, before);
    rollups::agree(&again, &before).await;
    drop(again);
    assert_eq!(all(&open(copy.path()).await).await, before);
}

#[tokio::test]
async fn a_database_that_fails_loses_nothing() {
    let (folder, store) = fresh().await;
    // A folder where the partition should be.
    let path = folder.path().join("records/2026-07.db");
    std::fs::create_dir(&path).unwrap();
    for n in 0..20 {
        store.journal().intent(&samples::intent(n)).unwrap();
        store.journal().settle(&samples::record(n)).unwrap();
    }
    let refused = store.flush().await.unwrap_err();
    assert!(matches!(refused, StoreError::Apply(_)), "{refused}");
    assert!(store.health().apply_error.is_some());
    std::fs::remove_dir(&path).unwrap();
    let begin = Instant::now();
    while store.flush().await.is_err() {
        assert!(begin.elapsed() < Duration::from_secs(20));
    }
    assert_eq!(all(&store).await.len(), 20);
    assert_eq!(store.health().apply_error, None);
}

/// What became of each exchange in [`busy_journal`], by what the journal says of it up to some offset.
#[derive(Clone, Default)]
struct Told {
    intent: bool,
    checkpoint: Option<Checkpoint>,
    settled: Option<Record>,
}

/// A journal with every kind of exchange: the offset behind each entry, and what is known from then on.
fn busy_journal(folder: &Path) -> Vec<(u64, BTreeMap<RequestId, Told>)> {
    let options = StoreOptions {
        segment_bytes: 1_000_000,
        ..options(folder)
    };
    let (journal, _) = Journal::open(&options, Arc::default()).unwrap();
    let mut told: BTreeMap<RequestId, Told> = BTreeMap::new();
    let mut history = vec![(journal.head().offset, told.clone())];
    let mut intents: Vec<Intent> = (0..4).map(samples::intent).collect();
    intents[1].draft.provider = "azure".to_owned();
    for intent in &intents {
        journal.intent(intent).unwrap();
        told.entry(intent.draft.id).or_default().intent = true;
        history.push((journal.head().offset, told.clone()));
    }
    let mut second_attempt = samples::intent(1);
    second_attempt.draft.provider = "groq".to_owned();
    journal.intent(&second_attempt).unwrap();
    history.push((journal.head().offset, told.clone()));
    for (n, output) in [(0, 10), (1, 80), (0, 30)] {
        let checkpoint = samples::checkpoint(n, output);
        journal.checkpoint(&checkpoint).unwrap();
        told.entry(samples::id(n)).or_default().checkpoint = Some(checkpoint);
        history.push((journal.head().offset, told.clone()));
    }
    // 2 ends; 7 was refused without an intent.
    for n in [2, 7] {
        let record = samples::full_record(n);
        journal.settle(&record).unwrap();
        told.entry(samples::id(n)).or_default().settled = Some(record);
        history.push((journal.head().offset, told.clone()));
    }
    history
}

fn check_recovered(records: &[Record], told: &BTreeMap<RequestId, Told>, at: u64) {
    let found: Vec<RequestId> = records.iter().rev().map(|record| record.id).collect();
    let expected: Vec<RequestId> = told.keys().copied().collect();
    assert_eq!(found, expected, "at {at}");
    for record in records {
        let told = &told[&record.id];
        if let Some(settled) = &told.settled {
            assert_eq!(record, settled);
            continue;
        }
        assert!(told.intent && record.interrupted && record.estimate);
        let seen = told
            .checkpoint
            .as_ref()
            .and_then(|checkpoint| checkpoint.cost);
        let reservation = Some(Amount(30_000_000));
        assert!(
            record.cost >= seen && record.cost <= seen.max(reservation),
            "{record:?}"
        );
        assert_eq!(record.cost, seen.max(Some(Amount(10_000_000))));
    }
}

/// A process killed behind any entry, or anywhere within one, and then again while it recovers.
#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn wherever_a_process_dies_each_exchange_has_one_record() {
    let source = scratch();
    let history = busy_journal(source.path());
    let bytes = std::fs::read(source.path().join(SEGMENT)).unwrap();
    let mut deaths = Vec::new();
    for window in history.windows(2) {
        let [(begin, told), (end, _)] = window else {
            unreachable!()
        };
        deaths.push((*begin, told.clone()));
        deaths.push(((begin + end) / 2, told.clone()));
    }
    deaths.extend(history.last().cloned());
    let mut checks = tokio::task::JoinSet::new();
    for (at, told) in deaths {
        let cut = bytes[..usize::try_from(at).unwrap()].to_vec();
        checks.spawn(async move {
            let folder = scratch();
            std::fs::create_dir(folder.path().join("journal")).unwrap();
            std::fs::write(folder.path().join(SEGMENT), cut).unwrap();
            recover_with_crashes(folder.path(), at, &told).await;
        });
    }
    checks.join_all().await;
}

const SEGMENT: &str = "journal/000000000001.journal";

/// Recovers, then plays crashes during recovery: the journal cut anywhere behind `at`, with no database yet, or with
/// the one that recovery wrote.
async fn recover_with_crashes(folder: &Path, at: u64, told: &BTreeMap<RequestId, Told>) {
    let before = copy_of(folder);
    let store = open(folder).await;
    let records = all(&store).await;
    check_recovered(&records, told, at);
    drop(store);
    let journal = folder.join(SEGMENT);
    let whole = std::fs::read(&journal).unwrap();
    let begin = usize::try_from(at).unwrap().min(whole.len());
    let step = ((whole.len() - begin) / 3).max(1);
    for cut in (begin..=whole.len()).step_by(step) {
        for database in [before.path(), folder] {
            let copy = copy_of(database);
            std::fs::remove_file(copy.path().join("journal/position")).ok();
            std::fs::write(copy.path().join(SEGMENT), &whole[..cut]).unwrap();
            let store = open(copy.path()).await;
            assert_eq!(all(&store).await, records, "at {at}, cut at {cut}");
            rollups::agree(&store, &records).await;
        }
    }
}

#[tokio::test]
async fn open_exchanges_survive_any_number_of_restarts() {
    let (folder, store) = fresh().await;
    for n in 0..200 {
        store.journal().intent(&samples::intent(n)).unwrap();
        if n != 3 {
            store.journal().settle(&samples::record(n)).unwrap();
        }
    }
    store.flush().await.unwrap();
    assert_eq!(store.health().open_exchanges, 1);
    // Even a clean end leaves it open: its intent must not be deleted with its segment.
    store.close().await.unwrap();
    let store = open(folder.path()).await;
    let orphan = store.record(samples::id(3)).await.unwrap().unwrap();
    assert!(orphan.interrupted);
    assert_eq!(
        orphan.error.unwrap().message,
        "the gateway stopped before this exchange ended"
    );
    assert_eq!(all(&store).await.len(), 200);
    assert_eq!(store.health().open_exchanges, 0);
}

/// A copy of a data folder as a killed process would leave it.
fn copy_of(folder: &Path) -> TempDir {
    let copy = scratch();
    copy_folder(folder, copy.path());
    copy
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
