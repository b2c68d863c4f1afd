//! The whole way of a record: journal, database, crash, answer.

use super::*;
use crate::records::StatusClass;
use crate::samples::{self, AT_MS, scratch};
use domain::money::Amount;
use domain::record::{Checkpoint, Intent};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};
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
};

async fn all(store: &Store) -> Vec<Record> {
    store.records(&RecordFilter::default(), ALL).await.unwrap()
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

#[tokio::test]
async fn ten_thousand_records_across_many_segments() {
    let (folder, store) = fresh().await;
    let begin = Instant::now();
    for n in 0..10_000 {
        store.journal().intent(&samples::intent(n)).unwrap();
        store.journal().settle(&samples::record(n)).unwrap();
    }
    store.flush().await.unwrap();
    assert!(
        begin.elapsed() < Duration::from_secs(20),
        "{:?}",
        begin.elapsed()
    );
    let rows = store
        .usage(Dimension::Project, TimeRange::default())
        .await
        .unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!((rows[0].requests, rows[0].usage.input), (10_000, 1_000_000));
    assert_eq!(rows[0].cost, 270_000_000_000);
    assert_eq!(store.health().open_exchanges, 0);
    listings_by_key_go_through_all_slices(&store).await;
    store.close().await.unwrap();
    // All is safe, so that one segment is left.
    let segments = std::fs::read_dir(folder.path().join("journal")).unwrap();
    let names: Vec<_> = segments.map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), 2, "{names:?}");
}

/// Of 10,000 records, a millisecond apart and more than a slice holds; also one that arrives long after its time.
async fn listings_by_key_go_through_all_slices(store: &Store) {
    let late = Record {
        key: "key_2".to_owned(),
        ..samples::record(4)
    };
    let late = Record {
        id: RequestId::new(late.at_ms, [9; 10]),
        ..late
    };
    store.journal().settle(&late).unwrap();
    store.flush().await.unwrap();
    let ms = |n: u64| Some(AT_MS + i64::try_from(n).unwrap());
    let ranges = [
        (0, 10_000),
        (0, 9_000),
        (5, 10_000),
        (8_190, 8_195),
        (4, 6),
        (9_000, 9_500),
    ];
    for (since, until) in ranges {
        let filter = RecordFilter {
            key: Some("key_2".to_owned()),
            range: TimeRange {
                since_ms: ms(since),
                until_ms: ms(until),
            },
            ..RecordFilter::default()
        };
        let mut expected: Vec<RequestId> = (since..until)
            .filter(|n| n % 3 == 2)
            .map(samples::id)
            .collect();
        expected.extend((since..until).contains(&4).then_some(late.id));
        expected.sort_unstable_by(|a, b| b.cmp(a));
        let mut found = Vec::new();
        loop {
            let page = Page {
                before: found.last().copied(),
                limit: 700,
            };
            let records = store.records(&filter, page).await.unwrap();
            if records.is_empty() {
                break;
            }
            found.extend(records.iter().map(|record| record.id));
        }
        assert_eq!(found, expected, "{since} to {until}");
    }
}

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
    super::rollup_tests::agree(&again, &before).await;
    drop(again);
    assert_eq!(all(&open(copy.path()).await).await, before);
}

#[tokio::test]
async fn months_have_files_of_their_own_and_are_read_as_one() {
    let (folder, store) = fresh().await;
    let minute = 60_000;
    for n in [0, minute - 1, minute, minute + 1, 40 * 24 * 60 * minute] {
        store.journal().settle(&samples::record(n)).unwrap();
    }
    store.flush().await.unwrap();
    for month in ["2026-07", "2026-08", "2026-09"] {
        assert!(folder.path().join(format!("records/{month}.db")).exists());
    }
    let found: Vec<i64> = all(&store)
        .await
        .iter()
        .map(|record| record.at_ms - AT_MS)
        .collect();
    let ms = |n: u64| i64::try_from(n).unwrap();
    let expected = [40 * 24 * 60 * minute, minute + 1, minute, minute - 1, 0].map(ms);
    assert_eq!(found, expected);

    // Pages of two, across the months.
    let mut pages = Vec::new();
    let mut before = None;
    loop {
        let page = Page { before, limit: 2 };
        let records = store.records(&RecordFilter::default(), page).await.unwrap();
        let Some(last) = records.last() else { break };
        before = Some(last.id);
        pages.extend(records.iter().map(|record| record.at_ms - AT_MS));
    }
    assert_eq!(pages, expected);

    let august = TimeRange {
        since_ms: Some(AT_MS + ms(minute)),
        until_ms: Some(AT_MS + 31 * 24 * 60 * ms(minute)),
    };
    let days = store
        .usage(Dimension::Day, TimeRange::default())
        .await
        .unwrap();
    let days: Vec<_> = days
        .iter()
        .map(|row| (row.dimension.as_str(), row.requests))
        .collect();
    assert_eq!(
        days,
        [("2026-07-31", 2), ("2026-08-01", 2), ("2026-09-09", 1)]
    );
    let rows = store.usage(Dimension::Model, august).await.unwrap();
    assert_eq!(rows[0].requests, 2);

    assert_eq!(store.prune(AT_MS + ms(minute)).await.unwrap(), 1);
    assert!(!folder.path().join("records/2026-07.db").exists());
    assert_eq!(all(&store).await.len(), 3);
    // A pruned month that gets a late record is there again.
    store.journal().settle(&samples::record(5)).unwrap();
    store.flush().await.unwrap();
    assert_eq!(all(&store).await.len(), 4);
}

#[tokio::test]
async fn filters() {
    let (_folder, store) = fresh().await;
    for n in 0..60 {
        let record = Record {
            project: format!("proj_{}", n % 2),
            model: format!("model_{}", n % 5),
            provider: format!("provider_{}", n % 4),
            status: [200, 429, 502][usize::try_from(n % 3).unwrap()],
            ..samples::record(n)
        };
        store.journal().settle(&record).unwrap();
    }
    store.flush().await.unwrap();
    let text = |text: &str| Some(text.to_owned());
    let none = RecordFilter::default;
    let cases: [(RecordFilter, usize); 10] = [
        (none(), 60),
        (
            RecordFilter {
                project: text("proj_1"),
                ..none()
            },
            30,
        ),
        (
            RecordFilter {
                key: text("key_2"),
                ..none()
            },
            20,
        ),
        (
            RecordFilter {
                model: text("model_4"),
                ..none()
            },
            12,
        ),
        (
            RecordFilter {
                provider: text("provider_3"),
                ..none()
            },
            15,
        ),
        (
            RecordFilter {
                provider: text("nobody"),
                ..none()
            },
            0,
        ),
        (
            RecordFilter {
                status: Some(StatusClass::Success),
                ..none()
            },
            20,
        ),
        (
            RecordFilter {
                status: Some(StatusClass::ServerError),
                stream: Some(true),
                ..none()
            },
            10,
        ),
        (
            RecordFilter {
                status: Some(StatusClass::ClientError),
                key: text("key_1"),
                ..none()
            },
            20,
        ),
        (
            RecordFilter {
                range: TimeRange {
                    since_ms: Some(AT_MS + 10),
                    until_ms: Some(AT_MS + 15),
                },
                ..none()
            },
            5,
        ),
    ];
    for (filter, expected) in cases {
        let found = store.records(&filter, ALL).await.unwrap();
        assert_eq!(found.len(), expected, "{filter:?}");
    }
}

#[tokio::test]
async fn a_follower_sees_what_arrives_late() {
    let (_folder, store) = fresh().await;
    store.journal().settle(&samples::record(1)).unwrap();
    store.flush().await.unwrap();
    let mut cursor = store.follow_from_here().await.unwrap();
    let next_month = 60_000;
    let mut seen = Vec::new();
    // One of the next month arrives before one that began in this month, and before the one at the very begin.
    for n in [5, next_month, 3, 0] {
        store.journal().settle(&samples::record(n)).unwrap();
        store.flush().await.unwrap();
        seen.extend(
            store
                .follow(&RecordFilter::default(), &mut cursor, 10)
                .await
                .unwrap(),
        );
    }
    let seen: Vec<RequestId> = seen.iter().map(|record| record.id).collect();
    assert_eq!(seen, [5, next_month, 3, 0].map(samples::id));
    assert!(
        store
            .follow(&RecordFilter::default(), &mut cursor, 10)
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn sums_of_huge_amounts_are_exact() {
    let (_folder, store) = fresh().await;
    let mut cost = 0_i128;
    for n in 0..50 {
        let mut record = samples::record(n);
        let amount = i64::MAX - i64::try_from(n).unwrap();
        cost += i128::from(amount);
        record.cost = Some(Amount(amount));
        record.usage.input = u64::MAX;
        record.usage.output = 1 << 62;
        store.journal().settle(&record).unwrap();
    }
    let unpriced = Record {
        cost: None,
        ..samples::record(50)
    };
    store.journal().settle(&unpriced).unwrap();
    let credit = Record {
        cost: Some(Amount(-5)),
        ..samples::record(51)
    };
    store.journal().settle(&credit).unwrap();
    store.flush().await.unwrap();
    let rows = store
        .usage(Dimension::Provider, TimeRange::default())
        .await
        .unwrap();
    assert_eq!(rows[0].cost, cost - 5);
    assert_eq!(rows[0].requests, 52);
    assert_eq!(rows[0].usage.input, u64::MAX);
    assert_eq!(rows[0].usage.reasoning, 0);
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
            super::rollup_tests::agree(&store, &records).await;
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
