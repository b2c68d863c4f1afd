//! How much the model thinks, in the words of its family: of Claude, or where the family is unknown, as [`claude_thinking`]
//! decides; of the others so:
//!
//! | asked for | Nova | gpt-oss |
//! | --- | --- | --- |
//! | nothing | — | — |
//! | off, or effort `none` | `reasoningConfig` `disabled` | lost |
//! | a budget | the effort it stands for | likewise |
//! | an effort | `maxReasoningEffort` | `reasoning_effort` |
//! | on, or adaptive, no more | `medium` | `medium` |
//!
//! Models of no family that is known think as they like, and nothing is said to them.
//! <https://docs.aws.amazon.com/bedrock/latest/userguide/claude-messages-extended-thinking.html>,
//! <https://docs.aws.amazon.com/nova/latest/nova2-userguide/extended-thinking.html> (2026-11)

use super::super::family::Family;
use super::part_blocks::Conversation;
use super::tools;
use crate::dialect::claude_models::Claude;
use crate::dialect::claude_thinking;
use crate::ir::{Effort, Loss, ReasoningRequest, ReasoningSummary, Request};

/// What goes into a request.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Plan {
    /// Claude's `thinking` and `outputConfig.effort`.
    pub(super) claude: claude_thinking::Plan,
    /// Nova's `reasoningConfig`: off, or so hard.
    pub(super) nova: Option<Option<Effort>>,
    /// `reasoning_effort`.
    pub(super) gpt: Option<Effort>,
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
    note_summary(asked, family, losses);
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

/// Only Claude can be told what to show; the others show what they like.
fn note_summary(asked: &ReasoningRequest, family: Family, losses: &mut Vec<Loss>) {
    let said = match asked.summary {
        None | Some(ReasoningSummary::Auto | ReasoningSummary::Unasked) => false,
        Some(
            ReasoningSummary::Omitted | ReasoningSummary::Concise | ReasoningSummary::Detailed,
        ) => !asked.is_off(),
    };
    if said && matches!(family, Family::Nova | Family::GptOss | Family::Other) {
        losses.push(Loss::dropped("reasoning.summary"));
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
    let mut claude = claude_thinking::Plan::of(asked, Claude::asked(request), limit, losses);
    claude.heed(asked, tools::choice(request), conversation, losses);
    Plan {
        claude,
        ..Plan::default()
    }
}
