//! Arranges a conversation as Converse wants it: instructions apart, `user` and `assistant` in turn beginning with `user`,
//! the results of one turn's tool calls together at the head of the next, a text beside every document, no empty text.
//! <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Message.html> (2026-11)

use super::super::ID;
use super::super::blocks::{Block, BlockKind};
use super::super::family::Family;
use super::call_ids::Ids;
use super::documents::Names;
use super::part_blocks::PartReader;
use crate::ir::{Extra, Loss, Malformed, Request, Role};
use std::borrow::Cow;

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

/// What a turn says where Converse demands a text and the client has none.
const FILLER: &str = "Continue.";

/// Arranges the conversation of a request.
///
/// # Errors
/// When a part cannot be said at all.
pub(super) fn arrange<'r>(
    request: &'r Request,
    family: Family,
    losses: &mut Vec<Loss>,
) -> Result<Conversation<'r>, Malformed> {
    let ids = Ids::of(&request.messages);
    let mut conversation = Conversation::default();
    let mut reader = PartReader {
        ids: &ids,
        family,
        documents: Names::default(),
        losses,
    };
    for (index, message) in request.messages.iter().enumerate() {
        let at = format!("messages[{index}]");
        reader.losses.extend(message.lost_to(ID, &at));
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
        turn.put_text_beside_documents(losses);
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
        let first = self.turns.first().map(|turn| turn.speaker);
        if first == Some(Speaker::User) {
            return;
        }
        losses.push(Loss::approximated("messages"));
        let block = match first {
            None => self.system.pop(),
            Some(_) => None,
        };
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

    /// Whether the model is in the middle of calling tools, in a turn that does not begin with its reasoning.
    pub(super) fn continues_tools_without_reasoning(&self) -> bool {
        let [.., model, results] = self.turns.as_slice() else {
            return false;
        };
        let answers_tools = results
            .blocks
            .iter()
            .any(|block| matches!(block.kind, BlockKind::ToolResult { .. }));
        let reasoned = model.blocks.first().is_some_and(|block| {
            matches!(
                block.kind,
                BlockKind::Reasoning { .. } | BlockKind::Redacted(_)
            )
        });
        answers_tools && !reasoned
    }
}

impl Turn<'_> {
    fn put_results_first(&mut self) {
        self.blocks
            .sort_by_key(|block| !matches!(block.kind, BlockKind::ToolResult { .. }));
    }

    /// A document goes only with a text in the same turn.
    fn put_text_beside_documents(&mut self, losses: &mut Vec<Loss>) {
        let any = |is: fn(&BlockKind<'_>) -> bool| self.blocks.iter().any(|block| is(&block.kind));
        let document =
            any(|kind| matches!(kind, BlockKind::Medium(medium) if medium.member == "document"));
        if document && !any(|kind| matches!(kind, BlockKind::Text(_))) {
            losses.push(Loss::approximated("messages"));
            self.blocks.push(filler());
        }
    }
}

fn filler<'r>() -> Block<'r> {
    Block::new(BlockKind::Text(Cow::Borrowed(FILLER)))
}
