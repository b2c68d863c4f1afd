//! What the client hears where no offering may serve it: the reason of the one that came closest, and what would help.

use super::exclusion::Reason;
use super::{Rejection, Situation, Wanted, planner};
use crate::catalog::{Capability, OfferingIdx, Resolved, Unknown};
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
    let Heard {
        kind,
        code,
        param,
        message,
    } = case.heard(closest);
    Rejection {
        kind,
        message,
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

struct Heard {
    kind: ErrorKind,
    code: &'static str,
    param: Option<&'static str>,
    message: String,
}

fn heard(
    kind: ErrorKind,
    code: &'static str,
    param: impl Into<Option<&'static str>>,
    message: String,
) -> Heard {
    Heard {
        kind,
        code,
        param: param.into(),
        message,
    }
}

impl Case<'_> {
    fn heard(&self, closest: Option<Reason>) -> Heard {
        use ErrorKind::{ContextLength, InvalidRequest, NotFound, Permission};
        let names = &self.names;
        let Some(reason) = closest else {
            let message = format!("no provider in the catalogue serves {names}");
            return heard(NotFound, "model_not_available", "model", message);
        };
        let code = reason.as_str();
        match reason {
            Reason::NotAllowed => {
                let message = format!("this key may not use {names}");
                heard(Permission, "model_not_allowed", "model", message)
            }
            Reason::WrongOperation => {
                let operation = self.wanted.operation.as_str();
                let message = format!("{names} cannot be used for the operation '{operation}'");
                heard(InvalidRequest, code, "model", message)
            }
            Reason::OtherProvider => {
                let message =
                    format!("the provider named in the model's name does not serve {names}");
                heard(NotFound, code, "model", message)
            }
            Reason::NotInOnly | Reason::Ignored => {
                let param = if reason == Reason::Ignored {
                    "provider.ignore"
                } else {
                    "provider.only"
                };
                let served = self.providers_with(reason).join(", ");
                let message =
                    format!("{param} leaves no provider for {names}; served by: {served}");
                heard(NotFound, code, param, message)
            }
            Reason::NotEnabled | Reason::NoCredential => {
                let message = format!("no provider of {names} is set up here; {}", self.remedy());
                heard(NotFound, "model_not_available", "model", message)
            }
            Reason::NoDialect => {
                let message = format!(
                    "no provider of {names} can be asked in a dialect that has this operation"
                );
                heard(InvalidRequest, code, "model", message)
            }
            Reason::Lacks(capability) => {
                let what = in_words(capability);
                let message = format!("no provider that is set up for {names} {what}");
                heard(InvalidRequest, code, field(capability), message)
            }
            Reason::UnknownCapabilities => {
                let message = format!(
                    "what the providers of {names} can do is not known, and provider.require_parameters demands that nothing is lost"
                );
                heard(InvalidRequest, code, "provider.require_parameters", message)
            }
            Reason::NotFree => {
                let message = format!("no provider that is set up serves {names} free of charge");
                heard(NotFound, code, "model", message)
            }
            Reason::OutputTooSmall => {
                let most = self.most(|offering| offering.max_output, reason);
                let message = format!("{names} gives at most {most} output tokens");
                heard(InvalidRequest, code, None, message)
            }
            Reason::ContextTooSmall => {
                let most = self.most(|offering| offering.context, reason);
                let estimate = self.wanted.input_estimate;
                let message = format!(
                    "the input (about {estimate} tokens) does not fit the context window of {names} ({most} tokens)"
                );
                heard(
                    ContextLength,
                    "context_length_exceeded",
                    "messages",
                    message,
                )
            }
            // Something came first, so that there is a step: cannot be the closest of a plan without one.
            Reason::FallbacksOff => heard(
                NotFound,
                code,
                "provider.allow_fallbacks",
                format!("no other provider of {names} may be tried"),
            ),
        }
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

    fn most(
        &self,
        limit: impl Fn(&crate::catalog::Offering) -> Option<u64>,
        reason: Reason,
    ) -> u64 {
        self.with(reason)
            .filter_map(|idx| limit(self.situation.catalog.offering(idx)))
            .max()
            .unwrap_or(0)
    }

    /// What the operator can do: set a variable, or name the provider in the configuration.
    fn remedy(&self) -> String {
        let catalog = self.situation.catalog;
        let off = [Reason::NotEnabled, Reason::NoCredential];
        let variables = distinct(off.into_iter().flat_map(|reason| {
            self.with(reason).flat_map(|idx| {
                let provider = catalog.provider(catalog.offering(idx).provider);
                let all = provider.env.iter().chain(&provider.base_url_env);
                all.map(String::as_str)
            })
        }));
        let providers = distinct(
            off.into_iter()
                .flat_map(|reason| self.providers_with(reason)),
        );
        let providers = providers.join(", ");
        if variables.is_empty() {
            return format!("the operator can add it to the configuration: {providers}");
        }
        let variables = variables.join(" or ");
        format!("the operator can set {variables}, or add to the configuration: {providers}")
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
    }
}

/// The request's field that asks for a capability, where all dialects call it the same.
fn field(capability: Capability) -> Option<&'static str> {
    match capability {
        Capability::Tools => Some("tools"),
        Capability::ParallelTools => Some("parallel_tool_calls"),
        Capability::Vision | Capability::Files | Capability::Audio => Some("messages"),
        Capability::Streaming => Some("stream"),
        Capability::StructuredOutput | Capability::Reasoning | Capability::PromptCaching => None,
    }
}
