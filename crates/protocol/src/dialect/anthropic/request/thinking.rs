//! How much the model thinks, which [`claude_thinking`] decides, and the limit of output tokens that goes with it.

use super::part_blocks::Conversation;
use super::tools;
use crate::dialect::claude_models::Claude;
use crate::dialect::claude_thinking::{self, Mode};
use crate::ir::{Loss, Request};

/// The limit of output tokens where neither the client nor the catalogue set one (the API demands one). Every model
/// of this dialect can write as much.
pub(super) const DEFAULT_MAX_TOKENS: u64 = 4096;

/// What goes into a request.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Plan {
    /// `thinking` and `output_config.effort`.
    pub(super) thinking: claude_thinking::Plan,
    /// `max_tokens`.
    pub(super) max_tokens: u64,
}

/// Decides how the model thinks.
pub(super) fn plan(
    request: &Request,
    conversation: &Conversation<'_>,
    losses: &mut Vec<Loss>,
) -> Plan {
    let limit = request.max_output_tokens.or(request.model_max_output);
    let Some(asked) = &request.reasoning else {
        return Plan {
            max_tokens: limit.unwrap_or(DEFAULT_MAX_TOKENS),
            ..Plan::default()
        };
    };
    let mut thinking = claude_thinking::Plan::of(asked, Claude::asked(request), limit, losses);
    let max_tokens = limit.unwrap_or(match thinking.mode {
        Some(Mode::Enabled { budget }) => budget.saturating_add(DEFAULT_MAX_TOKENS),
        Some(Mode::Disabled | Mode::BetweenTools | Mode::Adaptive) | None => DEFAULT_MAX_TOKENS,
    });
    thinking.heed(asked, tools::choice(request), conversation, losses);
    Plan {
        thinking,
        max_tokens,
    }
}
