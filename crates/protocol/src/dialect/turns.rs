//! A conversation as dialects want it that know two speakers in turn: instructions apart, `user` and `assistant` one after
//! the other beginning with `user`, the results of one turn's tool calls together at the head of the next. What a block is
//! and how it is written is the dialect's; nothing here knows one.

use super::DialectId;
use super::write::Object;
use crate::ir::{Extra, Loss, Malformed, Message, Part, Role};
use std::borrow::Cow;
use std::collections::HashSet;

/// A content block, as far as arranging needs to know it.
pub(in crate::dialect) trait Block<'r> {
    /// A block of text.
    fn text(text: &'r str) -> Self;

    /// The text of one that is no more than that.
    fn as_text(&mut self) -> Option<&mut Cow<'r, str>>;

    /// Whether it is what a tool answered.
    fn is_tool_result(&self) -> bool;

    /// Whether it is reasoning, open or encrypted.
    fn is_reasoning(&self) -> bool;

    /// The name of the tool that it calls.
    fn called_tool(&self) -> Option<&'r str>;
}

/// Makes blocks of the parts of a conversation, and notes what is lost on the way.
pub(in crate::dialect) trait ReadParts<'r> {
    /// What it makes.
    type Block: Block<'r>;

    /// For whom.
    const DIALECT: DialectId;

    /// What is lost so far.
    fn losses(&mut self) -> &mut Vec<Loss>;

    /// Appends the blocks of one part, which stands at `at`.
    ///
    /// # Errors
    /// When the part cannot be said at all.
    fn part(
        &mut self,
        part: &'r Part,
        role: Role,
        at: &str,
        out: &mut Vec<Self::Block>,
    ) -> Result<(), Malformed>;

    /// The blocks of a list of parts, which stands at `at`.
    ///
    /// # Errors
    /// When a part cannot be said at all.
    fn parts(
        &mut self,
        parts: &'r [Part],
        role: Role,
        at: &str,
    ) -> Result<Vec<Self::Block>, Malformed> {
        let mut blocks = Vec::with_capacity(parts.len());
        for (index, part) in parts.iter().enumerate() {
            self.part(part, role, &format!("{at}[{index}]"), &mut blocks)?;
        }
        Ok(blocks)
    }
}

/// A conversation that can be written.
#[derive(Debug)]
pub(in crate::dialect) struct Conversation<'r, B> {
    /// The instructions, in their order.
    pub(in crate::dialect) system: Vec<B>,
    /// The turns, the first one the user's.
    pub(in crate::dialect) turns: Vec<Turn<'r, B>>,
}

/// One turn.
#[derive(Debug)]
pub(in crate::dialect) struct Turn<'r, B> {
    pub(in crate::dialect) speaker: Speaker,
    pub(in crate::dialect) blocks: Vec<B>,
    /// Unknown fields of the messages that went into it.
    pub(in crate::dialect) extra: Vec<&'r Extra>,
}

/// Whose turn it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::dialect) enum Speaker {
    User,
    Assistant,
}

impl Speaker {
    /// The word for the `role` of a turn.
    fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Assistant => "assistant",
        }
    }
}

/// Why a conversation is refused that ends in a blank turn of the user's: the model would answer what nobody asked.
pub(in crate::dialect) const NOTHING_ASKED: &str =
    "must say something: this model would be asked nothing";

/// What a turn says where a text is demanded and the client has none.
pub(in crate::dialect) const FILLER: &str = "Continue.";

/// Arranges a conversation.
///
/// # Errors
/// When a part cannot be said at all.
pub(in crate::dialect) fn arrange<'r, R: ReadParts<'r>>(
    messages: &'r [Message],
    reader: &mut R,
) -> Result<Conversation<'r, R::Block>, Malformed> {
    let mut conversation = Conversation {
        system: Vec::new(),
        turns: Vec::new(),
    };
    for (index, message) in messages.iter().enumerate() {
        let at = format!("messages[{index}]");
        reader.losses().extend(message.lost_to(R::DIALECT, &at));
        let blocks = reader.parts(&message.parts, message.role, &format!("{at}.content"))?;
        if blocks.is_empty() && message.role == Role::User && index + 1 == messages.len() {
            return Err(Malformed::field(at, NOTHING_ASKED));
        }
        let speaker = match message.role {
            Role::System | Role::Developer => {
                if !conversation.turns.is_empty() && !blocks.is_empty() {
                    reader.losses().push(Loss::approximated(at));
                }
                conversation.system.extend(blocks);
                continue;
            }
            Role::User => Speaker::User,
            Role::Assistant => Speaker::Assistant,
        };
        conversation.add(speaker, blocks, &message.extra);
    }
    if conversation.turns.is_empty() && conversation.system.is_empty() {
        return Err(Malformed::field("messages", NOTHING_ASKED));
    }
    conversation.begin_with_user(reader.losses());
    for turn in &mut conversation.turns {
        turn.blocks.sort_by_key(|block| !block.is_tool_result());
    }
    conversation.trim_prefill(reader.losses());
    Ok(conversation)
}

impl<'r, B: Block<'r>> Conversation<'r, B> {
    /// Adds what one message says, to the open turn if it has the same speaker.
    fn add(&mut self, speaker: Speaker, blocks: Vec<B>, extra: &'r Extra) {
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
                blocks: vec![block.unwrap_or_else(|| B::text(FILLER))],
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
        let Some(text) = last
            .and_then(|turn| turn.blocks.last_mut())
            .and_then(B::as_text)
        else {
            return;
        };
        let kept = text.trim_end().len();
        if kept < text.len() {
            text.to_mut().truncate(kept);
            losses.push(Loss::approximated("messages"));
        }
    }

    /// Lets the user speak last, for models that refuse to go on with an answer which the client began.
    pub(in crate::dialect) fn end_with_user(&mut self, losses: &mut Vec<Loss>) {
        let last = self.turns.last().map(|turn| turn.speaker);
        if last != Some(Speaker::Assistant) {
            return;
        }
        let bent = Loss::approximated("messages");
        if !losses.contains(&bent) {
            losses.push(bent);
        }
        self.turns.push(Turn {
            speaker: Speaker::User,
            blocks: vec![B::text(FILLER)],
            extra: Vec::new(),
        });
    }

    /// Whether the model is in the middle of calling tools, and did not begin with its reasoning: before the first of the last
    /// set of calls and results.
    pub(in crate::dialect) fn continues_tools_without_reasoning(&self) -> bool {
        let pairs = self.turns.rchunks_exact(2);
        let begun = pairs.map_while(|pair| match pair {
            [model, results] if results.blocks.iter().any(B::is_tool_result) => Some(model),
            _ => None,
        });
        let begun = begun.last();
        begun.is_some_and(|model| !model.blocks.first().is_some_and(B::is_reasoning))
    }

    /// Writes `messages`; `content` writes the blocks of a turn, as its member `content`.
    pub(in crate::dialect) fn write(
        &self,
        o: &mut Object<'_>,
        dialect: DialectId,
        content: impl Fn(&mut Object<'_>, &[B]),
    ) {
        o.list("messages", |list| {
            for turn in &self.turns {
                list.object(|o| {
                    o.value("role", turn.speaker.as_str());
                    content(o, &turn.blocks);
                    for extra in &turn.extra {
                        o.extra(extra, dialect);
                    }
                });
            }
        });
    }

    /// The names of the tools that are called, each once, in their order.
    pub(in crate::dialect) fn called_tools(&self) -> Vec<&'r str> {
        let blocks = self.turns.iter().flat_map(|turn| &turn.blocks);
        let mut seen = HashSet::new();
        blocks
            .filter_map(B::called_tool)
            .filter(|name| seen.insert(*name))
            .collect()
    }
}
