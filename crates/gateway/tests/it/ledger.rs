//! A thousand mixed requests, and what the gateway wrote down of them, against fakes that count.

use crate::load::{Client, Kind, Request, Seen};
use crate::scene::{SOON, Scene};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use testkit::fake_provider::{Recorded, TokenCounts};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

const REQUESTS: usize = 1000;
/// Requests at once.
const AT_ONCE: usize = 64;
/// Streams at each door and provider that end as they should before the others begin: estimates are made by the ratio
/// of bytes to tokens that ended exchanges of the same offering showed, so a gateway that has seen none can only guess.
const FIRST: usize = 24;
/// An estimate is a whole number, of tokens that are shorter or longer than the usual: besides 5 %, it may be off by
/// one for the rounding and one for the last words.
const GRANULARITY: u64 = 2;

/// One request with all that is known of it.
struct Account<'a> {
    request: &'a Request,
    seen: Seen,
    /// What arrived at the fakes under its id.
    upstream: Vec<&'a Recorded>,
    record: &'a Value,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_mixed_requests_agree_with_their_records() {
    let scene = Scene::start().await;
    let client = scene.client();
    client.expect_failures(REQUESTS);
    let first = (0..FIRST).map(|number| Request::of(Kind::Streamed, "first", number));
    let mut made = run(&client, first.collect()).await;
    let mixed = (0..REQUESTS).map(|number| Request::numbered("r", number));
    made.extend(run(&client, mixed.collect()).await);

    let strangers = made
        .iter()
        .filter(|(one, _)| one.kind == Kind::Stranger)
        .count();
    let expected = made.len() - strangers;
    let records = scene
        .gateway
        .wait_for_records(expected, SOON)
        .await
        .unwrap();
    let by_id = by_client_id(&records);
    assert_eq!(records.len(), expected, "one record each and no more");
    assert_eq!(by_id.len(), expected, "each of another request");

    let requests = [scene.first.requests(), scene.second.requests()].concat();
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    for (request, seen) in &made {
        *kinds.entry(format!("{:?}", request.kind)).or_default() += 1;
        let upstream = requests
            .iter()
            .filter(|one| one.id.as_ref() == Some(&request.id));
        let upstream: Vec<&Recorded> = upstream.collect();
        if request.kind == Kind::Stranger {
            assert!(seen.status == 401 && upstream.is_empty());
            continue;
        }
        let record = by_id[request.id.as_str()];
        check(&Account {
            request,
            seen: *seen,
            upstream,
            record,
        });
    }
    println!("{kinds:?}");
    assert_eq!(kinds.len(), 11, "every kind of request");
    let failed_over = records
        .iter()
        .filter(|one| one["attempts"].as_array().unwrap().len() > 1)
        .count();
    assert!(
        failed_over >= 30,
        "{failed_over} exchanges really failed over"
    );
    sums_agree(&scene, &records).await;
}

async fn run(client: &Client, requests: Vec<Request>) -> Vec<(Request, Seen)> {
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let mut running = JoinSet::new();
    for request in requests {
        let place = Arc::clone(&places).acquire_owned().await.unwrap();
        let client = client.clone();
        running.spawn(async move {
            let seen = client.make(&request).await.unwrap();
            drop(place);
            (request, seen)
        });
    }
    running.join_all().await
}

fn by_client_id(records: &[Value]) -> BTreeMap<&str, &Value> {
    let id = |record: &'_ Value| record["client_request_id"].as_str().map(str::to_owned);
    assert!(records.iter().all(|record| id(record).is_some()));
    records
        .iter()
        .filter_map(|record| Some((record["client_request_id"].as_str()?, record)))
        .collect()
}

fn check(account: &Account<'_>) {
    let Account {
        request,
        seen,
        upstream,
        record,
    } = account;
    let case = format!("{request:?}\n{seen:?}\n{record}");
    assert_eq!(record["interrupted"], false, "{case}");
    let attempts = record["attempts"].as_array().unwrap();
    assert_eq!(attempts.len(), upstream.len(), "{case}");
    assert_eq!(record["cost_usd"], price(record), "{case}");
    match request.kind {
        Kind::Whole | Kind::Streamed => {
            assert_eq!((seen.status, upstream.len()), (200, 1), "{case}");
            exact(account, &case);
        }
        Kind::FailedOver => {
            assert_eq!(seen.status, 200, "{case}");
            assert_eq!(attempts.last().unwrap()["outcome"], "ok", "{case}");
            assert!(
                record["provider"].as_str().unwrap().ends_with("-second"),
                "{case}"
            );
            exact(account, &case);
        }
        Kind::Unreported => {
            assert_eq!(seen.status, 200, "{case}");
            let delivered = upstream[0].tokens_sent as u64;
            estimated(record, delivered, delivered, &case);
        }
        Kind::HungUp => {
            let delivered = upstream[0].tokens_sent;
            assert_eq!(
                (delivered, seen.tokens),
                (request.leave_after, request.leave_after),
                "{case}"
            );
            estimated(record, delivered as u64, delivered as u64, &case);
            hung_up(account, &case);
        }
        Kind::RanAway => {
            // What was on its way when the client left may or may not have reached us.
            let (least, most) = (seen.tokens as u64, upstream[0].tokens_sent as u64);
            estimated(record, least, most, &case);
            hung_up(account, &case);
        }
        Kind::GaveUp => {
            estimated(record, 0, 0, &case);
            assert_eq!(record["status"], 499, "{case}");
            assert!(record["usage"]["input"].as_u64().unwrap() > 0, "{case}");
        }
        Kind::Unknown => refused(account, 404, 0, &case),
        Kind::Malformed => refused(account, 400, 0, &case),
        Kind::RefusedByProvider => refused(account, 400, 1, &case),
        Kind::Long | Kind::Stranger => unreachable!("is not in the mix, or has no record"),
    }
}

/// The provider reported usage: tokens and cost are these, to the last digit.
fn exact(account: &Account<'_>, case: &str) {
    let reported: Vec<TokenCounts> = account
        .upstream
        .iter()
        .filter_map(|one| one.usage)
        .collect();
    assert_eq!(reported.len(), 1, "{case}");
    let usage = &account.record["usage"];
    assert_eq!(
        (usage["input"].as_u64(), usage["output"].as_u64()),
        (
            Some(reported[0].input as u64),
            Some(reported[0].output as u64)
        ),
        "{case}"
    );
    assert_eq!(reported[0].output, account.request.tokens, "{case}");
    assert_eq!(account.record["estimate"], false, "{case}");
    assert!(account.record["error"].is_null(), "{case}");
}

/// The provider reported none: the estimate is within 5 % of what was delivered to us.
fn estimated(record: &Value, least: u64, most: u64, case: &str) {
    assert_eq!(record["estimate"], true, "{case}");
    assert_ne!(record["cost_usd"], "0", "{case}");
    let output = record["usage"]["output"].as_u64().unwrap();
    let from = (least - (least / 20).max(GRANULARITY).min(least)).min(least);
    let to = most
        + if most == 0 {
            0
        } else {
            (most / 20).max(GRANULARITY)
        };
    assert!(
        (from..=to).contains(&output),
        "{output} is not within {from} to {to}: {case}"
    );
}

fn hung_up(account: &Account<'_>, case: &str) {
    let Account {
        request, record, ..
    } = account;
    assert_eq!(record["error"]["code"], "client_hung_up", "{case}");
    assert_eq!(record["status"], 200, "{case}");
    // Anthropic says at once what it has read.
    if request.model.starts_with("anthropic") {
        assert_eq!(record["usage"]["input"], request.input, "{case}");
    }
}

fn refused(account: &Account<'_>, status: u16, calls: usize, case: &str) {
    let Account {
        seen,
        record,
        upstream,
        ..
    } = account;
    assert_eq!((seen.status, upstream.len()), (status, calls), "{case}");
    assert_eq!(record["status"], status, "{case}");
    assert_eq!(
        (&record["cost_usd"], &record["estimate"]),
        (&Value::from("0"), &Value::from(false)),
        "{case}"
    );
    assert!(record["error"]["message"].is_string(), "{case}");
}

/// What a record's tokens cost at its provider's prices, in USD.
fn price(record: &Value) -> String {
    let usage = &record["usage"];
    let count = |name: &str| usage[name].as_u64().unwrap();
    let dear = record["provider"].as_str().unwrap().ends_with("-second");
    let factor = if dear { 3 } else { 1 };
    crate::scene::usd(factor * (count("input") + 2 * count("output")))
}

/// `tollgate usage` sums what `tollgate logs` lists, by every dimension.
async fn sums_agree(scene: &Scene, records: &[Value]) {
    for dimension in ["model", "key", "project", "provider", "day"] {
        let text = scene
            .gateway
            .command(&["usage", "--by", dimension, "--json"])
            .await
            .unwrap();
        let rows: Vec<Value> = serde_json::from_str(&text).unwrap();
        let mut told: BTreeMap<String, Sum> = BTreeMap::new();
        for row in &rows {
            let named = row[dimension].as_str().unwrap().to_owned();
            told.entry(named)
                .or_default()
                .add(row, row["requests"].as_u64().unwrap());
        }
        let mut counted: BTreeMap<String, Sum> = BTreeMap::new();
        for record in records {
            let named = match dimension {
                "day" => record["at"].as_str().unwrap()[..10].to_owned(),
                other => record[other].as_str().unwrap().to_owned(),
            };
            counted.entry(named).or_default().add(record, 1);
        }
        assert_eq!(told, counted, "{dimension}");
    }
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Sum {
    requests: u64,
    input: u64,
    output: u64,
    /// 10⁻¹² USD.
    cost: u128,
}

impl Sum {
    fn add(&mut self, said: &Value, requests: u64) {
        self.requests += requests;
        self.input += said["usage"]["input"].as_u64().unwrap();
        self.output += said["usage"]["output"].as_u64().unwrap();
        self.cost += pico(said["cost_usd"].as_str().unwrap());
    }
}

/// 10⁻¹² USD from decimal text.
fn pico(text: &str) -> u128 {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = format!("{whole}{fraction:0<12}");
    digits.parse().unwrap()
}
