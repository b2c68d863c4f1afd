//! What the client hears where no offering may serve it: the reason of the one that came closest, and what would help.

use super::exclusion::Reason;
use super::{Rejection, Situation, Wanted, planner};
use crate::catalog::{Capability, Offering, OfferingIdx, Resolved, Unknown};
use protocol::dialect::Operation;
use protocol::ir::ErrorKind;

/// A name that means no model.
pub(super) fn unknown(unknown: &Unknown, param: String) -> Rejection {
    Rejection {
        kind: ErrorKind::NotFound,
        message: unknown.to_string(),
        param: Some(param),
        code: Some("model_not_found".to_owned()),
        excluded: Vec::new(),
    }
}

/// No offering of any of the models may serve it.
pub(super) fn nobody(
    situation: &Situation<'_>,
    wanted: &Wanted<'_>,
    targets: &[Resolved],
    excluded: &[(OfferingIdx, Reason)],
) -> Rejection {
    let names: Vec<&str> = targets
        .iter()
        .map(|target| situation.catalog.model(target.model).id.as_str())
        .collect();
    let case = Case {
        situation,
        wanted,
        names: names.join(", "),
        excluded,
    };
    let closest = excluded
        .iter()
        .map(|(_, reason)| *reason)
        .max_by_key(|reason| reason.reached());
    let (kind, code, param) = case.class(closest);
    Rejection {
        kind,
        message: case.message(closest),
        param: param.map(str::to_owned),
        code: Some(code.to_owned()),
        excluded: planner::record(situation, excluded),
    }
}

struct Case<'a> {
    situation: &'a Situation<'a>,
    wanted: &'a Wanted<'a>,
    names: String,
    excluded: &'a [(OfferingIdx, Reason)],
}

/// What class of error it is, its machine-readable code, and the field at fault.
type Class = (ErrorKind, &'static str, Option<&'static str>);

impl Case<'_> {
    /// `closest` is `None` for models that nobody offers.
    fn class(&self, closest: Option<Reason>) -> Class {
        use ErrorKind::{ContextLength, InvalidRequest, NotFound, Permission};
        let Some(reason) = closest else {
            return (NotFound, "model_not_available", Some("model"));
        };
        let code = reason.as_str();
        match reason {
            Reason::NotAllowed => (Permission, "model_not_allowed", Some("model")),
            Reason::NotEnabled | Reason::NoCredential => {
                (NotFound, "model_not_available", Some("model"))
            }
            Reason::OtherProvider | Reason::NotFree => (NotFound, code, Some("model")),
            Reason::NotInOnly => (NotFound, code, Some("provider.only")),
            Reason::Ignored => (NotFound, code, Some("provider.ignore")),
            Reason::FallbacksOff => (NotFound, code, Some("provider.allow_fallbacks")),
            Reason::WrongOperation | Reason::NoDialect => (InvalidRequest, code, Some("model")),
            Reason::Lacks(capability) => (InvalidRequest, code, field(capability)),
            Reason::UnknownCapabilities => (InvalidRequest, code, Some("has")),
            // Dialects call the bound of output differently.
            Reason::OutputTooSmall => (InvalidRequest, code, None),
            Reason::ContextTooSmall => {
                let field = match self.wanted.operation {
                    Operation::Chat => "messages",
                    Operation::Embed => "input",
                };
                (ContextLength, "context_length_exceeded", Some(field))
            }
        }
    }

    fn message(&self, closest: Option<Reason>) -> String {
        let names = &self.names;
        let Some(reason) = closest else {
            return format!("no provider in the catalogue serves {names}");
        };
        match reason {
            Reason::NotAllowed => format!("this key may not use {names}"),
            Reason::WrongOperation => {
                let operation = self.wanted.operation.as_str();
                format!("{names} cannot be used for the operation '{operation}'")
            }
            Reason::OtherProvider => {
                format!("the provider named in the model's name does not serve {names}")
            }
            Reason::NotInOnly => self.nobody_left("provider.only", reason),
            Reason::Ignored => self.nobody_left("provider.ignore", reason),
            Reason::NotEnabled | Reason::NoCredential => {
                format!("no provider of {names} is set up here; {}", self.remedy())
            }
            Reason::NoDialect => {
                format!("no provider of {names} can be asked in a dialect that has this operation")
            }
            Reason::Lacks(capability) => {
                let what = in_words(capability);
                let lacking = self.lacking();
                format!(
                    "no provider that is set up for {names} {what}: {lacking}; {SAY_CAPABILITIES}"
                )
            }
            Reason::UnknownCapabilities => {
                let unknown = listed(self.providers_with(reason).into_iter());
                format!(
                    "has demands what is known of an offering, and of {names} at {unknown} nothing is; {SAY_CAPABILITIES}"
                )
            }
            Reason::NotFree => {
                format!("no provider that is set up serves {names} free of charge")
            }
            Reason::OutputTooSmall => {
                let most = self.most(reason, |offering| offering.max_output);
                format!("{names} gives at most {most} output tokens")
            }
            Reason::ContextTooSmall => {
                let most = self.most(reason, |offering| offering.context);
                let estimate = self.wanted.input_estimate;
                format!(
                    "the input (about {estimate} tokens) does not fit the context window of {names} ({most} tokens)"
                )
            }
            Reason::FallbacksOff => format!("no other provider of {names} may be tried"),
        }
    }

    fn nobody_left(&self, field: &str, reason: Reason) -> String {
        let names = &self.names;
        let served = self.providers_with(reason).join(", ");
        format!("{field} leaves no provider for {names}; served by: {served}")
    }

    fn with(&self, reason: Reason) -> impl Iterator<Item = OfferingIdx> {
        self.excluded
            .iter()
            .filter(move |(_, why)| *why == reason)
            .map(|(idx, _)| *idx)
    }

    fn providers_with(&self, reason: Reason) -> Vec<&str> {
        let catalog = self.situation.catalog;
        distinct(self.with(reason).map(|idx| {
            let offering = catalog.offering(idx);
            catalog.provider(offering.provider).id.as_str()
        }))
    }

    /// Which offering lacks what, as far as offerings came that far.
    fn lacking(&self) -> String {
        let catalog = self.situation.catalog;
        let lacking = self.excluded.iter().filter_map(|(idx, reason)| {
            let Reason::Lacks(capability) = reason else {
                return None;
            };
            let offering = catalog.offering(*idx);
            let provider = &catalog.provider(offering.provider).id;
            let capability = capability.as_str();
            Some(format!(
                "{provider}/{} lacks {capability}",
                offering.wire_id
            ))
        });
        listed(lacking)
    }

    fn most(&self, reason: Reason, limit: impl Fn(&Offering) -> Option<u64>) -> u64 {
        self.with(reason)
            .filter_map(|idx| limit(self.situation.catalog.offering(idx)))
            .max()
            .unwrap_or(0)
    }

    /// What the operator can do: set a provider's variable, or name it in the configuration. Three are named of many, the
    /// model's own author first.
    fn remedy(&self) -> String {
        let catalog = self.situation.catalog;
        let off = [Reason::NotEnabled, Reason::NoCredential];
        let excluded = off.into_iter().flat_map(|reason| self.with(reason));
        let mut offerings: Vec<OfferingIdx> = excluded.collect();
        offerings.sort_by_key(|idx| {
            let offering = catalog.offering(*idx);
            let provider = catalog.provider(offering.provider);
            let author = &catalog.model(offering.model).author;
            provider.id != *author && !provider.aliases.contains(author)
        });
        let all = distinct(offerings.iter().map(|idx| {
            let provider = catalog.offering(*idx).provider;
            catalog.provider(provider).id.as_str()
        }));
        let named: Vec<&str> = all.iter().copied().take(NAMED).collect();
        let ways: Vec<String> = named
            .iter()
            .map(|id| {
                let provider = catalog.find_provider(id).map(|idx| catalog.provider(idx));
                let mut variables = provider
                    .into_iter()
                    .flat_map(|one| one.env.iter().chain(&one.base_url_env));
                match variables.next() {
                    Some(variable) => format!("{id} ({variable})"),
                    None => format!("{id} (in tollgate.toml)"),
                }
            })
            .collect();
        let others = match all.len().saturating_sub(NAMED) {
            0 => String::new(),
            others => format!(" or one of {others} others"),
        };
        format!("the operator can enable {}{others}", ways.join(", "))
    }
}

fn distinct<'a>(words: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut found = Vec::new();
    for word in words {
        if !found.contains(&word) {
            found.push(word);
        }
    }
    found
}

/// How many providers or offerings are named of many.
const NAMED: usize = 3;

/// What the operator can do where an offering can do more than is said of it.
const SAY_CAPABILITIES: &str = "where that is wrong, the operator says what it can do in `capabilities` of the provider's \
     model in tollgate.toml (README, section Add providers)";

/// Three of them, and how many more there are.
fn listed(all: impl Iterator<Item = impl Into<String>>) -> String {
    let mut named: Vec<String> = all.map(Into::into).collect();
    let others = named.len().saturating_sub(NAMED);
    named.truncate(NAMED);
    let named = named.join(", ");
    match others {
        0 => named,
        others => format!("{named} and {others} others"),
    }
}

fn in_words(capability: Capability) -> &'static str {
    match capability {
        Capability::Tools => "can call tools",
        Capability::ParallelTools => "can call several tools at once",
        Capability::StructuredOutput => "can follow a JSON schema (structured output)",
        Capability::Vision => "can see images",
        Capability::Files => "can read files",
        Capability::Audio => "can hear audio",
        Capability::Reasoning => "can reason on request",
        Capability::PromptCaching => "has prompt caching",
        Capability::Streaming => "can stream its answer",
        Capability::Video => "can watch video",
        Capability::WebSearch => "can search the web",
        Capability::ComputerUse => "can operate a computer",
        Capability::AudioOutput => "can answer in speech",
        Capability::ImageOutput => "can answer in pictures",
    }
}

/// The request's field that asks for a capability, where all dialects call it the same.
fn field(capability: Capability) -> Option<&'static str> {
    match capability {
        Capability::Tools => Some("tools"),
        Capability::ParallelTools => Some("parallel_tool_calls"),
        Capability::Vision | Capability::Files | Capability::Audio | Capability::Video => {
            Some("messages")
        }
        Capability::Streaming => Some("stream"),
        Capability::AudioOutput | Capability::ImageOutput => Some("modalities"),
        Capability::StructuredOutput
        | Capability::Reasoning
        | Capability::PromptCaching
        | Capability::WebSearch
        | Capability::ComputerUse => None,
    }
}
