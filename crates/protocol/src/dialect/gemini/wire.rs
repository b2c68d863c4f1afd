//! Why an answer ended, as this dialect writes it in whole answers and in streams.
//! <https://ai.google.dev/api/generate-content#FinishReason> (2026-11)

use super::ID;
use crate::dialect::stop_words::{self, Said, StopWords};
use crate::ir::StopReason;

/// How `finishReason` and the canonical reasons correspond. Of several lines with a word, reading takes the first; of
/// several with a reason, writing does.
const FINISH_REASONS: &StopWords = &[
    ("STOP", StopReason::Stop),
    ("STOP", StopReason::StopSequence),
    ("STOP", StopReason::ToolCalls),
    ("STOP", StopReason::Pause),
    ("MAX_TOKENS", StopReason::Length),
    ("MAX_TOKENS", StopReason::ContextWindow),
    ("SAFETY", StopReason::ContentFilter),
    ("SAFETY", StopReason::Refusal),
    ("RECITATION", StopReason::ContentFilter),
    ("LANGUAGE", StopReason::ContentFilter),
    ("BLOCKLIST", StopReason::ContentFilter),
    ("PROHIBITED_CONTENT", StopReason::ContentFilter),
    ("SPII", StopReason::ContentFilter),
    ("IMAGE_SAFETY", StopReason::ContentFilter),
    ("IMAGE_PROHIBITED_CONTENT", StopReason::ContentFilter),
    ("IMAGE_RECITATION", StopReason::ContentFilter),
    ("MODEL_ARMOR", StopReason::ContentFilter),
    ("MALFORMED_FUNCTION_CALL", StopReason::MalformedCall),
    ("MALFORMED_RESPONSE", StopReason::MalformedOutput),
];

/// Words that have no canonical reason. Clients know them, and no others.
const OTHERS: &[&str] = &[
    "OTHER",
    "UNEXPECTED_TOOL_CALL",
    "TOO_MANY_TOOL_CALLS",
    "MISSING_THOUGHT_SIGNATURE",
    "IMAGE_OTHER",
    "NO_IMAGE",
    "ESCALATION",
    "PUP_LIMITED_DISABLED",
    "CONTINUATION",
    "FINISH_REASON_UNSPECIFIED",
];

/// Reads a finish reason. That functions are called, this dialect does not say there.
pub(super) fn read_finish(word: &str, said: Said) -> StopReason {
    match stop_words::read(FINISH_REASONS, ID, word) {
        StopReason::Stop if said.tool_call => StopReason::ToolCalls,
        reason => reason,
    }
}

/// Writes a finish reason.
pub(super) fn write_finish(reason: Option<&StopReason>, said: Said) -> &str {
    match reason {
        None | Some(StopReason::Stop) if said.refusal && !said.tool_call => "SAFETY",
        None => "STOP",
        Some(StopReason::Other(_, word)) => OTHERS
            .iter()
            .find(|known| **known == word)
            .map_or("OTHER", |known| known),
        Some(reason) => stop_words::word(FINISH_REASONS, reason),
    }
}

/// Whether the word for a reason says less than the reason.
pub(super) fn is_approximated(reason: &StopReason) -> bool {
    match reason {
        StopReason::Pause | StopReason::ContextWindow | StopReason::Refusal => true,
        StopReason::Other(ID, word) => !OTHERS.contains(&word.as_str()),
        StopReason::Stop
        | StopReason::StopSequence
        | StopReason::Length
        | StopReason::ToolCalls
        | StopReason::ContentFilter
        | StopReason::MalformedCall
        | StopReason::MalformedOutput
        | StopReason::Other(..) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finish_reasons_go_both_ways() {
        let call = Said {
            tool_call: true,
            refusal: false,
        };
        for (word, reason) in FINISH_REASONS {
            let written = write_finish(Some(reason), Said::default());
            assert_eq!(
                read_finish(word, Said::default()),
                read_finish(written, Said::default()),
                "{word}"
            );
        }
        assert_eq!(read_finish("STOP", call), StopReason::ToolCalls);
        assert_eq!(read_finish("MAX_TOKENS", call), StopReason::Length);
        for word in OTHERS {
            let read = read_finish(word, Said::default());
            assert_eq!(write_finish(Some(&read), Said::default()), *word);
            assert!(!is_approximated(&read));
        }
        let new = read_finish("NEW_WORD", Said::default());
        assert_eq!(write_finish(Some(&new), Said::default()), "OTHER");
        assert_eq!(write_finish(None, call), "STOP");
    }
}
