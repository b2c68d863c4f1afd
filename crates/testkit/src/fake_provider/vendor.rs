//! A vendor's wire format as one table of words: how a request of it is known and read, how an answer and an error are
//! written. What is answered is for the scenarios to say, how it is played for `playback`.

use super::answer::Answer;
use super::asked::{Asked, Dialect, VendorError};
use super::playback::Frame;
use super::{anthropic, bedrock, cohere, gemini, openai, responses};
use http::HeaderMap;
use serde_json::Value;

/// Everything that differs between vendors.
#[derive(Debug)]
pub(super) struct Vendor {
    pub(super) dialect: Dialect,
    /// What a path asks of it, if it is one of this vendor's.
    pub(super) target: fn(&str) -> Option<Target>,
    /// Checks what it asks of headers.
    pub(super) check_headers: fn(&HeaderMap) -> Result<(), VendorError>,
    /// Reads a body as strictly as it does.
    pub(super) read: fn(Target, &Value) -> Result<Asked, VendorError>,
    /// A whole answer; the number tells requests apart.
    pub(super) whole: fn(&Asked, &Answer, u64) -> Value,
    /// A streamed answer.
    pub(super) stream: fn(&Asked, &Answer, u64) -> Vec<Frame>,
    /// The content type of streams.
    pub(super) stream_type: &'static str,
    /// Its status for what others say with that one.
    pub(super) status: fn(u16) -> u16,
    /// An error's body; the text is the request's id.
    pub(super) error: fn(&VendorError, &str) -> Value,
    /// The header that names an error's class, and the class of a status.
    pub(super) error_header: Option<(&'static str, ClassOf)>,
    /// Whether `retry-after` is a header; else it stands in the error's body.
    pub(super) retry_in_header: bool,
    /// An error inside a stream.
    pub(super) error_frame: fn(&VendorError, &str) -> Frame,
    /// A frame of content whose data is not JSON.
    pub(super) malformed: fn() -> Frame,
    /// The header that tells a request's id.
    pub(super) id_header: &'static str,
}

/// The class of errors of a status.
pub(super) type ClassOf = fn(u16) -> &'static str;

/// What a path says of a request, where not the body does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) model: String,
    pub(super) stream: bool,
}

/// Every vendor.
static VENDORS: [&Vendor; 6] = [
    &openai::VENDOR,
    &responses::VENDOR,
    &anthropic::VENDOR,
    &gemini::VENDOR,
    &bedrock::VENDOR,
    &cohere::VENDOR,
];

impl Vendor {
    /// Whose request this is; with a target where it asks for an answer of a model.
    pub(super) fn of(path: &str, headers: &HeaderMap) -> (&'static Self, Option<Target>) {
        let mut meant = VENDORS.iter();
        if let Some(found) = meant.find_map(|vendor| Some((*vendor, (vendor.target)(path)?))) {
            return (found.0, Some(found.1));
        }
        // Anthropic's clients name a version in every request.
        match headers.contains_key("anthropic-version") {
            true => (&anthropic::VENDOR, None),
            false => (&openai::VENDOR, None),
        }
    }
}

/// The target of a vendor with one path, whose bodies say the rest.
pub(super) fn only(path: &str, own: &str) -> Option<Target> {
    (path == own).then(Target::default)
}

/// Statuses of a vendor that has none of its own.
pub(super) fn as_others(status: u16) -> u16 {
    status
}

/// A frame of server-sent events whose data is not JSON.
pub(super) fn not_json(event: &str) -> Frame {
    let named = match event {
        "" => String::new(),
        event => format!("event: {event}\n"),
    };
    Frame::plain(format!("{named}data: {{\"this is\": not JSON\n\n"))
}

/// A path's segment as it was before it was put into a URL.
pub(super) fn percent_decoded(segment: &str) -> String {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = tail.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        let byte = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        (rest, _) = match (first, byte) {
            (b'%', Some(byte)) => (&tail[2..], bytes.push(byte)),
            _ => (tail, bytes.push(*first)),
        };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
