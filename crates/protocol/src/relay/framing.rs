//! How the frames of a client's stream are cut. Inside a relay they are server-sent events; a client that wants one JSON
//! array gets the data of each event as an element, byte for byte, as soon as the event is there.

use crate::dialect::Framing;
use crate::sse::{Framer, Tail};
use bytes::Bytes;

/// The outgoing side of one stream.
#[derive(Debug)]
pub(super) enum Outgoing {
    /// The frames as they were written.
    Unchanged,
    /// Elements of a JSON array.
    Array(Array),
}

/// An array being written.
#[derive(Debug)]
pub(super) struct Array {
    framer: Framer,
    begun: bool,
    ended: bool,
}

impl Outgoing {
    pub(super) fn new(framing: Framing) -> Self {
        match framing {
            Framing::Sse | Framing::EventStream => Self::Unchanged,
            Framing::JsonArray => Self::Array(Array {
                // What a frame may come to was bounded where it was read and written.
                framer: Framer::new(usize::MAX),
                begun: false,
                ended: false,
            }),
        }
    }

    /// Cuts what is ready; `over` says that nothing follows.
    pub(super) fn frame(&mut self, ready: Bytes, over: bool) -> Bytes {
        match self {
            Self::Unchanged => ready,
            Self::Array(array) => array.frame(&ready, over),
        }
    }
}

impl Array {
    fn frame(&mut self, ready: &[u8], over: bool) -> Bytes {
        let mut out = Vec::with_capacity(ready.len() + 8);
        let mut frames = self.framer.push(ready);
        while let Ok(Some(frame)) = frames.next() {
            element(&mut self.begun, &frame.data, &mut out);
        }
        if over && !self.ended {
            if let Some(Tail::Complete(frame) | Tail::Incomplete(frame)) = self.framer.finish() {
                element(&mut self.begun, &frame.data, &mut out);
            }
            // A stream that failed before its first content has nothing to close.
            if self.begun {
                self.ended = true;
                out.extend_from_slice(b"\n]");
            }
        }
        out.into()
    }
}

fn element(begun: &mut bool, data: &[u8], out: &mut Vec<u8>) {
    if !data.is_empty() {
        let before: &[u8] = if std::mem::replace(begun, true) {
            b",\r\n"
        } else {
            b"["
        };
        out.extend_from_slice(before);
        out.extend_from_slice(data);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn array(pieces: &[&[u8]]) -> String {
        let mut outgoing = Outgoing::new(Framing::JsonArray);
        let mut out = Vec::new();
        for (place, piece) in pieces.iter().enumerate() {
            let over = place + 1 == pieces.len();
            out.extend_from_slice(&outgoing.frame(Bytes::copy_from_slice(piece), over));
        }
        assert!(outgoing.frame(Bytes::new(), true).is_empty());
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn each_event_is_an_element_however_it_is_cut() {
        let stream =
            b"\n\ndata: {\"a\": 1}\r\n\r\n: comment\n\ndata: {\"b\":\ndata: 2}\n\ndata: {}\r\r";
        let whole = "[{\"a\": 1},\r\n{\"b\":\n2},\r\n{}\n]";
        assert_eq!(array(&[stream]), whole);
        for size in 1..stream.len() {
            let pieces: Vec<&[u8]> = stream.chunks(size).collect();
            assert_eq!(array(&pieces), whole, "{size}");
        }
        assert_eq!(array(&[b"data: {\"a\":1}"]), "[{\"a\":1}\n]");
    }

    #[test]
    fn an_element_goes_out_before_the_next_is_there() {
        let mut outgoing = Outgoing::new(Framing::JsonArray);
        let mut give = |bytes: &'static [u8]| outgoing.frame(Bytes::from_static(bytes), false);
        assert_eq!(give(b"data: {}\n\n"), "[{}");
        assert_eq!(give(b"data: {\"n\":"), "");
        assert_eq!(give(b"1}\n\n"), ",\r\n{\"n\":1}");
    }

    /// The array went on without an element that was longer than a provider's frame may be, and did not end.
    #[test]
    fn an_element_of_any_length_is_written() {
        let long = format!("\"{}\"", "a".repeat(crate::sse::FRAME_LIMIT));
        let written = array(&[format!("data: {long}\n\n").as_bytes(), b"data: {}\n\n"]);
        assert!(written == format!("[{long},\r\n{{}}\n]"));
    }

    #[test]
    fn nothing_is_no_array() {
        assert_eq!(array(&[b""]), "");
        let mut plain = Outgoing::new(Framing::Sse);
        assert_eq!(
            plain.frame(Bytes::from_static(b"data: {}\n\n"), true),
            "data: {}\n\n"
        );
    }
}
