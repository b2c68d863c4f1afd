//! `tollgate doctor`.

use super::Folder;
use crate::scene::{Scene, admin};
use serde_json::Value;
use std::time::Duration;

fn state<'a>(findings: &'a Value, what: &str) -> &'a str {
    let all = findings.as_array().unwrap();
    let found = all.iter().find(|one| one["what"] == what);
    found.unwrap_or_else(|| panic!("{what} in {findings}"))["state"]
        .as_str()
        .unwrap()
}

#[test]
fn a_fresh_folder_has_nothing_broken() {
    let folder = Folder::new();
    let findings = folder.json(&["doctor", "--json"]);
    for what in ["configuration", "server", "records"] {
        assert_eq!(state(&findings, what), "ok", "{findings}");
    }
    assert_eq!(
        state(&findings, "providers"),
        "warning",
        "only the simulator"
    );
    let text = folder.said(&["doctor"]);
    assert!(text.contains("fix: "), "{text}");
}

/// Also where no server runs.
#[test]
fn the_configuration_that_is_named_is_looked_at() {
    let folder = Folder::new();
    let own = "[providers.own]\nbase_url = \"http://127.0.0.1:9/v1\"\nspeaks = [\"openai_chat\"]\napi_key = \"k\"\nmodels = [\"m\"]\n";
    folder.write("elsewhere.toml", own);
    let named = folder.json(&["doctor", "--config", "elsewhere.toml", "--json"]);
    assert_eq!(state(&named, "providers"), "ok", "{named}");
    let unnamed = folder.json(&["doctor", "--json"]);
    assert_eq!(state(&unnamed, "providers"), "warning", "{unnamed}");
}

#[test]
fn what_is_broken_is_named_and_fails() {
    let folder = Folder::new();
    folder.write("tollgate.toml", "[server]\nlissten = 1\n");
    let done = folder.run(&["doctor", "--json"]);
    assert_eq!(done.code, 1);
    let findings: Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!(state(&findings, "configuration"), "broken");
    assert!(done.stdout.contains("tollgate.toml:2:1"), "{}", done.stdout);
}

#[tokio::test]
async fn a_running_server_is_found() {
    let scene = Scene::start().await;
    let text = scene.gateway.command(&["doctor", "--json"]).await.unwrap();
    let findings: Value = serde_json::from_str(&text).unwrap();
    assert!(text.contains(&scene.gateway.url()), "{text}");
    assert_eq!(state(&findings, "providers"), "ok");
    assert_eq!(state(&findings, "sealing key"), "ok", "nothing is sealed");
}

/// Once every command that read made another key beside what the lost one had sealed, and all was said to be well.
#[tokio::test]
async fn a_lost_sealing_key_is_told_and_not_replaced() {
    let folder = Folder::new();
    folder.with_data();
    let mut scene = Scene::start().await;
    let body = serde_json::json!({"name": "main", "api_key": "sk-test"});
    let path = "/admin/v1/providers/groq/credentials";
    let (status, said) = admin(&scene.gateway, "POST", path, body).await;
    assert_eq!(status, 201, "{said}");
    let key = scene.gateway.data_dir().join("sealing.key");
    let text = scene.gateway.command(&["doctor", "--json"]).await.unwrap();
    let findings: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        state(&findings, "sealing key"),
        "warning",
        "beside its secrets"
    );
    assert!(
        scene
            .gateway
            .terminate(Duration::from_secs(20))
            .await
            .unwrap()
    );
    std::fs::remove_file(&key).unwrap();
    let data = scene.gateway.data_dir().display().to_string();
    for command in [&["logs"][..], &["usage"], &["keys", "list"]] {
        folder.said(&[command, &["--data", &data]].concat());
        assert!(!key.exists(), "{command:?}");
    }
    let done = folder.run(&["doctor", "--json", "--data", &data]);
    assert_eq!(done.code, 1);
    let findings: Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!(state(&findings, "sealing key"), "broken", "{findings}");
}

/// A variable that the configuration names breaks the next start, and is told once; a running server has read its own.
#[tokio::test]
async fn a_variable_that_is_not_set_matters_to_a_start_only() {
    let config =
        "[providers.acme]\nbase_url = \"http://127.0.0.1:1/v1\"\napi_key = \"${ACME_KEY}\"\n";
    let folder = Folder::new();
    folder.write("tollgate.toml", config);
    let done = folder.run(&["doctor"]);
    assert_eq!(done.code, 1);
    assert_eq!(done.stdout.matches("ACME_KEY is not set").count(), 1);
    // Nor to what only reads, or makes a key.
    assert_eq!(
        folder
            .run(&["keys", "create", "--project", "p", "--name", "k"])
            .code,
        0
    );
    assert_eq!(folder.said(&["logs"]), "No requests yet.\n");

    let scene = Scene::start().await;
    let data = scene.gateway.data_dir().display().to_string();
    let findings = folder.json(&["doctor", "--json", "--data", &data]);
    assert_eq!(state(&findings, "configuration"), "warning", "{findings}");
    assert_eq!(state(&findings, "server"), "ok");
}
