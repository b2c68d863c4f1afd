//! Writes parts as content blocks, for requests and answers alike. Which parts may stand where is decided before: a
//! [`Block`] can always be written.

use super::{ID, citations};
use crate::dialect::turns;
use crate::dialect::write::{List, Object};
use crate::ir::{CacheMarker, Citation, Extra, Json};
use std::borrow::Cow;

/// A content block that is ready to be written, and the cache point behind it.
#[derive(Debug)]
pub(super) struct Block<'r> {
    pub(super) kind: BlockKind<'r>,
    pub(super) cache: Option<&'r CacheMarker>,
    pub(super) extra: Option<&'r Extra>,
}

/// What a block is.
#[derive(Debug)]
pub(super) enum BlockKind<'r> {
    Text(Cow<'r, str>),
    /// A text with what it rests on.
    Cited(&'r str, &'r [Citation]),
    Medium(Medium<'r>),
    Reasoning {
        text: &'r str,
        signature: Option<Cow<'r, str>>,
    },
    /// Encrypted reasoning, in base64.
    Redacted(String),
    ToolUse {
        id: Cow<'r, str>,
        name: &'r str,
        /// A JSON value.
        input: Cow<'r, str>,
    },
    ToolResult {
        id: Cow<'r, str>,
        content: Vec<Block<'r>>,
        status: Option<&'static str>,
    },
    /// A text or image in a frame, which stands among the block's extras.
    Framed,
    /// One that only this dialect knows, as it was written.
    Raw(&'r Json),
}

/// An image, document, video or sound.
#[derive(Debug)]
pub(super) struct Medium<'r> {
    /// `image`, `document`, `video` or `audio`.
    pub(super) member: &'static str,
    pub(super) format: Option<&'r str>,
    /// Of documents.
    pub(super) name: Option<String>,
    pub(super) source: Source<'r>,
}

/// Where a medium's bytes are.
#[derive(Debug)]
pub(super) enum Source<'r> {
    /// Base64.
    Bytes(&'r str),
    S3(&'r str),
    Text(&'r str),
}

impl<'r> Block<'r> {
    /// A block without cache point or unknown fields.
    pub(super) fn new(kind: BlockKind<'r>) -> Self {
        Self {
            kind,
            cache: None,
            extra: None,
        }
    }

    fn write(&self, list: &mut List<'_>) {
        if let BlockKind::Raw(json) = self.kind {
            list.value(json);
        } else {
            list.object(|o| {
                let nothing = Extra::default();
                let extra = self.extra.unwrap_or(&nothing);
                self.kind.write(o, extra);
                o.extra(extra, ID);
            });
        }
        if let Some(marker) = self.cache {
            cache_point(list, marker);
        }
    }
}

impl<'r> turns::Block<'r> for Block<'r> {
    fn text(text: &'r str) -> Self {
        Self::new(BlockKind::Text(Cow::Borrowed(text)))
    }

    fn as_text(&mut self) -> Option<&mut Cow<'r, str>> {
        match &mut self.kind {
            BlockKind::Text(text) => Some(text),
            _ => None,
        }
    }

    fn is_tool_result(&self) -> bool {
        matches!(self.kind, BlockKind::ToolResult { .. })
    }

    fn is_reasoning(&self) -> bool {
        matches!(
            self.kind,
            BlockKind::Reasoning { .. } | BlockKind::Redacted(_)
        )
    }

    fn called_tool(&self) -> Option<&'r str> {
        match self.kind {
            BlockKind::ToolUse { name, .. } => Some(name),
            _ => None,
        }
    }
}

impl BlockKind<'_> {
    fn write(&self, o: &mut Object<'_>, extra: &Extra) {
        match self {
            Self::Raw(_) | Self::Framed => {}
            Self::Text(text) => o.value("text", text),
            Self::Cited(text, citations) => o.object("citationsContent", |o| {
                o.list("content", |list| list.object(|o| o.value("text", text)));
                o.list("citations", |list| {
                    for citation in *citations {
                        list.value(&citations::to_json(citation));
                    }
                });
            }),
            Self::Medium(medium) => medium.write(o, extra),
            Self::Reasoning { text, signature } => o.object("reasoningContent", |o| {
                o.object("reasoningText", |o| {
                    o.value("text", text);
                    o.some("signature", signature.as_ref());
                    under(o, extra, "reasoningContent.reasoningText.");
                });
                under(o, extra, "reasoningContent.");
            }),
            Self::Redacted(data) => o.object("reasoningContent", |o| {
                o.value("redactedContent", data);
                under(o, extra, "reasoningContent.");
            }),
            Self::ToolUse { id, name, input } => o.object("toolUse", |o| {
                o.value("toolUseId", id);
                o.value("name", name);
                o.written("input", input.as_bytes());
                under(o, extra, "toolUse.");
            }),
            Self::ToolResult {
                id,
                content,
                status,
            } => o.object("toolResult", |o| {
                o.value("toolUseId", id);
                write_blocks(o, "content", content);
                o.some("status", *status);
                under(o, extra, "toolResult.");
            }),
        }
    }
}

impl Medium<'_> {
    fn write(&self, o: &mut Object<'_>, extra: &Extra) {
        let member = self.member;
        o.object(member, |o| {
            o.some("format", self.format);
            o.some("name", self.name.as_ref());
            o.object("source", |o| {
                match self.source {
                    Source::Bytes(data) => o.value("bytes", data),
                    Source::Text(text) => o.value("text", text),
                    Source::S3(uri) => o.object("s3Location", |o| {
                        o.value("uri", uri);
                        under(o, extra, &format!("{member}.source.s3Location."));
                    }),
                }
                under(o, extra, &format!("{member}.source."));
            });
            under(o, extra, &format!("{member}."));
        });
    }
}

/// The extras that belong into the object at hand, not those of an object inside it.
fn under(o: &mut Object<'_>, extra: &Extra, prefix: &str) {
    for (key, value) in extra.of(ID) {
        match key.strip_prefix(prefix) {
            Some(key) if !key.contains('.') => o.value(key, value),
            Some(_) | None => {}
        }
    }
}

/// Writes a list of blocks.
pub(super) fn write_blocks(o: &mut Object<'_>, key: &str, blocks: &[Block<'_>]) {
    o.list(key, |list| {
        for block in blocks {
            block.write(list);
        }
    });
}

/// Writes a cache point.
pub(super) fn cache_point(list: &mut List<'_>, marker: &CacheMarker) {
    list.object(|o| {
        o.object("cachePoint", |o| {
            o.value("type", "default");
            let ttl = marker.ttl.as_deref();
            o.some(
                "ttl",
                ttl.filter(|ttl| super::wire::LIFETIMES.contains(ttl)),
            );
        });
    });
}
