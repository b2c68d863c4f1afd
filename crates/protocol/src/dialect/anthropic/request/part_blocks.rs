//! Turns the parts of a conversation into blocks that the Messages API takes, and notes what is lost on the way.

use super::super::blocks::{Block, BlockKind, Source, input_object};
use super::super::{ID, citations, texts};
use crate::dialect::call_ids::CallIds;
use crate::dialect::turns::{self, ReadParts};
use crate::dialect::{DialectId, freeform};
use crate::ir::{
    CallKind, Extra, Loss, Malformed, Media, MediaSource, Part, PartKind, Reasoning, Role,
    ToolCall, ToolResult,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::borrow::Cow;

/// A conversation that can be written.
pub(super) type Conversation<'r> = turns::Conversation<'r, Block<'r>>;

/// Turns parts into blocks and notes what is lost.
pub(super) struct PartReader<'r, 'l> {
    pub(super) ids: CallIds<'r>,
    pub(super) losses: &'l mut Vec<Loss>,
}

impl<'r> ReadParts<'r> for PartReader<'r, '_> {
    type Block = Block<'r>;

    const DIALECT: DialectId = ID;

    fn losses(&mut self) -> &mut Vec<Loss> {
        self.losses
    }

    fn part(
        &mut self,
        part: &'r Part,
        role: Role,
        at: &str,
        out: &mut Vec<Block<'r>>,
    ) -> Result<(), Malformed> {
        self.losses.extend(part.lost_to(ID, at));
        if texts::is_inside(part) {
            return Ok(());
        }
        if let Some(block) = texts::framed(part) {
            out.push(Block::new(BlockKind::Raw(block)));
            return Ok(());
        }
        let kind = match &part.kind {
            PartKind::Text(text) => text_block(text),
            PartKind::Refusal(text) => {
                self.losses.push(Loss::approximated(at));
                text_block(text)
            }
            PartKind::Image(media) => self.image(media, role, at)?,
            PartKind::File(media) => self.file(media, role, at)?,
            PartKind::Audio(_) | PartKind::Video(_) => {
                return Err(Malformed::field(
                    at,
                    "sound and video cannot be sent to this provider: its Messages API takes text, images and documents",
                ));
            }
            PartKind::Reasoning(reasoning) => {
                self.reasoning(reasoning, &part.extra, at, out);
                return Ok(());
            }
            PartKind::ToolCall(call) => Some(self.tool_use(call, at)),
            PartKind::ToolResult(result) if !self.ids.is_called(&result.call_id) => {
                self.losses.push(Loss::approximated(at));
                let content = self.parts(&result.parts, Role::User, &format!("{at}.content"))?;
                out.extend(content);
                return Ok(());
            }
            PartKind::ToolResult(result) => {
                let id = self.ids.result(&result.call_id);
                id.map(|id| self.tool_result(id, result, at)).transpose()?
            }
            PartKind::Opaque(from, json) if *from == ID => Some(BlockKind::Raw(json)),
            PartKind::Opaque(..) => {
                self.losses.push(Loss::dropped(at));
                None
            }
        };
        let own = part.citations.iter().filter(|it| citations::is_own(it));
        let own: Vec<_> = own.filter_map(citations::written).collect();
        if own.len() < part.citations.len() {
            self.losses.push(Loss::dropped(format!("{at}.citations")));
        }
        out.extend(kind.map(|kind| Block {
            kind,
            cache: part.cache.as_ref(),
            citations: own,
            extra: Some(&part.extra),
        }));
        Ok(())
    }
}

impl<'r> PartReader<'r, '_> {
    /// Reasoning goes back only with what proves that it came from here.
    fn reasoning(
        &mut self,
        reasoning: &'r Reasoning,
        extra: &'r Extra,
        at: &str,
        out: &mut Vec<Block<'r>>,
    ) {
        let signed = reasoning
            .signature
            .as_ref()
            .and_then(|signature| signature.open(ID))
            .map(|signature| BlockKind::Thinking {
                text: &reasoning.text,
                signature: Cow::Borrowed(signature),
            });
        let encrypted = reasoning
            .encrypted
            .as_ref()
            .and_then(|encrypted| encrypted.open(ID))
            .map(|data| BlockKind::RedactedThinking(Cow::Borrowed(data)));
        if signed.is_none() && encrypted.is_none() {
            self.losses.push(Loss::dropped(at));
        }
        out.extend([signed, encrypted].into_iter().flatten().map(|kind| Block {
            kind,
            citations: Vec::new(),
            cache: None,
            extra: Some(extra),
        }));
    }

    fn media(
        &mut self,
        media: &'r Media,
        role: Role,
        at: &str,
        make: impl FnOnce(Source<'r>) -> BlockKind<'r>,
    ) -> Result<Option<BlockKind<'r>>, Malformed> {
        if let MediaSource::FileId(id) = &media.source
            && id.open(ID).is_none()
        {
            return Err(Malformed::field(
                at,
                "names a file that was uploaded to another provider: send its content",
            ));
        }
        if media
            .detail
            .as_deref()
            .is_some_and(|detail| detail != "auto")
        {
            self.losses.push(Loss::dropped(format!("{at}.detail")));
        }
        // Instructions and the model's own turns are text.
        if role != Role::User {
            self.losses.push(Loss::dropped(at));
            return Ok(None);
        }
        Ok(Some(make(Source::from(&media.source))))
    }

    /// Images are of one of four types: <https://platform.claude.com/docs/en/build-with-claude/vision> (2026-11).
    fn image(
        &mut self,
        media: &'r Media,
        role: Role,
        at: &str,
    ) -> Result<Option<BlockKind<'r>>, Malformed> {
        let MediaSource::Base64 { media_type, data } = &media.source else {
            return self.media(media, role, at, BlockKind::Image);
        };
        let media_type = match media_type.as_str() {
            known @ ("image/jpeg" | "image/png" | "image/gif" | "image/webp") => known,
            "image/jpg" => "image/jpeg",
            other => return Err(not_taken(at, other)),
        };
        self.media(media, role, at, |_| {
            BlockKind::Image(Source::Base64 { media_type, data })
        })
    }

    /// Documents are PDF as base64, or plain text; an image that was sent as a file is an image.
    fn file(
        &mut self,
        media: &'r Media,
        role: Role,
        at: &str,
    ) -> Result<Option<BlockKind<'r>>, Malformed> {
        let title = media.name.as_deref();
        let document = |source| BlockKind::Document { source, title };
        let MediaSource::Base64 { media_type, data } = &media.source else {
            return self.media(media, role, at, document);
        };
        if media_type.starts_with("image/") {
            return self.image(media, role, at);
        }
        if media_type == "application/pdf" {
            return self.media(media, role, at, document);
        }
        if !is_text(media_type) {
            return Err(not_taken(at, media_type));
        }
        let text = STANDARD
            .decode(data)
            .ok()
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .ok_or_else(|| Malformed::field(at, "must hold base64 of UTF-8 text"))?;
        self.media(media, role, at, |_| {
            document(Source::Text(Cow::Owned(text)))
        })
    }

    fn tool_use(&mut self, call: &'r ToolCall, at: &str) -> BlockKind<'r> {
        let input = match (call.kind, input_object(&call.arguments)) {
            (CallKind::Function, Some(input)) => Cow::Borrowed(input),
            (CallKind::Function, None) => {
                self.losses.push(Loss::dropped(format!("{at}.input")));
                Cow::Borrowed("{}")
            }
            // That its tool becomes a function is said of the tool.
            (CallKind::Freeform, _) => Cow::Owned(freeform::wrap(&call.arguments)),
        };
        BlockKind::ToolUse {
            id: self.ids.call(&call.id),
            name: &call.name,
            input,
        }
    }

    fn tool_result(
        &mut self,
        id: Cow<'r, str>,
        result: &'r ToolResult,
        at: &str,
    ) -> Result<BlockKind<'r>, Malformed> {
        Ok(BlockKind::ToolResult {
            id,
            content: self.parts(&result.parts, Role::User, &format!("{at}.content"))?,
            is_error: result.is_error,
        })
    }
}

/// Whether files of this type are text.
fn is_text(media_type: &str) -> bool {
    let kind = media_type.split(';').next().unwrap_or_default().trim_end();
    kind.starts_with("text/")
        || matches!(kind, "application/json" | "application/xml")
        || kind.ends_with("+json")
        || kind.ends_with("+xml")
}

fn not_taken(at: &str, media_type: &str) -> Malformed {
    Malformed::field(
        at,
        format!(
            "has the media type `{media_type}`, which this provider does not take: it takes JPEG, PNG, GIF and WebP images, PDF and text"
        ),
    )
}

/// A text without anything to read is refused by the Messages API, and says nothing.
fn text_block(text: &str) -> Option<BlockKind<'_>> {
    (!text.trim().is_empty()).then_some(BlockKind::Text(Cow::Borrowed(text)))
}
