//! The words by which answers say why they ended, as a table: for the dialects whose words and the canonical reasons
//! correspond line by line. What the words are, each dialect says.

use super::DialectId;
use crate::ir::{Choice, PartKind, StopReason};

/// Words and reasons. Of several lines with a word, reading takes the first; of several with a reason, writing does.
pub(in crate::dialect) type StopWords = [(&'static str, StopReason)];

/// What else an answer holds that bears on its end.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::dialect) struct Said {
    /// It calls a tool.
    pub(in crate::dialect) tool_call: bool,
    /// It declines.
    pub(in crate::dialect) refusal: bool,
}

impl Said {
    /// What a whole answer says.
    pub(in crate::dialect) fn by(choice: &Choice) -> Self {
        let any = |is: fn(&PartKind) -> bool| choice.parts.iter().any(|part| is(&part.kind));
        Self {
            tool_call: any(|kind| matches!(kind, PartKind::ToolCall(_))),
            refusal: any(|kind| matches!(kind, PartKind::Refusal(_))),
        }
    }
}

/// The reason that a word of this dialect stands for.
pub(in crate::dialect) fn read(words: &StopWords, dialect: DialectId, word: &str) -> StopReason {
    let known = words.iter().find(|(known, _)| *known == word);
    match known {
        Some((_, reason)) => reason.clone(),
        None => StopReason::Other(dialect, word.to_owned()),
    }
}

/// The word for a reason, or the one for a plain end where it has none.
pub(in crate::dialect) fn word(words: &StopWords, reason: &StopReason) -> &'static str {
    let find = |wanted: &StopReason| words.iter().find(|(_, reason)| reason == wanted);
    let found = find(reason).or_else(|| find(&StopReason::Stop));
    found.map_or("", |(word, _)| word)
}

/// The word for an end: of words that are in no table only the dialect's own leave. Other dialects say plainly "stop" where
/// these have a word for a call or a refusal.
pub(in crate::dialect) fn write<'w>(
    words: &StopWords,
    dialect: DialectId,
    reason: Option<&'w StopReason>,
    said: Said,
) -> &'w str {
    match reason {
        None | Some(StopReason::Stop) if said.tool_call => word(words, &StopReason::ToolCalls),
        None | Some(StopReason::Stop) if said.refusal => word(words, &StopReason::Refusal),
        None => word(words, &StopReason::Stop),
        Some(StopReason::Other(from, word)) if *from == dialect => word,
        Some(reason) => word(words, reason),
    }
}
