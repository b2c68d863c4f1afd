//! What dialects read of a streamed answer, however it is framed: one frame after the other. How bytes are cut into
//! frames is for `sse` and `eventstream` to say, what a frame means for the dialects.

use crate::dialect::Framing;
use crate::ir::Malformed;
use crate::{eventstream, splice, sse};
use std::borrow::Cow;
use std::ops::Range;

/// One event of a stream, or what stands in place of one: comments, or nothing but a blank line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// The bytes as they came: terminating blank line, lengths and checksums included.
    pub raw: &'a [u8],
    /// The event's name, where present and not empty: the `event:` field, or the header that names an event or exception.
    pub event: Option<&'a str>,
    /// What it carries: the `data:` lines joined by line feeds (borrowed where there is one), or the payload. Empty for a
    /// comment.
    pub data: Cow<'a, [u8]>,
    /// What the framing itself says it is.
    pub tells: Tells,
    /// Where in `raw` the data stands.
    pub(crate) place: Spot,
}

/// What a framing says a frame is. Server-sent events do not tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tells {
    /// An event.
    #[default]
    Event,
    /// An exception or error, by which the stream ends.
    Error,
}

/// Where in a frame its data stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spot {
    /// Nowhere in one piece.
    Scattered,
    /// In one line that begins here.
    Line(usize),
    /// As the payload of a message with lengths and checksums, which begins here.
    Payload(usize),
}

impl<'a> Frame<'a> {
    /// The frame with other data.
    pub(crate) fn with_data(&self, data: Vec<u8>) -> Frame<'a> {
        Frame {
            data: Cow::Owned(data),
            ..*self
        }
    }

    /// Where in `raw` a span of `data` stands; `None` if the data is not there in one piece.
    pub fn raw_span(&self, data: Range<usize>) -> Option<Range<usize>> {
        let start = match self.place {
            Spot::Scattered => return None,
            Spot::Line(start) | Spot::Payload(start) => start,
        };
        (data.start <= data.end && data.end <= self.data.len())
            .then(|| start + data.start..start + data.end)
    }

    /// The frame's bytes with a member more, the last one, in the JSON object that stands at `object` in `data`; `value`
    /// is its JSON. `None` if the data is not there in one piece.
    pub fn with_member(&self, object: Range<usize>, name: &str, value: &str) -> Option<Vec<u8>> {
        let object = self.raw_span(object)?;
        let mut edited = splice::insert_member(self.raw, object, name, value);
        match self.place {
            Spot::Scattered | Spot::Line(_) => {}
            Spot::Payload(_) => eventstream::seal(&mut edited),
        }
        Some(edited)
    }
}

/// Cuts a provider's stream into frames.
#[derive(Clone, Debug)]
pub enum Framer {
    /// Server-sent events.
    Sse(sse::Framer),
    /// AWS event stream messages.
    EventStream(eventstream::Framer),
}

impl Framer {
    /// A framer for streams of that framing.
    pub fn of(framing: Framing) -> Self {
        match framing {
            // Only clients are answered with an array.
            Framing::Sse | Framing::JsonArray => Self::Sse(sse::Framer::default()),
            Framing::EventStream => Self::EventStream(eventstream::Framer::default()),
        }
    }

    /// As [`sse::Framer::push`].
    pub fn push<'a>(&'a mut self, chunk: &'a [u8]) -> Frames<'a> {
        match self {
            Self::Sse(framer) => Frames::Sse(framer.push(chunk)),
            Self::EventStream(framer) => Frames::EventStream(framer.push(chunk)),
        }
    }

    /// As [`sse::Framer::finish`]. A message that has not come in full is nothing: it can only have been cut.
    pub fn finish(&mut self) -> Option<sse::Tail<'_>> {
        match self {
            Self::Sse(framer) => framer.finish(),
            Self::EventStream(_) => None,
        }
    }
}

/// The frames that one chunk completed.
#[derive(Debug)]
pub enum Frames<'a> {
    /// Server-sent events.
    Sse(sse::Frames<'a>),
    /// AWS event stream messages.
    EventStream(eventstream::Frames<'a>),
}

impl Frames<'_> {
    /// As [`sse::Frames::next`].
    ///
    /// # Errors
    /// When a frame is too long, or its lengths or checksums are wrong; the stream is of no use from there on.
    #[expect(
        clippy::should_implement_trait,
        reason = "an iterator's items cannot borrow from it"
    )]
    pub fn next(&mut self) -> Result<Option<Frame<'_>>, Malformed> {
        match self {
            Self::Sse(frames) => frames
                .next()
                .map_err(|bad| Malformed::body(bad.to_string())),
            Self::EventStream(frames) => frames
                .next()
                .map_err(|bad| Malformed::body(bad.to_string())),
        }
    }
}
