//! Streams: pieces arrive one by one, a hang-up ends the provider's work and is billed, silence is bridged, and
//! failover happens before the first content and never after it.

use crate::scene::{
    AFTER_COMMIT, BEFORE_COMMIT, DOORS, Door, SOON, Scene, Stream, Whole, at_once, frames,
    outcomes, price, string_at, usd,
};
use serde_json::{Value, json};
use testkit::fake_provider::{Behaviour, End, FakeProvider, Recorded};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Short time-outs, for what waits for them.
const IMPATIENT: &str =
    "[server]\nkeep_alive_seconds = 1\nfirst_token_timeout_seconds = 2\nidle_timeout_seconds = 1\n";

async fn ended(fake: &FakeProvider, model: &str) -> Recorded {
    let model = model.rsplit_once("fake-").unwrap().1;
    let found = fake.wait(SOON, |all| {
        let mut fits = all.iter().filter(|one| one.model.ends_with(model));
        fits.find(|one| one.end != End::Open).cloned()
    });
    found.await.unwrap()
}

/// The provider may send a piece only after the test has seen the one before it, so whatever is held back or joined
/// anywhere on the way would stop this for good.
#[tokio::test]
async fn pieces_arrive_one_by_one() {
    let scene = Scene::start().await;
    for door in DOORS {
        for model in ["openai-first/fake-gate", "anthropic-first/fake-gate"] {
            let gate = format!("{door:?}-{}", model.replace('/', "-"));
            let text = format!("[[gate={gate} tokens=12]]");
            let body = door.body(model, &text, true).to_string();
            let mut stream = Stream::open(scene.call(door, body)).await;
            for words in 1..12 {
                stream.words(door, words).await;
                scene.first.release(&gate, 1);
            }
            assert!(
                door.is_complete(&frames(&stream.rest().await)),
                "{door:?} {model}"
            );
        }
    }
}

#[tokio::test]
async fn a_hang_up_in_mid_stream_closes_the_providers_connection_and_is_billed() {
    let scene = Scene::start().await;
    for door in DOORS {
        for model in ["openai-first/fake-gate", "anthropic-first/fake-gate"] {
            scene.first.reset();
            let mark = format!("{door:?} {model}");
            let body = door.body(model, "[[gate=g tokens=500]]", true).to_string();
            let call = scene.call(door, body).header("x-request-id", mark.as_str());
            let mut stream = Stream::open(call).await;
            scene.first.release("g", 29);
            stream.words(door, 30).await;
            let id = stream.header("x-request-id");
            drop(stream);
            let upstream = ended(&scene.first, model).await;
            assert_eq!(
                (upstream.end, upstream.tokens_sent),
                (End::HungUp, 30),
                "{mark}"
            );
            let record = scene.record(&id).await;
            assert_eq!(record["estimate"], true, "{record}");
            assert_eq!(record["status"], 200);
            assert_eq!(record["error"]["code"], "client_hung_up");
            assert_eq!(record["attempts"][0]["outcome"], "cancelled");
            assert_eq!(record["interrupted"], false);
            let output = record["usage"]["output"].as_u64().unwrap();
            assert!((15..60).contains(&output), "30 tokens came: {record}");
            assert_eq!(record["cost_usd"], price(&record["usage"]));
            assert_eq!(scene.records_of(&mark).await.len(), 1);
        }
    }
}

/// The provider was asked and has read the input: that is billed, though nothing came back.
#[tokio::test]
async fn a_hang_up_before_the_first_token_is_billed_too() {
    let scene = Scene::start().await;
    for door in DOORS {
        for (scenario, stream) in [("never", true), ("stall", true), ("never", false)] {
            scene.first.reset();
            let mark = format!("{door:?} {scenario} {stream}");
            let body = door
                .body(&door.native(scenario), "Tell me a story.", stream)
                .to_string();
            let call = scene.call(door, body).header("x-request-id", mark.as_str());
            let waiting = tokio::spawn(call.send());
            let arrived = scene
                .first
                .wait(SOON, |all| (!all.is_empty()).then_some(()));
            arrived.await.unwrap();
            waiting.abort();
            assert_eq!(
                ended(&scene.first, scenario_model(scenario)).await.end,
                End::HungUp
            );
            let record = only(&scene, &mark).await;
            assert_eq!(
                (&record["status"], &record["estimate"]),
                (&json!(499), &json!(true))
            );
            assert!(record["usage"]["input"].as_u64().unwrap() > 0, "{record}");
            assert_eq!(record["usage"]["output"], 0);
            assert_eq!(record["cost_usd"], price(&record["usage"]));
            assert_ne!(record["cost_usd"], "0");
        }
    }
}

fn scenario_model(scenario: &str) -> &'static str {
    match scenario {
        "never" => "fake-never",
        _ => "fake-stall",
    }
}

/// The one record with a client's own id, once it is there.
async fn only(scene: &Scene, mark: &str) -> Value {
    let begun = std::time::Instant::now();
    loop {
        let mut records = scene.records_of(mark).await;
        match records.len() {
            1 => return records.remove(0),
            0 => assert!(begun.elapsed() < SOON, "no record of {mark}"),
            several => panic!("{several} records of {mark}"),
        }
    }
}

#[tokio::test]
async fn silence_is_bridged_by_keep_alives() {
    let scene = Scene::with("[server]\nkeep_alive_seconds = 1\n").await;
    let bridged = async |door: Door| {
        let gate = format!("{door:?}");
        let text = format!("[[gate={gate} tokens=3]]");
        let body = door.body(&door.native("gate"), &text, true).to_string();
        let mut stream = Stream::open(scene.call(door, body)).await;
        stream.words(door, 1).await;
        stream.until(|seen| holds(seen, keep_alive(door))).await;
        scene.first.release(&gate, 2);
        let all = stream.rest().await;
        assert!(door.is_complete(&frames(&all)));
        assert_eq!(door.streamed_text(&frames(&all)), " the river was");
    };
    tokio::join!(bridged(Door::Chat), bridged(Door::Messages));
}

fn keep_alive(door: Door) -> &'static str {
    match door {
        Door::Chat => ": keep-alive\n\n",
        Door::Messages => "event: ping\n",
    }
}

fn holds(seen: &[u8], text: &str) -> bool {
    std::str::from_utf8(seen).unwrap().contains(text)
}

/// Headers go out with the first keep-alive, and another provider may still be tried after it.
#[tokio::test]
async fn a_stall_before_the_first_token_is_bridged_and_failed_over() {
    let scene = Scene::with(IMPATIENT).await;
    for door in DOORS {
        scene
            .second
            .script(&door.shared("stall"), [Behaviour::of("text")]);
    }
    let served = async |door: Door| {
        let body = door.body(&door.shared("stall"), "hi", true).to_string();
        let mut stream = Stream::open(scene.call(door, body)).await;
        let id = stream.header("x-request-id");
        stream.until(|seen| holds(seen, keep_alive(door))).await;
        let all = frames(&stream.rest().await);
        assert!(door.is_complete(&all), "{all:?}");
        assert!(door.streamed_text(&all).starts_with("Hello from"));
        let record = scene.record(&id).await;
        assert_eq!(outcomes(&record), ["first_token_timeout", "ok"], "{record}");
        assert_eq!(
            (&record["status"], &record["error"]),
            (&json!(200), &Value::Null)
        );
        // A client that goes away after the headers were sent has heard a 200.
        let body = door.body(&door.native("never"), "hi", true).to_string();
        let mut stream = Stream::open(scene.call(door, body)).await;
        let id = stream.header("x-request-id");
        stream.until(|seen| holds(seen, keep_alive(door))).await;
        drop(stream);
        let record = scene.record(&id).await;
        assert_eq!(
            (&record["status"], &record["estimate"]),
            (&json!(200), &json!(true))
        );
        // Nobody left to try: an error in the stream, since the headers are out.
        let body = door.body(&door.native("never"), "hi", true).to_string();
        let all = frames(&Stream::open(scene.call(door, body)).await.rest().await);
        assert!(door.streamed_error(&all).is_some(), "{all:?}");
    };
    tokio::join!(served(Door::Chat), served(Door::Messages));
}

#[tokio::test]
async fn what_fails_before_commit_is_served_by_the_next_provider() {
    let scene = Scene::with(IMPATIENT).await;
    let mut cases = Vec::new();
    for (scenario, outcome) in BEFORE_COMMIT {
        for door in DOORS {
            for prefix in ["team", "crew", "mixed"] {
                cases.push((format!("{prefix}/fake-{scenario}"), outcome, door));
            }
        }
    }
    let served = cases
        .iter()
        .map(|(model, outcome, door)| served_by_second(&scene, model, outcome, *door));
    at_once(served).await;
}

async fn served_by_second(scene: &Scene, model: &str, outcome: &str, door: Door) {
    let nothing_said = Behaviour {
        after: Some(0),
        ..Behaviour::of(model.rsplit_once("fake-").unwrap().1)
    };
    scene.first.script(model, [nothing_said]);
    scene.second.script(model, [Behaviour::of("text")]);
    let got = scene.ask(door, &door.body(model, "hi", true)).await;
    let case = format!("{door:?} {model}: {}", String::from_utf8_lossy(&got.bytes));
    assert_eq!(got.status, 200, "{case}");
    let all = got.frames();
    assert!(door.is_complete(&all), "{case}");
    assert_eq!(
        door.streamed_text(&all),
        "Hello from the fake provider: grüße, \"世界\"\n 🌍.",
        "{case}"
    );
    let record = scene.record(&got.id).await;
    assert_eq!(outcomes(&record), [outcome, "ok"], "{case}\n{record}");
    assert!(record["provider"].as_str().unwrap().ends_with("-second"));
    // 21 tokens in, 7 out, at the second fake's prices, and nothing for the first.
    assert_eq!(record["cost_usd"], usd(3 * 21 + 6 * 7), "{case}");
    assert_eq!(record["estimate"], false);
}

#[tokio::test]
async fn what_breaks_after_commit_ends_in_an_error_frame() {
    let scene = Scene::with(IMPATIENT).await;
    let mut cases = Vec::new();
    for (scenario, outcome) in AFTER_COMMIT {
        for door in DOORS {
            for prefix in ["team", "crew", "mixed"] {
                cases.push((format!("{prefix}/fake-{scenario}"), outcome, door));
            }
        }
    }
    let ended = cases
        .iter()
        .map(|(model, outcome, door)| ends_in_error(&scene, model, outcome, *door));
    at_once(ended).await;
    assert!(
        scene.second.requests().is_empty(),
        "no silent switch after commit"
    );
}

/// The first content and what breaks the stream may come in one piece: it is the same as in two.
#[tokio::test]
async fn what_breaks_with_its_first_content_ends_in_an_error_frame() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let provider = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = Vec::new();
        while !request.ends_with(b"}") {
            assert!(stream.read_buf(&mut request).await.unwrap() > 0);
        }
        let reply = concat!(
            "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n",
            "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hello\"}}]}\n\n",
            "data: {nonsense\n\n",
        );
        stream.write_all(reply.as_bytes()).await.unwrap();
    });
    let scene = Scene::with(&format!(
        "[providers.odd]\nbase_url = \"http://{address}/v1\"\nspeaks = [\"openai_chat\"]\nmodels = [\"a\"]\n"
    ))
    .await;
    let got: Whole = scene
        .ask(Door::Chat, &Door::Chat.body("odd/a", "hi", true))
        .await;
    provider.await.unwrap();
    let all = got.frames();
    assert_eq!(got.status, 200, "{all:?}");
    assert_eq!(Door::Chat.streamed_text(&all), "Hello");
    assert!(Door::Chat.streamed_error(&all).is_some(), "{all:?}");
    let record = scene.record(&got.id).await;
    assert_eq!(outcomes(&record), ["malformed"], "{record}");
    assert!(record["usage"]["output"].as_u64() > Some(0), "{record}");
}

async fn ends_in_error(scene: &Scene, model: &str, outcome: &str, door: Door) {
    let breaks = Behaviour {
        after: Some(10),
        ..Behaviour::of(model.rsplit_once("fake-").unwrap().1)
    };
    scene.first.script(model, [breaks]);
    let got: Whole = scene.ask(door, &door.body(model, "hi", true)).await;
    let case = format!("{door:?} {model}: {}", String::from_utf8_lossy(&got.bytes));
    let all = got.frames();
    assert_eq!(got.status, 200);
    assert_eq!(
        door.streamed_text(&all).split_whitespace().count(),
        10,
        "{case}"
    );
    let (kind, message) = door.streamed_error(&all).expect(&case);
    assert!(!kind.is_empty() && !message.is_empty(), "{case}");
    if door == Door::Messages {
        assert_eq!(all.last().unwrap().event, "error", "{case}");
    }
    let record = scene.record(&got.id).await;
    assert_eq!(outcomes(&record), [outcome], "{case}\n{record}");
    assert_eq!(
        (&record["status"], &record["estimate"]),
        (&json!(200), &json!(true))
    );
    assert_eq!(record["error"]["message"], message.as_str());
    if outcome == "server_error" {
        // In the provider's words, which may name its accounts and hosts, it is for the record alone.
        assert_eq!(message, "The provider failed to answer.", "{case}");
        let said = string_at(&record, "/attempts/0/message");
        assert!(
            !said.is_empty() && !case.contains(&said),
            "{case}\n{record}"
        );
    }
    let output = record["usage"]["output"].as_u64().unwrap();
    assert!((5..20).contains(&output), "10 tokens came: {record}");
    assert_eq!(record["cost_usd"], price(&record["usage"]));
}

/// A stream tells its cost in its last usage, whole answers in a header too; both agree with the record to the digit.
#[tokio::test]
async fn the_cost_a_client_hears_is_the_records() {
    let scene = Scene::start().await;
    for door in DOORS {
        for model in ["openai-first/fake-cached", "anthropic-first/fake-cached"] {
            let mut body = door.body(model, "hi", true);
            if door == Door::Chat {
                body["stream_options"] = json!({"include_usage": true});
            }
            let streamed = scene.ask(door, &body).await;
            let usage = door.streamed_usage(&streamed.frames()).unwrap();
            let record = scene.record(&streamed.id).await;
            assert_eq!(
                usage["cost"].to_string(),
                record["cost_usd"],
                "{usage} {record}"
            );
            let got = scene.ask(door, &door.body(model, "hi", false)).await;
            let record = scene.record(&got.id).await;
            assert_eq!(got.header("x-tollgate-cost-usd"), record["cost_usd"]);
            assert_eq!(got.json()["usage"]["cost"].to_string(), record["cost_usd"]);
            let counted = |name: &str| record["usage"][name].as_u64().unwrap();
            assert_eq!(
                (
                    counted("input"),
                    counted("cache_read"),
                    counted("cache_write")
                ),
                (100, 2000, 300)
            );
        }
    }
}
