//! `providerOptions` of a request: what a vendor's own package for the SDK knows. The names mean the same whichever vendor
//! they stand under, so they are read by name; where two vendors are told different things, the first counts. What is not
//! known here is an extra, which no provider takes: a loss. The `gateway`'s own are read elsewhere (`domain`), but for what
//! becomes part of the request.

use super::super::ID;
use crate::dialect::fields::{self, Fields, Path};
use crate::ir::{
    CacheMarker, Effort, Extra, Malformed, ReasoningRequest, ReasoningSummary, Request,
};
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

/// The namespace of the gateway's own options.
const GATEWAY: &str = "gateway";

/// The word of the top-level `reasoning` that asks for nothing.
const BY_DEFAULT: &str = "provider-default";

/// Applies what vendors are told. Returns whether a schema is to be followed strictly, where said.
pub(super) fn apply(
    given: Option<&RawValue>,
    request: &mut Request,
    extra: &mut Extra,
) -> Result<Option<bool>, Malformed> {
    let mut strict = None;
    let at = Path::ROOT;
    let at = at.key("providerOptions");
    let Some(raw) = given else {
        return Ok(strict);
    };
    for (namespace, raw) in Fields::of(raw, at)?.into_members() {
        if raw.get() == "null" {
            continue;
        }
        let options = Fields::of(raw, at.key(&namespace))?;
        for (name, value) in options.into_members() {
            let known = match &*namespace {
                GATEWAY => of_gateway(&name, value, request),
                _ => of_vendor(&name, value, request, &mut strict),
            };
            if !known && value.get() != "null" {
                let key = format!("providerOptions.{namespace}.{name}");
                extra.push(ID, key, fields::json(value));
            }
        }
    }
    Ok(strict)
}

/// The gateway's options that become part of a request, and those that are read elsewhere. What is left is taken note of.
fn of_gateway(name: &str, value: &RawValue, request: &mut Request) -> bool {
    match name {
        "serviceTier" => fill(&mut request.service_tier, read(value)),
        "caching" => {
            let marker = CacheMarker {
                from: ID,
                ttl: None,
            };
            fill(
                &mut request.cache,
                (value.get() == "\"auto\"").then_some(marker),
            )
        }
        // It may be served at the usual speed, unless a fallback is forbidden, which is refused elsewhere.
        "speed" => false,
        _ => true,
    }
}

/// Whether an option is known, can be read, and is not told otherwise already.
fn of_vendor(
    name: &str,
    value: &RawValue,
    request: &mut Request,
    strict: &mut Option<bool>,
) -> bool {
    match name {
        "parallelToolCalls" => fill(&mut request.parallel_tool_calls, read(value)),
        "disableParallelToolUse" => {
            let allowed = read(value).map(|disabled: bool| !disabled);
            fill(&mut request.parallel_tool_calls, allowed)
        }
        "serviceTier" => fill(&mut request.service_tier, read(value)),
        "user" | "safetyIdentifier" => fill(&mut request.user, read(value)),
        "promptCacheKey" => fill(&mut request.prompt_cache_key, read(value)),
        "textVerbosity" => fill(&mut request.verbosity, read(value)),
        "store" => fill(&mut request.store, read(value)),
        "metadata" => metadata(value, request),
        "strictJsonSchema" => fill(strict, read(value)),
        "maxCompletionTokens" => fill(&mut request.max_output_tokens, read(value)),
        "logitBias" => {
            let object = value.get().starts_with('{');
            let bias = object.then(|| fields::json(value));
            fill(&mut request.sampling.logit_bias, bias)
        }
        "logprobs" => logprobs(value, request),
        "topLogprobs" => fill(&mut request.sampling.top_logprobs, read(value)),
        "cacheControl" => {
            let at = Path::ROOT;
            let marker = super::part_options::marker(value, at.key(name)).ok();
            fill(&mut request.cache, marker)
        }
        // How an answer is sent on to the application; and that reasoning is sent back, which it always is.
        "toolStreaming" | "sendReasoning" => true,
        _ => reasoning_option(name, value, &mut request.reasoning),
    }
}

/// Anthropic's package names the end user here, others any texts.
fn metadata(value: &RawValue, request: &mut Request) -> bool {
    let Ok(mut members) = Fields::of(value, Path::ROOT) else {
        return false;
    };
    match members.string("userId") {
        Ok(Some(user)) => members.into_members().is_empty() && fill(&mut request.user, Some(user)),
        _ => fill(&mut request.metadata, Some(fields::json(value))),
    }
}

/// Whether to give them, or how many alternatives.
fn logprobs(value: &RawValue, request: &mut Request) -> bool {
    let wanted: Option<bool> = read(value);
    let alternatives: Option<u32> = read(value);
    let wanted = wanted.or(alternatives.map(|_| true));
    let sampling = &mut request.sampling;
    if alternatives.is_some() && !fill(&mut sampling.top_logprobs, alternatives) {
        return false;
    }
    fill(&mut sampling.logprobs, wanted)
}

/// What a request asks of reasoning, both places taken together.
pub(super) fn reasoning(
    options: Option<&RawValue>,
    top: Option<&RawValue>,
) -> Result<Option<ReasoningRequest>, Malformed> {
    let mut request = Request::default();
    apply(options, &mut request, &mut Extra::default())?;
    reason(top, &mut request.reasoning)?;
    Ok(request.reasoning)
}

/// Applies the top-level `reasoning`, unless a vendor is told more exactly.
pub(super) fn reason(
    top: Option<&RawValue>,
    asked: &mut Option<ReasoningRequest>,
) -> Result<(), Malformed> {
    let at = Path::ROOT;
    let at = at.key("reasoning");
    let Some(raw) = top else { return Ok(()) };
    let word = fields::string(raw, &at)?;
    if word == BY_DEFAULT {
        return Ok(());
    }
    let effort = Effort::parse(&word).ok_or_else(|| {
        at.wrong(format!(
            "must be one of {BY_DEFAULT}, none, minimal, low, medium, high, xhigh, max, but is `{word}`"
        ))
    })?;
    let is_told = |it: &ReasoningRequest| {
        it.effort.is_some() || it.budget_tokens.is_some() || it.enabled.is_some() || it.adaptive
    };
    if !asked.as_ref().is_some_and(is_told) {
        let asked = asked.get_or_insert_default();
        asked.effort = Some(effort);
        asked.enabled = (effort != Effort::None).then_some(true);
    }
    Ok(())
}

fn reasoning_option(name: &str, value: &RawValue, asked: &mut Option<ReasoningRequest>) -> bool {
    let mut told = asked.clone().unwrap_or_default();
    let read = match name {
        "reasoningEffort" => {
            let effort = effort(value);
            if effort.is_some_and(|effort| effort != Effort::None) {
                told.enabled = told.enabled.or(Some(true));
            }
            fill(&mut told.effort, effort).then_some(Known::Wholly)
        }
        // Anthropic's own: how much to spend in all, thinking or not.
        "effort" => fill(&mut told.effort, effort(value)).then_some(Known::Wholly),
        "reasoningSummary" => fill(&mut told.summary, summary(value)).then_some(Known::Wholly),
        "thinking" | "reasoningConfig" => thinking(value, &mut told),
        "thinkingConfig" => thinking_config(value, &mut told),
        _ => None,
    };
    if read.is_some() {
        *asked = Some(told);
    }
    read == Some(Known::Wholly)
}

/// How much of an option that has members is known. One that is not known at all changes nothing.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Known {
    Wholly,
    Partly,
}

impl Known {
    /// What is left of the members decides.
    fn by(left: Fields<'_, '_>) -> Self {
        match left.into_members().is_empty() {
            true => Self::Wholly,
            false => Self::Partly,
        }
    }
}

fn effort(value: &RawValue) -> Option<Effort> {
    Effort::parse(&read::<String>(value)?)
}

fn summary(value: &RawValue) -> Option<ReasoningSummary> {
    match read::<String>(value)?.as_str() {
        "auto" => Some(ReasoningSummary::Auto),
        "concise" => Some(ReasoningSummary::Concise),
        "detailed" => Some(ReasoningSummary::Detailed),
        _ => None,
    }
}

/// Anthropic's and Amazon's: a mode and a budget.
fn thinking(value: &RawValue, told: &mut ReasoningRequest) -> Option<Known> {
    let mut fields = Fields::of(value, Path::ROOT).ok()?;
    let (enabled, adaptive) = match fields.need_string("type").ok()?.as_str() {
        "enabled" => (true, false),
        "adaptive" => (true, true),
        "disabled" => (false, false),
        _ => return None,
    };
    if !fill(&mut told.enabled, Some(enabled)) {
        return None;
    }
    told.adaptive |= adaptive;
    told.shown_unasked |= enabled && !adaptive;
    told.budget_tokens = fields.unsigned("budgetTokens").ok()?.or(told.budget_tokens);
    if let Some(word) = fields.string("maxReasoningEffort").ok()? {
        told.effort = told.effort.or(Effort::parse(&word));
    }
    match fields.string("display").ok()?.as_deref() {
        Some("omitted") => told.summary = Some(ReasoningSummary::Omitted),
        Some("summarized") => told.summary = Some(ReasoningSummary::Auto),
        _ => {}
    }
    Some(Known::by(fields))
}

/// Google's: a budget, of which 0 is off and -1 is up to the model, or a level; and whether to show thoughts.
fn thinking_config(value: &RawValue, told: &mut ReasoningRequest) -> Option<Known> {
    let mut fields = Fields::of(value, Path::ROOT).ok()?;
    let budget = fields.integer("thinkingBudget").ok()?;
    let level = fields.string("thinkingLevel").ok()?;
    if budget.is_some() || level.is_some() {
        let enabled = budget != Some(0);
        if !fill(&mut told.enabled, Some(enabled)) {
            return None;
        }
    }
    told.adaptive |= budget == Some(-1);
    let tokens = budget.filter(|budget| *budget > 0);
    let tokens = tokens.and_then(|budget| u64::try_from(budget).ok());
    told.budget_tokens = told.budget_tokens.or(tokens);
    told.effort = told.effort.or(level.and_then(|word| Effort::parse(&word)));
    if let Some(shown) = fields.boolean("includeThoughts").ok()? {
        told.summary = Some(match shown {
            true => ReasoningSummary::Auto,
            false => ReasoningSummary::Omitted,
        });
    }
    Some(Known::by(fields))
}

/// A value of a type, where it is one.
fn read<T: DeserializeOwned>(value: &RawValue) -> Option<T> {
    serde_json::from_str(value.get()).ok()
}

/// Puts a value into an empty place. Whether it stands there now.
fn fill<T: PartialEq>(place: &mut Option<T>, value: Option<T>) -> bool {
    let Some(value) = value else { return false };
    match place {
        Some(first) => *first == value,
        None => {
            *place = Some(value);
            true
        }
    }
}
