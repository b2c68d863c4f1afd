//! What survives which damage.

use super::reader::Follower;
use super::segment::{FIRST_OFFSET, list, path_of};
use super::*;
use crate::samples;
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::fs;
use tempfile::TempDir;

fn options(folder: &Path) -> StoreOptions {
    StoreOptions {
        segment_bytes: 4_000,
        ..StoreOptions::new(folder)
    }
}

fn open(folder: &Path) -> Journal {
    Journal::open(&options(folder), Arc::default()).unwrap().0
}

/// Kind and id of every entry, in order, and where each begins.
fn entries(journal: &Journal) -> Vec<(Position, Kind, RequestId)> {
    let mut follower = Follower::open(journal.folder.clone(), Position::default()).unwrap();
    let mut found = Vec::new();
    while let Some((at, frame)) = follower.next(journal.head()).unwrap() {
        assert!(frame.decode().is_ok());
        found.push((at, frame.kind, frame.id));
    }
    found
}

fn ids(journal: &Journal) -> Vec<RequestId> {
    entries(journal).into_iter().map(|(_, _, id)| id).collect()
}

/// One segment of three records; returns its bytes and where each entry ends.
fn three_records() -> (TempDir, Vec<u8>, Vec<usize>) {
    let folder = samples::scratch();
    let journal = open(folder.path());
    let mut ends = vec![usize::try_from(FIRST_OFFSET).unwrap()];
    for n in 0..3 {
        journal.settle(&samples::full_record(n)).unwrap();
        ends.push(usize::try_from(journal.head().offset).unwrap());
    }
    let bytes = fs::read(path_of(&journal.folder, 1)).unwrap();
    drop(journal);
    (folder, bytes, ends)
}

#[test]
fn a_tail_torn_at_any_byte_costs_only_the_torn_entry() {
    let (folder, bytes, ends) = three_records();
    let path = path_of(&folder.path().join("journal"), 1);
    for length in 0..=bytes.len() {
        fs::write(&path, &bytes[..length]).unwrap();
        let whole = ends.iter().filter(|end| **end <= length).count().max(1) - 1;
        let journal = open(folder.path());
        assert_eq!(ids(&journal).len(), whole, "torn at {length}");
        // What comes next lies right behind the last whole entry.
        journal.settle(&samples::record(9)).unwrap();
        let found = ids(&journal);
        assert_eq!(found.len(), whole + 1);
        assert_eq!(found.last(), Some(&samples::id(9)));
        drop(journal);
        assert_eq!(ids(&open(folder.path())), found);
        assert!(corrupt_files(folder.path()).is_empty(), "torn at {length}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_wrong_byte_costs_nothing_before_it(at in 8usize..100_000, wrong in 1u8..) {
        let (folder, mut bytes, ends) = three_records();
        let at = 8 + (at - 8) % (bytes.len() - 8);
        bytes[at] ^= wrong;
        let path = path_of(&folder.path().join("journal"), 1);
        fs::write(&path, &bytes).unwrap();
        let whole = ends.iter().filter(|end| **end <= at).count() - 1;
        let journal = open(folder.path());
        prop_assert_eq!(ids(&journal).len(), whole);
        journal.settle(&samples::record(9)).unwrap();
        prop_assert_eq!(ids(&journal).len(), whole + 1);
        // A length that was made larger looks like a torn tail; everything else is damage, and kept.
        let kept: u64 = corrupt_files(folder.path()).iter().map(|path| fs::metadata(path).unwrap().len()).sum();
        let length_at = ends[whole];
        let in_length = (length_at..length_at + 4).contains(&at);
        prop_assert!(in_length || kept == (bytes.len() - ends[whole]) as u64);
    }
}

fn corrupt_files(data_dir: &Path) -> Vec<PathBuf> {
    fs::read_dir(data_dir.join("journal"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "corrupt"))
        .collect()
}

#[test]
fn damage_in_an_older_segment_is_set_aside_and_later_segments_are_read() {
    let folder = samples::scratch();
    let journal = open(folder.path());
    for n in 0..40 {
        journal.settle(&samples::record(n)).unwrap();
    }
    let all = entries(&journal);
    let segments = list(&journal.folder).unwrap();
    assert!(segments.len() >= 3, "{segments:?}");
    drop(journal);

    let (at, ..) = all[2];
    let path = path_of(&folder.path().join("journal"), at.segment);
    let mut bytes = fs::read(&path).unwrap();
    let begin = usize::try_from(at.offset).unwrap();
    bytes[begin + 40] ^= 1;
    fs::write(&path, &bytes).unwrap();

    let journal = open(folder.path());
    let expected: Vec<_> = all
        .iter()
        .filter(|(position, ..)| *position < at || position.segment > at.segment)
        .map(|(_, _, id)| *id)
        .collect();
    assert_eq!(ids(&journal), expected);
    let kept = corrupt_files(folder.path());
    assert_eq!(kept.len(), 1);
    assert_eq!(fs::read(&kept[0]).unwrap(), bytes[begin..]);
}

#[test]
fn segments_rotate_and_go_once_they_are_safe() {
    let folder = samples::scratch();
    let journal = open(folder.path());
    for n in 0..60 {
        journal.intent(&samples::intent(n)).unwrap();
        journal.settle(&samples::record(n)).unwrap();
    }
    let all = entries(&journal);
    let numbers: BTreeSet<u64> = all.iter().map(|(at, ..)| at.segment).collect();
    assert!(
        numbers.len() > 4 && numbers.first() == Some(&1),
        "{numbers:?}"
    );
    let held = journal.waiting_bytes();

    let (middle, ..) = all[all.len() / 2];
    journal.release(middle).unwrap();
    let left = list(&journal.folder).unwrap();
    assert_eq!(left.first().unwrap().number, middle.segment);
    assert!(journal.waiting_bytes() < held);
    drop(journal);

    let (journal, safe) = Journal::open(&options(folder.path()), Arc::default()).unwrap();
    assert_eq!(safe, middle);
    assert_eq!(ids(&journal).last(), Some(&samples::id(59)));
    // Everything safe: one segment is left, and numbers never start again.
    let head = journal.head();
    journal.release(head).unwrap();
    assert_eq!(list(&journal.folder).unwrap().len(), 1);
    assert_eq!(journal.waiting_bytes(), 0);
    fs::remove_file(path_of(&journal.folder, head.segment)).unwrap();
    drop(journal);
    let (journal, safe) = Journal::open(&options(folder.path()), Arc::default()).unwrap();
    assert_eq!(safe, Position::default());
    assert_eq!(journal.head().segment, head.segment + 1);
}

#[test]
fn intents_are_refused_at_the_cap_and_ends_are_not() {
    let folder = samples::scratch();
    let options = StoreOptions {
        journal_cap_bytes: 2_000,
        ..options(folder.path())
    };
    let (journal, _) = Journal::open(&options, Arc::default()).unwrap();
    let mut begun = 0;
    let refused = loop {
        match journal.intent(&samples::intent(begun)) {
            Ok(()) => begun += 1,
            Err(error) => break error.to_string(),
        }
    };
    assert!(begun > 2 && refused.contains("2000"), "{begun} {refused}");
    for n in 0..begun.min(4) {
        journal.settle(&samples::record(n)).unwrap();
    }
    journal.release(journal.head()).unwrap();
    journal.intent(&samples::intent(begun)).unwrap();
}

#[tokio::test]
async fn whoever_waits_for_the_disk_is_told() {
    let folder = samples::scratch();
    let options = StoreOptions {
        fsync: FsyncPolicy::Always,
        ..options(folder.path())
    };
    let (journal, _) = Journal::open(&options, Arc::default()).unwrap();
    for n in 0..30 {
        journal.intent(&samples::intent(n)).unwrap();
        let before = journal.head();
        journal.durable().await.unwrap();
        assert!(journal.synced.borrow().to >= before);
    }
    journal.close().await.unwrap();
    assert!(matches!(
        journal.settle(&samples::record(1)),
        Err(StoreError::Closed)
    ));
}

#[test]
fn many_threads_append_whole_entries() {
    let folder = samples::scratch();
    let journal = open(folder.path());
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let journal = &journal;
            scope.spawn(move || {
                for n in 0..200 {
                    journal
                        .settle(&samples::record(thread * 1_000 + n))
                        .unwrap();
                }
            });
        }
    });
    let found: BTreeSet<RequestId> = ids(&journal).into_iter().collect();
    assert_eq!(found.len(), 800);
}

/// A write that fails part way: here the segment's file is one that cannot be written to, as on a full disk, and what a
/// partial write would have left is put there by hand.
#[test]
fn half_an_entry_is_cut_off_before_the_next_one() {
    let folder = samples::scratch();
    let journal = open(folder.path());
    journal.settle(&samples::record(1)).unwrap();
    let path = path_of(&journal.folder, 1);
    let good = journal.head().offset;
    let read_only = Arc::new(fs::File::open(&path).unwrap());
    let writable = lock(&journal.writer).replace_file(read_only);
    let refused = journal.settle(&samples::record(2)).unwrap_err();
    assert!(refused.to_string().contains("append"), "{refused}");
    assert_eq!(journal.head().offset, good);

    let mut bytes = fs::read(&path).unwrap();
    bytes.extend_from_slice(&[7; 5_000]);
    fs::write(&path, &bytes).unwrap();
    lock(&journal.writer).replace_file(writable);
    journal.settle(&samples::record(3)).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().len(), journal.head().offset);
    assert_eq!(
        ids(&journal),
        [samples::id(1), samples::id(3), samples::id(2)],
        "what was refused comes as soon as it can"
    );
}

/// While the disk refuses, nothing grows without bound and nothing is forgotten.
#[test]
fn records_that_the_disk_refused_are_written_when_it_takes_them() {
    let folder = samples::scratch();
    let journal = open(folder.path());
    let path = path_of(&journal.folder, 1);
    let read_only = Arc::new(fs::File::open(&path).unwrap());
    let writable = lock(&journal.writer).replace_file(read_only);
    for number in 1..=3 {
        journal.settle(&samples::record(number)).unwrap_err();
    }
    journal.settle_owed().unwrap_err();
    assert_eq!(lock(&journal.owed).len(), 3);
    lock(&journal.writer).replace_file(writable);
    journal.settle_owed().unwrap();
    let mut written = ids(&journal);
    written.sort();
    assert_eq!(written, [samples::id(1), samples::id(2), samples::id(3)]);
    assert!(lock(&journal.owed).is_empty());
}
