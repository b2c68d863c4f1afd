//! Arranges a conversation as the Messages API wants it: instructions apart, `user` and `assistant` in turn beginning
//! with `user`, the results of one turn's tool calls together at the head of the next, no empty text.
//! <https://platform.claude.com/docs/en/agents-and-tools/tool-use/implement-tool-use>

use super::super::ID;
use super::super::blocks::{Block, BlockKind};
use super::call_ids::Ids;
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
