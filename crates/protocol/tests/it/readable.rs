//! Streams in a form that people read and git shows: as server-sent events, whatever their framing. A binary stream is
//! written so in a fixture, and shown so in a snapshot; a name that ends in `Exception` is one.

use protocol::dialect::Framing;
use protocol::eventstream::{self, Value};
use protocol::frame::{Framer, Tells};
use protocol::sse;

/// The bytes of a stream that was written to be read.
pub(crate) fn to_bytes(framing: Framing, text: &[u8]) -> Vec<u8> {
    match framing {
        Framing::Sse | Framing::JsonArray => text.to_vec(),
        Framing::EventStream => {
            let mut out = Vec::new();
            let mut framer = sse::Framer::default();
            let mut frames = framer.push(text);
            while let Some(frame) = frames.next().unwrap() {
                let name = frame.event.unwrap_or_default();
                let (kind, word) = match name.ends_with("Exception") {
                    true => (":exception-type", "exception"),
                    false => (":event-type", "event"),
                };
                let headers = [
                    (kind, Value::Text(name)),
                    (":content-type", Value::Text("application/json")),
                    (":message-type", Value::Text(word)),
                ];
                eventstream::write(&mut out, &headers, &frame.data);
            }
            out
        }
    }
}

/// The stream as it is read.
pub(crate) fn to_text(framing: Framing, stream: &[u8]) -> String {
    match framing {
        Framing::Sse | Framing::JsonArray => String::from_utf8(stream.to_vec()).unwrap(),
        Framing::EventStream => {
            let mut out = String::new();
            let mut framer = Framer::of(framing);
            let mut frames = framer.push(stream);
            while let Some(frame) = frames.next().unwrap() {
                let (name, data) = (frame.event.unwrap_or_default(), &frame.data);
                let field = match frame.tells {
                    Tells::Error if !name.ends_with("Exception") => "error",
                    Tells::Event | Tells::Error => "event",
                };
                let data = std::str::from_utf8(data).unwrap();
                out.push_str(&format!("{field}: {name}\ndata: {data}\n\n"));
            }
            out
        }
    }
}
