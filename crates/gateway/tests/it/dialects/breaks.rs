//! Streams that break: before the first content the next provider serves, in whatever dialect; after it the client hears
//! an error in its own.

use super::client::{CLIENTS, Client};
use super::{Dialects, UPSTREAMS, Upstream};
use crate::scene::{AFTER_COMMIT, BEFORE_COMMIT, at_once, outcomes, price, usd, whole};
use testkit::fake_provider::Behaviour;

/// Short time-outs, for what waits for them. No keep-alive, which would send headers before the first content.
const IMPATIENT: &str = "[server]\nkeep_alive_seconds = 30\nfirst_token_timeout_seconds = 3\nidle_timeout_seconds = 2\n";

#[tokio::test]
async fn before_commit_are_served_by_a_provider_of_another_dialect() {
    let scene = Dialects::start(IMPATIENT).await;
    let mut cases = Vec::new();
    for (scenario, outcome) in BEFORE_COMMIT {
        for upstream in &UPSTREAMS {
            for client in &CLIENTS {
                cases.push(served_by_second(
                    &scene, client, upstream, scenario, outcome,
                ));
            }
        }
    }
    at_once(cases).await;
}

async fn served_by_second(
    scene: &Dialects,
    client: &Client,
    upstream: &Upstream,
    scenario: &str,
    outcome: &str,
) {
    let model = upstream.shared(client, scenario);
    let nothing_said = Behaviour {
        after: Some(0),
        ..Behaviour::of(scenario)
    };
    scene.first.script(&model, [nothing_said]);
    scene.second.script(&model, [Behaviour::of("text")]);
    let got = whole(client.call(&scene.gateway, &model, "Hi.", true)).await;
    let case = format!("{model}: {}", String::from_utf8_lossy(&got.bytes));
    assert_eq!(got.status, 200, "{case}");
    let frames = client.frames(&got.bytes);
    assert!(client.is_complete(&frames), "{case}");
    assert!(
        client
            .streamed_text(&frames)
            .starts_with("Hello from the fake"),
        "{case}"
    );
    let record = scene.record(&got.id).await;
    assert_eq!(outcomes(&record), [outcome, "ok"], "{case}\n{record}");
    assert!(record["provider"].as_str().unwrap().starts_with("second-"));
    // 21 tokens in, 7 out, at the second fake's prices, and nothing for the first.
    assert_eq!(record["cost_usd"], usd(3 * 21 + 6 * 7), "{case}");
    assert_eq!(record["estimate"], false, "{case}");
}

#[tokio::test]
async fn after_commit_end_in_an_error_of_the_clients_dialect() {
    let scene = Dialects::start(IMPATIENT).await;
    let mut cases = Vec::new();
    for (scenario, outcome) in AFTER_COMMIT {
        for upstream in &UPSTREAMS {
            for client in &CLIENTS {
                cases.push(ends_in_error(&scene, client, upstream, scenario, outcome));
            }
        }
    }
    at_once(cases).await;
    assert!(scene.second.requests().is_empty(), "no silent switch");
}

async fn ends_in_error(
    scene: &Dialects,
    client: &Client,
    upstream: &Upstream,
    scenario: &str,
    outcome: &str,
) {
    let model = upstream.native(scenario);
    let call = client.call(&scene.gateway, &model, "[[after=10]]", true);
    let got = whole(call).await;
    let case = format!(
        "{} {model}: {}",
        client.name,
        String::from_utf8_lossy(&got.bytes)
    );
    assert_eq!(got.status, 200, "{case}");
    let frames = client.frames(&got.bytes);
    let said = client.streamed_text(&frames);
    assert_eq!(said.split_whitespace().count(), 10, "{case}");
    let message = client.streamed_error(&frames).expect(&case);
    let record = scene.record(&got.id).await;
    assert_eq!(outcomes(&record), [outcome], "{case}\n{record}");
    assert_eq!(record["status"], 200, "{case}");
    assert_eq!(record["error"]["message"], message.as_str(), "{case}");
    let output = record["usage"]["output"].as_u64().unwrap();
    assert!(
        (5..20).contains(&output),
        "10 tokens came: {case}\n{record}"
    );
    assert_eq!(
        record["estimate"], !upstream.tells_so_far,
        "{case}\n{record}"
    );
    assert_eq!(record["cost_usd"], price(&record["usage"]), "{case}");
    assert_ne!(record["cost_usd"], "0", "{case}");
}
