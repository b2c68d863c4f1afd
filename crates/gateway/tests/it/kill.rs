//! `kill -9` at random moments under load: after the next start, every request that reached a provider has exactly one
//! record, and what was cut off is marked and priced within bounds.
//!
//! Thirty rounds; `TOLLGATE_KILL_ROUNDS` sets another number. The moments come from a seed, which is printed;
//! `TOLLGATE_KILL_SEED` repeats one.

use crate::load::{Client, Kind, Request, Seen};
use crate::scene::{DOORS, SOON, Scene, Stream, price};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use testkit::fake_provider::{End, Recorded};
use tokio::task::JoinSet;

const ROUNDS: u64 = 30;
/// Requests at once.
const AT_ONCE: usize = 24;
/// The latest moment of a kill.
const LATEST_MS: u64 = 400;
/// One of so many requests is a long stream, which passes checkpoints.
const LONG_EVERY: usize = 6;
/// Generated text between two checkpoints of the gateway, in tokens of the fakes: 2048 bytes at five and a quarter.
const CHECKPOINT_TOKENS: usize = 391;

/// What the clients of all rounds saw, by the requests' ids.
type Made = Arc<Mutex<BTreeMap<String, (Request, Option<Seen>)>>>;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_or_doubled_by_kill_9() {
    let number = |name: &str| {
        std::env::var(name)
            .ok()
            .and_then(|text| text.parse::<u64>().ok())
    };
    let rounds = number("TOLLGATE_KILL_ROUNDS").unwrap_or(ROUNDS);
    let clock = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_nanos() as u64;
    let seed = number("TOLLGATE_KILL_SEED").unwrap_or(clock);
    println!("{rounds} rounds, TOLLGATE_KILL_SEED={seed}");
    let mut random = seed | 1;

    let mut scene = Scene::start().await;
    scene.client().expect_failures(10_000);
    let made: Made = Arc::default();
    for round in 0..rounds {
        // xorshift64
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let moment = Duration::from_millis(20 + random % LATEST_MS);
        let load = Load::start(scene.client(), round, &made);
        tokio::time::sleep(moment).await;
        scene.gateway.kill().unwrap();
        load.stop().await;
        scene.gateway.restart().await.unwrap();
    }
    all_ended(&scene).await;
    let upstream = [scene.first.requests(), scene.second.requests()].concat();
    let records = scene.gateway.records().await.unwrap();
    let made = made.lock().unwrap();
    let totals = check(&made, &upstream, &records);
    println!("{totals:?}");
    assert!(totals.made > totals.reached && totals.records >= totals.reached);
    assert!(
        totals.interrupted as u64 >= rounds,
        "the kills must have met open requests: {totals:?}"
    );
}

/// Killed in a long stream, the record holds what the last checkpoint had seen, and no more than came.
#[tokio::test]
async fn a_killed_stream_is_billed_from_its_last_checkpoint() {
    let mut scene = Scene::start().await;
    for door in DOORS {
        let ended = door.body(&door.native("count"), "[[tokens=300]]", true);
        scene.ask(door, &ended).await;
        let gate = format!("{door:?}");
        let text = format!("[[id={gate} gate={gate} tokens=2000]]");
        let body = door.body(&door.native("count"), &text, true).to_string();
        let mut stream = Stream::open(scene.call(door, body)).await;
        let id = stream.header("x-request-id");
        scene.first.release(&gate, 1199);
        stream.words(door, 1200).await;
        scene.gateway.kill().unwrap();
        scene.gateway.restart().await.unwrap();
        let record = scene.record(&id).await;
        assert_eq!(record["interrupted"], true, "{record}");
        assert_eq!(record["cost_usd"], price(&record["usage"]));
        let output = record["usage"]["output"].as_u64().unwrap() as usize;
        assert!(output <= 1200 * 21 / 20, "{output}: {record}");
        reaches_the_checkpoint(&record, 1200, &record.to_string());
    }
}

/// Clients that make requests until they are stopped.
struct Load {
    stop: Arc<AtomicBool>,
    running: JoinSet<()>,
}

impl Load {
    fn start(client: Client, round: u64, made: &Made) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let next = Arc::new(AtomicUsize::new(0));
        let mut running = JoinSet::new();
        for _ in 0..AT_ONCE {
            let (client, made) = (client.clone(), Arc::clone(made));
            let (stop, next) = (Arc::clone(&stop), Arc::clone(&next));
            running.spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let prefix = format!("k{round}-");
                    let request = match number % LONG_EVERY {
                        1 => Request::of(Kind::Long, &prefix, number),
                        _ => Request::numbered(&prefix, number),
                    };
                    made.lock()
                        .unwrap()
                        .insert(request.id.clone(), (request.clone(), None));
                    match client.make(&request).await {
                        Ok(seen) => {
                            made.lock()
                                .unwrap()
                                .insert(request.id.clone(), (request, Some(seen)));
                        }
                        // Killed: nobody answers any more.
                        Err(_) => return,
                    }
                }
            });
        }
        Self { stop, running }
    }

    async fn stop(self) {
        self.stop.store(true, Ordering::Relaxed);
        tokio::time::timeout(SOON, self.running.join_all())
            .await
            .unwrap();
    }
}

/// Waits until the fakes have noticed that whoever asked is gone.
async fn all_ended(scene: &Scene) {
    let begun = Instant::now();
    let open = |all: Vec<Recorded>| all.iter().any(|one| one.end == End::Open);
    while open(scene.first.requests()) || open(scene.second.requests()) {
        assert!(begun.elapsed() < SOON, "the fakes' connections stay open");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[derive(Debug, Default)]
struct Totals {
    made: usize,
    reached: usize,
    records: usize,
    interrupted: usize,
    checkpointed: usize,
    answered: usize,
}

fn check(
    made: &BTreeMap<String, (Request, Option<Seen>)>,
    upstream: &[Recorded],
    records: &[Value],
) -> Totals {
    let mut totals = Totals {
        made: made.len(),
        records: records.len(),
        ..Totals::default()
    };
    let mut by_id: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
    for record in records {
        let id = record["client_request_id"].as_str().unwrap();
        assert!(made.contains_key(id), "a record of nothing: {record}");
        by_id.entry(id).or_default().push(record);
    }
    for (id, of_it) in &by_id {
        assert_eq!(of_it.len(), 1, "{id} is doubled: {of_it:?}");
    }
    let mut calls: BTreeMap<&str, Vec<&Recorded>> = BTreeMap::new();
    for call in upstream {
        let id = call.id.as_deref().unwrap();
        calls.entry(id).or_default().push(call);
    }
    totals.reached = calls.len();
    for (id, calls) in &calls {
        let record = by_id
            .get(id)
            .unwrap_or_else(|| panic!("{id} reached a provider and is lost: {calls:?}"))[0];
        let (request, seen) = &made[*id];
        let case = format!("{request:?}\n{seen:?}\n{record}");
        if record["interrupted"] == true {
            totals.interrupted += 1;
            totals.checkpointed += usize::from(record["usage"]["output"] != 0);
            interrupted(record, calls, &case);
            if let (Kind::Long, Some(seen)) = (request.kind, seen) {
                reaches_the_checkpoint(record, seen.tokens, &case);
            }
        } else if seen.is_some_and(|seen| seen.complete) {
            totals.answered += 1;
            answered(record, request, &case);
        }
    }
    // What a client heard the end of has a record, whether a provider was asked or not.
    for (id, (request, seen)) in made {
        let stranger = request.kind == Kind::Stranger;
        if seen.is_some_and(|seen| seen.complete) && !stranger {
            assert!(
                by_id.contains_key(id.as_str()),
                "{request:?} was answered and is lost"
            );
        }
    }
    totals
}

/// Cut off: an estimate, never free, at most what the provider sent, at least what the last checkpoint had seen.
fn interrupted(record: &Value, calls: &[&Recorded], case: &str) {
    assert_eq!(record["estimate"], true, "{case}");
    assert_eq!(record["error"]["code"], "interrupted", "{case}");
    assert_ne!(
        record["status"], 499,
        "it was not the client who left: {case}"
    );
    assert_ne!(record["cost_usd"], "0", "{case}");
    assert!(record["usage"]["input"].as_u64().unwrap() > 0, "{case}");
    let output = record["usage"]["output"].as_u64().unwrap();
    let sent: u64 = calls.iter().map(|call| call.tokens_sent as u64).sum();
    // Until enough streams have ended after a start, the ratio of bytes to tokens is a guess: four to one, where the
    // fakes' words have five and a quarter.
    assert!(output * 3 <= sent * 4 + 6, "{output} of {sent}: {case}");
}

/// What the client had seen came after at most one interval since a checkpoint, which counted it within 5 %.
fn reaches_the_checkpoint(record: &Value, seen: usize, case: &str) {
    let output = record["usage"]["output"].as_u64().unwrap() as usize;
    assert!(
        (output + CHECKPOINT_TOKENS) * 21 >= seen * 20,
        "{output} of {seen}: {case}"
    );
}

/// The client had all of the answer: so does the record.
fn answered(record: &Value, request: &Request, case: &str) {
    match request.kind {
        Kind::Whole | Kind::Streamed | Kind::FailedOver => {
            assert_eq!(record["usage"]["output"], request.tokens, "{case}");
            assert_eq!(record["usage"]["input"], request.input, "{case}");
            assert_eq!(record["estimate"], false, "{case}");
        }
        Kind::Unreported => assert_eq!(record["estimate"], true, "{case}"),
        Kind::RefusedByProvider => assert_eq!(record["cost_usd"], "0", "{case}"),
        Kind::Long => assert_eq!(record["estimate"], false, "{case}"),
        Kind::HungUp
        | Kind::RanAway
        | Kind::GaveUp
        | Kind::Unknown
        | Kind::Malformed
        | Kind::Stranger => {}
    }
}
