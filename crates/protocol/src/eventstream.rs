//! AWS event stream messages: an incremental framer and a writer, correct at any chunk boundary. A message is twelve bytes
//! of prelude (length of all, length of the headers, checksum of both), headers, payload, and a checksum of all before it;
//! numbers are big-endian. What a message means is for the dialects to say.
//! <https://smithy.io/2.0/aws/amazon-eventstream.html> (2026-11)

use crate::frame::{Frame, Spot, Tells};
use serde::Serialize;
use std::borrow::Cow;

/// The bytes before the headers.
const PRELUDE: usize = 12;
/// The checksum at the end.
const CHECKSUM: usize = 4;
/// The most bytes of headers that AWS's own libraries read.
pub const HEADERS_LIMIT: usize = 128 * 1024;
/// The most bytes of payload that AWS's own libraries read.
pub const PAYLOAD_LIMIT: usize = 24 * 1024 * 1024;
/// The longest text or byte string in a header.
const VALUE_LIMIT: usize = 32_767;

/// A header's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// True or false.
    Bool(bool),
    /// 8 bits.
    Byte(i8),
    /// 16 bits.
    Short(i16),
    /// 32 bits.
    Integer(i32),
    /// 64 bits.
    Long(i64),
    /// Bytes.
    Bytes(&'a [u8]),
    /// Text.
    Text(&'a str),
    /// Milliseconds since 1970.
    Timestamp(i64),
    /// A UUID's bytes.
    Uuid([u8; 16]),
}

/// What is wrong with a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// The lengths contradict each other.
    #[error("a message's lengths contradict each other")]
    Lengths,
    /// A message is longer than is read.
    #[error("a message has {length} bytes of {part}, more than the {limit} that are read")]
    TooLong {
        /// `headers` or `payload`.
        part: &'static str,
        /// How long it is.
        length: usize,
        /// How long it may be.
        limit: usize,
    },
    /// A checksum is wrong.
    #[error("the checksum of a message's {0} is wrong")]
    Checksum(&'static str),
    /// The headers cannot be read.
    #[error("a message's headers cannot be read")]
    Headers,
}

/// Appends a message. A text or byte string in a header ends at 32767 bytes, where the format ends.
pub fn write(out: &mut Vec<u8>, headers: &[(&str, Value<'_>)], payload: &[u8]) {
    let start = out.len();
    out.extend_from_slice(&[0; PRELUDE]);
    for (name, value) in headers {
        write_header(out, name, value);
    }
    let headers_length = out.len() - start - PRELUDE;
    out.extend_from_slice(payload);
    out.extend_from_slice(&[0; CHECKSUM]);
    let message = &mut out[start..];
    put(message, 4, number(headers_length));
    seal_message(message);
}

/// Writes an event whose payload is JSON, as Amazon's services do.
pub(crate) fn write_event(out: &mut Vec<u8>, name: &str, payload: &[u8]) {
    let headers = [
        (":event-type", Value::Text(name)),
        (":content-type", Value::Text("application/json")),
        (":message-type", Value::Text("event")),
    ];
    write(out, &headers, payload);
}

/// Writes an exception that the service's model knows, which ends a stream.
pub(crate) fn write_exception(out: &mut Vec<u8>, name: &str, payload: &[u8]) {
    let headers = [
        (":exception-type", Value::Text(name)),
        (":content-type", Value::Text("application/json")),
        (":message-type", Value::Text("exception")),
    ];
    write(out, &headers, payload);
}

/// Writes an error that the service's model does not know, which ends a stream.
pub(crate) fn write_error(out: &mut Vec<u8>, code: &str, message: &str) {
    let headers = [
        (":error-code", Value::Text(code)),
        (":error-message", Value::Text(message)),
        (":message-type", Value::Text("error")),
    ];
    write(out, &headers, b"");
}

/// Sets length and checksums of a message anew whose payload was changed.
pub(crate) fn seal(message: &mut [u8]) {
    if message.len() >= PRELUDE + CHECKSUM {
        seal_message(message);
    }
}

fn seal_message(message: &mut [u8]) {
    let length = message.len();
    put(message, 0, number(length));
    let prelude = crc32fast::hash(&message[..8]);
    put(message, 8, prelude);
    let whole = crc32fast::hash(&message[..length - CHECKSUM]);
    put(message, length - CHECKSUM, whole);
}

fn put(message: &mut [u8], at: usize, number: u32) {
    message[at..at + 4].copy_from_slice(&number.to_be_bytes());
}

fn number(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

fn write_header(out: &mut Vec<u8>, name: &str, value: &Value<'_>) {
    let name = cut(name, 255);
    // Cut to as much as the byte can say.
    out.push(name.len() as u8);
    out.extend_from_slice(name.as_bytes());
    let (kind, bytes): (u8, Cow<'_, [u8]>) = match value {
        Value::Bool(true) => (0, Cow::Borrowed(&[])),
        Value::Bool(false) => (1, Cow::Borrowed(&[])),
        Value::Byte(it) => (2, it.to_be_bytes().to_vec().into()),
        Value::Short(it) => (3, it.to_be_bytes().to_vec().into()),
        Value::Integer(it) => (4, it.to_be_bytes().to_vec().into()),
        Value::Long(it) => (5, it.to_be_bytes().to_vec().into()),
        Value::Bytes(bytes) => (6, bytes[..bytes.len().min(VALUE_LIMIT)].into()),
        Value::Text(text) => (7, cut(text, VALUE_LIMIT).as_bytes().into()),
        Value::Timestamp(it) => (8, it.to_be_bytes().to_vec().into()),
        Value::Uuid(bytes) => (9, bytes.to_vec().into()),
    };
    out.push(kind);
    if matches!(value, Value::Bytes(_) | Value::Text(_)) {
        out.extend_from_slice(&(bytes.len() as u16).to_be_bytes());
    }
    out.extend_from_slice(&bytes);
}

/// As many whole characters of a text as fit into that many bytes.
fn cut(text: &str, bytes: usize) -> &str {
    let mut end = text.len().min(bytes);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Cuts a byte stream into messages. They are the same however the stream is cut into chunks, and their [`Frame::raw`] put
/// together are the stream.
#[derive(Clone, Debug, Default)]
pub struct Framer {
    /// The beginning of a message whose end has not come yet.
    partial: Vec<u8>,
}

impl Framer {
    /// The messages that are complete with this chunk. As with server-sent events, it must be run until it gives `None`.
    pub fn push<'a>(&'a mut self, chunk: &'a [u8]) -> Frames<'a> {
        Frames {
            framer: self,
            chunk,
            joined: false,
        }
    }

    /// Whether the stream stands in the middle of a message.
    pub fn is_torn(&self) -> bool {
        !self.partial.is_empty()
    }
}

/// The messages that one chunk completed.
#[derive(Debug)]
pub struct Frames<'a> {
    framer: &'a mut Framer,
    chunk: &'a [u8],
    /// The message handed out last stands in `partial`, to be cleared.
    joined: bool,
}

impl Frames<'_> {
    /// The next complete message, borrowed from the chunk where it lies wholly inside.
    ///
    /// # Errors
    /// When it is too long, or its lengths, checksums or headers are wrong; the stream is of no use from there on.
    #[expect(
        clippy::should_implement_trait,
        reason = "an iterator's items cannot borrow from it"
    )]
    pub fn next(&mut self) -> Result<Option<Frame<'_>>, Broken> {
        if std::mem::take(&mut self.joined) {
            self.framer.partial.clear();
        }
        if self.framer.partial.is_empty()
            && let Some(length) = length(self.chunk)?
            && length <= self.chunk.len()
        {
            let (message, rest) = self.chunk.split_at(length);
            self.chunk = rest;
            return frame(message).map(Some);
        }
        let mut known = length(&self.framer.partial)?;
        loop {
            let wanted = known.unwrap_or(PRELUDE);
            let missing = wanted.saturating_sub(self.framer.partial.len());
            let (head, rest) = self.chunk.split_at(missing.min(self.chunk.len()));
            self.framer.partial.extend_from_slice(head);
            self.chunk = rest;
            if self.framer.partial.len() < wanted {
                return Ok(None);
            }
            if known.is_some() {
                self.joined = true;
                return frame(&self.framer.partial).map(Some);
            }
            known = length(&self.framer.partial)?;
        }
    }
}

/// The length of the message that begins here; `None` while its prelude is not complete.
fn length(message: &[u8]) -> Result<Option<usize>, Broken> {
    let (Some(total), Some(headers), Some(checksum)) =
        (u32_at(message, 0), u32_at(message, 4), u32_at(message, 8))
    else {
        return Ok(None);
    };
    if crc32fast::hash(&message[..8]) != checksum {
        return Err(Broken::Checksum("prelude"));
    }
    let (total, headers) = (total as usize, headers as usize);
    let payload = total.checked_sub(PRELUDE + CHECKSUM);
    let payload = payload.and_then(|rest| rest.checked_sub(headers));
    let payload = payload.ok_or(Broken::Lengths)?;
    within("headers", headers, HEADERS_LIMIT)?;
    within("payload", payload, PAYLOAD_LIMIT)?;
    Ok(Some(total))
}

fn within(part: &'static str, length: usize, limit: usize) -> Result<(), Broken> {
    match length <= limit {
        true => Ok(()),
        false => Err(Broken::TooLong {
            part,
            length,
            limit,
        }),
    }
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..at + 4)?;
    Some(u32::from_be_bytes(bytes.try_into().ok()?))
}

/// Reads a message whose prelude was looked at.
fn frame(message: &[u8]) -> Result<Frame<'_>, Broken> {
    let end = message.len() - CHECKSUM;
    if u32_at(message, end) != Some(crc32fast::hash(&message[..end])) {
        return Err(Broken::Checksum("end"));
    }
    let payload = PRELUDE + u32_at(message, 4).ok_or(Broken::Lengths)? as usize;
    let named = Named::read(&message[PRELUDE..payload])?;
    let (event, tells) = match named.message_type {
        Some("exception") => (named.exception, Tells::Error),
        Some("error") => (named.code, Tells::Error),
        _ => (named.event, Tells::Event),
    };
    let mut frame = Frame {
        raw: message,
        event: event.filter(|name| !name.is_empty()),
        data: Cow::Borrowed(&message[payload..end]),
        tells,
        place: Spot::Payload(payload),
    };
    if let (Some("error"), Some(message)) = (named.message_type, named.message) {
        frame.data = Cow::Owned(as_payload(message));
        frame.place = Spot::Scattered;
    }
    Ok(frame)
}

/// An error's sentence, which stands in a header, as exceptions have it.
fn as_payload(message: &str) -> Vec<u8> {
    #[derive(Serialize)]
    struct Said<'a> {
        message: &'a str,
    }
    serde_json::to_vec(&Said { message }).unwrap_or_default()
}

/// The headers that say what a message is.
#[derive(Debug, Default)]
struct Named<'a> {
    message_type: Option<&'a str>,
    event: Option<&'a str>,
    exception: Option<&'a str>,
    code: Option<&'a str>,
    message: Option<&'a str>,
}

impl<'a> Named<'a> {
    fn read(bytes: &'a [u8]) -> Result<Self, Broken> {
        let mut named = Self::default();
        for header in headers(bytes) {
            let (name, Value::Text(text)) = header? else {
                continue;
            };
            let member = match name {
                ":message-type" => &mut named.message_type,
                ":event-type" => &mut named.event,
                ":exception-type" => &mut named.exception,
                ":error-code" => &mut named.code,
                ":error-message" => &mut named.message,
                _ => continue,
            };
            *member = Some(text);
        }
        Ok(named)
    }
}

/// The headers that stand in `bytes`, in their order. After an error there are no more.
pub fn headers(bytes: &[u8]) -> impl Iterator<Item = Result<(&str, Value<'_>), Broken>> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let header = header(&mut rest).ok_or(Broken::Headers);
        if header.is_err() {
            rest = &[];
        }
        Some(header)
    })
}

fn header<'a>(rest: &mut &'a [u8]) -> Option<(&'a str, Value<'a>)> {
    let [length] = array(rest)?;
    let name = std::str::from_utf8(take(rest, usize::from(length))?).ok()?;
    let [kind] = array(rest)?;
    let value = match kind {
        0 => Value::Bool(true),
        1 => Value::Bool(false),
        2 => Value::Byte(i8::from_be_bytes(array(rest)?)),
        3 => Value::Short(i16::from_be_bytes(array(rest)?)),
        4 => Value::Integer(i32::from_be_bytes(array(rest)?)),
        5 => Value::Long(i64::from_be_bytes(array(rest)?)),
        6 => Value::Bytes(counted(rest)?),
        7 => Value::Text(std::str::from_utf8(counted(rest)?).ok()?),
        8 => Value::Timestamp(i64::from_be_bytes(array(rest)?)),
        9 => Value::Uuid(array(rest)?),
        _ => return None,
    };
    (!name.is_empty()).then_some((name, value))
}

fn counted<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = u16::from_be_bytes(array(rest)?);
    take(rest, usize::from(length))
}

fn array<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    take(rest, N)?.try_into().ok()
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (head, tail) = rest.split_at_checked(length)?;
    *rest = tail;
    Some(head)
}

#[cfg(test)]
mod tests;
