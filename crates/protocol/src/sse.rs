//! Server-sent events: an incremental framer, correct at any chunk boundary (WHATWG HTML, section 9.2). What a frame
//! means is for the dialects to say.
//! <https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation>

pub use crate::frame::Frame;

use crate::frame::{Spot, Tells};
use memchr::{memchr, memchr2};
use std::borrow::Cow;
use std::ops::Range;

/// The longest frame that is read unless told otherwise, in bytes: 24 MiB, which is what AWS's own libraries read of an event
/// in the other framing. An image comes as one event, in base64 (here up to 18 MB), and the last event of the Responses API
/// repeats the whole answer. More than one such frame is never held of a stream.
pub const FRAME_LIMIT: usize = 24 << 20;

/// What a stream keeps of the room that a long frame took.
const ROOM_KEPT: usize = 64 << 10;

/// Cuts a byte stream into frames. The frames of a stream are the same however it is cut into chunks, and their
/// [`Frame::raw`] put together are the stream.
///
/// ```
/// let mut framer = protocol::sse::Framer::default();
/// let mut frames = framer.push(b"data: one\n\ndata: tw");
/// assert_eq!(&*frames.next().unwrap().unwrap().data, b"one");
/// assert!(frames.next().unwrap().is_none());
/// let mut frames = framer.push(b"o\n\n");
/// assert_eq!(&*frames.next().unwrap().unwrap().data, b"two");
/// ```
#[derive(Clone, Debug)]
pub struct Framer {
    /// The beginning of a frame whose end has not come yet.
    partial: Vec<u8>,
    /// Where in its frame the last byte of `partial` stands.
    place: Place,
    limit: usize,
}

impl Default for Framer {
    fn default() -> Self {
        Self::new(FRAME_LIMIT)
    }
}

impl Framer {
    /// A framer that refuses frames longer than `limit` bytes.
    pub fn new(limit: usize) -> Self {
        Self {
            partial: Vec::new(),
            place: Place::LineStart,
            limit,
        }
    }

    /// The frames that are complete with this chunk. What the caller does not take off the result is lost, so it
    /// must be run until it gives `None`, unless the rest of the stream does not matter.
    pub fn push<'a>(&'a mut self, chunk: &'a [u8]) -> Frames<'a> {
        Frames {
            framer: self,
            chunk,
            joined: false,
        }
    }

    /// The stream is over: what stands after the last frame, if anything.
    pub fn finish(&mut self) -> Option<Tail<'_>> {
        let place = std::mem::replace(&mut self.place, Place::LineStart);
        if self.partial.is_empty() {
            return None;
        }
        let frame = Frame::parse(&self.partial);
        Some(match place {
            Place::BlankCr => Tail::Complete(frame),
            Place::LineStart | Place::Line | Place::LineCr => Tail::Incomplete(frame),
        })
    }
}

/// The frames that one chunk completed.
#[derive(Debug)]
pub struct Frames<'a> {
    framer: &'a mut Framer,
    chunk: &'a [u8],
    /// The frame handed out last stands in `partial`, to be cleared.
    joined: bool,
}

impl Frames<'_> {
    /// The next complete frame, borrowed from the chunk where it lies wholly inside. `None` when the rest of the
    /// chunk is kept for the next one.
    ///
    /// # Errors
    /// When a frame is longer than the framer's limit; the stream is of no use from there on.
    #[expect(
        clippy::should_implement_trait,
        reason = "an iterator's items cannot borrow from it"
    )]
    pub fn next(&mut self) -> Result<Option<Frame<'_>>, TooLong> {
        if std::mem::take(&mut self.joined) {
            self.framer.partial.clear();
            self.framer.partial.shrink_to(ROOM_KEPT);
        }
        let limit = self.framer.limit;
        let end = self.framer.place.advance(self.chunk);
        let (head, rest) = self.chunk.split_at(end.unwrap_or(self.chunk.len()));
        if self.framer.partial.len() + head.len() > limit {
            return Err(TooLong { limit });
        }
        self.chunk = rest;
        if end.is_none() {
            self.framer.partial.extend_from_slice(head);
            return Ok(None);
        }
        if self.framer.partial.is_empty() {
            return Ok(Some(Frame::parse(head)));
        }
        self.framer.partial.extend_from_slice(head);
        self.joined = true;
        Ok(Some(Frame::parse(&self.framer.partial)))
    }
}

/// What stands at the end of a stream after the last frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tail<'a> {
    /// A frame that ends with a blank line (a carriage return, after which a line feed could still have come).
    Complete(Frame<'a>),
    /// A frame without its blank line: cut, or written by a careless server.
    Incomplete(Frame<'a>),
}

/// A frame longer than the limit, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a frame of the stream is longer than {limit} bytes")]
pub struct TooLong {
    limit: usize,
}

/// Where in a frame the bytes read so far end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// At the start of a line.
    LineStart,
    /// Inside a line.
    Line,
    /// After a carriage return that ended a line; a line feed would belong to it.
    LineCr,
    /// After a carriage return that ended a blank line, and with it the frame; a line feed would belong to it. The
    /// frame is given out only when the next byte is known, so that its bytes do not depend on the chunks.
    BlankCr,
}

impl Place {
    /// Walks on through `bytes`. Returns how many of them belong to the frame, if it ends among or before them.
    fn advance(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            let feed = byte == b'\n';
            match *self {
                Self::LineStart if feed => return Some(at + 1),
                Self::LineStart if byte == b'\r' => {
                    at += 1;
                    *self = Self::BlankCr;
                }
                Self::LineStart => *self = Self::Line,
                Self::Line => {
                    at += memchr2(b'\n', b'\r', &bytes[at..])?;
                    *self = if bytes[at] == b'\n' {
                        Self::LineStart
                    } else {
                        Self::LineCr
                    };
                    at += 1;
                }
                Self::LineCr => {
                    at += usize::from(feed);
                    *self = Self::LineStart;
                }
                Self::BlankCr => {
                    *self = Self::LineStart;
                    return Some(at + usize::from(feed));
                }
            }
        }
        None
    }
}

impl<'a> Frame<'a> {
    /// Reads the fields of one frame.
    pub fn parse(raw: &'a [u8]) -> Self {
        let mut frame = Self {
            raw,
            event: None,
            data: Cow::Borrowed(&[]),
            tells: Tells::Event,
            place: Spot::Scattered,
        };
        let mut lines = 0_usize;
        let mut at = if raw.starts_with(BYTE_ORDER_MARK) {
            BYTE_ORDER_MARK.len()
        } else {
            0
        };
        while at < raw.len() {
            let end = memchr2(b'\n', b'\r', &raw[at..]).map_or(raw.len(), |length| at + length);
            match field(raw, at..end) {
                (b"data", value) => {
                    frame.add_data(value, lines);
                    lines += 1;
                }
                (b"event", value) => {
                    frame.event = std::str::from_utf8(&raw[value]).ok();
                }
                _ => {}
            }
            at = end + 1;
        }
        frame.event = frame.event.filter(|name| !name.is_empty());
        frame
    }

    fn add_data(&mut self, value: Range<usize>, lines_before: usize) {
        if lines_before == 0 {
            self.place = Spot::Line(value.start);
            self.data = Cow::Borrowed(&self.raw[value]);
        } else {
            self.place = Spot::Scattered;
            let data = self.data.to_mut();
            data.push(b'\n');
            data.extend_from_slice(&self.raw[value]);
        }
    }
}

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// The name and the span of the value of the field in one line; the name is empty for a comment or no field.
fn field(raw: &[u8], line: Range<usize>) -> (&[u8], Range<usize>) {
    let text = &raw[line.clone()];
    // By far the most common line, spared the search for the colon.
    if text.starts_with(b"data: ") {
        return (b"data", line.start + 6..line.end);
    }
    let Some(colon) = memchr(b':', text) else {
        return (text, line.end..line.end);
    };
    let value = line.start + colon + 1;
    let space = usize::from(raw[value..line.end].first() == Some(&b' '));
    (&text[..colon], value + space..line.end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What a frame said: raw, event, data, and whether it was complete.
    type Said = (Vec<u8>, Option<String>, Vec<u8>, bool);

    fn said(frame: &Frame<'_>, complete: bool) -> Said {
        (
            frame.raw.to_vec(),
            frame.event.map(str::to_owned),
            frame.data.to_vec(),
            complete,
        )
    }

    fn read(chunks: &[&[u8]]) -> Vec<Said> {
        let mut framer = Framer::default();
        let mut all = Vec::new();
        for chunk in chunks {
            let mut frames = framer.push(chunk);
            while let Some(frame) = frames.next().unwrap() {
                all.push(said(&frame, true));
            }
        }
        match framer.finish() {
            Some(Tail::Complete(frame)) => all.push(said(&frame, true)),
            Some(Tail::Incomplete(frame)) => all.push(said(&frame, false)),
            None => {}
        }
        all
    }

    /// Checks event and data of each frame; `…` in front of the data marks an incomplete one.
    fn check(stream: &str, expect: &[(&str, &str)]) {
        let got: Vec<(String, String)> = read(&[stream.as_bytes()])
            .into_iter()
            .map(|(_, event, data, complete)| {
                let data = String::from_utf8(data).unwrap();
                let mark = if complete { "" } else { "…" };
                (event.unwrap_or_default(), format!("{mark}{data}"))
            })
            .collect();
        let got: Vec<(&str, &str)> = got.iter().map(|(e, d)| (&**e, &**d)).collect();
        assert_eq!(got, expect, "{stream:?}");
    }

    #[test]
    fn reads_fields() {
        check("data: a\n\ndata: b\n\n", &[("", "a"), ("", "b")]);
        check("event: ping\ndata: {}\n\n", &[("ping", "{}")]);
        check("event:ping\ndata:{}\n\n", &[("ping", "{}")]);
        check("event: a\nevent: b\ndata: 1\n\n", &[("b", "1")]);
        check("event: a\nevent:\ndata: 1\n\n", &[("", "1")]);
        check("data:  two spaces\n\n", &[("", " two spaces")]);
        check("data: a\ndata\ndata:b\n\n", &[("", "a\n\nb")]);
        check("data: a: b\nid: 7\nretry: 1\n\n", &[("", "a: b")]);
        check("dataset: a\n data: b\n\n", &[("", "")]);
        check(": comment\n\ndata: a\n\n", &[("", ""), ("", "a")]);
        check("\n\ndata: a\n\n", &[("", ""), ("", ""), ("", "a")]);
    }

    #[test]
    fn reads_every_line_end() {
        check("data: a\r\n\r\ndata: b\r\n\r\n", &[("", "a"), ("", "b")]);
        check("data: a\r\rdata: b\r\r", &[("", "a"), ("", "b")]);
        check("data: a\n\r\ndata: b\r\n\n", &[("", "a"), ("", "b")]);
        check(
            "event: x\rdata: a\n\rdata: b\r\r\n",
            &[("x", "a"), ("", "b")],
        );
    }

    #[test]
    fn ignores_a_byte_order_mark_at_the_start_only() {
        check("\u{feff}data: a\n\n", &[("", "a")]);
        check("\u{feff}\ndata: a\n\n", &[("", "a")]);
        check(
            "data: a\n\ndata: \u{feff}\n\n",
            &[("", "a"), ("", "\u{feff}")],
        );
    }

    #[test]
    fn an_unterminated_frame_is_incomplete() {
        check("data: a\n\ndata: b\n", &[("", "a"), ("", "…b")]);
        check("data: b", &[("", "…b")]);
        check("data: a\r", &[("", "…a")]);
        check("data: a\n\n", &[("", "a")]);
        check("", &[]);
    }

    #[test]
    fn finds_data_in_raw() {
        let at = |raw: &str| Frame::parse(raw.as_bytes()).raw_span(1..3);
        assert_eq!(at("data: {}{}\n\n"), Some(7..9));
        assert_eq!(at("event: x\r\ndata:{}{}\r\n\r\n"), Some(16..18));
        assert_eq!(at("data: {}\ndata: {}\n\n"), None);
        assert_eq!(at("data: {}\n\n"), None);
        assert_eq!(at(": nothing\n\n"), None);
    }

    #[test]
    fn refuses_a_frame_over_the_limit_however_it_comes() {
        let stream = b"data: 1\n\ndata: 34567\n\n";
        for size in 1..=stream.len() {
            let mut framer = Framer::new(12);
            let mut got = 0;
            let mut failed = None;
            for chunk in stream.chunks(size) {
                let mut frames = framer.push(chunk);
                loop {
                    match frames.next() {
                        Ok(Some(_)) => got += 1,
                        Ok(None) => break,
                        Err(error) => {
                            failed = Some(error);
                            break;
                        }
                    }
                }
                if failed.is_some() {
                    break;
                }
            }
            assert_eq!((got, failed), (1, Some(TooLong { limit: 12 })), "{size}");
        }
    }

    #[test]
    fn a_frame_inside_one_chunk_is_not_copied() {
        let chunk = b"data: a\n\ndata: b\n\ndata: c".to_vec();
        let mut framer = Framer::default();
        let mut frames = framer.push(&chunk);
        let mut at = 0;
        while let Some(frame) = frames.next().unwrap() {
            assert_eq!(frame.raw.as_ptr(), chunk[at..].as_ptr());
            assert!(matches!(frame.data, Cow::Borrowed(_)));
            at += frame.raw.len();
        }
        assert_eq!(at, 18);
    }

    fn stream() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop::sample::select(vec![
            "data: ", "data:", "data", "event: x", "event:", ":", "a", "{}", "\n", "\n", "\n\n",
            "\r", "\r\n", "\r\n\r\n", "\u{feff}", "é",
        ]);
        let text = prop::collection::vec(piece, 0..40).prop_map(|p| p.concat().into_bytes());
        prop_oneof![text, prop::collection::vec(any::<u8>(), 0..60)]
    }

    proptest! {
        #[test]
        fn any_split_gives_the_same_frames(
            stream in stream(),
            mut cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
        ) {
            let whole = read(&[&stream]);
            let raws: Vec<u8> = whole.iter().flat_map(|(raw, ..)| raw.clone()).collect();
            prop_assert_eq!(&raws, &stream);

            cuts.sort_by_key(|cut| cut.index(stream.len() + 1));
            let mut chunks = Vec::new();
            let mut from = 0;
            for cut in cuts {
                let to = cut.index(stream.len() + 1);
                chunks.push(&stream[from..to]);
                from = to;
            }
            chunks.push(&stream[from..]);
            prop_assert_eq!(read(&chunks), whole.clone());

            let bytes: Vec<&[u8]> = stream.chunks(1).collect();
            prop_assert_eq!(read(&bytes), whole);
        }
    }
}
