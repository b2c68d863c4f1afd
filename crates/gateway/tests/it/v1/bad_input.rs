//! Bad input: an error in the client's dialect that names the field, with `x-request-id`, never a 5xx; and a record that
//! says why, or none where there was no valid key. What is said stands in the snapshot.

use crate::scene::{ADMIN, DOORS, Door, Scene, Whole, admin, call_with, string_at, whole};
use serde_json::{Value, json};
use std::fmt::Write;
use testkit::client::Call;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A small cap for bodies.
const CAPPED: &str = "[server]\nmax_body_bytes = 20000\n";

/// What an error body says, whatever its dialect.
struct Said {
    kind: String,
    code: String,
    param: String,
    message: String,
}

/// Checks that an answer is an error of the door's dialect.
fn said(door: Door, got: &Whole) -> Said {
    let body = got.json();
    let case = format!(
        "{door:?} {}: {}",
        got.status,
        String::from_utf8_lossy(&got.bytes)
    );
    assert!((400..500).contains(&got.status), "{case}");
    assert!(
        got.id.starts_with("gen_"),
        "x-request-id: {:?}; {case}",
        got.id
    );
    assert_eq!(got.header("content-type"), "application/json", "{case}");
    let error = &body["error"];
    let said = Said {
        kind: string_at(error, "/type"),
        code: string_at(error, "/code"),
        param: string_at(error, "/param"),
        message: string_at(error, "/message"),
    };
    assert!(!said.kind.is_empty() && !said.message.is_empty(), "{case}");
    match door {
        Door::Chat => {
            let members: Vec<&String> = error.as_object().unwrap().keys().collect();
            assert_eq!(members, ["code", "message", "param", "type"], "{case}");
        }
        Door::Messages => {
            assert_eq!(body["type"], "error", "{case}");
            assert_eq!(body["request_id"], got.id.as_str(), "{case}");
        }
    }
    said
}

/// A body of both doors, changed at its top level: `null` removes a member.
fn changed(door: Door, model: &str, changes: Value) -> Value {
    let mut body = door.body(model, "hi", false);
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => drop(body.as_object_mut().unwrap().remove(name)),
            value => body[name] = value.clone(),
        }
    }
    body
}

/// Bodies that are wrong at both doors alike: what is wrong, the field to be named, the change.
fn wrong_at_both() -> Vec<(&'static str, &'static str, Value)> {
    vec![
        ("no model", "model", json!({"model": null})),
        ("empty model", "model", json!({"model": ""})),
        ("model is a number", "model", json!({"model": 5})),
        ("unknown model", "model", json!({"model": "simulator/ecko"})),
        (
            "unlike any model",
            "model",
            json!({"model": "zzzzzzzzzzzz"}),
        ),
        (
            "a model of nobody set up",
            "model",
            json!({"model": "x-ai/grok-4.5"}),
        ),
        ("stream is a word", "stream", json!({"stream": "yes"})),
        (
            "max_tokens is a word",
            "max_tokens",
            json!({"max_tokens": "many"}),
        ),
        (
            "max_tokens is negative",
            "max_tokens",
            json!({"max_tokens": -1}),
        ),
        (
            "max_tokens is a fraction",
            "max_tokens",
            json!({"max_tokens": 1.5}),
        ),
        (
            "more output than there is",
            "",
            json!({"model": "simulator/fast", "max_tokens": 20_000, "require_parameters": true}),
        ),
        (
            "an embedding model",
            "model",
            json!({"model": "simulator/embed"}),
        ),
        ("models is a word", "models", json!({"models": "a"})),
        (
            "models has a number",
            "models",
            json!({"models": ["simulator/echo", 5]}),
        ),
        (
            "models has an unknown one",
            "models[0]",
            json!({"models": ["simulator/ecko"]}),
        ),
        (
            "provider is a word",
            "provider",
            json!({"provider": "openai"}),
        ),
        (
            "provider.order is a word",
            "provider.order",
            json!({"provider": {"order": "a"}}),
        ),
        (
            "provider.only leaves nobody",
            "provider.only",
            json!({"provider": {"only": ["groq"]}}),
        ),
        (
            "provider.only and ignore",
            "provider.only",
            json!({"provider": {"only": ["a"], "ignore": ["a"]}}),
        ),
        (
            "provider.sort",
            "provider.sort",
            json!({"provider": {"sort": "latency"}}),
        ),
        (
            "provider.nonsense",
            "provider.nonsense",
            json!({"provider": {"nonsense": 1}}),
        ),
        (
            "provider.data_collection",
            "provider.data_collection",
            json!({"provider": {"data_collection": "deny"}}),
        ),
        (
            "require_parameters is a word",
            "require_parameters",
            json!({"require_parameters": "yes"}),
        ),
        (
            "a suffix nobody knows",
            "model",
            json!({"model": "simulator/echo:quick"}),
        ),
        ("not free", "model", json!({"model": "simulator/echo:free"})),
    ]
}

fn wrong_at(door: Door) -> Vec<(&'static str, &'static str, Value)> {
    match door {
        Door::Chat => vec![
            ("no messages", "messages", json!({"messages": null})),
            ("messages is a word", "messages", json!({"messages": "hi"})),
            (
                "two output limits",
                "max_tokens",
                json!({"max_completion_tokens": 5}),
            ),
            (
                "stream_options is a word",
                "stream_options",
                json!({"stream_options": "all"}),
            ),
            (
                "include_usage is a word",
                "stream_options.include_usage",
                json!({"stream_options": {"include_usage": "y"}}),
            ),
            (
                "an unknown effort",
                "reasoning_effort",
                json!({"reasoning_effort": "extreme"}),
            ),
            (
                "sound for who is deaf",
                "messages",
                json!({
                    "model": "simulator/fast",
                    "messages": [{"role": "user", "content": [{"type": "input_audio", "input_audio": {"data": "", "format": "wav"}}]}],
                }),
            ),
            (
                "thinking where none is",
                "",
                json!({"model": "simulator/fast", "reasoning_effort": "high", "require_parameters": true}),
            ),
        ],
        Door::Messages => vec![
            ("no max_tokens", "max_tokens", json!({"max_tokens": null})),
            (
                "thinking is a word",
                "thinking",
                json!({"thinking": "hard"}),
            ),
            (
                "thinking where none is",
                "",
                json!({"model": "simulator/fast", "thinking": {"type": "enabled", "budget_tokens": 2000}, "require_parameters": true}),
            ),
        ],
    }
}

/// Bodies that only a translation has to understand: the provider speaks the other dialect.
fn wrong_across(door: Door) -> Vec<(&'static str, &'static str, Value)> {
    let common = vec![
        (
            "a message is a number",
            "messages[0]",
            json!({"messages": [5]}),
        ),
        (
            "an unknown role",
            "messages[0].role",
            json!({"messages": [{"role": "pope", "content": "hi"}]}),
        ),
        (
            "content is a number",
            "messages[0].content",
            json!({"messages": [{"role": "user", "content": 5}]}),
        ),
        (
            "a part without a type",
            "messages[0].content[0].type",
            json!({"messages": [{"role": "user", "content": [{"text": "hi"}]}]}),
        ),
        (
            "temperature is a word",
            "temperature",
            json!({"temperature": "hot"}),
        ),
        ("tools is a word", "tools", json!({"tools": "hammer"})),
        ("no messages", "messages", json!({"messages": null})),
        (
            "stop is an object",
            match door {
                Door::Chat => "stop",
                Door::Messages => "stop_sequences",
            },
            json!({"stop": {"a": 1}, "stop_sequences": {"a": 1}}),
        ),
    ];
    common
}

#[tokio::test]
async fn wrong_bodies_name_the_field() {
    let scene = Scene::with(CAPPED).await;
    let mut seen = String::new();
    for door in DOORS {
        let across = match door {
            Door::Chat => "anthropic-first/fake-text",
            Door::Messages => "openai-first/fake-text",
        };
        let here = wrong_at_both().into_iter().chain(wrong_at(door));
        let here = here.map(|(case, field, change)| {
            (case, field, changed(door, &door.native("text"), change))
        });
        let there = wrong_across(door).into_iter();
        let there = there.map(|(case, field, change)| (case, field, changed(door, across, change)));
        let cases = here.collect::<Vec<_>>().into_iter().map(|case| ("", case));
        for (place, (case, field, body)) in cases.chain(there.map(|case| ("across: ", case))) {
            let got = scene.ask(door, &body).await;
            println!("{door:?} {place}{case}");
            let error = said(door, &got);
            writeln!(
                seen,
                "{door:?} {place}{case}\n    {} {} {} [{}]\n    {}",
                got.status, error.kind, error.code, error.param, error.message
            )
            .unwrap();
            match door {
                Door::Chat if field.is_empty() => {}
                Door::Chat => assert_eq!(error.param, field, "{case}: {}", error.message),
                Door::Messages => {
                    assert!(error.message.contains(field), "{case}: {}", error.message)
                }
            }
            recorded(&scene, &got, &error).await;
        }
    }
    assert!(
        scene.first.requests().is_empty(),
        "nobody was asked: {:?}",
        scene.first.requests()
    );
    insta::assert_snapshot!(seen);
}

/// The record of a refused request says what the client heard, and costs nothing.
async fn recorded(scene: &Scene, got: &Whole, error: &Said) {
    let record = scene.record(&got.id).await;
    assert_eq!(record["status"], got.status, "{record}");
    let why = string_at(&record["error"], "/message");
    assert!(error.message.contains(&why), "{why} / {}", error.message);
    assert_eq!(
        (&record["cost_usd"], &record["estimate"]),
        (&json!("0"), &json!(false))
    );
    assert_eq!(
        (&record["attempts"], &record["provider"]),
        (&json!([]), &json!(""))
    );
}

#[tokio::test]
async fn what_is_no_json_is_refused() {
    let scene = Scene::with(CAPPED).await;
    let deep = format!("{{\"model\":{}1{}}}", "[".repeat(500), "]".repeat(500));
    let bodies: [&[u8]; 12] = [
        b"",
        b"{",
        b"[]",
        b"\"hi\"",
        b"null",
        b"{\"model\": \"simulator/echo\",}",
        b"{'model': 1}",
        b"{\"model\": \"simulator/echo\"} {}",
        b"{\"model\": 01}",
        b"{\"model\": \"\xff\"}",
        b"{\"model\": \"\\ud800\"}",
        deep.as_bytes(),
    ];
    for door in DOORS {
        for body in bodies {
            let got = whole(scene.call(door, body.to_vec())).await;
            assert_eq!(got.status, 400, "{}", String::from_utf8_lossy(body));
            let error = said(door, &got);
            assert_eq!(error.kind, "invalid_request_error");
            recorded(&scene, &got, &error).await;
        }
    }
}

#[tokio::test]
async fn bodies_over_the_cap_are_refused() {
    let scene = Scene::with(CAPPED).await;
    for door in DOORS {
        let body = door.body(&door.native("text"), &"x".repeat(30_000), false);
        let got = scene.ask(door, &body).await;
        assert_eq!(got.status, 413);
        let error = said(door, &got);
        assert!(error.message.contains("20000 bytes"), "{}", error.message);
        recorded(&scene, &got, &error).await;
        // Just below it is fine.
        let body = door.body(&door.native("text"), &"x".repeat(19_000), false);
        assert_eq!(scene.ask(door, &body).await.status, 200);
    }
}

/// A client that sends all of its body before it looks for an answer found the connection broken instead.
#[tokio::test]
async fn a_body_far_over_the_cap_is_refused_after_it_was_sent() {
    let scene = Scene::with(CAPPED).await;
    let (address, key) = (scene.gateway.address(), scene.gateway.key());
    // More than the buffers of two sockets hold.
    let body = vec![b' '; 34_000_000];
    let declared = format!("content-length: {}\r\n\r\n", body.len());
    let chunked = format!("transfer-encoding: chunked\r\n\r\n{:x}\r\n", body.len());
    for (begin, end) in [(declared, ""), (chunked, "\r\n0\r\n\r\n")] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let head = format!(
            "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\nconnection: close\r\n{begin}"
        );
        for bytes in [head.as_bytes(), &body, end.as_bytes()] {
            stream.write_all(bytes).await.unwrap();
        }
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
        assert!(answer.contains("request_too_large"), "{answer}");
    }
}

/// It was read as text, and refused for not being any.
#[tokio::test]
async fn a_compressed_body_is_refused_by_its_header() {
    let scene = Scene::start().await;
    for door in DOORS {
        let packed = scene
            .call(door, &b"\x1f\x8b\x08\x00"[..])
            .header("content-encoding", "gzip");
        let got = whole(packed).await;
        assert_eq!(got.status, 415);
        let error = said(door, &got);
        assert!(
            error.message.contains("Content-Encoding"),
            "{}",
            error.message
        );
        recorded(&scene, &got, &error).await;
        let body = door.body(&door.native("text"), "hi", false).to_string();
        let plain = scene
            .call(door, body)
            .header("content-encoding", "identity");
        assert_eq!(whole(plain).await.status, 200);
    }
}

/// Without a valid key there is no record, but a counter and a log line.
#[tokio::test]
async fn without_a_valid_key_nothing_is_done() {
    let scene = Scene::start().await;
    let gateway = &scene.gateway;
    let revoked = gateway.create_key("revoked").await.unwrap();
    gateway
        .command(&["keys", "revoke", "revoked"])
        .await
        .unwrap();
    let wanted = json!({"project": "default", "name": "late"});
    let (_, late) = admin(gateway, "POST", "/admin/v1/keys", wanted).await;
    let path = format!("/admin/v1/keys/{}", string_at(&late, "/id"));
    let late = string_at(&late, "/key");
    let over = json!({"expires_at": "2020-01-01T00:00:00Z"});
    let (status, _) = admin(gateway, "PATCH", &path, over).await;
    assert_eq!(status, 200);
    let keys = [
        ("tg_nonsense", "invalid_api_key"),
        ("", "missing_api_key"),
        (revoked.as_str(), "revoked_api_key"),
        (late.as_str(), "expired_api_key"),
        // A management token opens no door.
        (ADMIN, "invalid_api_key"),
    ];
    for door in DOORS {
        for (key, code) in keys {
            let body = door.body(&door.native("text"), "hi", false).to_string();
            let mut call = call_with(gateway.address(), door, key, body);
            if key.is_empty() {
                call.headers
                    .retain(|(name, _)| name != "authorization" && name != "x-api-key");
            }
            let got = whole(call).await;
            assert_eq!(got.status, 401, "{code}");
            let error = said(door, &got);
            assert_eq!(error.kind, "authentication_error");
            if door == Door::Chat {
                assert_eq!(error.code, code);
            }
            assert!(
                !String::from_utf8_lossy(&got.bytes).contains("tg_"),
                "the key must not come back"
            );
        }
        let body = door.body(&door.native("text"), "hi", false).to_string();
        let two = scene.call(door, body).header("api-key", "another");
        let got = whole(two).await;
        assert_eq!(got.status, 401);
        assert!(said(door, &got).message.contains("Two different API keys"));
    }
    assert!(
        gateway.records().await.unwrap().is_empty(),
        "no key, no record"
    );
    assert!(scene.first.requests().is_empty());
    let metrics = whole(Call::get(gateway.address(), "/metrics")).await;
    let metrics = String::from_utf8_lossy(&metrics.bytes).into_owned();
    for line in [
        "tollgate_unauthenticated_total{reason=\"revoked_api_key\"} 2",
        "tollgate_unauthenticated_total{reason=\"conflicting_api_keys\"} 2",
        "tollgate_unauthenticated_total{reason=\"invalid_api_key\"} 4",
    ] {
        assert!(metrics.contains(line), "{line}\n{metrics}");
    }
    let log = gateway.log();
    assert!(
        log.contains("refused a request without a valid key"),
        "{log}"
    );
    assert!(
        !log.contains(&revoked) && !log.contains(ADMIN),
        "no secret in the log"
    );
}

/// The same key twice is one key; it may stand anywhere.
#[tokio::test]
async fn a_key_may_stand_where_each_ecosystem_puts_it() {
    let scene = Scene::start().await;
    let key = scene.gateway.key();
    for door in DOORS {
        let body = door.body(&door.native("text"), "hi", false).to_string();
        for header in ["x-api-key", "api-key", "x-goog-api-key"] {
            let call = scene.call(door, body.clone()).header(header, key);
            assert_eq!(whole(call).await.status, 200, "{header}");
        }
        let path = format!("{}?key={key}", door.path());
        let got = whole(Call::post(scene.gateway.address(), path, body)).await;
        assert_eq!(got.status, 200);
    }
    assert!(!scene.gateway.log().contains(key));
}

#[tokio::test]
async fn paths_and_methods_that_are_off_are_told_the_right_ones() {
    let scene = Scene::start().await;
    let nowhere = [
        (
            "/v1/v1/chat/completions",
            Door::Chat,
            "/v1/chat/completions",
        ),
        ("/chat/completions", Door::Chat, "/v1/chat/completions"),
        ("/v1/v1/messages", Door::Messages, "/v1/messages"),
        ("/messages", Door::Messages, "/v1/messages"),
        (
            "/anthropic/messages",
            Door::Messages,
            "/anthropic/v1/messages",
        ),
        ("/v1/embeddings/embeddings", Door::Chat, "/v1/embeddings"),
    ];
    for (path, door, right) in nowhere {
        let mut call = scene.call(door, "{}");
        call.path = path.to_owned();
        let got = whole(call).await;
        assert_eq!(got.status, 404, "{path}");
        let error = said(door, &got);
        assert!(
            error.message.contains(&format!("The path is {right}:")),
            "{}",
            error.message
        );
    }
    for path in [
        "/",
        "/v2/chat",
        "/v1/chat/completions/x",
        "/%zz",
        "/v1/models/%ff",
    ] {
        let mut call = scene.call(Door::Chat, "{}");
        call.path = path.to_owned();
        let got = whole(call).await;
        assert!((400..500).contains(&got.status), "{path}: {}", got.status);
    }
    for door in DOORS {
        for method in ["GET", "PUT", "DELETE"] {
            let mut call = scene.call(door, "");
            call.method = method.parse().unwrap();
            let got = whole(call).await;
            assert_eq!((got.status, got.header("allow")), (405, "POST"), "{method}");
            said(door, &got);
        }
    }
}

/// What the provider itself finds wrong with a request is passed on as a mistake of the client's, and nobody else is
/// asked.
#[tokio::test]
async fn what_a_provider_refuses_stays_the_clients_mistake() {
    let scene = Scene::start().await;
    for door in DOORS {
        for prefix in ["team", "crew", "mixed"] {
            for stream in [false, true] {
                let model = format!("{prefix}/fake-error-400");
                let got = scene.ask(door, &door.body(&model, "hi", stream)).await;
                assert_eq!(got.status, 400, "{model}");
                let error = said(door, &got);
                assert!(
                    error.message.contains("refuses this request"),
                    "{}",
                    error.message
                );
                let record = scene.record(&got.id).await;
                assert_eq!(record["attempts"].as_array().unwrap().len(), 1, "{record}");
                assert_eq!(record["attempts"][0]["outcome"], "invalid_request");
                assert_eq!(
                    (&record["status"], &record["cost_usd"]),
                    (&json!(400), &json!("0"))
                );
            }
        }
    }
    assert!(scene.second.requests().is_empty());
}
