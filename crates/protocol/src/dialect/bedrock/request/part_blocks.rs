//! Turns the parts of a conversation into blocks that Converse takes, and notes what is lost on the way.

use super::super::blocks::{Block, BlockKind, Medium, Source};
use super::super::family::Family;
use super::super::formats::{self, Formats};
use super::super::wire::LIFETIMES;
use super::super::{ID, citations, parts};
use super::documents::Names;
use crate::dialect::call_ids::CallIds;
use crate::dialect::turns::{self, ReadParts};
use crate::dialect::{DialectId, freeform};
use crate::ir::{
    CacheMarker, CallKind, Extra, Loss, Malformed, Media, MediaSource, Part, PartKind, Reasoning,
    Role, ToolCall, ToolResult,
};
use serde_json::value::RawValue;
use std::borrow::Cow;

/// A conversation that can be written.
pub(super) type Conversation<'r> = turns::Conversation<'r, Block<'r>>;

/// Turns parts into blocks and notes what is lost.
pub(super) struct PartReader<'r, 'l> {
    pub(super) ids: CallIds<'r>,
    pub(super) family: Family,
    pub(super) documents: Names,
    /// Media of the model's own turns and their paths, which wait for the user's next.
    pub(super) waiting: Vec<(String, Block<'r>)>,
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
        if role == Role::User && !self.waiting.is_empty() {
            out.extend(self.waiting.drain(..).map(|(_, block)| block));
        }
        let kind = match &part.kind {
            _ if parts::is_framed(part) => Some(BlockKind::Framed),
            PartKind::Text(text) => self.text(text, part, at),
            PartKind::Refusal(text) => {
                self.losses.push(Loss::approximated(at));
                text_block(text)
            }
            PartKind::Image(media) => self.media(media, role, at, "image", &formats::IMAGE)?,
            PartKind::Video(media) => self.media(media, role, at, "video", &formats::VIDEO)?,
            PartKind::Audio(media) => self.media(media, role, at, "audio", &formats::AUDIO)?,
            PartKind::File(media) => self.file(media, role, at)?,
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
        let cache = part.cache.as_ref();
        let block = kind.map(|kind| Block {
            kind,
            cache: cache.filter(|marker| self.takes(marker, at)),
            extra: Some(&part.extra),
        });
        match block {
            // Media stand in the user's turns only.
            Some(block)
                if role == Role::Assistant && matches!(block.kind, BlockKind::Medium(_)) =>
            {
                self.losses.push(Loss::approximated(at));
                self.waiting.push((at.to_owned(), block));
            }
            block => out.extend(block),
        }
        Ok(())
    }
}

impl<'r> PartReader<'r, '_> {
    /// Whether a cache point may stand there: only some models take any, and another one refuses the request.
    fn takes(&mut self, marker: &CacheMarker, at: &str) -> bool {
        takes_cache_point(
            self.family,
            marker,
            &format!("{at}.cache_control"),
            self.losses,
        )
    }

    /// A text, with what it rests on.
    fn text(&mut self, text: &'r str, part: &'r Part, at: &str) -> Option<BlockKind<'r>> {
        if part.citations.is_empty() || text.trim().is_empty() {
            return text_block(text);
        }
        let narrower = |citation| citations::is_narrower(citation, text);
        if part.citations.iter().any(narrower) {
            self.losses
                .push(Loss::approximated(format!("{at}.citations")));
        }
        Some(BlockKind::Cited(text, &part.citations))
    }

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
            .map(|signature| BlockKind::Reasoning {
                text: &reasoning.text,
                signature: Some(Cow::Borrowed(signature)),
            });
        let encrypted = reasoning
            .encrypted
            .as_ref()
            .filter(|encrypted| encrypted.open(ID).is_some())
            .map(|encrypted| BlockKind::Redacted(parts::write_redacted(encrypted)));
        if signed.is_none() && encrypted.is_none() {
            self.losses.push(Loss::dropped(at));
        }
        out.extend([signed, encrypted].into_iter().flatten().map(|kind| Block {
            kind,
            cache: None,
            extra: Some(extra),
        }));
    }

    fn media(
        &mut self,
        media: &'r Media,
        role: Role,
        at: &str,
        member: &'static str,
        formats: &Formats,
    ) -> Result<Option<BlockKind<'r>>, Malformed> {
        let detail = media.detail.as_deref();
        if detail.is_some_and(|detail| detail != "auto") {
            self.losses.push(Loss::dropped(format!("{at}.detail")));
        }
        // Instructions are text.
        if !matches!(role, Role::User | Role::Assistant) {
            self.losses.push(Loss::dropped(at));
            return Ok(None);
        }
        let (source, media_type) = match &media.source {
            MediaSource::Base64 { media_type, data } => (Source::Bytes(data), Some(media_type)),
            MediaSource::FileId(id) => match id.open(ID) {
                Some(uri) => (Source::S3(uri), media.media_type.as_ref()),
                None => {
                    return Err(Malformed::field(
                        at,
                        "names a file that was uploaded to another provider: send its content",
                    ));
                }
            },
            MediaSource::Text(text) => (Source::Text(text), media.media_type.as_ref()),
            MediaSource::Url(_) => {
                return Err(Malformed::field(
                    at,
                    "is behind a URL, which this provider does not fetch: send its content",
                ));
            }
        };
        let media_type = media_type.map(String::as_str).unwrap_or_default();
        let format = formats.word(media_type);
        if format.is_none() && !(media_type.is_empty() && member == "document") {
            return Err(Malformed::field(
                at,
                format!("has the media type `{media_type}`, which this provider does not take"),
            ));
        }
        Ok(Some(BlockKind::Medium(Medium {
            member,
            format,
            name: None,
            source,
        })))
    }

    /// An image that was sent as a file is an image; every document has a name.
    fn file(
        &mut self,
        media: &'r Media,
        role: Role,
        at: &str,
    ) -> Result<Option<BlockKind<'r>>, Malformed> {
        if let MediaSource::Base64 { media_type, .. } = &media.source
            && media_type.starts_with("image/")
        {
            return self.media(media, role, at, "image", &formats::IMAGE);
        }
        let block = self.media(media, role, at, "document", &formats::DOCUMENT)?;
        let Some(BlockKind::Medium(mut medium)) = block else {
            return Ok(block);
        };
        let name = self.documents.of(media.name.as_deref());
        if media.name.as_ref().is_some_and(|given| *given != name) {
            self.losses.push(Loss::approximated(format!("{at}.name")));
        }
        medium.name = Some(name);
        Ok(Some(BlockKind::Medium(medium)))
    }

    fn tool_use(&mut self, call: &'r ToolCall, at: &str) -> BlockKind<'r> {
        let input = match (call.kind, input_json(&call.arguments)) {
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
            status: result
                .is_error
                .map(|failed| if failed { "error" } else { "success" }),
        })
    }
}

/// Whether a model of the family takes a cache point, which is lost otherwise; a lifetime that is not known is lost too.
pub(super) fn takes_cache_point(
    family: Family,
    marker: &CacheMarker,
    at: &str,
    losses: &mut Vec<Loss>,
) -> bool {
    match family {
        Family::Claude | Family::Nova | Family::Unknown => {}
        Family::GptOss | Family::Other => {
            losses.push(Loss::dropped(at));
            return false;
        }
    }
    let ttl = marker.ttl.as_deref();
    if ttl.is_some_and(|ttl| !LIFETIMES.contains(&ttl)) {
        losses.push(Loss::approximated(format!("{at}.ttl")));
    }
    true
}

/// The text as a tool's `input`: itself where it is JSON, `{}` where it is empty, `None` where it is anything else.
pub(in crate::dialect::bedrock) fn input_json(arguments: &str) -> Option<&str> {
    let trimmed = arguments.trim();
    if trimmed.is_empty() {
        return Some("{}");
    }
    let valid = serde_json::from_str::<&RawValue>(trimmed).is_ok();
    valid.then_some(trimmed)
}

/// A text without anything to read is refused by Converse, and says nothing.
fn text_block(text: &str) -> Option<BlockKind<'_>> {
    (!text.trim().is_empty()).then_some(BlockKind::Text(Cow::Borrowed(text)))
}
