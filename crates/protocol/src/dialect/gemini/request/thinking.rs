//! How much the model thinks: in tokens up to generation 2.5, in levels from 3 on. Giving both is refused.
//!
//! Up to 2.0 no model thinks, and none is told anything.
//!
//! | asked for | older models | newer ones, and names that do not tell |
//! | --- | --- | --- |
//! | off | `thinkingBudget: 0` | `MINIMAL`, or `LOW` for Pro, which think least; the budget 0 for an unknown name |
//! | adaptive, no more | `thinkingBudget: -1` | nothing, as it is the default; -1 for an unknown name |
//! | a budget | it, at most what the model takes | it; the level of the effort if both are given |
//! | an effort | [`Effort::budget_tokens`] | the level of that name, `HIGH` for all above |
//!
//! Thoughts are asked for (`includeThoughts`) where thinking is on, unless the client wants none.
//! <https://ai.google.dev/gemini-api/docs/thinking> (2026-11)

use super::super::ID;
use super::super::generation::Generation;
use crate::dialect::fields::{self, Fields, Path};
use crate::dialect::write::Object;
use crate::ir::{
    Effort, Extra, Json, Loss, Malformed, ReasoningRequest, ReasoningSummary, Request,
};
use serde_json::value::RawValue;

/// What stands before the names of members that ride along.
const PREFIX: &str = "thinkingConfig.";

/// The budget that leaves it to the model.
const DYNAMIC: i64 = -1;

/// The levels by name.
const LEVELS: &[(&str, Effort)] = &[
    ("MINIMAL", Effort::Minimal),
    ("LOW", Effort::Low),
    ("MEDIUM", Effort::Medium),
    ("HIGH", Effort::High),
    ("XHIGH", Effort::XHigh),
];

/// Whether a client asks for thinking explicitly.
pub(super) fn is_asked_for(raw: &RawValue) -> bool {
    let mut unread = Extra::default();
    let read = read(raw, Path::ROOT, &mut unread).ok().flatten();
    read.is_some_and(|asked| asked.enabled == Some(true))
}

/// Reads `thinkingConfig`.
pub(super) fn read(
    raw: &RawValue,
    at: Path<'_>,
    extra: &mut Extra,
) -> Result<Option<ReasoningRequest>, Malformed> {
    let mut config = Fields::of(raw, at)?.camel_case();
    let mut asked = ReasoningRequest::default();
    // Left out it means no.
    let shown = config.boolean("includeThoughts")?;
    asked.summary = Some(match shown {
        Some(true) => ReasoningSummary::Auto,
        Some(false) => ReasoningSummary::Omitted,
        None => ReasoningSummary::Unasked,
    });
    asked.enabled = (shown == Some(true)).then_some(true);
    if let Some(word) = config.string("thinkingLevel")? {
        let known = LEVELS
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(&word));
        match known {
            Some((_, effort)) => {
                asked.effort = Some(*effort);
                asked.enabled = Some(true);
            }
            None => extra.push(ID, "thinkingConfig.thinkingLevel", Json::of(&word)),
        }
    }
    match config.integer("thinkingBudget")? {
        None => {}
        Some(0) => asked.enabled = Some(false),
        Some(DYNAMIC) => {
            asked.adaptive = true;
            asked.enabled = Some(true);
        }
        Some(budget) => {
            let tokens = u64::try_from(budget).map_err(|_| {
                at.key("thinkingBudget")
                    .wrong(format!("must be -1 or more, but is {budget}"))
            })?;
            asked.budget_tokens = Some(tokens);
            asked.enabled = Some(true);
        }
    }
    for (key, value) in config.into_members() {
        extra.push(ID, format!("{PREFIX}{key}"), fields::json(value));
    }
    let says = asked.enabled.is_some();
    Ok(says.then_some(asked))
}

/// Writes `thinkingConfig`, if there is anything in it.
pub(super) fn write(
    o: &mut Object<'_>,
    request: &Request,
    generation: Generation,
    losses: &mut Vec<Loss>,
) {
    let mut config = Vec::new();
    crate::dialect::write::object(&mut config, |o| {
        if let Some(asked) = asked_of(request, generation, losses) {
            amount(o, asked, generation, losses);
            let shown = match asked.summary {
                Some(ReasoningSummary::Omitted | ReasoningSummary::Unasked) => false,
                Some(ReasoningSummary::Auto) => true,
                Some(ReasoningSummary::Concise | ReasoningSummary::Detailed) => {
                    losses.push(Loss::approximated("reasoning.summary"));
                    true
                }
                None => asked.enabled == Some(true),
            };
            if shown && !asked.is_off() {
                o.value("includeThoughts", &true);
            }
        }
        o.extra_under(&request.extra, ID, PREFIX);
    });
    if config != b"{}" {
        o.written("thinkingConfig", &config);
    }
}

/// What is asked for, of a model that can be told.
fn asked_of<'r>(
    request: &'r Request,
    generation: Generation,
    losses: &mut Vec<Loss>,
) -> Option<&'r ReasoningRequest> {
    let asked = request.reasoning.as_ref()?;
    if generation != Generation::First {
        return Some(asked);
    }
    if !asked.is_off() {
        losses.push(Loss::dropped(asked.field()));
    }
    None
}

fn amount(
    o: &mut Object<'_>,
    asked: &ReasoningRequest,
    generation: Generation,
    losses: &mut Vec<Loss>,
) {
    if asked.is_off() {
        return match generation {
            Generation::Older { pro: false } | Generation::Unknown => o.value("thinkingBudget", &0),
            Generation::First => {}
            // It cannot be switched off.
            Generation::Older { pro: true } => {
                losses.push(Loss::approximated(asked.field()));
                o.value("thinkingBudget", &LEAST_OF_PRO);
            }
            Generation::Newer { pro } => {
                losses.push(Loss::approximated(asked.field()));
                o.value("thinkingLevel", if pro { "LOW" } else { "MINIMAL" });
            }
        };
    }
    match (asked.effort, asked.budget_tokens) {
        (Some(effort), budget) if !generation.is_older() => {
            if budget.is_some() {
                losses.push(Loss::dropped("thinking.budget_tokens"));
            }
            o.value("thinkingLevel", level(effort, generation, losses));
        }
        (effort, Some(budget)) => {
            if effort.is_some() {
                losses.push(Loss::dropped("reasoning_effort"));
            }
            bounded(o, budget, generation, asked.field(), losses);
        }
        (Some(effort), None) => {
            losses.push(Loss::approximated("reasoning_effort"));
            let unsaid = &mut Vec::new();
            bounded(o, effort.budget_tokens(), generation, "", unsaid);
        }
        (None, None) if asked.adaptive && !matches!(generation, Generation::Newer { .. }) => {
            o.value("thinkingBudget", &DYNAMIC);
        }
        (None, None) => {}
    }
}

/// The least budget of the large models of 2.5.
const LEAST_OF_PRO: u64 = 128;

/// Writes a budget within what models up to 2.5 take.
fn bounded(
    o: &mut Object<'_>,
    budget: u64,
    generation: Generation,
    word: &str,
    losses: &mut Vec<Loss>,
) {
    let (least, most) = match generation {
        Generation::Older { pro: true } => (LEAST_OF_PRO, 32_768),
        Generation::Older { pro: false } => (1, 24_576),
        Generation::First | Generation::Newer { .. } | Generation::Unknown => (0, u64::MAX),
    };
    let taken = budget.clamp(least, most);
    if taken != budget {
        losses.push(Loss::approximated(word));
    }
    o.value("thinkingBudget", &taken);
}

fn level(effort: Effort, generation: Generation, losses: &mut Vec<Loss>) -> &'static str {
    let (level, exact) = match (effort, generation) {
        (Effort::None | Effort::Minimal, Generation::Newer { pro: true }) => ("LOW", false),
        (Effort::None | Effort::Minimal, _) => ("MINIMAL", true),
        (Effort::Low, _) => ("LOW", true),
        (Effort::Medium, _) => ("MEDIUM", true),
        (Effort::High, _) => ("HIGH", true),
        (Effort::XHigh | Effort::Max, _) => ("HIGH", false),
    };
    if !exact {
        losses.push(Loss::approximated("reasoning_effort"));
    }
    level
}
