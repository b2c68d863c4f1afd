//! Roll-ups say what their records say, whatever happens in between.

use crate::records::RollupScope;
use crate::samples;
use crate::store::*;
use domain::performance::{Figures, HOUR_MS, RELATIVE_ERROR, Rollup, Window};
use domain::record::{Attempt, RecordError};
use protocol::ir::ErrorKind;
use std::collections::BTreeMap;

async fn window(store: &Store, filter: &RollupFilter) -> Window {
    let mut window = Window::default();
    let mut add = |row: RollupRow| window.add(row.hour, &row.rollup);
    store.each_rollup(filter, &mut add).await.unwrap();
    window
}

fn everything(scope: RollupScope) -> RollupFilter {
    RollupFilter {
        scope,
        model: None,
        provider: None,
        hours: 0..1_000_000,
        detail: true,
    }
}

/// The figures of records, without a store.
fn expected(records: &[Record], scope: RollupScope) -> Figures {
    let mut window = Window::default();
    for record in records {
        let hour = record.id.at_ms() / HOUR_MS;
        match scope {
            RollupScope::Exchanges => {
                let mut rollup = Rollup::default();
                rollup.add_exchange(record);
                window.add(hour, &rollup);
            }
            RollupScope::Calls => {
                for (at, attempt) in record.attempts.iter().enumerate() {
                    let mut rollup = Rollup::default();
                    rollup.add_attempt(record, attempt, at + 1 == record.attempts.len());
                    window.add(hour, &rollup);
                }
            }
        }
    }
    window.figures()
}

/// Checks that roll-ups say what these records say, which are all that there are.
pub(super) async fn agree(store: &Store, records: &[Record]) {
    for scope in [RollupScope::Exchanges, RollupScope::Calls] {
        let got = window(store, &everything(scope)).await.figures();
        assert_eq!(got, expected(records, scope), "{scope:?}");
    }
}

/// Numbers that look random and are the same each time (an LCG).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        let next = self.0.wrapping_mul(6_364_136_223_846_793_005);
        self.0 = next.wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

/// Three hours of traffic at two providers; `slow` is slow and fails all through some minutes.
fn traffic() -> Vec<Record> {
    let mut numbers = Numbers(7);
    let begin = samples::AT_MS / HOUR_MS * HOUR_MS - 3 * HOUR_MS;
    let mut records = Vec::new();
    for n in 0..3_000_u64 {
        let at_ms = begin + i64::try_from(n * 3_600).unwrap();
        let slow = n % 3 == 0;
        let minute = at_ms / 60_000 % 60;
        let outage = slow && (20..30).contains(&minute);
        let mut random = [0; 10];
        random[2..].copy_from_slice(&n.to_be_bytes());
        let mut record = samples::record(n);
        record.id = RequestId::new(at_ms, random);
        record.at_ms = at_ms;
        record.stream = true;
        record.provider = if slow { "slow" } else { "fast" }.to_owned();
        let first = 50 + numbers.below(if slow { 4_000 } else { 400 });
        let span = 500 + numbers.below(5_000);
        record.usage.output = 20 + numbers.below(500);
        let millis = |ms: u64| u32::try_from(ms).unwrap();
        record.first_token_ms = Some(millis(first + 5));
        record.duration_ms = millis(first + span + 5);
        record.attempts = vec![Attempt {
            provider: record.provider.clone(),
            first_token_ms: Some(millis(first)),
            duration_ms: millis(first + span),
            ..record.attempts[0].clone()
        }];
        let fate = numbers.below(20);
        let kind = match fate {
            _ if outage => Some((ErrorKind::Server, "server_error", 502)),
            0 => Some((ErrorKind::RateLimited, "rate_limited", 429)),
            1 => Some((ErrorKind::InvalidRequest, "invalid_request", 400)),
            2 => Some((ErrorKind::Timeout, "idle_timeout", 504)),
            _ => None,
        };
        if let Some((kind, outcome, status)) = kind {
            record.status = status;
            outcome.clone_into(&mut record.attempts[0].outcome);
            record.error = Some(RecordError {
                kind,
                message: String::new(),
                param: None,
                code: None,
            });
        }
        records.push(record);
    }
    records
}

/// What the records say, by another way than the code under test: sorted lists and counted minutes.
struct Exact {
    first_token_ms: Vec<f64>,
    tokens_per_second: Vec<f64>,
    success: f64,
    uptime: f64,
}

fn exact(records: &[Record], provider: &str) -> Exact {
    let own = records.iter().filter(|record| record.provider == provider);
    let (mut first_token_ms, mut tokens_per_second) = (Vec::new(), Vec::new());
    let mut minutes: BTreeMap<i64, (u32, u32)> = BTreeMap::new();
    let (mut served, mut failed) = (0.0, 0.0);
    for record in own {
        let attempt = &record.attempts[0];
        let minute = minutes.entry(record.at_ms / 60_000);
        match attempt.outcome.as_str() {
            "ok" => {
                minute.or_default().0 += 1;
                served += 1.0;
                let first = f64::from(attempt.first_token_ms.unwrap());
                first_token_ms.push(first);
                let span = f64::from(attempt.duration_ms) - first;
                tokens_per_second.push(record.usage.output as f64 / (span / 1000.0));
            }
            "server_error" | "idle_timeout" => {
                minute.or_default().1 += 1;
                failed += 1.0;
            }
            _ => {}
        }
    }
    let up = minutes
        .values()
        .filter(|(served, failed)| served >= failed)
        .count();
    first_token_ms.sort_by(f64::total_cmp);
    tokens_per_second.sort_by(f64::total_cmp);
    Exact {
        success: served / (served + failed),
        uptime: up as f64 / minutes.len() as f64,
        first_token_ms,
        tokens_per_second,
    }
}

fn near(got: Option<f64>, sorted: &[f64], share: f64) {
    // The smallest that this share of all are not above.
    let enough = |at: &usize| (at + 1) as f64 >= share * sorted.len() as f64;
    let expect = sorted[(0..sorted.len()).find(enough).unwrap()];
    let got = got.unwrap();
    assert!(
        (got - expect).abs() <= expect * RELATIVE_ERROR * 1.000_001,
        "{got} for {expect}"
    );
}

#[tokio::test]
async fn figures_of_known_traffic_are_within_the_stated_error() {
    let folder = samples::scratch();
    let options = StoreOptions::new(folder.path());
    let store = Store::open(options.clone()).await.unwrap();
    let records = traffic();
    let (early, late) = records.split_at(1_700);
    for record in early {
        store.journal().settle(record).unwrap();
    }
    // The hour goes on after a restart.
    store.close().await.unwrap();
    let store = Store::open(options).await.unwrap();
    for record in late {
        store.journal().settle(record).unwrap();
    }
    store.flush().await.unwrap();
    agree(&store, &records).await;
    for provider in ["fast", "slow"] {
        let filter = RollupFilter {
            provider: Some(provider.to_owned()),
            model: Some("gpt-4o-mini-2024-07-18".to_owned()),
            ..everything(RollupScope::Calls)
        };
        let figures = window(&store, &filter).await.figures();
        let exact = exact(&records, provider);
        assert_eq!(figures.success, Some(exact.success));
        assert_eq!(figures.uptime, Some(exact.uptime));
        assert_eq!(
            figures.first_token_ms.samples,
            exact.first_token_ms.len() as u64
        );
        near(figures.first_token_ms.p50, &exact.first_token_ms, 0.5);
        near(figures.first_token_ms.p95, &exact.first_token_ms, 0.95);
        near(figures.tokens_per_second.p50, &exact.tokens_per_second, 0.5);
        near(
            figures.tokens_per_second.p95,
            &exact.tokens_per_second,
            0.95,
        );
        let down = if provider == "slow" {
            0.8..0.9
        } else {
            0.99..1.1
        };
        assert!(down.contains(&exact.uptime), "{provider}: {}", exact.uptime);
    }
}

#[tokio::test]
async fn hours_and_names_choose() {
    let folder = samples::scratch();
    let store = Store::open(StoreOptions::new(folder.path())).await.unwrap();
    let records = traffic();
    for record in &records {
        store.journal().settle(record).unwrap();
    }
    store.flush().await.unwrap();
    let first = records[0].at_ms / HOUR_MS;
    let count = async |filter: RollupFilter| {
        let mut rows = Vec::new();
        store
            .each_rollup(&filter, &mut |row| rows.push(row))
            .await
            .unwrap();
        let requests: u64 = rows.iter().map(|row| row.rollup.counts.requests).sum();
        (rows.len(), requests)
    };
    let all = everything(RollupScope::Exchanges);
    assert_eq!(count(all.clone()).await, (6, 3_000));
    let one_hour = RollupFilter {
        hours: first..first + 1,
        ..all.clone()
    };
    assert_eq!(count(one_hour).await, (2, 1_000));
    let unknown = RollupFilter {
        model: Some("no/such".to_owned()),
        ..all.clone()
    };
    assert_eq!(count(unknown).await, (0, 0));
    let sums = RollupFilter {
        detail: false,
        ..all
    };
    let mut empty = true;
    store
        .each_rollup(&sums, &mut |row| {
            empty &= row.rollup.detail.outcomes.is_empty()
        })
        .await
        .unwrap();
    assert!(empty);
}

/// Clients choose the names of models that nobody serves: they must not make roll-ups.
#[tokio::test]
async fn what_no_provider_was_asked_for_is_summed_together() {
    let folder = samples::scratch();
    let store = Store::open(StoreOptions::new(folder.path())).await.unwrap();
    for n in 0..50 {
        let mut record = samples::record(n);
        record.model = format!("made-up/{n}");
        record.provider = String::new();
        record.attempts.clear();
        store.journal().settle(&record).unwrap();
    }
    store.flush().await.unwrap();
    let mut rows = Vec::new();
    let filter = everything(RollupScope::Exchanges);
    store
        .each_rollup(&filter, &mut |row| rows.push(row))
        .await
        .unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(
        (rows[0].model.as_str(), rows[0].rollup.counts.requests),
        ("", 50)
    );
}
