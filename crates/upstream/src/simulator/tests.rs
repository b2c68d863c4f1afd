//! The simulator as the gateway meets it: calls in, bytes out.

use super::{HEADER, answer};
use crate::client::{Answer, Call, Timeouts};
use crate::failure::{Failure, FailureKind};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::Instant;

fn call(path: &str, body: &Value) -> Call {
    Call {
        method: Method::POST,
        uri: format!("http://simulator{path}").parse().unwrap(),
        headers: HeaderMap::new(),
        body: Bytes::from(body.to_string()),
        timeouts: Timeouts::default(),
    }
}

async fn ask(body: &Value) -> Result<Answer, Failure> {
    answer(call("/v1/chat/completions", body)).await
}

async fn read(answer: Answer) -> String {
    let body = answer.body.collect(1 << 24).await.unwrap();
    String::from_utf8(body.to_vec()).unwrap()
}

async fn read_json(answer: Answer) -> Value {
    serde_json::from_str(&read(answer).await).unwrap()
}

fn chat(model: &str, text: &str, more: Value) -> Value {
    let mut body = json!({"model": model, "messages": [{"role": "user", "content": text}]});
    let members = body.as_object_mut().unwrap();
    members.extend(more.as_object().unwrap().clone());
    body
}

/// The chunks of a stream, the closing `[DONE]` left out.
fn chunks(stream: &str) -> Vec<Value> {
    let data = stream
        .split_terminator("\n\n")
        .map(|frame| frame.strip_prefix("data: ").unwrap());
    let chunks = data.filter(|data| *data != "[DONE]");
    chunks
        .map(|data| serde_json::from_str(data).unwrap())
        .collect()
}

/// What is said in a member of the deltas, joined.
fn said(chunks: &[Value], member: &str) -> String {
    let pieces = chunks
        .iter()
        .filter_map(|chunk| chunk["choices"][0]["delta"][member].as_str());
    pieces.collect()
}

fn weather_tools() -> Value {
    let schema = json!({"type": "object", "properties": {"location": {"type": "string"}}, "required": ["location"]});
    let tool =
        |name: &str| json!({"type": "function", "function": {"name": name, "parameters": schema}});
    json!([tool("get_weather"), tool("get_time")])
}

#[tokio::test]
async fn whole_answers() {
    let plain = chat("simulator/fast", "What is a gateway?", json!({}));
    insta::assert_snapshot!("whole_text", read(ask(&plain).await.unwrap()).await);
    let tools = chat(
        "simulator/fast",
        "weather and time?",
        json!({"tools": weather_tools()}),
    );
    insta::assert_snapshot!("whole_tools", read(ask(&tools).await.unwrap()).await);
    let two = chat("simulator/echo", "twice", json!({"n": 2}));
    insta::assert_snapshot!("whole_choices", read(ask(&two).await.unwrap()).await);
}

#[tokio::test]
async fn streamed_answers() {
    let usage = json!({"stream": true, "stream_options": {"include_usage": true}});
    let plain = chat("simulator/echo", "one two three", usage.clone());
    insta::assert_snapshot!("stream_text", read(ask(&plain).await.unwrap()).await);
    let tools = json!({"stream": true, "tools": weather_tools()});
    let tools = chat("simulator/fast", "weather and time?", tools);
    insta::assert_snapshot!("stream_tools", read(ask(&tools).await.unwrap()).await);
    let mut reasoning = usage;
    reasoning["max_tokens"] = json!(40);
    reasoning["simulator"] = json!({"first_token_ms": 0, "tokens_per_second": 0});
    let reasoning = chat("simulator/reasoner", "why?", reasoning);
    insta::assert_snapshot!(
        "stream_reasoning",
        read(ask(&reasoning).await.unwrap()).await
    );
}

#[tokio::test]
async fn the_same_request_gets_the_same_words_whole_or_streamed() {
    let whole = chat("simulator/fast", "Tell me something", json!({}));
    let first = read(ask(&whole).await.unwrap()).await;
    assert_eq!(read(ask(&whole).await.unwrap()).await, first);
    let first: Value = serde_json::from_str(&first).unwrap();

    let stream = json!({"stream": true, "stream_options": {"include_usage": true}});
    let streamed = chat("simulator/fast", "Tell me something", stream);
    let chunks = chunks(&read(ask(&streamed).await.unwrap()).await);
    assert_eq!(
        said(&chunks, "content"),
        first["choices"][0]["message"]["content"]
    );
    assert_eq!(chunks.last().unwrap()["usage"], first["usage"]);

    let other = chat("simulator/fast", "Tell me something else", json!({}));
    assert_ne!(
        read_json(ask(&other).await.unwrap()).await["id"],
        first["id"]
    );
}

#[tokio::test]
async fn each_token_is_its_own_chunk_and_counted() {
    let more = json!({"stream": true, "stream_options": {"include_usage": true}, "simulator": {"output_tokens": 50}});
    let stream = read(ask(&chat("simulator/fast", "hello", more)).await.unwrap()).await;
    assert!(stream.ends_with("data: [DONE]\n\n"), "{stream}");
    let chunks = chunks(&stream);
    let with_text = chunks.iter().filter(|chunk| {
        let text = chunk["choices"][0]["delta"]["content"].as_str();
        text.is_some_and(|text| !text.is_empty())
    });
    assert_eq!(with_text.count(), 50);
    assert_eq!(chunks.last().unwrap()["usage"]["completion_tokens"], 50);
}

#[tokio::test]
async fn an_unpaced_stream_comes_in_few_pieces() {
    let more = json!({"stream": true, "simulator": {"output_tokens": 100}});
    let mut answer = ask(&chat("simulator/fast", "hello", more)).await.unwrap();
    let mut pieces = 0;
    while let Some(frame) = answer.body.frame().await {
        frame.unwrap();
        pieces += 1;
    }
    assert_eq!(pieces, 1);
}

#[tokio::test(start_paused = true)]
async fn a_paced_stream_keeps_its_time() {
    let pace = json!({"first_token_ms": 300, "tokens_per_second": 50, "output_tokens": 11});
    let more = json!({"stream": true, "simulator": pace});
    let begin = Instant::now();
    let mut answer = ask(&chat("simulator/fast", "hello", more)).await.unwrap();
    assert_eq!(begin.elapsed(), Duration::ZERO, "the head comes at once");
    let mut times = Vec::new();
    while let Some(frame) = answer.body.frame().await {
        frame.unwrap();
        // The timer counts whole milliseconds and may be one late.
        times.push(begin.elapsed().as_millis() / 10 * 10);
    }
    let expect: Vec<u128> = (0..11).map(|token| 300 + token * 20).collect();
    assert_eq!(times, expect);

    let whole = chat("simulator/fast", "hello", json!({"simulator": pace}));
    let begin = Instant::now();
    ask(&whole).await.unwrap();
    assert_eq!(begin.elapsed().as_millis() / 10 * 10, 300 + 220);
}

#[tokio::test(start_paused = true)]
async fn faults_of_whole_answers() {
    let faulty = |fault: &str| {
        chat(
            "simulator/fast",
            "hello",
            json!({"simulator": {"fault": fault}}),
        )
    };
    let refused = ask(&faulty("status:503")).await.unwrap();
    assert_eq!(refused.status, 503);
    assert_eq!(read_json(refused).await["error"]["code"], "simulated_fault");
    let throttled = ask(&faulty("status:429")).await.unwrap();
    assert_eq!(throttled.headers["retry-after"], "1");

    let inside = ask(&faulty("error_in_200")).await.unwrap();
    assert_eq!(inside.status, 200);
    assert_eq!(read_json(inside).await["error"]["code"], "simulated_fault");

    let broken = read(ask(&faulty("malformed")).await.unwrap()).await;
    assert!(!broken.is_empty() && serde_json::from_str::<Value>(&broken).is_err());

    let cut = ask(&faulty("cut")).await.unwrap();
    assert_eq!(
        cut.body.collect(1 << 20).await.unwrap_err().kind,
        FailureKind::Cut
    );

    let stalled = ask(&faulty("stall")).await.unwrap_err();
    assert_eq!(stalled.kind, FailureKind::FirstByteTimeout);
}

#[tokio::test(start_paused = true)]
async fn faults_of_streams_come_after_their_tokens() {
    /// Reads until the end or a failure.
    async fn until_it_ends(fault: &str, after: u32) -> (String, Option<FailureKind>) {
        let simulator = json!({"fault": fault, "fault_after_tokens": after});
        let body = chat(
            "simulator/echo",
            "a b c d e f",
            json!({"stream": true, "simulator": simulator}),
        );
        let mut answer = ask(&body).await.unwrap();
        let mut seen = String::new();
        while let Some(frame) = answer.body.frame().await {
            match frame {
                Ok(frame) => {
                    seen.push_str(std::str::from_utf8(&frame.into_data().unwrap()).unwrap())
                }
                Err(failure) => return (seen, Some(failure.kind)),
            }
        }
        (seen, None)
    }
    for (fault, expect) in [
        ("cut", FailureKind::Cut),
        ("stall", FailureKind::IdleTimeout),
    ] {
        for (after, text) in [(0, ""), (3, "a b c")] {
            let (seen, failure) = until_it_ends(fault, after).await;
            assert_eq!(failure, Some(expect));
            assert_eq!(said(&chunks(&seen), "content"), text, "{fault}");
        }
    }
    let (seen, failure) = until_it_ends("error_in_200", 2).await;
    assert_eq!(failure, None);
    let seen = chunks(&seen);
    assert_eq!(said(&seen, "content"), "a b");
    assert_eq!(seen.last().unwrap()["error"]["code"], "simulated_fault");

    let (seen, failure) = until_it_ends("malformed", 2).await;
    assert_eq!(failure, None);
    let (good, broken) = seen.trim_end().rsplit_once("\n\n").unwrap();
    assert_eq!(said(&chunks(good), "content"), "a b");
    let broken = broken.strip_prefix("data: ").unwrap();
    assert!(serde_json::from_str::<Value>(broken).is_err());
}

#[tokio::test]
async fn the_flaky_model_fails_for_the_same_requests_every_time() {
    let mut statuses = Vec::new();
    for number in 0..100 {
        let body = chat("simulator/flaky", &format!("request {number}"), json!({}));
        let status = ask(&body).await.unwrap().status;
        assert_eq!(ask(&body).await.unwrap().status, status);
        statuses.push(status.as_u16());
    }
    for expect in [200, 429, 503] {
        let times = statuses.iter().filter(|status| **status == expect).count();
        assert!(times >= 10, "{expect}: {times}");
    }
}

#[tokio::test]
async fn the_header_says_the_same_as_the_member() {
    let settings = r#"{"fault":"status:503"}"#;
    let with_header = |body: &Value, header: &'static str| {
        let mut call = call("/chat/completions", body);
        call.headers
            .insert(HEADER, HeaderValue::from_static(header));
        call
    };
    let plain = chat("simulator/fast", "hello", json!({}));
    assert_eq!(
        answer(with_header(&plain, settings)).await.unwrap().status,
        503
    );
    let both = chat(
        "simulator/fast",
        "hello",
        json!({"simulator": {"fault": "status:503"}}),
    );
    assert_eq!(
        answer(with_header(&both, settings)).await.unwrap().status,
        503
    );
    let other = answer(with_header(&both, r#"{"fault":"cut"}"#))
        .await
        .unwrap();
    assert_eq!(other.status, 400);
    assert_eq!(read_json(other).await["error"]["param"], "simulator");
}

#[tokio::test]
async fn bad_requests_are_named() {
    let check = async |path: &str, body: Value, status: u16, param: Value| {
        let answer = answer(call(path, &body)).await.unwrap();
        assert_eq!(answer.status, status, "{body}");
        let error = read_json(answer).await;
        assert_eq!(error["error"]["param"], param, "{error}");
    };
    let chats = "/chat/completions";
    check(
        chats,
        json!({"model": "simulator/fast"}),
        400,
        json!("messages"),
    )
    .await;
    check(
        chats,
        chat("simulator/other", "", json!({})),
        404,
        json!("model"),
    )
    .await;
    check(
        chats,
        chat("simulator/embed", "", json!({})),
        400,
        json!("model"),
    )
    .await;
    let wrong = json!({"simulator": {"first_token_ms": "soon"}});
    let param = json!("simulator.first_token_ms");
    check(chats, chat("simulator/fast", "", wrong), 400, param).await;
    check(
        chats,
        chat("simulator/fast", "", json!({"n": 99})),
        400,
        json!("n"),
    )
    .await;
    let fast = json!({"model": "simulator/fast", "input": "x"});
    check("/embeddings", fast, 400, json!("model")).await;
    let wide = json!({"model": "simulator/embed", "input": "x", "dimensions": 5000});
    check("/embeddings", wide, 400, json!("dimensions")).await;
    check("/images", json!({}), 404, Value::Null).await;
}

#[tokio::test]
async fn a_model_is_named_in_full_however_it_was_asked_for() {
    let long = read(
        ask(&chat("simulator/fast", "hello", json!({})))
            .await
            .unwrap(),
    )
    .await;
    let short = read(ask(&chat("fast", "hello", json!({}))).await.unwrap()).await;
    assert_eq!(short, long);
    assert!(long.contains("\"model\":\"simulator/fast\""), "{long}");
}

#[tokio::test]
async fn embeddings() {
    let body =
        json!({"model": "simulator/embed", "input": ["hello there", "goodbye"], "dimensions": 3});
    let answer = answer(call("/v1/embeddings", &body)).await.unwrap();
    insta::assert_snapshot!("embeddings", read(answer).await);
}
