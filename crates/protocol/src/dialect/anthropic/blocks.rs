//! Writes parts as content blocks, for requests and answers alike. Which parts may stand where is decided before: a
//! [`Block`] can always be written.

use super::ID;
use crate::dialect::turns;
use crate::dialect::write::{List, Object};
use crate::ir::{CacheMarker, Extra, Json, MediaSource};
use std::borrow::Cow;

/// A content block that is ready to be written.
#[derive(Debug)]
pub(super) struct Block<'r> {
    pub(super) kind: BlockKind<'r>,
    pub(super) cache: Option<&'r CacheMarker>,
    /// What a text rests on, as it is written.
    pub(super) citations: Vec<Cow<'r, Json>>,
    pub(super) extra: Option<&'r Extra>,
}

/// What a block is.
#[derive(Debug)]
pub(super) enum BlockKind<'r> {
    Text(Cow<'r, str>),
    Image(Source<'r>),
    Document {
        source: Source<'r>,
        title: Option<&'r str>,
    },
    Thinking {
        text: &'r str,
        signature: Cow<'r, str>,
    },
    RedactedThinking(Cow<'r, str>),
    ToolUse {
        id: Cow<'r, str>,
        name: &'r str,
        /// A JSON object.
        input: Cow<'r, str>,
    },
    ToolResult {
        id: Cow<'r, str>,
        content: Vec<Block<'r>>,
        is_error: Option<bool>,
    },
    /// One that only this dialect knows, as it was written.
    Raw(&'r Json),
}

/// Where a medium's bytes are.
#[derive(Debug)]
pub(super) enum Source<'r> {
    Base64 { media_type: &'r str, data: &'r str },
    Url(&'r str),
    File(&'r str),
    Text(Cow<'r, str>),
}

impl<'r> From<&'r MediaSource> for Source<'r> {
    fn from(source: &'r MediaSource) -> Self {
        match source {
            MediaSource::Base64 { media_type, data } => Self::Base64 { media_type, data },
            MediaSource::Url(url) => Self::Url(url),
            MediaSource::FileId(id) => Self::File(&id.value),
            MediaSource::Text(text) => Self::Text(Cow::Borrowed(text)),
        }
    }
}

impl<'r> Block<'r> {
    /// A block without cache marker or unknown fields.
    pub(super) fn new(kind: BlockKind<'r>) -> Self {
        Self {
            kind,
            cache: None,
            citations: Vec::new(),
            extra: None,
        }
    }

    /// The text, if the block is nothing but text, so that it can be written in the short spelling.
    fn bare_text(&self) -> Option<&str> {
        match &self.kind {
            BlockKind::Text(text)
                if self.cache.is_none() && self.citations.is_empty() && !self.has_own_extra() =>
            {
                Some(text)
            }
            _ => None,
        }
    }

    fn has_own_extra(&self) -> bool {
        self.extra
            .is_some_and(|extra| extra.of(ID).next().is_some())
    }

    fn write(&self, list: &mut List<'_>) {
        if let BlockKind::Raw(json) = self.kind {
            return list.value(json);
        }
        list.object(|o| {
            self.kind.write(o, self.extra);
            if !self.citations.is_empty() {
                o.value("citations", &self.citations);
            }
            cache_control(o, self.cache, self.extra);
            if let Some(extra) = self.extra {
                o.extra(extra, ID);
            }
        });
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
            BlockKind::Thinking { .. } | BlockKind::RedactedThinking(_)
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
    fn write(&self, o: &mut Object<'_>, extra: Option<&Extra>) {
        match self {
            Self::Raw(_) => {}
            Self::Text(text) => {
                o.value("type", "text");
                o.value("text", text);
            }
            Self::Image(source) => {
                o.value("type", "image");
                source.write(o, extra);
            }
            Self::Document { source, title } => {
                o.value("type", "document");
                source.write(o, extra);
                o.some("title", *title);
            }
            Self::Thinking { text, signature } => {
                o.value("type", "thinking");
                o.value("thinking", text);
                o.value("signature", signature);
            }
            Self::RedactedThinking(data) => {
                o.value("type", "redacted_thinking");
                o.value("data", data);
            }
            Self::ToolUse { id, name, input } => {
                o.value("type", "tool_use");
                o.value("id", id);
                o.value("name", name);
                o.written("input", input.as_bytes());
            }
            Self::ToolResult {
                id,
                content,
                is_error,
            } => {
                o.value("type", "tool_result");
                o.value("tool_use_id", id);
                if !content.is_empty() {
                    write_content(o, "content", content);
                }
                o.some("is_error", is_error.as_ref());
            }
        }
    }
}

impl Source<'_> {
    fn write(&self, o: &mut Object<'_>, extra: Option<&Extra>) {
        o.object("source", |o| {
            match self {
                Self::Base64 { media_type, data } => {
                    o.value("type", "base64");
                    o.value("media_type", media_type);
                    o.value("data", data);
                }
                Self::Url(url) => {
                    o.value("type", "url");
                    o.value("url", url);
                }
                Self::File(id) => {
                    o.value("type", "file");
                    o.value("file_id", id);
                }
                Self::Text(text) => {
                    o.value("type", "text");
                    o.value("media_type", "text/plain");
                    o.value("data", text);
                }
            }
            if let Some(extra) = extra {
                o.extra_under(extra, ID, "source.");
            }
        });
    }
}

/// Writes content: in the short spelling where it is one bare text, else as a list of blocks.
pub(super) fn write_content(o: &mut Object<'_>, key: &str, blocks: &[Block<'_>]) {
    match blocks {
        [only] if let Some(text) = only.bare_text() => o.value(key, text),
        _ => write_blocks(o, key, blocks),
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

/// Writes a cache marker, if there is one.
pub(super) fn cache_control(
    o: &mut Object<'_>,
    marker: Option<&CacheMarker>,
    extra: Option<&Extra>,
) {
    let Some(marker) = marker else { return };
    o.object("cache_control", |o| {
        o.value("type", "ephemeral");
        o.some("ttl", marker.ttl.as_ref());
        if let Some(extra) = extra {
            o.extra_under(extra, ID, "cache_control.");
        }
    });
}

/// The text as a tool's `input`: itself where it is a JSON object, `{}` where it is empty, `None` where it is
/// anything else.
pub(super) fn input_object(arguments: &str) -> Option<&str> {
    let trimmed = arguments.trim();
    if trimmed.is_empty() {
        return Some("{}");
    }
    let valid = trimmed.starts_with('{')
        && serde_json::from_str::<&serde_json::value::RawValue>(trimmed).is_ok();
    valid.then_some(trimmed)
}
