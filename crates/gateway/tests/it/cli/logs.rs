//! `tollgate logs`.

use super::{Folder, members};
use crate::scene::{DOORS, Door, SOON, Scene};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// The public shape, which only grows at the end.
const SHAPE: [&str; 16] = [
    "id",
    "at",
    "project",
    "key",
    "door",
    "model",
    "provider",
    "status",
    "stream",
    "attempts",
    "usage",
    "cost_usd",
    "estimate",
    "interrupted",
    "error",
    "lost",
];

#[test]
fn an_empty_log_says_so() {
    let folder = Folder::new();
    folder.with_data();
    assert_eq!(folder.said(&["logs"]), "No requests yet.\n");
    assert_eq!(
        folder.said(&["logs", "--status", "5xx"]),
        "No request fits.\n"
    );
    assert_eq!(folder.said(&["logs", "--json"]), "");
    let done = folder.run(&["logs", "--follow"]);
    assert!(
        done.code == 1 && done.stderr.contains("no running server to follow"),
        "{}",
        done.stderr
    );
}

#[tokio::test]
async fn one_line_a_request_in_a_stable_shape() {
    let scene = Scene::start().await;
    let stream = Door::Messages.body("openai-first/fake-text", "hi", true);
    scene
        .ask(Door::Chat, &Door::Chat.body("simulator/ecko", "hi", false))
        .await;
    scene.ask(Door::Messages, &stream).await;
    scene
        .ask(
            Door::Chat,
            &Door::Chat.body("team/fake-error-500", "hi", false),
        )
        .await;
    let text = scene.gateway.command(&["logs", "--json"]).await.unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 3);
    for line in &lines {
        assert_eq!(members(line)[..SHAPE.len()], SHAPE);
        let record: Value = serde_json::from_str(line).unwrap();
        assert_eq!(members(&record["usage"].to_string()).len(), 5);
        let usage = line.split_once("\"usage\":").unwrap().1;
        assert!(usage.starts_with("{\"input\":"), "{usage}");
        for (at, next) in [
            ("\"input\":", ",\"cache_read\":"),
            (",\"cache_write\":", ",\"output\":"),
            (",\"output\":", ",\"reasoning\":"),
        ] {
            assert!(
                usage.find(at).unwrap() < usage.find(next).unwrap(),
                "{usage}"
            );
        }
        assert!(record["cost_usd"].is_string(), "decimal text: {line}");
        let at = record["at"].as_str().unwrap();
        assert!(at.len() == 24 && at.ends_with('Z'), "{at}");
    }
    // Oldest first, as a terminal reads.
    let first: Value = serde_json::from_str(lines[0]).unwrap();
    assert_eq!(
        (&first["model"], &first["status"]),
        (&"simulator/ecko".into(), &404.into())
    );
    let table = scene.gateway.command(&["logs"]).await.unwrap();
    insta::assert_snapshot!(without_times(&table));
}

/// Only how many they were was said.
#[tokio::test]
async fn what_was_lost_is_named() {
    let scene = Scene::start().await;
    let mut body = Door::Messages.body("openai-first/fake-text", "hi", false);
    body["top_k"] = 3.into();
    body["thinking"] = serde_json::json!({"type": "enabled", "budget_tokens": 2000});
    scene.ask(Door::Messages, &body).await;
    let table = scene.gateway.command(&["logs"]).await.unwrap();
    let expect = "lost ~thinking.budget_tokens top_k";
    assert!(table.trim_end().ends_with(expect), "{table}");
}

/// The table without what differs from run to run: the moment in the first column, and the milliseconds.
fn without_times(table: &str) -> String {
    let head = table.lines().next().unwrap();
    let (after_cost, after_ms) = (head.find("USD").unwrap() + 3, head.find("ms").unwrap() + 2);
    let line = |line: &str| {
        let letters: Vec<char> = line.chars().collect();
        let part = |from: usize, to: usize| {
            letters[from..to.min(letters.len())]
                .iter()
                .collect::<String>()
        };
        format!(
            "{}  …{}",
            part(23, after_cost),
            part(after_ms, letters.len())
        )
    };
    table.lines().map(line).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn filters_and_limits() {
    let scene = Scene::start().await;
    for door in DOORS {
        for _ in 0..3 {
            scene
                .ask(
                    door,
                    &door.body(&door.native("count"), "[[tokens=1]]", false),
                )
                .await;
        }
        scene
            .ask(door, &door.body("nothing/like-it", "hi", false))
            .await;
    }
    let count = async |args: &[&str]| {
        let args = [&["logs", "--json"], args].concat();
        scene.gateway.command(&args).await.unwrap().lines().count()
    };
    assert_eq!(count(&[]).await, 8);
    assert_eq!(count(&["-n", "5"]).await, 5);
    assert_eq!(count(&["--model", "openai-first/fake-count"]).await, 3);
    assert_eq!(count(&["--provider", "anthropic-first"]).await, 3);
    assert_eq!(count(&["--status", "4xx"]).await, 2);
    assert_eq!(count(&["--project", "default"]).await, 8);
    assert_eq!(count(&["--key", "test"]).await, 8);
    let unknown = scene
        .gateway
        .command(&["logs", "--project", "tset"])
        .await
        .unwrap_err();
    assert!(
        unknown.to_string().contains("there is no project 'tset'"),
        "{unknown}"
    );
    assert_eq!(count(&["--status", "2xx"]).await, 6);
    assert_eq!(count(&["--since", "2099-01-01T00:00:00Z"]).await, 0);
    assert_eq!(count(&["--until", "2099-01-01T00:00:00Z"]).await, 8);
    let wrong = scene
        .gateway
        .command(&["logs", "--status", "ok"])
        .await
        .unwrap_err();
    assert!(
        wrong.to_string().contains("must be 2xx, 4xx, 5xx"),
        "{wrong}"
    );
}

/// `--follow` prints what is there and then what comes.
#[tokio::test]
async fn following_prints_what_arrives() {
    let scene = Scene::start().await;
    let ask = async || {
        scene
            .ask(Door::Chat, &Door::Chat.body("simulator/echo", "hi", false))
            .await
            .id
    };
    let before = ask().await;
    let child = Command::new(env!("CARGO_BIN_EXE_tollgate"))
        .args(["logs", "--json", "--follow", "--data"])
        .arg(scene.gateway.data_dir())
        .env_clear()
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut child = Following(child);
    let (send, mut lines) = tokio::sync::mpsc::channel(10);
    let out = BufReader::new(child.0.stdout.take().unwrap());
    std::thread::spawn(move || {
        for line in out.lines() {
            if send.blocking_send(line.unwrap()).is_err() {
                return;
            }
        }
    });
    let mut next = async || {
        let line = tokio::time::timeout(SOON, lines.recv())
            .await
            .unwrap()
            .unwrap();
        serde_json::from_str::<Value>(&line).unwrap()["id"].clone()
    };
    assert_eq!(next().await, before.as_str());
    for _ in 0..3 {
        let id = ask().await;
        assert_eq!(next().await, id.as_str());
    }
}

/// Ends with the test.
struct Following(Child);

impl Drop for Following {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
