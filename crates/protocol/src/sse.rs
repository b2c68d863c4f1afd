//! Server-sent events: an incremental framer, correct at any chunk boundary (WHATWG HTML, section 9.2).

use std::borrow::Cow;

/// One complete event of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// The bytes as they came, terminating blank line included.
    pub raw: &'a [u8],
    /// The `event:` field, where present.
    pub event: Option<&'a str>,
    /// The `data:` lines, joined by line feeds (borrowed where there is one). Empty for a comment.
    pub data: Cow<'a, [u8]>,
}
