//! `tollgate keys`.

use super::{Folder, members};
use crate::scene::{Door, SOON, Scene, call_with, whole};

const CREATE: [&str; 6] = ["keys", "create", "--project", "web", "--name", "shop"];

/// Without a server the command opens the folder itself; what it makes there opens doors once one runs.
#[test]
fn keys_without_a_server() {
    let folder = Folder::new();
    folder.with_data();
    assert_eq!(
        folder.said(&["keys", "list"]),
        "No keys yet. `tollgate keys create --project P --name N` makes one.\n"
    );
    let made = folder.said(&[&CREATE[..], &["--json"]].concat());
    assert_eq!(made.lines().count(), 1);
    assert_eq!(
        members(&made),
        ["key", "id", "name", "project", "project_name"]
    );
    let made: serde_json::Value = serde_json::from_str(&made).unwrap();
    assert!(made["key"].as_str().unwrap().starts_with("tg_"));
    let again = folder.run(&CREATE);
    assert_eq!(again.code, 1);
    assert!(again.stderr.contains("shop"), "{}", again.stderr);
    folder.said(&[
        "keys",
        "create",
        "--project",
        "web",
        "--name",
        "other",
        "--model",
        "simulator/*",
        "--expires-at",
        "2099-01-31T00:00:00Z",
    ]);
    let text = folder.said(&["keys", "revoke", "other"]);
    assert!(text.starts_with("Revoked other (key_"), "{text}");
    insta::assert_snapshot!(settled(&folder.said(&["keys", "list"])));
    let listed = folder.json(&["keys", "list", "--json"]);
    assert_eq!(listed.as_array().unwrap().len(), 2);
    assert_eq!(
        (&listed[0]["id"], &listed[0]["name"]),
        (&made["id"], &made["name"])
    );
    assert!(
        !listed.to_string().contains(made["key"].as_str().unwrap()),
        "shown once"
    );
    assert_eq!(
        listed[1]["allowed_models"],
        serde_json::json!(["simulator/*"])
    );
    for (args, expect) in [
        (
            &["keys", "revoke", "nobody"][..],
            "there is no key 'nobody'",
        ),
        (
            &["keys", "create", "--project", "", "--name", "n"][..],
            "project: must have 1 to 200 characters",
        ),
        (
            &[
                "keys",
                "create",
                "--project",
                "p",
                "--name",
                "n",
                "--expires-at",
                "soon",
            ][..],
            "expires_at: 'soon' is no moment like 2026-12-01T09:30:00Z, and no day like 2026-12-01",
        ),
        (
            &[&CREATE[..5], &["n", "--expires-at", "2020-01-31T00:00:00Z"]].concat(),
            "expires_at: is over already",
        ),
        (
            &[&CREATE[..5], &["n", "--model", "gpt-4o-mini"]].concat(),
            "allowed_models: 'gpt-4o-mini' names no model",
        ),
    ] {
        let done = folder.run(args);
        assert_eq!((done.code, done.stdout.as_str()), (1, ""), "{args:?}");
        assert!(done.stderr.contains(expect), "{}", done.stderr);
    }
}

/// With a server, a new key opens doors at once and a revoked one closes them at once.
#[tokio::test]
async fn keys_with_a_server() {
    let scene = Scene::start().await;
    let gateway = &scene.gateway;
    let key = gateway.create_key("second").await.unwrap();
    let status = async |key: &str| {
        let body = Door::Chat.body("simulator/echo", "hi", false).to_string();
        whole(call_with(gateway.address(), Door::Chat, key, body))
            .await
            .status
    };
    assert_eq!(status(&key).await, 200);
    let text = gateway
        .command(&["keys", "revoke", "second", "--json"])
        .await
        .unwrap();
    let revoked: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert!(revoked["revoked_at"].is_string());
    assert_eq!(status(&key).await, 401);
    assert_eq!(status(gateway.key()).await, 200);
}

/// A rotated key is followed by one of its name; the old one is listed with its end.
#[test]
fn keys_are_rotated() {
    let folder = Folder::new();
    folder.with_data();
    let first = folder.json(&[&CREATE[..], &["--json"]].concat());
    let rotated = folder.json(&["keys", "rotate", "shop", "--grace", "2h", "--json"]);
    assert_eq!(rotated["replaced"]["id"], first["id"]);
    assert_ne!(rotated["successor"]["key"], first["key"]);
    let id = rotated["successor"]["id"].as_str().unwrap();
    let text = folder.said(&["keys", "rotate", id]);
    assert!(
        text.starts_with("tg_") && text.contains(&format!("The old one ({id}) works no more.\n")),
        "{text}"
    );
    let states: Vec<String> = (folder.said(&["keys", "list"]).lines().skip(1))
        .map(|line| line.split_whitespace().nth(5).unwrap().to_owned())
        .collect();
    assert_eq!(states, ["until", "revoked", "active"]);
    let ambiguous = folder.run(&["keys", "rotate", "shop"]);
    assert_eq!(ambiguous.code, 1);
    assert!(
        ambiguous.stderr.contains("by its id"),
        "{}",
        ambiguous.stderr
    );
    let wrong = folder.run(&["keys", "rotate", "shop", "--grace", "soon"]);
    assert_eq!(wrong.code, 2);
    assert!(wrong.stderr.contains("like 24h"), "{}", wrong.stderr);
}

/// A killed server leaves `server.json` behind: commands see that nobody holds the folder, and open it themselves.
#[tokio::test]
async fn a_stale_server_file_misleads_nobody() {
    let mut scene = Scene::start().await;
    scene
        .ask(Door::Chat, &Door::Chat.body("simulator/echo", "hi", false))
        .await;
    scene.gateway.kill().unwrap();
    assert!(scene.gateway.data_dir().join("server.json").exists());
    assert_eq!(
        scene.gateway.wait_for_records(1, SOON).await.unwrap().len(),
        1
    );
    let key = scene.gateway.create_key("while-it-was-down").await.unwrap();
    scene.gateway.restart().await.unwrap();
    let body = Door::Chat.body("simulator/echo", "hi", false).to_string();
    let got = whole(call_with(scene.gateway.address(), Door::Chat, &key, body)).await;
    assert_eq!(got.status, 200);
}

/// What `serve` writes about itself is for its owner's eyes only.
#[tokio::test]
async fn the_server_file_is_private() {
    use std::os::unix::fs::PermissionsExt;
    let scene = Scene::start().await;
    let data = scene.gateway.data_dir();
    for (name, mode) in [("", 0o700), ("server.json", 0o600)] {
        let meta = std::fs::metadata(data.join(name)).unwrap();
        assert_eq!(meta.permissions().mode() & 0o777, mode, "{name}");
    }
}

/// The table with what differs from run to run masked, letter by letter, so that the columns show.
fn settled(table: &str) -> String {
    let mask = |word: &str| {
        let random = ["key_", "tg_", "20"]
            .iter()
            .any(|prefix| word.starts_with(prefix));
        match random {
            true => "#".repeat(word.chars().count()),
            false => word.to_owned(),
        }
    };
    let line = |line: &str| line.split(' ').map(mask).collect::<Vec<_>>().join(" ");
    table.lines().map(line).collect::<Vec<_>>().join("\n")
}
