//! `/v1beta/models`: Gemini's clients over providers of other dialects, and a provider of Gemini's own.

use crate::scene::{SOON, Scene, Stream, Whole, frames, record, setup, whole};
use serde_json::{Value, json};
use testkit::client::Call;
use testkit::gateway::{ModelEntry, ProviderEntry, TestGateway};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

fn asked(text: &str) -> Value {
    json!({"contents": [{"role": "user", "parts": [{"text": text}]}], "generationConfig": {"maxOutputTokens": 4000}})
}

/// A call with the key where Gemini's clients put it.
fn call(gateway: &TestGateway, path: &str, body: &Value) -> Call {
    Call::post(gateway.address(), path, body.to_string()).header("x-goog-api-key", gateway.key())
}

async fn ask(gateway: &TestGateway, path: &str, body: &Value) -> Whole {
    whole(call(gateway, path, body)).await
}

/// The events of a stream, whose lines end as Google's do.
fn events(bytes: &[u8]) -> Vec<Value> {
    let text = String::from_utf8_lossy(bytes).replace("\r\n", "\n");
    frames(text.as_bytes())
        .iter()
        .map(|frame| frame.json())
        .collect()
}

fn text_of(chunks: &[Value]) -> String {
    let texts = chunks
        .iter()
        .map(|chunk| &chunk["candidates"][0]["content"]["parts"][0]["text"]);
    texts.filter_map(Value::as_str).collect()
}

#[tokio::test]
async fn a_whole_answer_names_model_usage_and_cost() {
    let scene = Scene::start().await;
    for model in ["openai-first/fake-text", "anthropic-first%2Ffake-text"] {
        for base in [
            "/v1beta",
            "/v1",
            "/gemini/v1beta",
            "/v1beta1/publishers/google",
        ] {
            let path = format!("{base}/models/{model}:generateContent");
            let answer = ask(&scene.gateway, &path, &asked("Hello")).await;
            assert_eq!(answer.status, 200, "{path} {:?}", answer.json());
            let body = answer.json();
            assert_eq!(body["candidates"][0]["finishReason"], "STOP");
            assert_eq!(body["usageMetadata"]["totalTokenCount"], 28);
            assert_eq!(body["usageMetadata"]["cost"], 0.000_035);
            let record = scene.record(&answer.id).await;
            assert_eq!(record["cost_usd"], "0.000035");
            assert_eq!(record["usage"]["output"], 7);
        }
    }
    let path = "/v1beta/models/openai-first/fake-text:generateContent";
    let keyed = format!("{path}?key={}", scene.gateway.key());
    let body = asked("Hello").to_string();
    assert_eq!(
        whole(Call::post(scene.gateway.address(), keyed, body))
            .await
            .status,
        200
    );
}

/// The provider may send a piece only after the test has seen the one before it, so whatever is held back anywhere on
/// the way would stop this for good.
#[tokio::test]
async fn pieces_arrive_one_by_one_as_events_and_as_elements() {
    let scene = Scene::start().await;
    for provider in ["openai-first", "anthropic-first"] {
        for (query, kind) in [
            ("?alt=sse", "text/event-stream; charset=utf-8"),
            ("", "application/json"),
        ] {
            let gate = format!("{provider}{}", query.len());
            let path = format!("/v1beta/models/{provider}/fake-gate:streamGenerateContent{query}");
            let body = asked(&format!("[[gate={gate} tokens=8]]"));
            let mut stream = Stream::open(call(&scene.gateway, &path, &body)).await;
            assert_eq!(stream.header("content-type"), kind);
            for pieces in 1..8 {
                stream
                    .until(|seen| {
                        String::from_utf8_lossy(seen)
                            .matches("\"text\":\" ")
                            .count()
                            >= pieces
                    })
                    .await;
                scene.first.release(&gate, 1);
            }
            let id = stream.header("x-request-id");
            let bytes = stream.rest().await;
            let chunks: Vec<Value> = match query {
                "" => serde_json::from_slice(&bytes).unwrap(),
                _ => events(&bytes),
            };
            assert_eq!(text_of(&chunks).split_whitespace().count(), 8);
            let last = chunks.last().unwrap();
            assert_eq!(last["candidates"][0]["finishReason"], "STOP");
            let record = scene.record(&id).await;
            assert_eq!(
                last["usageMetadata"]["cost"].to_string(),
                record["cost_usd"].as_str().unwrap()
            );
        }
    }
}

#[tokio::test]
async fn an_error_has_googles_shape_before_an_answer_and_within() {
    let scene = Scene::start().await;
    let path = |model: &str, verb: &str| format!("/v1beta/models/{model}:{verb}");
    let refused = ask(
        &scene.gateway,
        &path("openai-first/fake-error-400", "generateContent"),
        &asked("Hi"),
    )
    .await;
    let error = &refused.json()["error"];
    assert_eq!(
        (refused.status, &error["code"], &error["status"]),
        (400, &json!(400), &json!("INVALID_ARGUMENT"))
    );
    let unknown = ask(
        &scene.gateway,
        &path("nobody/nothing", "generateContent"),
        &asked("Hi"),
    )
    .await;
    assert_eq!(
        (unknown.status, &unknown.json()["error"]["status"]),
        (404, &json!("NOT_FOUND"))
    );
    // It was the model's own name, as if that were a field.
    let details = unknown.json()["error"]["details"].to_string();
    assert!(details.contains(r#""field":"model""#), "{details}");
    let wrong = ask(
        &scene.gateway,
        &path("openai-first/fake-text", "generateContent"),
        &json!({}),
    )
    .await;
    let detail = &wrong.json()["error"]["details"][0]["fieldViolations"][0];
    assert_eq!((wrong.status, &detail["field"]), (400, &json!("contents")));
    let uncounted = ask(
        &scene.gateway,
        &path("openai-first/fake-text", "countTokens"),
        &asked("Hi"),
    )
    .await;
    assert_eq!(
        (uncounted.status, &uncounted.json()["error"]["status"]),
        (404, &json!("NOT_FOUND"))
    );
    let broken = path(
        "openai-first/fake-error-mid-stream",
        "streamGenerateContent",
    );
    let broken = ask(&scene.gateway, &broken, &asked("Hi")).await;
    let chunks: Vec<Value> = serde_json::from_slice(&broken.bytes).unwrap();
    assert_eq!(text_of(&chunks), " the river");
    assert!(chunks.last().unwrap()["error"]["message"].is_string());
}

#[tokio::test]
async fn silence_is_filled_with_what_clients_do_not_see() {
    let scene =
        Scene::with("[server]\nkeep_alive_seconds = 1\nfirst_token_timeout_seconds = 3\n").await;
    for (query, before) in [("?alt=sse", "data: {\"error\""), ("", "[{\"error\"")] {
        let path = format!("/v1beta/models/openai-first/fake-stall:streamGenerateContent{query}");
        let answer = ask(&scene.gateway, &path, &asked("[[after=0]]")).await;
        let text = String::from_utf8_lossy(&answer.bytes).into_owned();
        assert!(
            text.starts_with("\n\n") && text.trim_start().starts_with(before),
            "{text:?}"
        );
        if query.is_empty() {
            let chunks: Vec<Value> = serde_json::from_str(&text).unwrap();
            assert_eq!(chunks.len(), 1);
        }
    }
}

#[tokio::test]
async fn models_are_listed_in_geminis_shape() {
    let scene = Scene::start().await;
    for path in ["/v1beta/models", "/v1/models", "/gemini/v1/models"] {
        let get = |path: String| {
            Call::get(scene.gateway.address(), path).header("x-goog-api-key", scene.gateway.key())
        };
        let list = whole(get(path.to_owned())).await.json();
        let named = |model: &&Value| model["name"] == "models/openai-first/fake-text";
        let found = list["models"]
            .as_array()
            .unwrap()
            .iter()
            .find(named)
            .unwrap()
            .clone();
        assert_eq!(
            found["supportedGenerationMethods"][1],
            "streamGenerateContent"
        );
        for name in ["openai-first/fake-text", "models/openai-first%2Ffake-text"] {
            assert_eq!(
                whole(get(format!("{path}/{name}"))).await.json(),
                found,
                "{name}"
            );
        }
    }
}

/// A provider that answers one request with these bytes; what it was asked comes back.
async fn provider(answer: String) -> (String, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1beta", listener.local_addr().unwrap());
    let served = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut seen = Vec::new();
        while !is_whole(&seen) {
            let mut piece = [0; 4096];
            let count = socket.read(&mut piece).await.unwrap();
            assert!(count > 0, "cut off: {}", String::from_utf8_lossy(&seen));
            seen.extend_from_slice(&piece[..count]);
        }
        socket.write_all(answer.as_bytes()).await.unwrap();
        socket.shutdown().await.unwrap();
        String::from_utf8(seen).unwrap()
    });
    (url, served)
}

fn is_whole(seen: &[u8]) -> bool {
    let text = String::from_utf8_lossy(seen);
    text.split_once("\r\n\r\n").is_some_and(|(head, body)| {
        let length = head.lines().find_map(|line| {
            line.to_ascii_lowercase()
                .strip_prefix("content-length: ")
                .map(str::to_owned)
        });
        length.is_some_and(|length| body.len() >= length.trim().parse().unwrap())
    })
}

async fn gateway(url: &str) -> TestGateway {
    let google = ProviderEntry {
        id: "google-test".into(),
        base_url: url.into(),
        speaks: "gemini".into(),
        models: vec![ModelEntry {
            id: "gemini-3.5-flash".into(),
            input: "1".into(),
            output: "2".into(),
        }],
    };
    TestGateway::start(setup(vec![google], "")).await.unwrap()
}

const ANSWER: &str = r#"{"candidates": [{"content": {"parts": [{"text": "Hi.", "new": 1}], "role": "model"}, "finishReason": "STOP"}], "usageMetadata": {"promptTokenCount": 10, "candidatesTokenCount": 5, "thoughtsTokenCount": 15, "totalTokenCount": 30}, "responseId": "r1"}"#;

fn http(status: &str, kind: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

#[tokio::test]
async fn a_gemini_provider_answers_a_gemini_client_byte_for_byte_but_for_the_cost() {
    let (url, served) = provider(http("200 OK", "application/json", ANSWER)).await;
    let gateway = gateway(&url).await;
    let body = r#"{"new": 1.50,  "contents": [{"parts": [{"text": "Hi"}]}]}"#;
    let path = "/v1/models/google-test/gemini-3.5-flash:generateContent";
    let sent = Call::post(gateway.address(), path, body).header("x-goog-api-key", gateway.key());
    let answer = whole(sent).await;
    let priced = ANSWER.replace(
        "\"totalTokenCount\": 30",
        "\"totalTokenCount\": 30,\"cost\":0.00005",
    );
    assert_eq!(String::from_utf8_lossy(&answer.bytes), priced);
    let asked = tokio::time::timeout(SOON, served).await.unwrap().unwrap();
    assert!(
        asked.starts_with("POST /v1beta/models/gemini-3.5-flash:generateContent HTTP/1.1\r\n"),
        "{asked}"
    );
    assert!(
        asked.ends_with(body) && !asked.contains(gateway.key()),
        "{asked}"
    );
    assert!(
        asked.to_ascii_lowercase().contains("x-goog-api-key: "),
        "{asked}"
    );
    let record = record(&gateway, &answer.id).await;
    assert_eq!(
        (&record["usage"]["output"], &record["usage"]["reasoning"]),
        (&json!(20), &json!(15))
    );
}

#[tokio::test]
async fn a_gemini_provider_streams_to_an_openai_client() {
    let chunk = |text: &str, end: &str, count: u32| {
        format!(
            "data: {{\"candidates\": [{{\"content\": {{\"parts\": [{{\"text\": \"{text}\"}}], \"role\": \"model\"}}{end}}}], \"usageMetadata\": {{\"promptTokenCount\": 10, \"candidatesTokenCount\": {count}}}}}\r\n\r\n"
        )
    };
    let stream = chunk("Hi", "", 1) + &chunk(" you.", ", \"finishReason\": \"STOP\"", 3);
    let (url, served) = provider(http("200 OK", "text/event-stream", &stream)).await;
    let gateway = gateway(&url).await;
    let body = json!({"model": "google-test/gemini-3.5-flash", "stream": true, "stream_options": {"include_usage": true},
        "messages": [{"role": "user", "content": "Hi"}]});
    let sent = Call::post(gateway.address(), "/v1/chat/completions", body.to_string())
        .header("authorization", format!("Bearer {}", gateway.key()));
    let answer = whole(sent).await;
    let chunks: Vec<Value> = answer.frames().iter().map(|frame| frame.json()).collect();
    let texts = chunks
        .iter()
        .filter_map(|chunk| chunk["choices"][0]["delta"]["content"].as_str());
    assert_eq!(texts.collect::<String>(), "Hi you.");
    let usage = chunks
        .iter()
        .find(|chunk| chunk["usage"].is_object())
        .unwrap();
    assert_eq!(
        (&usage["usage"]["total_tokens"], &usage["usage"]["cost"]),
        (&json!(13), &json!(0.000_016))
    );
    let asked = tokio::time::timeout(SOON, served).await.unwrap().unwrap();
    assert!(
        asked.starts_with("POST /v1beta/models/gemini-3.5-flash:streamGenerateContent?alt=sse "),
        "{asked}"
    );
}

#[tokio::test]
async fn the_delay_in_a_gemini_providers_error_is_passed_on() {
    let error = r#"{"error": {"code": 429, "message": "Quota exceeded.", "status": "RESOURCE_EXHAUSTED", "details": [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34s"}]}}"#;
    let (url, _served) = provider(http("429 Too Many Requests", "application/json", error)).await;
    let gateway = gateway(&url).await;
    let path = "/v1beta/models/google-test/gemini-3.5-flash:generateContent";
    let answer = ask(&gateway, path, &asked("Hi")).await;
    assert_eq!((answer.status, answer.header("retry-after")), (429, "34"));
}
