//! `/admin/v1/usage`.

use crate::scene::{DOORS, Scene};
use serde_json::{Value, json};

/// What the description says that a row has.
async fn described_members(scene: &Scene) -> Vec<String> {
    let path = "/admin/v1/openapi.json";
    let document = scene.admin(200, "GET", path, Value::Null).await;
    let row = &document["components"]["schemas"]["UsageRow"]["properties"];
    let mut members: Vec<_> = row.as_object().unwrap().keys().cloned().collect();
    members.sort();
    members
}

#[tokio::test]
async fn sums_by_dimension_and_span() {
    let scene = Scene::start().await;
    for door in DOORS {
        for _ in 0..2 {
            scene
                .ask(door, &door.body(&door.native("cached"), "hi", true))
                .await;
        }
    }
    scene
        .ask(DOORS[0], &DOORS[0].body("simulator/ecko", "hi", false))
        .await;
    let usage = async |query: &str| {
        scene
            .admin(200, "GET", &format!("/admin/v1/usage?{query}"), Value::Null)
            .await
    };
    let rows = usage("by=provider").await;
    let row = rows
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["provider"] == "openai-first")
        .unwrap();
    assert_eq!(row["requests"], 2);
    assert_eq!(
        row["usage"],
        json!({"input": 200, "cache_read": 4000, "cache_write": 600, "output": 8, "reasoning": 0})
    );
    // Without prices of their own, cached tokens cost as much as others: 4800 at 1, 8 at 2.
    assert_eq!(row["cost_usd"], "0.004816");
    assert_eq!(described_members(&scene).await, {
        let mut members: Vec<_> = row.as_object().unwrap().keys().cloned().collect();
        members.extend(["day", "key", "model", "project"].map(String::from));
        members.sort();
        members
    });
    assert_eq!(usage("by=day").await.as_array().unwrap().len(), 1);
    assert_eq!(usage("by=project").await[0]["requests"], 5);
    assert_eq!(usage("by=key&since=2099-01-01T00:00:00Z").await, json!([]));
    for (query, field) in [
        ("by=moon", json!("by")),
        ("by=day&since=x", json!("since")),
        ("", json!("by")),
    ] {
        scene
            .refused(
                400,
                "invalid_request",
                field,
                ("GET", &format!("/admin/v1/usage?{query}"), Value::Null),
            )
            .await;
    }
}
