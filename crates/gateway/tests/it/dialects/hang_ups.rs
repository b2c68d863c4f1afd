//! Clients that leave: the provider's connection is closed, and one record tells what was generated.

use super::client::{CLIENTS, Client};
use super::{Dialects, UPSTREAMS, Upstream};
use crate::scene::{SOON, at_once, price};
use testkit::fake_provider::End;

/// Words that are said before the client leaves.
const WORDS: usize = 30;

#[tokio::test]
async fn in_mid_stream_are_billed() {
    let scene = Dialects::start("").await;
    let pairs = CLIENTS
        .iter()
        .flat_map(|client| UPSTREAMS.iter().map(move |upstream| (client, upstream)));
    at_once(pairs.map(|(client, upstream)| leaves(&scene, client, upstream))).await;
    // One record each, and no more.
    let records = scene.gateway.records().await.unwrap();
    assert_eq!(records.len(), CLIENTS.len() * UPSTREAMS.len());
}

async fn leaves(scene: &Dialects, client: &Client, upstream: &Upstream) {
    let mark = format!("{}-{}", client.name, upstream.dialect);
    let text = format!("[[id={mark} gate={mark} tokens=500]]");
    let call = client.call(&scene.gateway, &upstream.native("gate"), &text, true);
    scene.first.release(&mark, WORDS - 1);
    let mut answer = tokio::time::timeout(SOON, call.send())
        .await
        .expect(&mark)
        .unwrap();
    client.words(&mut answer, WORDS).await;
    let id = answer.header("x-request-id").to_owned();
    drop(answer);
    let ended = scene.ended(&mark).await;
    assert_eq!(
        (ended.end, ended.tokens_sent),
        (End::HungUp, WORDS),
        "{mark}"
    );
    let record = scene.record(&id).await;
    let case = format!("{mark}: {record}");
    assert_eq!(record["error"]["code"], "client_hung_up", "{case}");
    assert_eq!(record["attempts"][0]["outcome"], "cancelled", "{case}");
    assert_eq!(record["status"], 200, "{case}");
    let output = record["usage"]["output"].as_u64().unwrap();
    match upstream.tells_so_far {
        true => assert_eq!(output, 30, "{case}"),
        false => assert!((15..60).contains(&output), "{case}"),
    }
    assert!(record["usage"]["input"].as_u64().unwrap() > 0, "{case}");
    assert_eq!(record["estimate"], !upstream.tells_so_far, "{case}");
    assert_eq!(record["cost_usd"], price(&record["usage"]), "{case}");
}
