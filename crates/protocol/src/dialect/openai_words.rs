//! Values that OpenAI's two formats write with the same words, in different places.

use crate::dialect::{DialectId, First, NameRule};
use crate::ir::{Loss, StopReason};

/// The longest `user` that OpenAI takes, in characters. Anthropic's clients send longer ones (`metadata.user_id`).
/// <https://platform.openai.com/docs/api-reference/chat/create#chat_create-safety_identifier>
const USER_MAX: usize = 64;

/// Which names of tools are taken.
/// <https://platform.openai.com/docs/api-reference/chat/create#chat_create-tools> (2026-11)
pub(in crate::dialect) const TOOL_NAMES: &NameRule = &NameRule {
    longest: 64,
    marks: &['_', '-'],
    first: First::Any,
};

/// The service tier for one named by any dialect.
pub(in crate::dialect) fn service_tier(named: Option<&str>) -> Option<&str> {
    match named {
        // Anthropic's word for "never the priority tier".
        Some("standard_only") => Some("default"),
        tier => tier,
    }
}

/// The client's name for its end user.
pub(in crate::dialect) fn user<'r>(
    named: Option<&'r str>,
    losses: &mut Vec<Loss>,
) -> Option<&'r str> {
    let taken = named.filter(|user| user.chars().count() <= USER_MAX);
    if taken.is_none() && named.is_some() {
        losses.push(Loss::dropped("user"));
    }
    taken
}

/// What `dialect` cannot say of why an answer ended, if it has as few words as these two: one for several reasons, and none
/// for the text that ended it (`by_text`).
pub(in crate::dialect) fn stop_losses(
    reason: &StopReason,
    by_text: bool,
    dialect: DialectId,
) -> impl Iterator<Item = Loss> + use<> {
    let nearly = match reason {
        StopReason::ContextWindow
        | StopReason::Pause
        | StopReason::Refusal
        | StopReason::MalformedCall
        | StopReason::MalformedOutput => true,
        StopReason::Stop
        | StopReason::StopSequence
        | StopReason::Length
        | StopReason::ToolCalls
        | StopReason::ContentFilter
        | StopReason::Other(..) => false,
    };
    let approximated = nearly.then(|| Loss::approximated("stop_reason"));
    let dropped = by_text.then(|| Loss::dropped("stop_sequence"));
    let unsaid = reason.lost_to(dialect);
    approximated.into_iter().chain(dropped).chain(unsaid)
}
