//! The control endpoints under `/_fake/`, for tests in other languages: scripts, gates, what was received, waiting.

use super::recorder::{End, Recorded};
use super::scenario::{Behaviour, SCENARIOS};
use super::{FakeProvider, Shared};
use bytes::Bytes;
use http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// `POST /_fake/script`: the behaviours of the next requests for a model, in order; after them its name decides again.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Script {
    model: String,
    behaviours: Vec<Behaviour>,
}

/// `POST /_fake/release`: lets `count` waiters pass a gate.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Release {
    gate: String,
    #[serde(default = "one")]
    count: usize,
}

/// `POST /_fake/wait`: answers with the newest request that fits, as soon as there is one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wait {
    id: Option<String>,
    model: Option<String>,
    #[serde(default)]
    chunks: usize,
    #[serde(default)]
    ended: bool,
    #[serde(default = "five_seconds")]
    timeout_ms: u64,
}

fn one() -> usize {
    1
}

fn five_seconds() -> u64 {
    5_000
}

/// Answers a control request: a status and a JSON value.
pub(super) async fn answer(
    shared: &Shared,
    method: &Method,
    path_and_query: &str,
    body: &Bytes,
) -> (StatusCode, Value) {
    let (path, query) = path_and_query
        .split_once('?')
        .unwrap_or((path_and_query, ""));
    match (method.as_str(), path) {
        ("POST", "/_fake/script") => with(body, |script: Script| {
            shared.script(&script.model, script.behaviours);
            json!({})
        }),
        ("POST", "/_fake/release") => with(
            body,
            |release: Release| json!({"order": shared.release(&release.gate, release.count)}),
        ),
        ("POST", "/_fake/wait") => wait(shared, body).await,
        ("GET", "/_fake/requests") => (StatusCode::OK, requests(shared, query)),
        ("GET", "/_fake/counters") => (StatusCode::OK, counters(shared)),
        ("GET", "/_fake/scenarios") => {
            let list: BTreeMap<_, _> = SCENARIOS.iter().map(|s| (s.name, s.about)).collect();
            (StatusCode::OK, json!(list))
        }
        ("POST", "/_fake/reset") => {
            shared.reset();
            (StatusCode::OK, json!({}))
        }
        _ => {
            let paths = "script, release, wait, reset (POST), requests, counters, scenarios (GET)";
            (
                StatusCode::NOT_FOUND,
                json!({"error": format!("under /_fake/ there are {paths}")}),
            )
        }
    }
}

fn with<T: for<'de> Deserialize<'de>>(
    body: &Bytes,
    act: impl FnOnce(T) -> Value,
) -> (StatusCode, Value) {
    match serde_json::from_slice(body) {
        Ok(input) => (StatusCode::OK, act(input)),
        Err(error) => (StatusCode::BAD_REQUEST, json!({"error": error.to_string()})),
    }
}

async fn wait(shared: &Shared, body: &Bytes) -> (StatusCode, Value) {
    let wanted: Wait = match serde_json::from_slice(body) {
        Ok(wanted) => wanted,
        Err(error) => return (StatusCode::BAD_REQUEST, json!({"error": error.to_string()})),
    };
    let fits = |request: &&Recorded| {
        let same = |wanted: &Option<String>, has: Option<&str>| {
            wanted.is_none() || wanted.as_deref() == has
        };
        same(&wanted.id, request.id.as_deref())
            && same(&wanted.model, Some(&request.model))
            && request.chunks_sent >= wanted.chunks
            && (!wanted.ended || request.end != End::Open)
    };
    let within = Duration::from_millis(wanted.timeout_ms);
    let found = shared
        .recorder
        .wait(within, |all| all.iter().rev().find(fits).cloned());
    match found.await {
        Ok(request) => (StatusCode::OK, json!(request)),
        Err(late) => (
            StatusCode::REQUEST_TIMEOUT,
            json!({"error": late.to_string()}),
        ),
    }
}

/// All requests, or those of one `id=` or `model=`.
fn requests(shared: &Shared, query: &str) -> Value {
    let wanted: Vec<(&str, &str)> = query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .collect();
    shared.recorder.read(|all| {
        let fits = |request: &&Recorded| {
            wanted.iter().all(|(key, value)| match *key {
                "id" => request.id.as_deref() == Some(value),
                "model" => request.model == *value,
                _ => true,
            })
        };
        json!(all.iter().filter(fits).collect::<Vec<_>>())
    })
}

/// Per id: how many requests there were, what was handed over and what was reported.
fn counters(shared: &Shared) -> Value {
    let counters = shared.recorder.read(FakeProvider::count);
    json!(counters)
}
