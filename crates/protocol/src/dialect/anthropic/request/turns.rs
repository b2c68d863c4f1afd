//! Arranges a conversation as the Messages API wants it: instructions apart, `user` and `assistant` in turn beginning
//! with `user`, the results of one turn's tool calls together at the head of the next, no empty text.
//! <https://platform.claude.com/docs/en/agents-and-tools/tool-use/implement-tool-use>

use super::super::ID;
use super::super::blocks::{Block, BlockKind, Source, input_object};
use crate::ir::{
    Extra, Loss, Malformed, Media, MediaSource, Message, Part, PartKind, Reasoning, Request, Role,
    ToolCall, ToolResult,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

/// A conversation that can be written.
#[derive(Debug, Default)]
pub(super) struct Conversation<'r> {
    /// The instructions, in their order.
    pub(super) system: Vec<Block<'r>>,
    /// The turns, the first one the user's.
    pub(super) turns: Vec<Turn<'r>>,
}

/// One turn.
#[derive(Debug)]
pub(super) struct Turn<'r> {
    pub(super) speaker: Speaker,
    pub(super) blocks: Vec<Block<'r>>,
    /// Unknown fields of the messages that went into it.
    pub(super) extra: Vec<&'r Extra>,
}

/// Whose turn it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Speaker {
    User,
    Assistant,
}

/// What a turn says where the Messages API demands one and the client has none.
const FILLER: &str = "Continue.";

/// Arranges the conversation of a request.
///
/// # Errors
/// When a part cannot be said at all (audio).
pub(super) fn arrange<'r>(
    request: &'r Request,
    losses: &mut Vec<Loss>,
) -> Result<Conversation<'r>, Malformed> {
    let ids = Ids::of(&request.messages);
    let mut conversation = Conversation::default();
    let mut reader = PartReader { ids: &ids, losses };
    for (index, message) in request.messages.iter().enumerate() {
        let at = format!("messages[{index}]");
        reader.note_message(message, &at);
        let blocks = reader.parts(&message.parts, message.role, &format!("{at}.content"))?;
        let speaker = match message.role {
            Role::System | Role::Developer => {
                if !conversation.turns.is_empty() && !blocks.is_empty() {
                    reader.losses.push(Loss::approximated(at));
                }
                conversation.system.extend(blocks);
                continue;
            }
            Role::User => Speaker::User,
            Role::Assistant => Speaker::Assistant,
        };
        conversation.add(speaker, blocks, &message.extra);
    }
    conversation.begin_with_user(losses);
    for turn in &mut conversation.turns {
        turn.put_results_first();
    }
    conversation.trim_prefill(losses);
    Ok(conversation)
}

impl<'r> Conversation<'r> {
    /// Adds what one message says, to the open turn if it has the same speaker.
    fn add(&mut self, speaker: Speaker, blocks: Vec<Block<'r>>, extra: &'r Extra) {
        if blocks.is_empty() {
            return;
        }
        match self.turns.last_mut() {
            Some(turn) if turn.speaker == speaker => {
                turn.blocks.extend(blocks);
                turn.extra.push(extra);
            }
            _ => self.turns.push(Turn {
                speaker,
                blocks,
                extra: vec![extra],
            }),
        }
    }

    /// Sees to it that the first turn is the user's: from nothing but instructions the last one becomes it.
    fn begin_with_user(&mut self, losses: &mut Vec<Loss>) {
        if self
            .turns
            .first()
            .is_some_and(|turn| turn.speaker == Speaker::User)
        {
            return;
        }
        losses.push(Loss::approximated("messages"));
        let only_instructions = self.turns.is_empty();
        let block = if only_instructions {
            self.system.pop()
        } else {
            None
        };
        let filler = || Block::new(BlockKind::Text(Cow::Borrowed(FILLER)));
        self.turns.insert(
            0,
            Turn {
                speaker: Speaker::User,
                blocks: vec![block.unwrap_or_else(filler)],
                extra: Vec::new(),
            },
        );
    }

    /// An answer that the model is to go on with must not end in white space.
    fn trim_prefill(&mut self, losses: &mut Vec<Loss>) {
        let last = self
            .turns
            .last_mut()
            .filter(|turn| turn.speaker == Speaker::Assistant);
        let Some(Block {
            kind: BlockKind::Text(text),
            ..
        }) = last.and_then(|turn| turn.blocks.last_mut())
        else {
            return;
        };
        let kept = text.trim_end().len();
        if kept < text.len() {
            text.to_mut().truncate(kept);
            losses.push(Loss::approximated("messages"));
        }
    }

    /// Whether the model is in the middle of calling tools, in a turn that does not begin with its thinking.
    pub(super) fn continues_tools_without_thinking(&self) -> bool {
        let [.., model, results] = self.turns.as_slice() else {
            return false;
        };
        let answers_tools = results
            .blocks
            .iter()
            .any(|block| matches!(block.kind, BlockKind::ToolResult { .. }));
        let thought = model.blocks.first().is_some_and(|block| {
            matches!(
                block.kind,
                BlockKind::Thinking { .. } | BlockKind::RedactedThinking(_)
            )
        });
        answers_tools && !thought
    }
}

impl Turn<'_> {
    fn put_results_first(&mut self) {
        self.blocks
            .sort_by_key(|block| !matches!(block.kind, BlockKind::ToolResult { .. }));
    }
}

/// Turns parts into blocks and notes what is lost.
struct PartReader<'r, 'l> {
    ids: &'l Ids<'r>,
    losses: &'l mut Vec<Loss>,
}

impl<'r> PartReader<'r, '_> {
    fn note_message(&mut self, message: &Message, at: &str) {
        if message.name.is_some() {
            self.losses.push(Loss::dropped(format!("{at}.name")));
        }
        self.note_foreign(&message.extra, at);
    }

    fn note_foreign(&mut self, extra: &Extra, at: &str) {
        for key in extra.foreign_to(ID) {
            self.losses.push(Loss::dropped(format!("{at}.{key}")));
        }
    }

    fn parts(
        &mut self,
        parts: &'r [Part],
        role: Role,
        at: &str,
    ) -> Result<Vec<Block<'r>>, Malformed> {
        let mut blocks = Vec::with_capacity(parts.len());
        for (index, part) in parts.iter().enumerate() {
            self.part(part, role, &format!("{at}[{index}]"), &mut blocks)?;
        }
        Ok(blocks)
    }

    fn part(
        &mut self,
        part: &'r Part,
        role: Role,
        at: &str,
        out: &mut Vec<Block<'r>>,
    ) -> Result<(), Malformed> {
        // What else a foreign dialect says of reasoning is how it writes the same text and signature.
        if !matches!(part.kind, PartKind::Reasoning(_)) {
            self.note_foreign(&part.extra, at);
        }
        let kind = match &part.kind {
            PartKind::Text(text) => text_block(text),
            PartKind::Refusal(text) => {
                self.losses.push(Loss::approximated(at));
                text_block(text)
            }
            PartKind::Image(media) => self.media(media, role, at, BlockKind::Image),
            PartKind::File(media) => self.file(media, role, at)?,
            PartKind::Audio(_) => {
                return Err(Malformed::field(
                    at,
                    "audio cannot be sent to this provider: its Messages API takes text, images and documents",
                ));
            }
            PartKind::Reasoning(reasoning) => {
                self.reasoning(reasoning, &part.extra, at, out);
                return Ok(());
            }
            PartKind::ToolCall(call) => Some(self.tool_use(call, at)),
            PartKind::ToolResult(result) => Some(self.tool_result(result, at)?),
            PartKind::Opaque(from, json) if *from == ID => Some(BlockKind::Raw(json)),
            PartKind::Opaque(..) => {
                self.losses.push(Loss::dropped(at));
                None
            }
        };
        out.extend(kind.map(|kind| Block {
            kind,
            cache: part.cache.as_ref(),
            extra: Some(&part.extra),
        }));
        Ok(())
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
            .as_deref()
            .map(|signature| BlockKind::Thinking {
                text: &reasoning.text,
                signature,
            });
        let encrypted = reasoning
            .encrypted
            .as_deref()
            .map(BlockKind::RedactedThinking);
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
        make: impl FnOnce(Source<'r>) -> BlockKind<'r>,
    ) -> Option<BlockKind<'r>> {
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
            return None;
        }
        Some(make(Source::from(&media.source)))
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
            return Ok(self.media(media, role, at, document));
        };
        if media_type.starts_with("image/") {
            return Ok(self.media(media, role, at, BlockKind::Image));
        }
        if !media_type.starts_with("text/") {
            return Ok(self.media(media, role, at, document));
        }
        let text = STANDARD
            .decode(data)
            .ok()
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .ok_or_else(|| Malformed::field(at, "must hold base64 of UTF-8 text"))?;
        Ok(self.media(media, role, at, |_| {
            document(Source::Text(Cow::Owned(text)))
        }))
    }

    fn tool_use(&mut self, call: &'r ToolCall, at: &str) -> BlockKind<'r> {
        let input = input_object(&call.arguments).unwrap_or_else(|| {
            self.losses.push(Loss::approximated(format!("{at}.input")));
            "{}"
        });
        BlockKind::ToolUse {
            id: self.ids.get(&call.id),
            name: &call.name,
            input: Cow::Borrowed(input),
        }
    }

    fn tool_result(
        &mut self,
        result: &'r ToolResult,
        at: &str,
    ) -> Result<BlockKind<'r>, Malformed> {
        Ok(BlockKind::ToolResult {
            id: self.ids.get(&result.call_id),
            content: self.parts(&result.parts, Role::User, &format!("{at}.content"))?,
            is_error: result.is_error,
        })
    }
}

/// A text without anything to read is refused by the Messages API, and says nothing.
fn text_block(text: &str) -> Option<BlockKind<'_>> {
    (!text.trim().is_empty()).then_some(BlockKind::Text(Cow::Borrowed(text)))
}

/// The ids of tool calls. The Messages API takes `^[a-zA-Z0-9_-]+$`; any other id gets a new one, the same for the
/// call and its result.
struct Ids<'r>(HashMap<&'r str, String>);

impl<'r> Ids<'r> {
    fn of(messages: &'r [Message]) -> Self {
        let ids: Vec<&str> = messages
            .iter()
            .flat_map(|message| &message.parts)
            .filter_map(|part| match &part.kind {
                PartKind::ToolCall(call) => Some(call.id.as_str()),
                PartKind::ToolResult(result) => Some(result.call_id.as_str()),
                _ => None,
            })
            .collect();
        let mut taken: HashSet<String> = HashSet::new();
        let mut renamed = HashMap::new();
        if ids.iter().all(|id| is_valid(id)) {
            return Self(renamed);
        }
        taken.extend(
            ids.iter()
                .filter(|id| is_valid(id))
                .map(|id| (*id).to_owned()),
        );
        for id in ids.into_iter().filter(|id| !is_valid(id)) {
            if renamed.contains_key(id) {
                continue;
            }
            let fit = |c: char| if is_valid_char(c) { c } else { '_' };
            let mut name: String = id.chars().map(fit).collect();
            while name.is_empty() || !taken.insert(name.clone()) {
                name.push('_');
            }
            renamed.insert(id, name);
        }
        Self(renamed)
    }

    fn get(&self, id: &'r str) -> Cow<'r, str> {
        match self.0.get(id) {
            Some(name) => Cow::Owned(name.clone()),
            None => Cow::Borrowed(id),
        }
    }
}

fn is_valid(id: &str) -> bool {
    !id.is_empty() && id.chars().all(is_valid_char)
}

fn is_valid_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '-'
}
