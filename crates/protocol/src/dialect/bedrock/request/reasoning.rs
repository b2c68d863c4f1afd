//! How much the model thinks, in the words of its family, and what that forbids. The one place that maps between effort,
//! budget and modes here.
//!
//! | asked for | Claude, or unknown | Nova | gpt-oss |
//! | --- | --- | --- | --- |
//! | nothing | — | — | — |
//! | off, or effort `none` | `thinking` `disabled` | `reasoningConfig` `disabled` | lost |
//! | adaptive | `thinking` `adaptive`, `outputConfig.effort` | as an effort | as an effort |
//! | a budget | `thinking` `enabled` with it, and the effort if both were given | the effort it stands for | likewise |
//! | on, with an effort | `thinking` `enabled` with the budget it stands for, at most ⅘ of the limit | `maxReasoningEffort` | `reasoning_effort` |
//! | on, no more | with the budget of `medium` | `medium` | `medium` |
//! | an effort, not on | `outputConfig.effort` | `maxReasoningEffort` | `reasoning_effort` |
//!
//! Other models think as they like, and nothing is said to them.
//! <https://docs.aws.amazon.com/bedrock/latest/userguide/claude-messages-extended-thinking.html>,
//! <https://docs.aws.amazon.com/nova/latest/nova2-userguide/extended-thinking.html> (2026-11)

use super::super::family::Family;
use super::part_blocks::Conversation;
use super::tools;
use crate::ir::{Effort, Loss, ReasoningRequest, Request, ToolChoice};

/// The least budget that Claude takes.
const LEAST_BUDGET: u64 = 1024;

/// What goes into a request.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Plan {
    /// Claude's `thinking`.
    pub(super) mode: Option<Mode>,
    /// `outputConfig.effort`.
    pub(super) effort: Option<Effort>,
    /// Nova's `reasoningConfig`: off, or so hard.
    pub(super) nova: Option<Option<Effort>>,
    /// `reasoning_effort`.
    pub(super) gpt: Option<Effort>,
}

/// The mode of Claude's thinking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Disabled,
    Enabled { budget: u64 },
    Adaptive,
}

impl Plan {
    /// Whether Claude thinks, so that sampling and tool choice are restricted.
    pub(super) fn thinks(&self) -> bool {
        matches!(self.mode, Some(Mode::Enabled { .. } | Mode::Adaptive))
    }
}

/// Decides how the model thinks.
pub(super) fn plan(
    request: &Request,
    family: Family,
    conversation: &Conversation<'_>,
    losses: &mut Vec<Loss>,
) -> Plan {
    let Some(asked) = &request.reasoning else {
        return Plan::default();
    };
    match family {
        Family::Claude | Family::Unknown => claude(request, asked, conversation, losses),
        Family::Nova => Plan {
            nova: Some(level(asked, losses)),
            ..Plan::default()
        },
        Family::GptOss => {
            let gpt = level(asked, losses);
            if gpt.is_none() {
                losses.push(Loss::dropped(asked.field()));
            }
            Plan {
                gpt,
                ..Plan::default()
            }
        }
        Family::Other => {
            if !asked.is_off() {
                losses.push(Loss::dropped(asked.field()));
            }
            Plan::default()
        }
    }
}

/// One of the three levels that Nova and gpt-oss know; `None` for off.
fn level(asked: &ReasoningRequest, losses: &mut Vec<Loss>) -> Option<Effort> {
    if asked.is_off() {
        return None;
    }
    let budgeted = asked.budget_tokens.map(Effort::of_budget);
    let wanted = asked.effort.or(budgeted).unwrap_or(Effort::Medium);
    let level = wanted.clamp(Effort::Low, Effort::High);
    if level != wanted || asked.effort.is_none() && budgeted.is_some() {
        losses.push(Loss::approximated(asked.field()));
    }
    Some(level)
}

fn claude(
    request: &Request,
    asked: &ReasoningRequest,
    conversation: &Conversation<'_>,
    losses: &mut Vec<Loss>,
) -> Plan {
    let limit = request.max_output_tokens.or(request.model_max_output);
    let mode = mode(asked, limit, losses);
    let mut plan = Plan {
        mode,
        effort: effort(asked, mode, losses),
        ..Plan::default()
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

/// What `outputConfig.effort` says.
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
