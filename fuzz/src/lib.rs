//! What each fuzz target does with its bytes, and what must hold whatever they are: no panic, no endless loop, the same
//! result however a stream is cut, whatever was read can be written for every other dialect, and each frame that is
//! written is one JSON value.

use protocol::dialect::{self, DIALECTS, Dialect, Framing, Reply, gemini};
use protocol::eventstream::{self, Value};
use protocol::frame;
use protocol::relay::{Fault, Relay};
use protocol::splice::Document;
use protocol::sse::Framer;

/// A decoder under test.
pub struct Case {
    reads: Reads,
    dialect: &'static Dialect,
}

/// What a decoder reads.
enum Reads {
    Request,
    Answer,
    Stream,
    Error,
}

impl Case {
    /// The case of a target's name.
    ///
    /// # Panics
    /// When there is none of that name.
    pub fn named(name: &str) -> Self {
        let (reads, dialect) = name.split_once('_').expect("a target is <reads>_<dialect>");
        let reads = match reads {
            "request" => Reads::Request,
            "answer" => Reads::Answer,
            "stream" => Reads::Stream,
            "error" => Reads::Error,
            other => panic!("there is no decoder of `{other}`"),
        };
        let dialect = dialect::find(dialect).expect("the dialect is in the list");
        Self { reads, dialect }
    }

    /// Runs it.
    pub fn run(&self, data: &[u8]) {
        match self.reads {
            Reads::Request => request(self.dialect, data),
            Reads::Answer => answer(self.dialect, data),
            Reads::Stream => stream(self.dialect, data),
            Reads::Error => error(self.dialect, data),
        }
    }
}

fn request(dialect: &Dialect, data: &[u8]) {
    let client = dialect.chat.client.expect("clients speak it");
    if let Ok(mut document) = Document::parse(data)
        && let Ok(outline) = client.outline(&document)
        && let Some(pass) = dialect.chat_pass
    {
        pass.retarget(&mut document, &outline, "wire-model");
        assert_json(&document.apply());
    }
    let Ok(request) = client.decode_request(data) else {
        return;
    };
    for provider in DIALECTS.iter().filter_map(|it| it.chat.provider) {
        if let Ok(encoded) = provider.encode_request(&request) {
            assert_json(&encoded.body);
        }
    }
}

fn answer(dialect: &Dialect, data: &[u8]) {
    let provider = dialect.chat.provider.expect("providers speak it");
    let seen = provider.read_whole(data);
    let Ok(response) = provider.decode_response(data) else {
        return;
    };
    if let Ok(seen) = &seen
        && seen.error.is_none()
    {
        assert_eq!(seen.usage, response.usage, "a glance sees other usage");
    }
    for client in DIALECTS.iter().filter_map(|it| it.chat.client) {
        let encoded = client.encode_response(&response, &reply(), Some("0.25"));
        assert_json(&encoded.body);
    }
}

/// The first byte says how the rest is cut.
fn stream(dialect: &'static Dialect, data: &[u8]) {
    let Some((cut, bytes)) = data.split_first() else {
        return;
    };
    let cut = usize::from(*cut % 64) + 1;
    let bytes = &match dialect.framing {
        Framing::Sse | Framing::JsonArray => bytes.to_vec(),
        // Hardly any bytes are messages with the right checksums.
        Framing::EventStream => messages(bytes),
    };
    for client in DIALECTS.iter().filter(|it| it.chat.client.is_some()) {
        let whole = relayed(client, dialect, client.framing, bytes, bytes.len().max(1));
        let pieces = relayed(client, dialect, client.framing, bytes, cut);
        assert_eq!(whole, pieces, "{} in pieces of {cut}", client.id);
        // What passes as it is may be torn as it came.
        if client.id != dialect.id {
            assert_frames(client.framing, &whole.0);
            // Its clients may ask for an array.
            if client.id == gemini::ID {
                let (array, _) = relayed(client, dialect, Framing::JsonArray, bytes, cut);
                assert!(array.is_empty() || array.starts_with(b"["));
                if !array.is_empty() {
                    assert_json(&array);
                }
            }
        }
    }
}

/// Each frame of a stream that says something is the end's word or one JSON value.
fn assert_frames(framing: Framing, stream: &[u8]) {
    let mut framer = frame::Framer::of(framing);
    let mut frames = framer.push(stream);
    while let Ok(Some(frame)) = frames.next() {
        // Comments and blank lines say nothing.
        let silent = framing == Framing::Sse && frame.data.is_empty();
        if !silent && &*frame.data != b"[DONE]" {
            assert_json(&frame.data);
        }
    }
    assert!(framer.finish().is_none(), "a frame without its end");
}

/// Server-sent events as AWS event-stream messages.
fn messages(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut framer = Framer::default();
    let mut frames = framer.push(text);
    while let Ok(Some(frame)) = frames.next() {
        let name = frame.event.unwrap_or_default();
        let (kind, header) = match name.ends_with("Exception") {
            true => ("exception", ":exception-type"),
            false => ("event", ":event-type"),
        };
        let headers = [
            (header, Value::Text(name)),
            (":message-type", Value::Text(kind)),
        ];
        eventstream::write(&mut out, &headers, &frame.data);
    }
    out
}

/// What comes out, and what went wrong.
fn relayed(
    client: &'static Dialect,
    provider: &'static Dialect,
    framing: Framing,
    bytes: &[u8],
    cut: usize,
) -> (Vec<u8>, Option<Fault>) {
    let reply = Reply { framing, ..reply() };
    let mut relay = Relay::chat(client, provider, &reply).expect("both sides are there");
    let (mut out, mut fault) = (Vec::new(), None);
    for chunk in bytes.chunks(cut) {
        fault = fault.or(relay.push(chunk, &|_, _| Some("0.25".to_owned())).err());
        out.extend_from_slice(&relay.take());
    }
    fault = fault.or(relay.finish(&|_, _| Some("0.25".to_owned())).err());
    out.extend_from_slice(&relay.take());
    (out, fault)
}

/// The first byte says which status.
fn error(dialect: &Dialect, data: &[u8]) {
    let Some((status, body)) = data.split_first() else {
        return;
    };
    let error = dialect.errors.decode(u16::from(*status) + 400, body);
    for other in DIALECTS {
        assert_json(&other.errors.encode(&error, "req_1"));
    }
}

/// The framer of server-sent events. The first byte says how the rest is cut.
pub fn sse(data: &[u8]) {
    let Some((cut, bytes)) = data.split_first() else {
        return;
    };
    let whole = frames(bytes, bytes.len().max(1));
    assert_eq!(whole, frames(bytes, usize::from(*cut % 64) + 1));
    if let Some(raws) = whole {
        assert_eq!(raws.concat(), bytes, "bytes are lost");
    }
}

/// The raw frames, the incomplete last one among them; `None` where one is too long.
fn frames(bytes: &[u8], cut: usize) -> Option<Vec<Vec<u8>>> {
    let mut framer = Framer::new(4096);
    let mut all = Vec::new();
    for chunk in bytes.chunks(cut) {
        let mut frames = framer.push(chunk);
        while let Some(frame) = frames.next().ok()? {
            all.push(frame.raw.to_vec());
        }
    }
    if let Some(tail) = framer.finish() {
        let (protocol::sse::Tail::Complete(frame) | protocol::sse::Tail::Incomplete(frame)) = tail;
        all.push(frame.raw.to_vec());
    }
    Some(all)
}

/// The framer of AWS event streams, on bytes as they are and on messages made of them. The first byte says how the rest is
/// cut.
pub fn eventstream(data: &[u8]) {
    let Some((cut, bytes)) = data.split_first() else {
        return;
    };
    for bytes in [bytes.to_vec(), messages(bytes)] {
        let whole = event_messages(&bytes, bytes.len().max(1));
        assert_eq!(whole, event_messages(&bytes, usize::from(*cut % 64) + 1));
        let (raws, broken) = whole;
        assert!(bytes.starts_with(&raws.concat()), "bytes are changed");
        if let Ok(false) = broken {
            assert_eq!(raws.concat(), bytes, "bytes are lost");
        }
    }
}

/// The raw messages; and whether the stream ends inside of one, or what is wrong with it.
fn event_messages(bytes: &[u8], cut: usize) -> (Vec<Vec<u8>>, Result<bool, String>) {
    let mut framer = eventstream::Framer::default();
    let mut all = Vec::new();
    for chunk in bytes.chunks(cut) {
        let mut messages = framer.push(chunk);
        loop {
            match messages.next() {
                Ok(Some(message)) => all.push(message.raw.to_vec()),
                Ok(None) => break,
                Err(broken) => return (all, Err(broken.to_string())),
            }
        }
    }
    (all, Ok(framer.is_torn()))
}

/// The editor of JSON documents.
pub fn splice(data: &[u8]) {
    let Ok(mut document) = Document::parse(data) else {
        return;
    };
    document.set("model", "\"wire-model\"");
    document.remove("provider");
    let edited = document.apply().into_owned();
    let again = Document::parse(&edited).expect("what was edited is a document");
    assert_eq!(again.get("model"), Some("\"wire-model\""));
    assert_eq!(again.get("provider"), None);
    assert_json(&edited);
}

fn assert_json(body: &[u8]) {
    let read = serde_json::from_slice::<serde::de::IgnoredAny>(body);
    assert!(
        read.is_ok(),
        "not JSON: {read:?}: {}",
        String::from_utf8_lossy(body)
    );
}

/// A request whose members stand over many lines, since some answers repeat them.
const ASKED: &[u8] = b"{\n \"metadata\": {\r\n \"a\":\n\n \"b\"\r},\n \"tools\": [\n\n]\n}";

fn reply() -> Reply {
    Reply {
        now: 1_782_345_601,
        request_id: "req_1".to_owned(),
        model: "author/model".to_owned(),
        asked: ASKED.into(),
        include_usage: true,
        ..Reply::default()
    }
}
