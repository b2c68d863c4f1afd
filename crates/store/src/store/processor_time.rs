//! What journal and record writer cost in processor time, under the load of a busy server. A measurement, not a check:
//!
//! `cargo test -p store --release -- --ignored --nocapture processor_time`, with `RECORDS` (default 600,000) and
//! `PER_SECOND` (default 20,000) in the environment.

use super::*;
use crate::samples;
use domain::record::Attempt;
use protocol::ir::Usage;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// 10 November 2026, so that no month ends on the way.
const BEGIN_MS: i64 = 1_794_268_800_000;
const KEYS: u64 = 10_000;
/// Exchanges that are open at once, and end in another order than they began.
const OPEN: u64 = 256;
/// Records written between two pauses.
const STEP: u64 = 256;
/// Records between two lines of figures.
const LINE: u64 = 100_000;

#[test]
#[ignore = "a measurement, not a check"]
fn processor_time() {
    let folder = tempfile::tempdir().unwrap();
    let (count, per_second) = (setting("RECORDS", 600_000), setting("PER_SECOND", 20_000));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let options = StoreOptions::new(folder.path());
    let store = runtime.block_on(Store::open(options)).unwrap();
    // Nothing is ever sent: waiting for it is the pause.
    let (_sender, never) = std::sync::mpsc::channel::<()>();
    let begin = Instant::now();
    let mut before = by_thread();
    let (mut intent, mut settle) = (Duration::ZERO, Duration::ZERO);
    println!(
        "  records | record-writer | journal-sync | journal: intent, end (by the clock) | peak memory"
    );
    for step in 0..count.div_ceil(STEP) {
        let records: Vec<_> = (step * STEP..(step + 1) * STEP)
            .map(|n| record(n, per_second))
            .collect();
        let intents: Vec<_> = records.iter().map(samples::intent_of).collect();
        let at = Instant::now();
        for entry in &intents {
            store.journal().intent(entry).unwrap();
        }
        intent += at.elapsed();
        let at = Instant::now();
        for n in 0..OPEN {
            let shuffled = usize::try_from(n * 37 % OPEN).unwrap();
            store.journal().settle(&records[shuffled]).unwrap();
        }
        settle += at.elapsed();
        let done = (step + 1) * STEP;
        if done / LINE > (done - STEP) / LINE {
            let after = by_thread();
            let used = |name: &str| {
                let nanos = after.get(name).unwrap_or(&0) - before.get(name).unwrap_or(&0);
                nanos as f64 / 1_000.0 / LINE as f64
            };
            println!(
                "{done:>9} | {:>10.2} µs | {:>9.2} µs | {:.2} µs, {:.2} µs | {} MB",
                used("record-writer"),
                used("journal-sync"),
                micros(intent, done),
                micros(settle, done),
                peak_memory_mb(),
            );
            before = after;
        }
        let due = Duration::from_micros(done * 1_000_000 / per_second);
        if let Some(early) = due.checked_sub(begin.elapsed()) {
            never.recv_timeout(early).unwrap_err();
        }
    }
    runtime.block_on(store.flush()).unwrap();
    let records = std::fs::metadata(folder.path().join("records/2026-11.db")).unwrap();
    println!("{} bytes a record on disk", records.len() / count);
    runtime.block_on(readers(&store, count));
    runtime.block_on(store.close()).unwrap();
}

/// How long the questions take that `logs`, `usage` and the admin API ask.
async fn readers(store: &Store, count: u64) {
    let text = |text: &str| Some(text.to_owned());
    let some = record(count / 2, 1);
    let none = RecordFilter::default;
    let hour = TimeRange {
        since_ms: Some(BEGIN_MS + 1_000),
        until_ms: Some(BEGIN_MS + 11_000),
    };
    let filters = [
        ("everything", none()),
        (
            "one key",
            RecordFilter {
                key: Some(some.key.clone()),
                ..none()
            },
        ),
        (
            "a key without records",
            RecordFilter {
                key: text("key_none"),
                ..none()
            },
        ),
        (
            "the one project",
            RecordFilter {
                project: Some(some.project.clone()),
                ..none()
            },
        ),
        (
            "a project without records",
            RecordFilter {
                project: text("proj_none"),
                ..none()
            },
        ),
        (
            "the one model",
            RecordFilter {
                model: Some(some.model.clone()),
                ..none()
            },
        ),
        (
            "a model without records",
            RecordFilter {
                model: text("a/none"),
                ..none()
            },
        ),
        (
            "a provider without records",
            RecordFilter {
                provider: text("none"),
                ..none()
            },
        ),
        (
            "5xx, of which there are none",
            RecordFilter {
                status: Some(crate::records::StatusClass::ServerError),
                ..none()
            },
        ),
        (
            "one key, 5xx",
            RecordFilter {
                key: Some(some.key.clone()),
                status: Some(crate::records::StatusClass::ServerError),
                ..none()
            },
        ),
        (
            "ten early seconds",
            RecordFilter {
                range: hour,
                ..none()
            },
        ),
        (
            "ten early seconds, one key",
            RecordFilter {
                key: Some(some.key.clone()),
                range: hour,
                ..none()
            },
        ),
    ];
    for (what, filter) in filters {
        let page = Page {
            before: None,
            limit: 100,
            patience: Duration::MAX,
        };
        let begin = Instant::now();
        let found = store.records(&filter, page).await.unwrap().records;
        println!("{what}: {} in {:?}", found.len(), begin.elapsed());
        if let Some(last) = found.last() {
            let page = Page {
                before: Some(last.id),
                limit: 100,
                patience: Duration::MAX,
            };
            let begin = Instant::now();
            let found = store.records(&filter, page).await.unwrap().records;
            println!(
                "{what}, next page: {} in {:?}",
                found.len(),
                begin.elapsed()
            );
        }
    }
    for by in [Dimension::Model, Dimension::Key, Dimension::Day] {
        for (what, range) in [("all", TimeRange::default()), ("ten seconds", hour)] {
            let begin = Instant::now();
            let rows = store.usage(by, range).await.unwrap();
            let requests: u64 = rows.iter().map(|row| row.requests).sum();
            println!(
                "usage by {by:?}, {what}: {} rows of {requests} in {:?}",
                rows.len(),
                begin.elapsed()
            );
        }
    }
}

/// The n-th record, as a server at this rate would write it.
fn record(n: u64, per_second: u64) -> Record {
    let mut random = [0; 10];
    random[2..].copy_from_slice(&mixed(n).to_be_bytes());
    let at_ms = BEGIN_MS + i64::try_from(n * 1_000 / per_second).unwrap();
    let id = RequestId::new(at_ms, random);
    Record {
        id,
        at_ms,
        project: "proj_0123456789abcdef".to_owned(),
        key: format!("key_{:016x}", mixed(n % KEYS)),
        requested_model: "gpt-4o-mini".to_owned(),
        stream: false,
        first_token_ms: Some(u32::try_from(n % 9).unwrap()),
        duration_ms: u32::try_from(n % 11).unwrap(),
        attempts: vec![Attempt {
            begin_ms: 0,
            first_token_ms: Some(u32::try_from(n % 9).unwrap()),
            duration_ms: u32::try_from(n % 11).unwrap(),
            ..samples::record(1).attempts[0].clone()
        }],
        usage: Usage {
            input: 100 + n % 900,
            output: 20 + n % 300,
            ..Usage::default()
        },
        ..samples::record(n)
    }
}

/// Every bit of `n` in every bit of the result (the finalizer of splitmix64).
fn mixed(n: u64) -> u64 {
    let n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ (n >> 31)
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

fn micros(time: Duration, count: u64) -> f64 {
    time.as_secs_f64() * 1e6 / count as f64
}

/// Processor time of each thread of this process so far, in nanoseconds, summed by name.
fn by_thread() -> BTreeMap<String, u64> {
    let mut found = BTreeMap::new();
    for task in std::fs::read_dir("/proc/self/task").unwrap() {
        let task = task.unwrap().path();
        let name = std::fs::read_to_string(task.join("comm")).unwrap();
        let times = std::fs::read_to_string(task.join("schedstat")).unwrap();
        let nanos: u64 = times.split(' ').next().unwrap().parse().unwrap();
        *found.entry(name.trim().to_owned()).or_default() += nanos;
    }
    found
}

fn peak_memory_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM"))
        .unwrap();
    line.split_whitespace()
        .nth(1)
        .unwrap()
        .parse::<u64>()
        .unwrap()
        / 1_024
}
