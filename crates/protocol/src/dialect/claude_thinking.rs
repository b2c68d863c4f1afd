//! How much Claude thinks, and what that forbids: the one place that maps between effort, budget and modes, for the dialects
//! that reach Claude. Where each writes it is its own affair.
//!
//! | asked for | `thinking` | effort |
//! | --- | --- | --- |
//! | off, or effort `none` | `disabled` | — |
//! | adaptive | `adaptive` | the effort, or the one that the budget stands for |
//! | a budget | `enabled` with it | the effort, if both were given |
//! | on, with an effort | `enabled` with the budget it stands for ([`Effort::budget_tokens`]), at most ⅘ of the limit | — |
//! | on, no more | `enabled` with the budget of `medium` | — |
//! | an effort, not on | — | the effort (Anthropic's own meaning: how much to spend in all) |
//!
//! Models differ in which mode they take: old ones know no `adaptive`, the newest no `enabled`. That is the catalogue's
//! knowledge: whoever encodes sets [`ReasoningRequest::adaptive`] for the model at hand.
//! <https://platform.claude.com/docs/en/build-with-claude/extended-thinking>,
//! <https://platform.claude.com/docs/en/build-with-claude/effort>

use super::turns::{Block, Conversation};
use super::write::Object;
use crate::ir::{Effort, Loss, ReasoningRequest, ToolChoice};

/// The least budget that Claude takes, in tokens.
const LEAST_BUDGET: u64 = 1024;

/// What goes into a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::dialect) struct Plan {
    /// The mode, where one is said.
    pub(in crate::dialect) mode: Option<Mode>,
    /// The effort, where one is said.
    pub(in crate::dialect) effort: Option<Effort>,
}

/// The mode of thinking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::dialect) enum Mode {
    Disabled,
    Enabled { budget: u64 },
    Adaptive,
}

impl Plan {
    /// What was asked for, the budget within bounds; `limit` is the limit of output tokens.
    pub(in crate::dialect) fn of(
        asked: &ReasoningRequest,
        limit: Option<u64>,
        losses: &mut Vec<Loss>,
    ) -> Self {
        let mode = mode(asked, limit, losses);
        let effort = effort(asked, mode, losses);
        Self { mode, effort }
    }

    /// Whether the model thinks, so that sampling and tool choice are restricted.
    pub(in crate::dialect) fn thinks(&self) -> bool {
        matches!(self.mode, Some(Mode::Enabled { .. } | Mode::Adaptive))
    }

    /// Gives thinking up where the request forbids it. It goes with no forced tool; and with a budget a turn that called
    /// tools must begin with its own thinking, which a client of another dialect cannot give back. `choice` is that which
    /// is going to be written.
    pub(in crate::dialect) fn heed<'r, B: Block<'r>>(
        &mut self,
        asked: &ReasoningRequest,
        choice: Option<&ToolChoice>,
        conversation: &Conversation<'r, B>,
        losses: &mut Vec<Loss>,
    ) {
        let forced = choice.is_some_and(ToolChoice::demands_a_call);
        let bare = || conversation.continues_tools_without_reasoning();
        let forbidden = match self.mode {
            None | Some(Mode::Disabled) => false,
            Some(Mode::Adaptive) => forced,
            Some(Mode::Enabled { .. }) => forced || bare(),
        };
        if forbidden {
            // What is not sent at all was not approximated either.
            losses.retain(|loss| loss.field != asked.field());
            losses.push(Loss::dropped(asked.field()));
            self.mode = None;
        }
    }
}

impl Mode {
    /// Writes the members of `thinking`.
    pub(in crate::dialect) fn write(self, o: &mut Object<'_>) {
        match self {
            Self::Disabled => o.value("type", "disabled"),
            Self::Adaptive => o.value("type", "adaptive"),
            Self::Enabled { budget } => {
                o.value("type", "enabled");
                o.value("budget_tokens", &budget);
            }
        }
    }
}

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
