//! How much Claude thinks, what of it is shown, and what that forbids: the one place that maps between effort, budget and
//! modes, for the dialects that reach Claude. Where each writes it is its own affair.
//!
//! | asked for | a model of budgets | an adaptive model | one of both |
//! | --- | --- | --- | --- |
//! | off, or effort `none` | `disabled` | the same, or what it has in its place | `disabled` |
//! | adaptive | `enabled` with the budget of the effort, or of `medium` | `adaptive` | `adaptive` |
//! | a budget | `enabled` with it | `adaptive` with the effort that it stands for | `enabled` with it |
//! | on, with an effort | `enabled` with the budget that it stands for ([`Effort::budget_tokens`]), at most ⅘ of the limit | `adaptive` with the effort | likewise |
//! | on, no more | `enabled` with the budget of `medium` | `adaptive` | `adaptive` |
//! | an effort, not on | the effort (Anthropic's own meaning: how much to spend in all) | likewise | likewise |
//!
//! A model that nobody knows is told what was asked for: `adaptive` where the client said so, else a budget. Which model is
//! of which kind, and which efforts it knows, stands in [`claude_models`](super::claude_models).
//! <https://platform.claude.com/docs/en/build-with-claude/extended-thinking>,
//! <https://platform.claude.com/docs/en/build-with-claude/effort>

use super::DialectId;
use super::claude_models::{Claude, Off, Thinking};
use super::turns::{Block, Conversation};
use super::write::Object;
use crate::ir::{Effort, Loss, ReasoningRequest, ReasoningSummary, Request, ToolChoice};

/// The least budget that Claude takes, in tokens.
const LEAST_BUDGET: u64 = 1024;

/// What goes into a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::dialect) struct Plan {
    /// The mode, where one is said.
    pub(in crate::dialect) mode: Option<Mode>,
    /// The effort, where one is said.
    pub(in crate::dialect) effort: Option<Effort>,
    /// What is shown of it, where it is said ([`Self::heed`] decides).
    display: Option<&'static str>,
}

/// The mode of thinking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::dialect) enum Mode {
    Disabled,
    BetweenTools,
    Enabled { budget: u64 },
    Adaptive,
}

impl Plan {
    /// What was asked for, as the model takes it, the budget within bounds; `limit` is the limit of output tokens.
    pub(in crate::dialect) fn of(
        asked: &ReasoningRequest,
        model: Claude,
        limit: Option<u64>,
        losses: &mut Vec<Loss>,
    ) -> Self {
        let mode = mode(asked, model, limit, losses);
        let effort = effort(asked, model, mode, losses);
        Self {
            mode,
            effort,
            display: None,
        }
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
            None | Some(Mode::Disabled | Mode::BetweenTools) => false,
            Some(Mode::Adaptive) => forced,
            Some(Mode::Enabled { .. }) => forced || bare(),
        };
        if forbidden {
            // What is not sent at all was not approximated either.
            losses.retain(|loss| loss.field != asked.field());
            losses.push(Loss::dropped(asked.field()));
            self.mode = None;
        }
        self.display = self.shown(asked, losses);
    }

    /// The newest models show nothing unless it is asked for, so that a wish to see must not get lost.
    fn shown(&self, asked: &ReasoningRequest, losses: &mut Vec<Loss>) -> Option<&'static str> {
        // What a budget shows by default, a model that is told `adaptive` in its place does not.
        let in_place = asked.shown_unasked && self.mode == Some(Mode::Adaptive);
        let by_default = in_place.then_some(ReasoningSummary::Auto);
        match asked.summary.or(by_default)? {
            ReasoningSummary::Omitted | ReasoningSummary::Unasked => {
                return self.thinks().then_some(OMITTED);
            }
            _ if asked.is_off() => return None,
            _ if !self.thinks() => {
                losses.push(Loss::dropped("reasoning.summary"));
                return None;
            }
            ReasoningSummary::Auto => {}
            ReasoningSummary::Concise | ReasoningSummary::Detailed => {
                losses.push(Loss::approximated("reasoning.summary"));
            }
        }
        Some(SUMMARIZED)
    }

    /// Writes `thinking`, if a mode is said; `dialect` is the one whose own extras belong into it.
    pub(in crate::dialect) fn write(
        &self,
        o: &mut Object<'_>,
        request: &Request,
        dialect: DialectId,
    ) {
        let Some(mode) = self.mode else { return };
        o.object("thinking", |o| {
            mode.write(o);
            o.some("display", self.display);
            o.extra_under(&request.extra, dialect, "thinking.");
        });
    }
}

/// The words for what is shown.
const OMITTED: &str = "omitted";
const SUMMARIZED: &str = "summarized";

/// What a client wants to see that says `thinking.display`; `None` for a word that is not known.
pub(in crate::dialect) fn read_display(word: &str) -> Option<ReasoningSummary> {
    match word {
        OMITTED => Some(ReasoningSummary::Omitted),
        SUMMARIZED => Some(ReasoningSummary::Auto),
        _ => None,
    }
}

impl Mode {
    fn write(self, o: &mut Object<'_>) {
        match self {
            Self::Disabled => o.value("type", "disabled"),
            Self::BetweenTools => o.value("type", "between_tools"),
            Self::Adaptive => o.value("type", "adaptive"),
            Self::Enabled { budget } => {
                o.value("type", "enabled");
                o.value("budget_tokens", &budget);
            }
        }
    }
}

fn mode(
    asked: &ReasoningRequest,
    model: Claude,
    limit: Option<u64>,
    losses: &mut Vec<Loss>,
) -> Option<Mode> {
    if asked.is_off() {
        return off(asked, model, losses);
    }
    let is_on = asked.enabled == Some(true) || asked.adaptive || asked.budget_tokens.is_some();
    if !is_on {
        return None;
    }
    match model.thinking {
        Thinking::None => {
            losses.push(Loss::dropped(asked.field()));
            None
        }
        Thinking::Adaptive => Some(Mode::Adaptive),
        Thinking::Both if asked.budget_tokens.is_none() => Some(Mode::Adaptive),
        Thinking::Both | Thinking::Unknown if asked.adaptive => Some(Mode::Adaptive),
        Thinking::Budget | Thinking::Both | Thinking::Unknown => enabled(asked, limit, losses),
    }
}

/// Without thinking, as far as the model can do without.
fn off(asked: &ReasoningRequest, model: Claude, losses: &mut Vec<Loss>) -> Option<Mode> {
    if model.thinking == Thinking::None {
        return None;
    }
    match model.off {
        Off::Disabled | Off::UpToHigh => Some(Mode::Disabled),
        Off::BetweenTools => {
            losses.push(Loss::approximated(asked.field()));
            Some(Mode::BetweenTools)
        }
        Off::Never => {
            losses.push(Loss::dropped(asked.field()));
            None
        }
    }
}

/// Thinking up to a budget, which the limit leaves room for.
fn enabled(asked: &ReasoningRequest, limit: Option<u64>, losses: &mut Vec<Loss>) -> Option<Mode> {
    let most = limit.map_or(u64::MAX, |limit| limit.saturating_sub(1));
    let (wanted, exact) = match (asked.budget_tokens, asked.effort) {
        (Some(budget), _) => (
            budget,
            !asked.adaptive && (LEAST_BUDGET..=most).contains(&budget),
        ),
        (None, Some(effort)) => {
            let share = limit.map_or(u64::MAX, |limit| limit / 5 * 4);
            (effort.budget_tokens().min(share), false)
        }
        (None, None) => (Effort::Medium.budget_tokens(), !asked.adaptive),
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

fn effort(
    asked: &ReasoningRequest,
    model: Claude,
    mode: Option<Mode>,
    losses: &mut Vec<Loss>,
) -> Option<Effort> {
    let said = asked.effort.filter(|effort| *effort != Effort::None);
    let of_budget = asked.budget_tokens.map(Effort::of_budget);
    let wanted = match mode {
        Some(Mode::Disabled | Mode::BetweenTools) => said,
        Some(Mode::Adaptive) => said.or(of_budget),
        Some(Mode::Enabled { .. }) => said.filter(|_| asked.budget_tokens.is_some()),
        None => said.filter(|_| asked.enabled.is_none()),
    }?;
    let highest = match (mode, model.off) {
        (Some(Mode::Disabled), Off::UpToHigh) => Effort::High,
        _ => Effort::Max,
    };
    let known = model.effort(wanted.min(highest));
    let field = match said {
        Some(_) => "reasoning_effort",
        None => asked.field(),
    };
    match known {
        None => losses.push(Loss::dropped(field)),
        Some(known) if known != wanted || said.is_none() => {
            losses.push(Loss::approximated(field));
        }
        Some(_) => {}
    }
    known
}
