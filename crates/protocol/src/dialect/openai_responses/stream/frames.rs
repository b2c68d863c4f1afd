//! Frames as they are written, and those by which a stream says that it failed.

use super::super::echo::Asked;
use super::super::response::{self, Head};
use crate::dialect::Reply;
use crate::dialect::write::{self, Object};
use crate::ir::{Error, Extra};
use std::borrow::Cow;

/// Writes a frame; its `type` is its name.
pub(super) fn frame(
    out: &mut Vec<u8>,
    name: &str,
    sequence_number: u64,
    fill: impl FnOnce(&mut Object<'_>),
) {
    out.extend_from_slice(b"event: ");
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\ndata: ");
    write::object(out, |o| {
        o.value("type", name);
        o.value("sequence_number", &sequence_number);
        fill(o);
    });
    out.extend_from_slice(b"\n\n");
}

/// The frames by which a stream says that it failed, where nothing is known of it but our id.
pub(in super::super) fn error_frames(failure: &Error, request_id: &str) -> Vec<u8> {
    let reply = Reply {
        request_id: request_id.to_owned(),
        ..Reply::default()
    };
    let head = Head {
        id: response::response_id("", &reply),
        created: 0,
        model: "",
        status: "failed",
        incomplete: None,
        error: Some(failure),
        service_tier: None,
        usage: None,
        cost: None,
    };
    let mut out = Vec::with_capacity(1024);
    failed(&mut out, 0, &head, b"[]", &Asked::default());
    out
}

/// An `error`, which most clients raise, and `response.failed`, which the others wait for. The documents have the members
/// of an `error` in the event itself, the vendor's server in an object within it; clients look in either place.
pub(super) fn failed(
    out: &mut Vec<u8>,
    sequence_number: u64,
    head: &Head<'_>,
    output: &[u8],
    asked: &Asked,
) {
    if let Some(error) = head.error {
        let code = response::code(error);
        let members = |o: &mut Object<'_>| {
            o.value("code", code);
            o.value("message", &error.message);
            o.value("param", &error.param);
        };
        frame(out, "error", sequence_number, |o| {
            members(o);
            o.object("error", |o| {
                o.value("type", &*kind(error));
                members(o);
            });
        });
    }
    frame(out, "response.failed", sequence_number + 1, |o| {
        o.object("response", |o| {
            head.write(o, output, asked, &Extra::default());
        });
    });
}

/// The `type` of an error as its whole body has it.
fn kind(error: &Error) -> Cow<'static, str> {
    Cow::Borrowed(super::super::error::words(error.kind).0)
}
