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
            "error: --project: must have 1 to 200 characters",
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
            "error: --expires-at: 'soon' is no moment like 2026-12-01T09:30:00Z, and no day like 2026-12-01",
        ),
        (
            &[&CREATE[..5], &["n", "--expires-at", "2020-01-31T00:00:00Z"]].concat(),
            "error: --expires-at: is over already",
        ),
        (
            &[&CREATE[..5], &["n", "--model", "gpt-4o-mini"]].concat(),
            "error: --model: 'gpt-4o-mini' names no model",
        ),
        (
            &[&CREATE[..5], &["n", "--model", "groq/*"]].concat(),
            "error: --model: 'groq/*' means what groq made, and most of what it serves others made: name these models; with --allow-unknown,",
        ),
        (
            &["keys", "rotate", "shop", "--grace", "400d"][..],
            "error: --grace: at most 366 days",
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
    // Of a replaced key and its successor the name is the successor's.
    let again = folder.json(&["keys", "rotate", "shop", "--grace", "1h", "--json"]);
    let listed = folder.json(&["keys", "list", "--json"]);
    let replaced: Vec<bool> = (listed.as_array().unwrap().iter())
        .map(|key| key["replaced"].as_bool().unwrap())
        .collect();
    assert_eq!(replaced, [true, false, true, false]);
    assert_eq!(again["replaced"]["id"], listed[2]["id"]);
    let text = folder.said(&["keys", "list"]);
    assert_eq!(text.matches(", replaced").count(), 2, "{text}");
    let revoked = folder.json(&["keys", "revoke", "shop", "--json"]);
    assert_eq!(revoked["id"], again["successor"]["id"]);
    folder.said(&[&CREATE[..], &["--expires-at", "9999-12-31"]].concat());
    folder.said(&["keys", "create", "--project", "other", "--name", "shop"]);
    let ambiguous = folder.run(&["keys", "rotate", "shop"]);
    assert_eq!(ambiguous.code, 1);
    let told = &ambiguous.stderr;
    assert!(
        told.contains("by its id (key_") && told.contains("in project other"),
        "{told}"
    );
    let wrong = folder.run(&["keys", "rotate", "shop", "--grace", "soon"]);
    assert_eq!(wrong.code, 2);
    assert!(wrong.stderr.contains("like 24h"), "{}", wrong.stderr);
}

/// Whoever revokes a key by its name hears of the one before it, and reaches that by the same name then.
#[test]
fn a_key_that_was_replaced_and_still_works_is_not_forgotten() {
    let folder = Folder::new();
    folder.with_data();
    folder.said(&CREATE);
    let rotated = folder.json(&["keys", "rotate", "shop", "--grace", "2h", "--json"]);
    let old = rotated["replaced"]["id"].as_str().unwrap();
    let first = folder.said(&["keys", "revoke", "shop"]);
    assert!(
        first.contains(&format!("{old}, which it replaced, works until ")),
        "{first}"
    );
    assert!(
        first.contains(&format!("`tollgate keys revoke {old}`")),
        "{first}"
    );
    let second = folder.said(&["keys", "revoke", "shop"]);
    assert_eq!(second, format!("Revoked shop ({old}).\n"));
}

/// `tollgate keys create | head -0`: what nobody could read opens nothing.
#[test]
fn a_key_whose_secret_nobody_saw_is_revoked() {
    let folder = Folder::new();
    folder.with_data();
    for args in [&CREATE[..], &[&CREATE[..], &["--json"]].concat()] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let done = folder.command(args).stdout(writer).output().unwrap();
        let told = String::from_utf8(done.stderr).unwrap();
        assert_eq!(done.status.code(), Some(1), "{told}");
        assert!(
            told.contains("could not be written") && told.contains("was revoked"),
            "{told}"
        );
    }
    let listed = folder.json(&["keys", "list", "--json"]);
    let listed = listed.as_array().unwrap();
    assert!(listed.len() == 2 && listed.iter().all(|key| key["revoked_at"].is_string()));
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
