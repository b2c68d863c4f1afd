//! What most tests begin with: two fake providers, each in several dialects, and the real gateway between them and the
//! client. Nothing is shared between tests.

mod breaks;

pub(crate) use breaks::{AFTER_COMMIT, BEFORE_COMMIT, at_once, outcomes};

use bytes::Bytes;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use testkit::client::{Answer, Call, CallError};
use testkit::fake_provider::{FakeProvider, SCENARIOS};
use testkit::gateway::{ModelEntry, ProviderEntry, Setup, TestGateway};

/// More than anything here takes on a busy machine.
pub(crate) const SOON: Duration = Duration::from_secs(20);
/// Between two looks at something that does not tell.
const LOOK: Duration = Duration::from_millis(10);
/// The management token of every test's gateway.
pub(crate) const ADMIN: &str = "tgm_for_these_tests";

/// A gateway whose providers are fakes.
///
/// `openai-first` and `anthropic-first` are the fake `first` in those two dialects, `openai-second` and
/// `anthropic-second` the fake `second`. Each serves `fake-<scenario>` under its own id (`openai-first/fake-text`).
/// `cohere-first` is the fake `first` in Cohere's dialect. Besides, there are models that several serve, the first fake
/// cheaper: `team/fake-<scenario>` at both OpenAI ones, `crew/…` at both Anthropic ones, `mixed/…` at the first in
/// OpenAI's dialect and the second in Anthropic's.
pub(crate) struct Scene {
    pub(crate) gateway: TestGateway,
    pub(crate) first: Arc<FakeProvider>,
    pub(crate) second: Arc<FakeProvider>,
}

/// Where a chat comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Door {
    /// OpenAI Chat Completions.
    Chat,
    /// Anthropic Messages.
    Messages,
}

/// Both doors of a chat.
pub(crate) const DOORS: [Door; 2] = [Door::Chat, Door::Messages];

impl Door {
    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::Chat => "/v1/chat/completions",
            Self::Messages => "/v1/messages",
        }
    }

    /// The first fake in this door's own dialect.
    pub(crate) fn native(self, scenario: &str) -> String {
        match self {
            Self::Chat => format!("openai-first/fake-{scenario}"),
            Self::Messages => format!("anthropic-first/fake-{scenario}"),
        }
    }

    /// A model that both fakes serve in this door's own dialect, the first one cheaper.
    pub(crate) fn shared(self, scenario: &str) -> String {
        match self {
            Self::Chat => format!("team/fake-{scenario}"),
            Self::Messages => format!("crew/fake-{scenario}"),
        }
    }

    /// A plain request.
    pub(crate) fn body(self, model: &str, text: &str, stream: bool) -> Value {
        json!({
            "model": model, "max_tokens": 4000, "stream": stream,
            "messages": [{"role": "user", "content": text}],
        })
    }

    /// The text that a stream's frames say.
    pub(crate) fn streamed_text(self, frames: &[Frame]) -> String {
        let at = match self {
            Self::Chat => "/choices/0/delta/content",
            Self::Messages => "/delta/text",
        };
        frames
            .iter()
            .map(|frame| string_at(&frame.json(), at))
            .collect()
    }

    /// The usage that a stream's frames report last.
    pub(crate) fn streamed_usage(self, frames: &[Frame]) -> Option<Value> {
        let usage = |frame: &Frame| frame.json().get("usage").filter(|u| u.is_object()).cloned();
        frames.iter().rev().find_map(usage)
    }

    /// Whether a stream's frames come to the dialect's proper end.
    pub(crate) fn is_complete(self, frames: &[Frame]) -> bool {
        let last = frames.last();
        match self {
            Self::Chat => last.is_some_and(|frame| frame.data == "[DONE]"),
            Self::Messages => last.is_some_and(|frame| frame.event == "message_stop"),
        }
    }

    /// The error in the last frame of a stream, as the dialect has it: its type and its message.
    pub(crate) fn streamed_error(self, frames: &[Frame]) -> Option<(String, String)> {
        let last = frames.iter().rev().find(|frame| frame.data != "[DONE]")?;
        if self == Self::Messages {
            assert!(
                last.event == "error" || !last.data.contains("\"error\""),
                "{last:?}"
            );
        }
        let error = last.json().get("error")?.clone();
        Some((string_at(&error, "/type"), string_at(&error, "/message")))
    }
}

/// One event of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) event: String,
    pub(crate) data: String,
}

impl Frame {
    /// Its data, if it is JSON; else nothing.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.data).unwrap_or_default()
    }
}

/// The events of a stream, comments left out.
pub(crate) fn frames(body: &[u8]) -> Vec<Frame> {
    let text = std::str::from_utf8(body).unwrap();
    let of = |block: &str| {
        let field = |name: &str| {
            let mut lines = block.lines().filter_map(|line| line.strip_prefix(name));
            lines.next().map(|value| value.trim_start().to_owned())
        };
        Some(Frame {
            event: field("event:").unwrap_or_default(),
            data: field("data:")?,
        })
    };
    text.split("\n\n").filter_map(of).collect()
}

/// Text at a JSON pointer; empty where there is none.
pub(crate) fn string_at(value: &Value, at: &str) -> String {
    value
        .pointer(at)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

/// A whole answer: status, our id of the request, the body as JSON.
#[derive(Clone, Debug)]
pub(crate) struct Whole {
    pub(crate) status: u16,
    pub(crate) id: String,
    pub(crate) headers: http::HeaderMap,
    pub(crate) bytes: Bytes,
}

impl Whole {
    pub(crate) async fn read(answer: Answer) -> Self {
        Self {
            status: answer.status.as_u16(),
            id: answer.header("x-request-id").to_owned(),
            headers: answer.headers.clone(),
            bytes: answer.whole().await.unwrap(),
        }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_default()
    }

    pub(crate) fn frames(&self) -> Vec<Frame> {
        frames(&self.bytes)
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).map(|value| value.to_str().unwrap());
        value.unwrap_or_default()
    }
}

/// Sends a call and reads all of its answer.
pub(crate) async fn whole(call: Call) -> Whole {
    Whole::read(call.send().await.unwrap()).await
}

impl Scene {
    /// Starts it all.
    pub(crate) async fn start() -> Self {
        Self::with("").await
    }

    /// Starts it all, with more of `tollgate.toml`.
    pub(crate) async fn with(config: &str) -> Self {
        let (first, second) = (fake().await, fake().await);
        let setup = setup(providers(&first, &second), config);
        let gateway = TestGateway::start(setup).await.unwrap();
        Self {
            gateway,
            first: Arc::new(first),
            second: Arc::new(second),
        }
    }

    /// A call with the test's key in the door's own way.
    pub(crate) fn call(&self, door: Door, body: impl Into<Bytes>) -> Call {
        call_with(self.gateway.address(), door, self.gateway.key(), body)
    }

    /// Asks, and reads all of the answer.
    pub(crate) async fn ask(&self, door: Door, body: &Value) -> Whole {
        whole(self.call(door, body.to_string())).await
    }

    /// The one record of a request, once it is there.
    pub(crate) async fn record(&self, id: &str) -> Value {
        record(&self.gateway, id).await
    }

    /// All records that carry a client's own request id.
    pub(crate) async fn records_of(&self, client_request_id: &str) -> Vec<Value> {
        let all = self.gateway.records().await.unwrap();
        all.into_iter()
            .filter(|record| record["client_request_id"] == client_request_id)
            .collect()
    }
}

/// The program under test, with these providers.
pub(crate) fn setup(providers: Vec<ProviderEntry>, config: &str) -> Setup {
    Setup {
        program: env!("CARGO_BIN_EXE_tollgate").into(),
        providers,
        config: config.to_owned(),
        env: vec![("TOLLGATE_ADMIN_TOKEN".to_owned(), ADMIN.to_owned())],
    }
}

pub(crate) async fn fake() -> FakeProvider {
    FakeProvider::start().await.unwrap()
}

fn providers(first: &FakeProvider, second: &FakeProvider) -> Vec<ProviderEntry> {
    let entry = |id: &str, fake: &FakeProvider, speaks: &str, dear: bool, shared: &[&str]| {
        let named = |prefix: &str| {
            let models = SCENARIOS.iter().map(move |scenario| {
                let (input, output) = if dear { ("3", "6") } else { ("1", "2") };
                ModelEntry {
                    id: format!("{prefix}fake-{}", scenario.name),
                    input: input.to_owned(),
                    output: output.to_owned(),
                }
            });
            models.collect::<Vec<_>>()
        };
        let shared = shared.iter().flat_map(|prefix| named(prefix));
        let version = if speaks == "cohere" { "v2" } else { "v1" };
        ProviderEntry {
            id: id.to_owned(),
            base_url: format!("{}/{version}", fake.url()),
            speaks: speaks.to_owned(),
            models: named("").into_iter().chain(shared).collect(),
        }
    };
    vec![
        entry(
            "openai-first",
            first,
            "openai_chat",
            false,
            &["team/", "mixed/"],
        ),
        entry("openai-second", second, "openai_chat", true, &["team/"]),
        entry("anthropic-first", first, "anthropic", false, &["crew/"]),
        entry(
            "anthropic-second",
            second,
            "anthropic",
            true,
            &["crew/", "mixed/"],
        ),
        entry("cohere-first", first, "cohere", false, &[]),
    ]
}

/// A call at a door with a key.
pub(crate) fn call_with(
    address: SocketAddr,
    door: Door,
    key: &str,
    body: impl Into<Bytes>,
) -> Call {
    let call = Call::post(address, door.path(), body);
    match door {
        Door::Chat => call.header("authorization", format!("Bearer {key}")),
        Door::Messages => call
            .header("x-api-key", key)
            .header("anthropic-version", "2023-06-01"),
    }
}

/// Asks the admin API: status and JSON.
pub(crate) async fn admin(
    gateway: &TestGateway,
    method: &str,
    path: &str,
    body: Value,
) -> (u16, Value) {
    let text = match body {
        Value::Null => String::new(),
        body => body.to_string(),
    };
    let mut call = Call::post(gateway.address(), path, text)
        .header("authorization", format!("Bearer {ADMIN}"));
    call.method = method.parse().unwrap();
    let answer = whole(call).await;
    (answer.status, answer.json())
}

/// The one record of a request, once it is there.
pub(crate) async fn record(gateway: &TestGateway, id: &str) -> Value {
    let begun = Instant::now();
    loop {
        let (status, record) = admin(
            gateway,
            "GET",
            &format!("/admin/v1/requests/{id}"),
            Value::Null,
        )
        .await;
        if status == 200 {
            return record;
        }
        assert!(status == 404 && begun.elapsed() < SOON, "{status} {record}");
        tokio::time::sleep(LOOK).await;
    }
}

/// A streamed answer, read as far as a test wants.
pub(crate) struct Stream {
    answer: Answer,
    seen: Vec<u8>,
    /// How far `seen` was searched for words, and how many there were.
    searched: usize,
    said: usize,
}

impl Stream {
    /// Sends a call and waits for the answer's head.
    pub(crate) async fn open(call: Call) -> Self {
        let answer = tokio::time::timeout(SOON, call.send()).await;
        Self::of(answer.unwrap().unwrap())
    }

    pub(crate) fn of(answer: Answer) -> Self {
        Self {
            answer,
            seen: Vec::new(),
            searched: 0,
            said: 0,
        }
    }

    pub(crate) fn header(&self, name: &str) -> String {
        self.answer.header(name).to_owned()
    }

    /// Reads on until what was seen so far is as wanted.
    pub(crate) async fn until(&mut self, wanted: impl Fn(&[u8]) -> bool) {
        while !wanted(&self.seen) {
            assert!(self.more().await.unwrap(), "the stream ended");
        }
    }

    /// Reads on until so many words were said, and no more.
    pub(crate) async fn words(&mut self, door: Door, count: usize) {
        assert!(
            self.at_least(door, count).await.unwrap(),
            "the stream ended"
        );
        assert_eq!(self.said, count, "more was said than asked for");
    }

    /// Reads on until at least so many words were said; false where the stream ended before.
    ///
    /// # Errors
    /// When the connection broke.
    pub(crate) async fn at_least(&mut self, door: Door, count: usize) -> Result<bool, CallError> {
        while self.said < count {
            if !self.more().await? {
                return Ok(false);
            }
            let new = &self.seen[self.searched..];
            if let Some(end) = new.windows(2).rposition(|two| two == b"\n\n") {
                let text = door.streamed_text(&frames(&new[..end + 2]));
                self.said += text.split_whitespace().count();
                self.searched += end + 2;
            }
        }
        Ok(true)
    }

    /// How many words were found.
    pub(crate) fn said(&self) -> usize {
        self.said
    }

    /// Reads to the proper end: all bytes.
    pub(crate) async fn rest(mut self) -> Vec<u8> {
        while self.more().await.unwrap() {}
        self.seen
    }

    /// Waits for the next piece; false at the proper end.
    async fn more(&mut self) -> Result<bool, CallError> {
        let chunk = tokio::time::timeout(SOON, self.answer.chunk()).await;
        let chunk = chunk.expect("nothing more comes")?;
        self.seen
            .extend_from_slice(chunk.as_deref().unwrap_or_default());
        Ok(chunk.is_some())
    }
}

/// What tokens cost at the first fake, in USD: 1 a million in, 2 a million out.
pub(crate) fn price(usage: &Value) -> String {
    let count = |name: &str| usage[name].as_u64().unwrap();
    usd(count("input") + 2 * count("output"))
}

/// Millionths of a USD as the gateway writes them.
pub(crate) fn usd(millionths: u64) -> String {
    let text = format!("{}.{:06}", millionths / 1_000_000, millionths % 1_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
