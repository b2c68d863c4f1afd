//! Message threads: a conversation that the provider holds. A request with `thread: {type: "create"}` stands by itself; one
//! that says `continue` has only what is new, and makes no sense to anybody but the provider that answered the turn before.
//!
//! Nothing in an answer says that it is held: Anthropic's packages go on from any answer's id. So who does not hold it must
//! refuse to go on, with the error at which those packages send the whole conversation again.
//! <https://platform.claude.com/docs/en/build-with-claude/message-threads>; what their clients do with which error:
//! `lib/threads` of the Python package `anthropic`, 2.11 (2026-11)

use crate::dialect::codec::Thread;
use crate::ir::{Error, ErrorKind};
use crate::splice::Document;
use serde::Deserialize;
use std::borrow::Cow;

/// The member of a request.
pub const MEMBER: &str = "thread";

/// What a request asks to be held. Whatever is not a beginning is taken to lean on something that is held already.
pub(super) fn asked(doc: &Document<'_>) -> Option<Thread> {
    let raw = doc.get(MEMBER).filter(|raw| *raw != "null")?;
    let begins = serde_json::from_str::<Said<'_>>(raw).is_ok_and(|said| said.kind == "create");
    Some(match begins {
        true => Thread::Begins,
        false => Thread::GoesOn,
    })
}

#[derive(Deserialize)]
struct Said<'a> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
}

/// Why a thread cannot be gone on with that nobody who may be asked holds.
pub fn not_held() -> Error {
    let message =
        "no provider that may serve this request holds the conversation; send the whole of it";
    let error = Error::new(ErrorKind::NotFound, message).with_param(MEMBER);
    Error {
        details: Some(r#"{"error_code":"thread_not_found"}"#.into()),
        ..error.with_code("thread_not_found")
    }
}

/// Whether an error's details are about a thread, so that only its client can mend it.
pub(super) fn is_told(details: &str) -> bool {
    let said: Details<'_> = serde_json::from_str(details).unwrap_or_default();
    said.error_code.starts_with("thread_")
}

#[derive(Default, Deserialize)]
struct Details<'a> {
    #[serde(borrow, default)]
    error_code: Cow<'a, str>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_beginning_stands_by_itself() {
        let check = |body: &str, expect| {
            let doc = Document::parse(body.as_bytes()).unwrap();
            assert_eq!(asked(&doc), expect, "{body}");
        };
        check("{}", None);
        check(r#"{"thread":null}"#, None);
        check(r#"{"thread":{"type":"create"}}"#, Some(Thread::Begins));
        check(
            r#"{"thread":{"previous_message_id":"msg_1","type":"continue"}}"#,
            Some(Thread::GoesOn),
        );
        check(r#"{"thread":{"type":"fork"}}"#, Some(Thread::GoesOn));
        check(r#"{"thread":"msg_1"}"#, Some(Thread::GoesOn));
    }
}
