//! How much the model thinks, and what that forbids. The one place that maps between effort, budget and modes.
//!
//! | asked for | `thinking` | `output_config.effort` |
//! | --- | --- | --- |
//! | nothing | — | — |
//! | off, or effort `none` | `disabled` | — |
//! | adaptive | `adaptive` | the effort, or the one that the budget stands for |
//! | a budget | `enabled` with it | the effort, if both were given |
//! | on, with an effort | `enabled` with the budget it stands for ([`Effort::budget_tokens`]), at most ⅘ of the limit | — |
//! | on, no more | `enabled` with the budget of `medium` | — |
//! | an effort, not on | — | the effort (Anthropic's own meaning: how much to spend in all) |
//!
//! Models differ in which mode they take: old ones know no `adaptive`, the newest no `enabled`. That is the catalogue's
//! knowledge: whoever encodes sets [`crate::ir::ReasoningRequest::adaptive`] for the model at hand.
//! <https://platform.claude.com/docs/en/build-with-claude/extended-thinking>,
//! <https://platform.claude.com/docs/en/build-with-claude/effort>

use super::part_blocks::Conversation;
use super::tools;
use crate::ir::{Effort, Loss, ReasoningRequest, Request, ToolChoice};

/// The limit of output tokens where neither the client nor the catalogue set one (the API demands one). Every model
/// of this dialect can write as much.
pub(super) const DEFAULT_MAX_TOKENS: u64 = 4096;

/// The least budget that the API takes.
const LEAST_BUDGET: u64 = 1024;

/// What goes into a request.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Plan {
    /// `thinking`.
    pub(super) mode: Option<Mode>,
    /// `output_config.effort`.
    pub(super) effort: Option<Effort>,
    /// `max_tokens`.
    pub(super) max_tokens: u64,
}

/// The mode of thinking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Disabled,
    Enabled { budget: u64 },
    Adaptive,
}

impl Plan {
    /// Whether the model thinks, so that sampling and tool choice are restricted.
    pub(super) fn thinks(&self) -> bool {
        matches!(self.mode, Some(Mode::Enabled { .. } | Mode::Adaptive))
    }
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
    let mode = mode(asked, limit, losses);
    let max_tokens = limit.unwrap_or(match mode {
        Some(Mode::Enabled { budget }) => budget.saturating_add(DEFAULT_MAX_TOKENS),
        Some(Mode::Disabled | Mode::Adaptive) | None => DEFAULT_MAX_TOKENS,
    });
    let mut plan = Plan {
        effort: effort(asked, mode, losses),
        mode,
        max_tokens,
    };
    if plan.thinks() && cannot_think(request, conversation, mode) {
        // What is not sent at all was not approximated either.
        losses.retain(|loss| loss.field != asked.field());
        losses.push(Loss::dropped(asked.field()));
        plan.mode = None;
    }
    plan
}

/// The mode that was asked for, its budget within bounds.
fn mode(asked: &ReasoningRequest, limit: Option<u64>, losses: &mut Vec<Loss>) -> Option<Mode> {
    if asked.is_off() {
        return Some(Mode::Disabled);
    }
    if asked.adaptive {
        return Some(Mode::Adaptive);
    }
    let most = limit.map_or(u64::MAX, |limit| limit.saturating_sub(1));
    let (wanted, exact) = match (asked.budget_tokens, asked.effort, asked.enabled) {
        (Some(budget), _, _) => (budget, (LEAST_BUDGET..=most).contains(&budget)),
        (None, Some(effort), Some(true)) => {
            let share = limit.map_or(u64::MAX, |limit| limit / 5 * 4);
            (effort.budget_tokens().min(share), false)
        }
        (None, None, Some(true)) => (Effort::Medium.budget_tokens(), true),
        (None, _, _) => return None,
    };
    if most < LEAST_BUDGET {
        losses.push(Loss::dropped(asked.field()));
        return None;
    }
    if !exact {
        losses.push(Loss::approximated(asked.field()));
    }
    Some(Mode::Enabled {
        budget: wanted.clamp(LEAST_BUDGET, most),
    })
}

/// What `output_config.effort` says.
fn effort(asked: &ReasoningRequest, mode: Option<Mode>, losses: &mut Vec<Loss>) -> Option<Effort> {
    let effort = match mode {
        Some(Mode::Disabled) => asked.effort.filter(|effort| *effort != Effort::None),
        Some(Mode::Adaptive) => asked.effort.or_else(|| {
            losses.extend(
                asked
                    .budget_tokens
                    .map(|_| Loss::approximated(asked.field())),
            );
            asked.budget_tokens.map(Effort::of_budget)
        }),
        Some(Mode::Enabled { .. }) => asked.effort.filter(|_| asked.budget_tokens.is_some()),
        None => asked.effort.filter(|_| asked.enabled.is_none()),
    }?;
    if effort == Effort::Minimal {
        losses.push(Loss::approximated(asked.field()));
        return Some(Effort::Low);
    }
    Some(effort)
}

/// Thinking goes with no forced tool; and with a budget a turn that called tools must begin with its own thinking,
/// which a client of another dialect cannot give back.
fn cannot_think(request: &Request, conversation: &Conversation<'_>, mode: Option<Mode>) -> bool {
    let forced = matches!(
        tools::choice(request),
        Some(ToolChoice::Required | ToolChoice::Named(_))
    );
    let budgeted = matches!(mode, Some(Mode::Enabled { .. }));
    forced || (budgeted && conversation.continues_tools_without_reasoning())
}
