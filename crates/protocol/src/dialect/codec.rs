//! The traits a dialect's folder implements, one per operation and side, and the values they pass.

use super::own_words::{OwnWords, PlaceOf};
use super::{Framing, NameRule, Places};
use crate::ir::{
    EmbedRequest, EmbedResponse, Error, ErrorKind, Event, Loss, Malformed, Request, Response, Usage,
};
use crate::splice::Document;
use crate::sse::Frame;
use bytes::Bytes;
use std::borrow::Cow;
use std::ops::Range;
use std::time::Duration;

/// What the pipeline needs to know of a request before it is decoded, read from the spans of its top-level members.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outline {
    /// The model as the client named it.
    pub model: String,
    /// Whether the answer is to be streamed.
    pub stream: bool,
    /// Whether the client asked for usage in the stream, where its dialect makes that a choice (else `true`).
    pub include_usage: bool,
    /// The client's own bound of output tokens.
    pub max_output_tokens: Option<u64>,
    /// What the model must be able to do.
    pub needs: Needs,
    /// The names of the freeform tools that are declared; see [`Reply::freeform_tools`].
    pub freeform_tools: Vec<String>,
    /// The gateway's own controls found among the members (`models`, `provider`, …), name and raw JSON. They are
    /// never sent to a provider.
    pub controls: Vec<(&'static str, String)>,
}

/// Capabilities that a request asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Tools are declared.
    pub tools: bool,
    /// An image is in the input.
    pub vision: bool,
    /// A file (PDF …) is in the input.
    pub files: bool,
    /// Audio is in the input.
    pub audio: bool,
    /// The answer must follow a JSON schema.
    pub structured_output: bool,
    /// Reasoning is asked for explicitly.
    pub reasoning: bool,
}

/// A request encoded for a provider or an answer encoded for a client, and what could not be said.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Encoded {
    /// The body.
    pub body: Vec<u8>,
    /// What was lost on the way.
    pub losses: Vec<Loss>,
}

/// What an answer needs from outside: the clock, the door and the plan.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reply {
    /// The client's own body: for dialects whose answers repeat what was asked (`instructions`, `tools` …).
    pub asked: Bytes,
    /// How the client wants a stream cut into frames.
    pub framing: Framing,
    /// The model that serves, by its canonical name (`openai/gpt-4o-mini`).
    pub served_model: String,
    /// The provider that serves, by its id.
    pub provider: String,
    /// How many attempts were made, this one included.
    pub attempts: u32,
    /// Now, in seconds since 1970: for dialects that demand a time the provider did not give.
    pub now: i64,
    /// Milliseconds since the request came in: of a whole answer all of them, of a stream those until its first content.
    pub elapsed_ms: u64,
    /// Our own id of the request, for dialects that demand an id the provider did not give.
    pub request_id: String,
    /// The model as the client asked for it, where the provider did not name one.
    pub model: String,
    /// Whether the client wants usage in the stream.
    pub include_usage: bool,
    /// Estimated input tokens, for dialects that state them before they are known.
    pub input_estimate: u64,
    /// The names of the client's freeform tools: a provider without such tools got them as functions, and the client must
    /// get their calls back as it declared them.
    pub freeform_tools: Vec<String>,
    /// What the request lost on its way to the provider: for dialects whose answers have a place for warnings.
    pub lost: Vec<Loss>,
}

/// Errors of a dialect, in whole bodies.
pub trait Errors: Sync {
    /// The HTTP status that clients of this dialect know an error by.
    fn status(&self, kind: ErrorKind) -> u16 {
        kind.status()
    }

    /// The header that names the class of an error, name and value, for dialects whose clients look for it there.
    fn label(&self, _kind: ErrorKind) -> Option<(&'static str, &'static str)> {
        None
    }

    /// Writes an error body. `request_id` is ours.
    fn encode(&self, error: &Error, request_id: &str) -> Vec<u8>;

    /// Reads a provider's error body of any shape (it may be HTML or empty); never fails. `status` is the HTTP status;
    /// for an error inside a 200 it is 200 and the kind follows from the body alone.
    fn decode(&self, status: u16, body: &[u8]) -> Error;

    /// How long a provider asks to be left alone, where it says so in the body of its error.
    fn retry_after(&self, _body: &[u8]) -> Option<Duration> {
        None
    }
}

/// The client's side of chat: reads requests, writes answers.
pub trait ChatClient: Sync {
    /// Reads what the pipeline needs, from one scan of the body. Checks the types of the members it reads. `model` and
    /// `stream` stay empty where the dialect says them outside the body (in path or headers); the door fills them in.
    ///
    /// # Errors
    /// Names the field that is missing or has a wrong type.
    fn outline(&self, doc: &Document<'_>) -> Result<Outline, Malformed>;

    /// Reads a whole request. `model` and `stream` as in [`Self::outline`].
    ///
    /// # Errors
    /// Names the field that is wrong and says what is allowed.
    fn decode_request(&self, body: &[u8]) -> Result<Request, Malformed>;

    /// What the request asks its provider to hold of the conversation, for dialects that know of such.
    fn thread(&self, _doc: &Document<'_>) -> Option<Thread> {
        None
    }

    /// What the canonical names of fields are here, for losses and errors that name them.
    fn own_words(&self) -> &'static OwnWords {
        &[]
    }

    /// What fields of messages are called here, where a message has no one place in a request.
    fn place_of(&self) -> Option<PlaceOf> {
        None
    }

    /// The member that instructions stand in, where they are not among the turns.
    fn instructions(&self) -> Option<&'static str> {
        None
    }

    /// Whether a last turn of the model's is the beginning of its answer, to go on from.
    fn begins_answers(&self) -> bool {
        false
    }

    /// Writes a whole answer. `cost` is what it cost in USD, as a JSON number (`0.0021`), for the usage object or where
    /// the dialect's ecosystem looks for it.
    fn encode_response(&self, response: &Response, reply: &Reply, cost: Option<&str>) -> Encoded;

    /// Writes a streamed answer.
    fn stream_encoder(&self, reply: &Reply) -> Box<dyn StreamEncoder>;

    /// Writes the frame by which a stream of this dialect says that it failed, and what must follow it.
    fn stream_error(&self, error: &Error, request_id: &str) -> Vec<u8>;
}

/// Writes a streamed answer of one exchange.
pub trait StreamEncoder: Send {
    /// Appends the frames for one event. `cost` comes with a `Usage` event: as in [`ChatClient::encode_response`]. Order and
    /// nesting of the events are as [`Event`] promises. Must answer `Event::Error` with a proper error frame.
    fn encode(&mut self, event: &Event, cost: Option<&str>, out: &mut Vec<u8>);

    /// What of the events so far this dialect cannot say, each once.
    fn losses(&self) -> &[Loss] {
        &[]
    }
}

/// What a request asks of a conversation that its provider holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thread {
    /// To hold it from now on. The request has all of it.
    Begins,
    /// To go on with it. The request has only what is new.
    GoesOn,
}

/// The provider's side of chat: writes requests, reads answers.
pub trait ChatProvider: Sync {
    /// The path behind the provider's base URL (`/chat/completions`).
    fn path(&self, model: &str, stream: bool) -> Cow<'static, str>;

    /// Whether every provider of this dialect can be relied on to know tools that take free text; else they are made
    /// functions before [`Self::encode_request`], by [`super::freeform_as_functions`].
    fn takes_freeform(&self) -> bool {
        true
    }

    /// Which names of tools every provider of this dialect takes; `None` where it takes any. Tools of other names are given
    /// such before [`Self::encode_request`], by [`super::ToolAliases`].
    fn tool_names(&self) -> Option<&'static NameRule> {
        None
    }

    /// Whether a last turn of the model's can be sent as the beginning of its answer; else it is one turn of many.
    fn goes_on_with_answers(&self) -> bool {
        true
    }

    /// Writes a request. `request.model` is the provider's name already.
    ///
    /// # Errors
    /// When the request cannot be said at all in this dialect (not for what can be dropped: that is a loss).
    fn encode_request(&self, request: &Request) -> Result<Encoded, Malformed>;

    /// Reads a whole answer.
    ///
    /// # Errors
    /// When it is not what the dialect promises (HTML, half a JSON, other types).
    fn decode_response(&self, body: &[u8]) -> Result<Response, Malformed>;

    /// Reads a streamed answer.
    fn stream_decoder(&self) -> Box<dyn StreamDecoder>;

    /// Looks at a whole answer without decoding it, checking that it is complete JSON.
    ///
    /// # Errors
    /// When it is not what the dialect promises.
    fn read_whole(&self, body: &[u8]) -> Result<WholeSeen, Malformed>;
}

/// What a dialect with both sides adds for chat where client and provider speak it: bytes are edited and looked at, and
/// nothing is decoded.
pub trait ChatPass: Sync {
    /// Edits the client's body so that it asks this provider: `model` replaced where the body names it, gateway controls
    /// removed, usage asked for in streams, reasoning of another dialect's provider removed, which this one would refuse.
    /// Names what is lost by it, in the dialect's own words.
    fn retarget(&self, doc: &mut Document<'_>, outline: &Outline, model: &str) -> Vec<Loss>;

    /// Where the body says what a model may not give; [`super::Reach`] fits it.
    fn places(&self) -> &'static Places;

    /// Looks at a streamed answer.
    fn tap(&self) -> Box<dyn Tap>;
}

/// Reads a streamed answer of one exchange.
pub trait StreamDecoder: Send {
    /// Appends the events of one frame, in the order that [`Event`] promises.
    ///
    /// # Errors
    /// When the frame is not what the dialect promises. An error that the provider reports is an `Event::Error`.
    fn decode(&mut self, frame: &Frame<'_>, out: &mut Vec<Event>) -> Result<(), Malformed>;

    /// The provider closed the stream: appends what is still owed, `Event::End` only if the stream was complete.
    fn finish(&mut self, out: &mut Vec<Event>);

    /// What of the stream so far has no canonical form, each once.
    fn losses(&self) -> &[Loss] {
        &[]
    }

    /// Bytes of generated text so far that no event carries (input of a provider's own tools): billed all the same.
    fn unsaid_bytes(&self) -> u64 {
        0
    }

    /// The service tier that the provider says it served, in its words; the latest stands.
    fn service_tier(&self) -> Option<&str> {
        None
    }
}

/// Looks at the frames of a streamed answer that is passed on as it is.
pub trait Tap: Send {
    /// What this frame is.
    ///
    /// # Errors
    /// When it is not what the dialect promises (broken JSON).
    fn read(&mut self, frame: &Frame<'_>) -> Result<Seen, Malformed>;

    /// Whether the stream was complete when the provider closed it.
    fn complete(&self) -> bool;

    /// As [`StreamDecoder::service_tier`].
    fn service_tier(&self) -> Option<&str> {
        None
    }
}

/// What a tap saw in one frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// What it is for the relay.
    pub kind: FrameKind,
    /// Cumulative usage, if this frame states it.
    pub usage: Option<Usage>,
    /// Where in `frame.data` the final usage object stands (braces included), if our cost belongs there.
    pub usage_span: Option<Range<usize>>,
    /// Bytes of generated text (visible text, reasoning, tool arguments) in this frame, for estimates.
    pub text_bytes: u64,
}

impl Seen {
    /// A frame with neither usage nor text.
    pub(in crate::dialect) fn of(kind: FrameKind) -> Self {
        Self {
            kind,
            usage: None,
            usage_span: None,
            text_bytes: 0,
        }
    }

    /// A frame of so many bytes of text.
    pub(in crate::dialect) fn saying(kind: FrameKind, text_bytes: u64) -> Self {
        Self {
            text_bytes,
            ..Self::of(kind)
        }
    }
}

/// What a frame is for the relay.
#[derive(Clone, Debug, PartialEq)]
pub enum FrameKind {
    /// Comes before any content (role chunk, `message_start`): held until commit.
    Preamble,
    /// Content, or anything else that the client must see: commits.
    Content,
    /// Usage and nothing else (OpenAI's last chunk with empty `choices`): not shown to a client that did not ask.
    UsageOnly,
    /// A sign of life.
    Ping,
    /// The stream's proper end (`[DONE]`, `message_stop`).
    End,
    /// The provider reports an error.
    Error(Error),
}

/// What was seen in a whole answer that is passed on as it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WholeSeen {
    /// Usage, where reported.
    pub usage: Option<Usage>,
    /// Where the usage object stands (braces included).
    pub usage_span: Option<Range<usize>>,
    /// Bytes of generated text, for estimates.
    pub text_bytes: u64,
    /// The service tier that the provider says it served, in its words.
    pub service_tier: Option<String>,
    /// An error inside a 200.
    pub error: Option<Error>,
}

/// The client's side of embeddings.
pub trait EmbedClient: Sync {
    /// As [`ChatClient::outline`].
    ///
    /// # Errors
    /// Names the field that is missing or has a wrong type.
    fn outline(&self, doc: &Document<'_>) -> Result<Outline, Malformed>;

    /// As [`ChatClient::decode_request`].
    ///
    /// # Errors
    /// Names the field that is wrong.
    fn decode_request(&self, body: &[u8]) -> Result<EmbedRequest, Malformed>;

    /// As [`ChatClient::encode_response`].
    fn encode_response(
        &self,
        response: &EmbedResponse,
        reply: &Reply,
        cost: Option<&str>,
    ) -> Encoded;
}

/// The provider's side of embeddings.
pub trait EmbedProvider: Sync {
    /// The path behind the provider's base URL.
    fn path(&self, model: &str) -> Cow<'static, str>;

    /// As [`ChatPass::retarget`].
    fn retarget(&self, doc: &mut Document<'_>, outline: &Outline, model: &str);

    /// As [`ChatProvider::encode_request`].
    ///
    /// # Errors
    /// When the request cannot be said in this dialect.
    fn encode_request(&self, request: &EmbedRequest) -> Result<Encoded, Malformed>;

    /// As [`ChatProvider::decode_response`].
    ///
    /// # Errors
    /// When it is not what the dialect promises.
    fn decode_response(&self, body: &[u8]) -> Result<EmbedResponse, Malformed>;

    /// As [`ChatProvider::read_whole`].
    ///
    /// # Errors
    /// When it is not what the dialect promises.
    fn read_whole(&self, body: &[u8]) -> Result<WholeSeen, Malformed>;
}
