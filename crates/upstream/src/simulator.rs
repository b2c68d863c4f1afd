//! The built-in provider: answers without any network, deterministic from the request, with settable pace, length and
//! faults, and with honest token counts. It speaks the `openai_chat` dialect in bytes, so that all that handles a real
//! provider's answer handles this one.
//!
//! Models: `echo` repeats the last user text, `fast` answers at once, `slow` at ten tokens a second, `reasoner` thinks
//! first, `flaky` fails for half of all requests (always the same ones), `embed` makes vectors. What a request may set
//! stands in `settings`; what a token is, in `tokens`. Texts of answers say that they are simulated.
//!
//! The same request gets the same answer, whole or streamed. No clock is read but for pacing: `created` is always 0.

mod request_text;
mod schema;
mod script;
mod settings;
mod speech;
mod stream;
mod tokens;
mod tools;
mod vector;
mod wire;

pub use settings::HEADER;
pub(crate) use stream::Stream;

use crate::body::{Body, Deadlines};
use crate::client::{Answer, Call, Timeouts};
use crate::failure::{Failure, FailureKind};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use protocol::dialect::openai_chat::{DIALECT, ID};
use protocol::dialect::{ChatClient, EmbedClient, Reply};
use protocol::ir::{EmbedInput, EmbedRequest, Error, ErrorKind, Extra, Malformed, Request, Start};
use settings::{Fault, Model, Settings};
use stream::Pace;
use tokens::Chance;
use tokio::time::Instant;

/// Answers a call as a provider would.
///
/// # Errors
/// The time-outs of the call, where the request asks for a pace or stall beyond them.
pub async fn answer(call: Call) -> Result<Answer, Failure> {
    let begin = Instant::now();
    let made = make(&call, begin).unwrap_or_else(|refusal| Made::error(&refusal));
    let Timeouts {
        first_byte,
        idle,
        total,
    } = call.timeouts;
    let limit = begin + first_byte.min(total);
    match made.ready {
        // A timer rounds up to the next millisecond, even for what is due already.
        Some(ready) if ready <= Instant::now() => {}
        Some(ready) if ready <= limit => tokio::time::sleep_until(ready).await,
        Some(_) | None => {
            tokio::time::sleep_until(limit).await;
            return Err(if total < first_byte {
                Failure::too_slow(FailureKind::TotalTimeout, total)
            } else {
                Failure::too_slow(FailureKind::FirstByteTimeout, first_byte)
            });
        }
    }
    Ok(Answer {
        status: made.status,
        headers: made.headers,
        body: Body::simulated(made.body, Deadlines { begin, idle, total }),
    })
}

/// An answer, and when its head is sent.
struct Made {
    status: StatusCode,
    headers: HeaderMap,
    body: Stream,
    /// `None`: never.
    ready: Option<Instant>,
}

impl Made {
    fn json(status: StatusCode, body: Vec<u8>, ready: Instant) -> Self {
        Self {
            status,
            headers: content_type("application/json"),
            body: Stream::whole(body, None),
            ready: Some(ready),
        }
    }

    fn error(error: &Error) -> Self {
        let status = match error.kind {
            // What a provider says of itself, where ours would be a gateway's 502.
            ErrorKind::Server => 500,
            kind => kind.status(),
        };
        Self::failed(status, error, Instant::now())
    }

    fn failed(status: u16, error: &Error, ready: Instant) -> Self {
        let body = DIALECT.errors.encode(error, "simulated");
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut made = Self::json(status, body, ready);
        if status == StatusCode::TOO_MANY_REQUESTS {
            let one = HeaderValue::from_static("1");
            made.headers.insert(header::RETRY_AFTER, one);
        }
        made
    }
}

fn content_type(kind: &'static str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers
}

fn make(call: &Call, begin: Instant) -> Result<Made, Error> {
    let path = call.uri.path();
    if path.ends_with("/chat/completions")
        && let Some(codec) = DIALECT.chat.client
    {
        return make_chat(codec, call, begin);
    }
    if path.ends_with("/embeddings")
        && let Some(codec) = DIALECT.embed.client
    {
        return make_embeddings(codec, call, begin);
    }
    let message = format!("the simulator answers chat completions and embeddings, not {path}");
    Err(Error::new(ErrorKind::NotFound, message))
}

fn make_chat(codec: &dyn ChatClient, call: &Call, begin: Instant) -> Result<Made, Error> {
    let mut request = codec.decode_request(&call.body)?;
    // It knows no more than can be told to everybody.
    request.check_known_to(protocol::dialect::merge::ID)?;
    let model = find(&request.model)?;
    request.model = model.id();
    if model == Model::Embed {
        return Err(wrong_model(
            "simulator/embed makes vectors and does not chat",
        ));
    }
    let settings = settings_of(model, &request.extra, &call.headers)?;
    let mut seed = seed_of_chat(&request);
    let settings = with_whim(model, settings, seed);
    let scripts = script::write(model, &settings, &request, seed)?;
    let usage = script::usage(&request, &scripts);
    let id = format!("chatcmpl-simulated-{:016x}", seed.next());
    let pace = Pace::new(begin, &settings);
    if let Some(Fault::Status(status)) = settings.fault {
        return Ok(status_fault(status, pace.due(0)));
    }
    let reply = Reply {
        request_id: id.clone(),
        model: request.model.clone(),
        include_usage: request.include_usage,
        input_estimate: usage.input,
        ..Reply::default()
    };
    if !request.stream {
        let said = u32::try_from(usage.output).unwrap_or(u32::MAX);
        let response = wire::response(id, request.model, scripts, usage);
        let body = codec.encode_response(&response, &reply, None).body;
        return Ok(whole(body, &settings, pace.due(said)));
    }
    let start = Start {
        id,
        model: request.model,
        ..Start::default()
    };
    let steps = wire::steps(start, scripts, usage);
    Ok(Made {
        status: StatusCode::OK,
        headers: content_type("text/event-stream"),
        body: Stream::paced(codec.stream_encoder(&reply), steps, pace, &settings),
        ready: Some(begin),
    })
}

fn make_embeddings(codec: &dyn EmbedClient, call: &Call, begin: Instant) -> Result<Made, Error> {
    let mut request = codec.decode_request(&call.body)?;
    if find(&request.model)? != Model::Embed {
        return Err(wrong_model("only simulator/embed makes vectors"));
    }
    request.model = Model::Embed.id();
    let settings = settings_of(Model::Embed, &request.extra, &call.headers)?;
    let pace = Pace::new(begin, &settings);
    if let Some(Fault::Status(status)) = settings.fault {
        return Ok(status_fault(status, pace.due(0)));
    }
    let response = vector::embed(&request)?;
    let mut seed = seed_of_embed(&request);
    let reply = Reply {
        request_id: format!("embd-simulated-{:016x}", seed.next()),
        model: request.model.clone(),
        ..Reply::default()
    };
    let body = codec.encode_response(&response, &reply, None).body;
    Ok(whole(body, &settings, pace.due(0)))
}

fn find(id: &str) -> Result<Model, Error> {
    Model::find(id).ok_or_else(|| {
        let message = format!(
            "the simulator has no model '{id}'; it has echo, fast, slow, reasoner, flaky and embed"
        );
        Error::new(ErrorKind::NotFound, message)
            .with_param("model")
            .with_code("model_not_found")
    })
}

fn wrong_model(message: &str) -> Error {
    Error::new(ErrorKind::InvalidRequest, message).with_param("model")
}

/// The model's defaults, changed by the body's `simulator` member and the header of that purpose. One may say what the
/// other leaves open; where both are there they must agree.
fn settings_of(model: Model, extra: &Extra, headers: &HeaderMap) -> Result<Settings, Malformed> {
    let member = extra
        .of(ID)
        .find_map(|(name, value)| (name == "simulator").then(|| value.get()));
    let header = match headers.get(HEADER).map(HeaderValue::to_str) {
        None => None,
        Some(Ok(text)) => Some(text),
        Some(Err(_)) => return Err(Malformed::field(HEADER, "expected a JSON object in ASCII")),
    };
    let defaults = model.defaults();
    match (member, header) {
        (None, None) => Ok(defaults),
        (Some(json), None) | (None, Some(json)) => defaults.changed(json),
        (Some(member), Some(header)) => {
            let said = defaults.changed(member)?;
            if defaults.changed(header)? == said {
                Ok(said)
            } else {
                let both = format!("the member and the header {HEADER} say different things");
                Err(Malformed::field("simulator", both))
            }
        }
    }
}

/// The flaky model's own faults, where the request asks for none: half of all requests fail.
fn with_whim(model: Model, settings: Settings, mut chance: Chance) -> Settings {
    if model != Model::Flaky || settings.fault.is_some() {
        return settings;
    }
    let fault = match chance.below(4) {
        0 => Some(Fault::Status(503)),
        1 => Some(Fault::Status(429)),
        _ => None,
    };
    Settings { fault, ..settings }
}

fn status_fault(status: u16, ready: Instant) -> Made {
    let error = wire::simulated_error(ErrorKind::from_status(status));
    Made::failed(status, &error, ready)
}

/// A whole answer, with the fault that was asked for. A stall sends not even the head.
fn whole(body: Vec<u8>, settings: &Settings, ready: Instant) -> Made {
    let made = Made::json(StatusCode::OK, Vec::new(), ready);
    match settings.fault {
        Some(Fault::ErrorIn200) => {
            let error = wire::simulated_error(ErrorKind::Server);
            let body = DIALECT.errors.encode(&error, "simulated");
            Made {
                body: Stream::whole(body, None),
                ..made
            }
        }
        Some(Fault::Stall) => Made {
            ready: None,
            ..made
        },
        fault @ (None | Some(Fault::Status(_) | Fault::Cut | Fault::Malformed)) => Made {
            body: Stream::whole(body, fault),
            ..made
        },
    }
}

/// What an answer's words follow from: the model, the seed that the request names, how much is to be read, and the last
/// text. Not the whole body: `stream` must not change the words.
fn seed_of_chat(request: &Request) -> Chance {
    let told = request_text::Told::by(request);
    let read = request_text::tokens_in(request);
    let named = request.sampling.seed.unwrap_or(0);
    let mut bytes = Vec::new();
    bytes.extend_from_slice(request.model.as_bytes());
    bytes.extend_from_slice(&named.to_le_bytes());
    bytes.extend_from_slice(&read.to_le_bytes());
    bytes.extend_from_slice(told.last_user_text.as_bytes());
    for result in &told.tool_results {
        bytes.extend_from_slice(result.as_bytes());
    }
    Chance::from_bytes(&bytes)
}

fn seed_of_embed(request: &EmbedRequest) -> Chance {
    let bytes: Vec<u8> = match &request.input {
        EmbedInput::Texts { texts, .. } => texts.concat().into_bytes(),
        EmbedInput::Tokens { tokens, .. } => {
            let ids = tokens.iter().flatten();
            ids.flat_map(|id| id.to_le_bytes()).collect()
        }
    };
    Chance::from_bytes(&Bytes::from(bytes))
}

#[cfg(test)]
mod tests;
