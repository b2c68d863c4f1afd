//! What is asked of records: pages, filters, sums, and what arrives.

use super::{ALL, all, fresh};
use crate::records::{Dimension, Page, RecordFilter, StatusClass, TimeRange};
use crate::samples::{self, AT_MS};
use crate::store::Store;
use domain::id::RequestId;
use domain::money::Amount;
use domain::record::Record;
use std::time::{Duration, Instant};

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
    what_is_rare_takes_several_pages(&store).await;
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
        for patience in [Duration::ZERO, Duration::MAX] {
            let (mut found, mut before) = (Vec::new(), None);
            loop {
                let page = Page {
                    before,
                    limit: 700,
                    patience,
                };
                let part = store.records(&filter, page).await.unwrap();
                found.extend(part.records.iter().map(|record| record.id));
                let Some(next) = part.next else { break };
                before = Some(next);
            }
            assert_eq!(found, expected, "{since} to {until}, {patience:?}");
        }
    }
}

/// One record of 10,000, in the older of two slices: who has no patience hears of it in the second page.
async fn what_is_rare_takes_several_pages(store: &Store) {
    let rare = Record {
        status: 418,
        ..samples::record(7)
    };
    let rare = Record {
        id: RequestId::new(rare.at_ms, [8; 10]),
        ..rare
    };
    store.journal().settle(&rare).unwrap();
    store.flush().await.unwrap();
    let filter = RecordFilter {
        status_is: Some(418),
        ..RecordFilter::default()
    };
    let hasty = Page {
        patience: Duration::ZERO,
        ..ALL
    };
    let first = store.records(&filter, hasty).await.unwrap();
    assert!(first.records.is_empty() && first.next.is_some());
    let page = Page {
        before: first.next,
        ..hasty
    };
    let second = store.records(&filter, page).await.unwrap();
    assert_eq!((second.records, second.next), (vec![rare], None));
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
        let page = Page {
            before,
            limit: 2,
            ..ALL
        };
        let found = store.records(&RecordFilter::default(), page).await.unwrap();
        pages.extend(found.records.iter().map(|record| record.at_ms - AT_MS));
        let Some(next) = found.next else { break };
        before = Some(next);
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
        let found = store.records(&filter, ALL).await.unwrap().records;
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

/// Across two months, 10 and 20 records of them, of which every tenth matches.
#[tokio::test]
async fn a_follower_far_behind_goes_on_nearer_and_hears_how_many_that_match_it_missed() {
    let (_folder, store) = fresh().await;
    let begin = store.follow_from_here().await.unwrap();
    let next_month = 60_000;
    for n in (0..10).chain(next_month..next_month + 20) {
        let key = if n % 10 == 0 { "rare" } else { "other" };
        let key = key.to_owned();
        let record = Record {
            key,
            ..samples::record(n)
        };
        store.journal().settle(&record).unwrap();
    }
    store.flush().await.unwrap();
    let of = |key: &str| RecordFilter {
        key: Some(key.to_owned()),
        ..RecordFilter::default()
    };
    for (filter, most, missed, then) in [
        (RecordFilter::default(), 30, 0, 30),
        (RecordFilter::default(), 29, 16, 14),
        (RecordFilter::default(), 0, 30, 0),
        (of("rare"), 29, 2, 1),
        (of("rare"), 20, 2, 1),
        (of("rare"), 4, 3, 0),
        (of("nobody"), 4, 0, 0),
    ] {
        let mut cursor = begin.clone();
        let kept = store.keep_up(&filter, &mut cursor, most).await.unwrap();
        let told = kept.missed;
        let heard = store.follow(&filter, &mut cursor, 100).await.unwrap();
        assert_eq!((told, heard.len()), (missed, then), "{filter:?} {most}");
    }
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
