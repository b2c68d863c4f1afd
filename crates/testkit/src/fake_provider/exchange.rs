//! One request from its bytes to its answer: record, read, choose a behaviour, play it.

use super::answer::{Answer, TokenCounts};
use super::asked::{Asked, Dialect, VendorError};
use super::playback::{FaultFrames, Frame, Playback};
use super::recorder::{End, Recorded, Tracked};
use super::scenario::{Act, Behaviour, Odd, Pace, SCENARIOS};
use super::vendor::{Target, Vendor};
use super::{Shared, anthropic, control, openai};
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use http::{Request, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use serde_json::Value;
use std::convert::Infallible;
use std::io;
use std::sync::Arc;

type Reply = Response<UnsyncBoxBody<Bytes, io::Error>>;

/// Answers one request.
///
/// # Errors
/// When the request's body breaks off; the connection is closed then.
pub(super) async fn answer(
    shared: Arc<Shared>,
    request: Request<Incoming>,
) -> Result<Reply, hyper::Error> {
    let (head, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
    if path.starts_with("/_fake/") {
        let (status, value) = control::answer(&shared, &head.method, path, &body).await;
        return Ok(json_reply(status, &value));
    }
    let tracked = shared.recorder.begin(Recorded {
        seq: 0,
        id: header(&head.headers, "x-fake-id"),
        method: head.method.to_string(),
        path: path.to_owned(),
        headers: listed(&head.headers),
        body: body.clone(),
        model: String::new(),
        scenario: String::new(),
        stream: false,
        unknown_fields: Vec::new(),
        status: None,
        usage: None,
        chunks_sent: 0,
        tokens_sent: 0,
        received_at: 0,
        first_chunk_at: None,
        last_chunk_at: None,
        ended_at: None,
        end: End::Open,
    });
    let (vendor, target) = Vendor::of(head.uri.path(), &head.headers);
    let exchange = Exchange {
        shared,
        tracked,
        vendor,
    };
    let reply = match (head.method.as_str(), head.uri.path(), target) {
        ("POST", _, Some(target)) => exchange.chat(&head.headers, target, &body).await,
        ("POST", "/v1/embeddings", None) => exchange.embed(&head.headers, &body),
        ("GET", "/v1/models", None) => exchange.models(),
        (method, path, _) => {
            let message = format!("Unknown request URL: {method} {path}.");
            exchange.fail(VendorError::new(404, message))
        }
    };
    Ok(reply)
}

struct Exchange {
    shared: Arc<Shared>,
    tracked: Tracked,
    vendor: &'static Vendor,
}

impl Exchange {
    async fn chat(self, headers: &HeaderMap, target: Target, body: &[u8]) -> Reply {
        let (asked, held) = match self.read(headers, target, body) {
            Ok(read) => read,
            Err(error) => return self.fail(error),
        };
        let behaviour = self
            .shared
            .scripted(&asked.model)
            .or_else(|| Behaviour::of_model(&asked.model))
            .unwrap_or_default()
            .directed(&asked);
        self.note_asked(&asked, &behaviour);
        let act = behaviour.act(&asked);
        if let (Some(conversation), Ok(Act::Say(answer, _))) = (held, &act) {
            let answer = (self.vendor.whole)(&asked, answer, self.tracked.seq);
            self.shared.threads.hold(conversation, &answer);
        }
        match act {
            Ok(Act::Say(answer, pace)) if asked.stream => self.stream(&asked, &answer, &pace),
            Ok(Act::Say(answer, pace)) => self.whole(&asked, &answer, &pace).await,
            Ok(Act::Odd(odd)) => self.odd(odd, &asked).await,
            Ok(Act::Raw(text)) if asked.stream => {
                let kind = self.vendor.stream_type;
                self.once(200, kind, text.into(), None)
            }
            Ok(Act::Raw(text)) => self.once(200, "application/json", text.into(), None),
            Ok(Act::Fail(error)) | Err(error) => self.fail(error),
        }
    }

    /// What is asked, and the conversation if the vendor is to hold it.
    fn read(
        &self,
        headers: &HeaderMap,
        target: Target,
        body: &[u8],
    ) -> Result<(Asked, Option<Value>), VendorError> {
        (self.vendor.check_headers)(headers)?;
        let body = json_of(body)?;
        let (body, hold) = match self.vendor.dialect {
            Dialect::Anthropic => self.shared.threads.whole(headers, body)?,
            _ => (body, false),
        };
        let asked = (self.vendor.read)(target, &body)?;
        Ok((asked, hold.then_some(body)))
    }

    fn note_asked(&self, asked: &Asked, behaviour: &Behaviour) {
        let marked = asked
            .directives()
            .remove("id")
            .or_else(|| asked.user.clone());
        self.tracked.note(|entry, _| {
            entry.model.clone_from(&asked.model);
            entry.scenario.clone_from(&behaviour.scenario);
            entry.stream = asked.stream;
            entry.unknown_fields.clone_from(&asked.unknown_fields);
            entry.id = marked.or(entry.id.take());
        });
    }

    async fn whole(self, asked: &Asked, answer: &Answer, pace: &Pace) -> Reply {
        let value = (self.vendor.whole)(asked, answer, self.tracked.seq);
        let mut frame = Frame::content(value.to_string(), answer.tokens());
        frame.reports_usage = answer.usage.is_some();
        // A whole answer has no head before it is known.
        let mut pace = pace.clone();
        if let Some(gate) = pace.gate.take() {
            self.shared.gates.pass(&gate).await;
        }
        if let Some(delay) = pace.delay.take() {
            tokio::time::sleep(delay).await;
        }
        let head = self.head(200, "application/json");
        let length = frame.bytes.len();
        let short = matches!(pace.fault, Some((_, fault)) if fault.shortens());
        let playback = Playback::whole(self.tracked, Arc::clone(&self.shared.gates), frame, &pace);
        let body = playback.reporting(answer.usage).boxed_unsync();
        let head = if short {
            head
        } else {
            head.header("content-length", length)
        };
        built(head.body(body))
    }

    fn stream(self, asked: &Asked, answer: &Answer, pace: &Pace) -> Reply {
        let seq = self.tracked.seq;
        let failed = VendorError::new(500, "The server had an error in mid-stream.");
        let faults = FaultFrames {
            error: (self.vendor.error_frame)(&failed, &request_id(seq)),
            malformed: (self.vendor.malformed)(),
        };
        let frames = (self.vendor.stream)(asked, answer, seq);
        let head = self.head(200, self.vendor.stream_type);
        let gates = Arc::clone(&self.shared.gates);
        let playback = Playback::stream(self.tracked, gates, frames, pace, faults);
        built(head.body(playback.reporting(answer.usage).boxed_unsync()))
    }

    async fn odd(self, odd: Odd, asked: &Asked) -> Reply {
        let (status, kind, text) = match odd {
            Odd::Html502 => {
                let page =
                    "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>";
                (502, "text/html", page.to_owned())
            }
            Odd::HalfJson => (
                200,
                "application/json",
                "{\"id\": \"half\", \"choi".to_owned(),
            ),
            Odd::Empty => (200, "application/json", String::new()),
            Odd::ErrorIn200 => {
                let error = VendorError::new(500, "The server had an error inside a 200.");
                return self.error_in_200(&error, asked.stream);
            }
            Odd::Never => {
                // Dropped with the connection, which notes the hang-up.
                match std::future::pending::<Infallible>().await {}
            }
        };
        self.once(status, kind, text.into(), None)
    }

    fn error_in_200(self, error: &VendorError, stream: bool) -> Reply {
        let id = request_id(self.tracked.seq);
        if stream {
            let frame = (self.vendor.error_frame)(error, &id);
            let kind = self.vendor.stream_type;
            return self.once(200, kind, frame.bytes, None);
        }
        let value = (self.vendor.error)(error, &id);
        self.once(200, "application/json", value.to_string().into(), None)
    }

    fn embed(self, headers: &HeaderMap, body: &[u8]) -> Reply {
        match self.embeddings(headers, body) {
            Ok((value, usage)) => {
                self.tracked.note(|entry, _| entry.usage = Some(usage));
                self.once(200, "application/json", value.to_string().into(), None)
            }
            Err(error) => self.fail(error),
        }
    }

    fn embeddings(
        &self,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<(Value, TokenCounts), VendorError> {
        openai::check_headers(headers)?;
        let body = json_of(body)?;
        let model = text_at(&body, "model").unwrap_or_default();
        self.tracked.note(|entry, _| {
            entry.model.clone_from(&model);
            entry.scenario = "embeddings".to_owned();
            entry.id = text_at(&body, "user").or(entry.id.take());
        });
        let behaviour = self
            .shared
            .scripted(&model)
            .or_else(|| Behaviour::of_model(&model));
        match behaviour.map(|behaviour| behaviour.act(&Asked::of(Dialect::OpenAi, &model))) {
            Some(Ok(Act::Fail(error)) | Err(error)) => Err(error),
            Some(Ok(Act::Say(..) | Act::Odd(_) | Act::Raw(_))) | None => openai::embed(&body),
        }
    }

    fn models(self) -> Reply {
        let names = SCENARIOS.iter().map(|scenario| scenario.name);
        let list = match self.vendor.dialect {
            Dialect::Anthropic => anthropic::models(names),
            _ => openai::models(names),
        };
        self.once(200, "application/json", list.to_string().into(), None)
    }

    fn fail(self, error: VendorError) -> Reply {
        let error = VendorError {
            status: (self.vendor.status)(error.status),
            ..error
        };
        let id = request_id(self.tracked.seq);
        let value = (self.vendor.error)(&error, &id);
        let retry_after = error.retry_after.filter(|_| self.vendor.retry_in_header);
        let named = self.vendor.error_header;
        let mut reply = self.once(
            error.status,
            "application/json",
            value.to_string().into(),
            retry_after,
        );
        if let Some((header, name)) = named {
            let name = HeaderValue::from_static(name(error.status));
            reply.headers_mut().insert(header, name);
        }
        reply
    }

    /// A whole body that holds no generated text.
    fn once(self, status: u16, kind: &str, body: Bytes, retry_after: Option<u32>) -> Reply {
        let mut head = self.head(status, kind).header("content-length", body.len());
        if let Some(seconds) = retry_after {
            head = head.header(RETRY_AFTER, seconds);
        }
        let gates = Arc::clone(&self.shared.gates);
        let playback = Playback::whole(self.tracked, gates, Frame::plain(body), &Pace::default());
        built(head.body(playback.boxed_unsync()))
    }

    fn head(&self, status: u16, kind: &str) -> http::response::Builder {
        self.tracked.note(|entry, _| entry.status = Some(status));
        Response::builder()
            .status(status)
            .header(CONTENT_TYPE, kind)
            .header(self.vendor.id_header, request_id(self.tracked.seq))
    }
}

fn json_of(body: &[u8]) -> Result<Value, VendorError> {
    serde_json::from_slice(body)
        .map_err(|error| VendorError::new(400, format!("The body is not JSON: {error}")))
}

fn text_at(body: &Value, key: &str) -> Option<String> {
    body.get(key).and_then(Value::as_str).map(str::to_owned)
}

fn request_id(seq: u64) -> String {
    format!("req_fake{seq}")
}

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

fn listed(headers: &HeaderMap) -> Vec<(String, String)> {
    headers
        .iter()
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), value)
        })
        .collect()
}

fn json_reply(status: StatusCode, value: &Value) -> Reply {
    let body = Full::new(Bytes::from(value.to_string())).map_err(|never| match never {});
    let mut reply = Response::new(body.boxed_unsync());
    *reply.status_mut() = status;
    reply
}

fn built(reply: Result<Reply, http::Error>) -> Reply {
    // Statuses and headers are our own, so this is not reached; a test would see a 500 without a body.
    reply.unwrap_or_else(|error| {
        json_reply(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string().into())
    })
}
