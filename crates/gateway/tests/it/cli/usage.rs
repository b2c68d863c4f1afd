//! `tollgate usage`.

use super::{Folder, members};
use crate::scene::{DOORS, Scene};
use serde_json::Value;

#[test]
fn nothing_used_says_so() {
    let folder = Folder::new();
    folder.with_data();
    assert_eq!(
        folder.said(&["usage", "--by", "model"]),
        "No requests yet.\n"
    );
    assert_eq!(folder.said(&["usage", "--by", "model", "--json"]), "[]\n");
    assert_eq!(folder.run(&["usage", "--by", "moon"]).code, 2);
}

/// `usage --json` once gave its members in alphabetical order.
#[tokio::test]
async fn sums_in_a_stable_shape() {
    let scene = Scene::start().await;
    for door in DOORS {
        scene
            .ask(door, &door.body(&door.native("cached"), "hi", false))
            .await;
        scene
            .ask(
                door,
                &door.body(&door.native("count"), "[[tokens=5]]", true),
            )
            .await;
    }
    for by in ["model", "key", "project", "provider", "day"] {
        let text = scene
            .gateway
            .command(&["usage", "--by", by, "--json"])
            .await
            .unwrap();
        let rows: Vec<&serde_json::value::RawValue> = serde_json::from_str(&text).unwrap();
        assert!(!rows.is_empty());
        for row in rows {
            assert_eq!(
                members(row.get()),
                [by, "requests", "unpriced", "usage", "cost_usd"]
            );
            let usage = row.get().split_once("\"usage\":").unwrap().1;
            let usage = &usage[..usage.find('}').unwrap() + 1];
            assert_eq!(
                members(usage),
                ["input", "cache_read", "cache_write", "output", "reasoning"]
            );
            let row: Value = serde_json::from_str(row.get()).unwrap();
            assert!(row["requests"].is_u64() && row["cost_usd"].is_string());
        }
    }
    let table = scene
        .gateway
        .command(&["usage", "--by", "model"])
        .await
        .unwrap();
    insta::assert_snapshot!(table);
    let of_keys = scene
        .gateway
        .command(&["usage", "--by", "key"])
        .await
        .unwrap();
    assert!(of_keys.contains("\ntest  key_"), "{of_keys}");
    let later = scene
        .gateway
        .command(&["usage", "--since", "2099-01-01T00:00:00Z"])
        .await
        .unwrap();
    assert_eq!(later, "No requests in that time.\n");
}
