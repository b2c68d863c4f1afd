//! Whether one offering may serve a request.

use super::exclusion::Reason;
use super::preference::Parameters;
use super::{Situation, Wanted};
use crate::catalog::{
    Capabilities, Capability, Lifecycle, Model, Offering, Resolved, Suffix, has_words_for,
};
use crate::money::Money;
use crate::pricing::{self, ServiceTier};
use crate::snapshot::ProviderState;
use protocol::dialect::{DialectId, Operation};
use protocol::ir::Usage;

/// An offering that may serve a request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fit {
    /// The dialect to ask it in.
    pub(super) dialect: DialectId,
    /// What it would cost by the estimates.
    pub(super) estimate: Option<Money>,
    /// Whether the estimated input fits its context window.
    pub(super) window: Window,
    /// What of the request it does not give.
    pub(super) short: Short,
    /// Whether the day on which it ends has come. Lists name such days too early as well as too late, so that it may
    /// still serve where nobody else does.
    pub(super) retired: bool,
}

/// Whether the estimated input fits a context window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Window {
    /// It does, or nobody knows.
    Fits,
    /// By the estimate it does not; but the estimate may be wrong.
    Doubtful,
}

/// What of a request an offering is known not to give, and the request can do without: it is left out or lowered, as a
/// loss. The more of it, the later the offering comes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Short {
    /// It does not think on request.
    thinking: bool,
    /// Its answers are not as long as the client allows.
    output: bool,
}

impl Short {
    fn of(offering: &Offering, wanted: &Wanted<'_>) -> Self {
        let thinks = |known: Capabilities| known.has(Capability::Reasoning);
        let bounds = offering.max_output.zip(wanted.max_output);
        Self {
            thinking: wanted.needs.reasoning && !offering.capabilities.is_none_or(thinks),
            output: bounds.is_some_and(|(most, asked)| asked > most),
        }
    }

    /// Whether there is anything.
    pub(super) fn is_any(self) -> bool {
        self != Self::default()
    }

    /// Why it may not serve a client that demands all that it asked for.
    fn demanded(self, parameters: Parameters) -> Result<(), Reason> {
        match parameters {
            Parameters::Required if self.thinking => Err(Reason::Lacks(Capability::Reasoning)),
            Parameters::Required if self.output => Err(Reason::OutputTooSmall),
            Parameters::Required | Parameters::BestEffort => Ok(()),
        }
    }
}

/// Output tokens assumed where the client sets no smaller bound: for comparing prices only.
const TYPICAL_OUTPUT: u64 = 500;

/// How far above the window an estimate must be to be believed: some text has two or three times the usual bytes per
/// token, and the provider's own refusal is better than a wrong one of ours.
const BEYOND_DOUBT: u64 = 3;

/// Whether an offering of a model may serve a request.
pub(super) fn judge(
    situation: &Situation<'_>,
    wanted: &Wanted<'_>,
    target: Resolved,
    offering: &Offering,
) -> Result<Fit, Reason> {
    let model = situation.catalog.model(target.model);
    allowed(situation, wanted, model, offering)?;
    preferred(situation, wanted, target, offering)?;
    enabled(situation, offering)?;
    let dialect = dialect(offering, wanted).ok_or(Reason::NoDialect)?;
    capable(offering, wanted)?;
    let estimate = estimate(offering, wanted, situation.now_ms);
    if target.suffix == Some(Suffix::Free) && estimate != Some(Money::ZERO) {
        return Err(Reason::NotFree);
    }
    let short = Short::of(offering, wanted);
    short.demanded(wanted.preference.parameters)?;
    Ok(Fit {
        dialect,
        estimate,
        short,
        window: window(offering, wanted)?,
        retired: offering.lifecycle(situation.now_ms) == Lifecycle::Retired,
    })
}

fn allowed(
    situation: &Situation<'_>,
    wanted: &Wanted<'_>,
    model: &Model,
    offering: &Offering,
) -> Result<(), Reason> {
    if !situation.caller.may_use(model) {
        return Err(Reason::NotAllowed);
    }
    if !offering.operations.contains(&wanted.operation) {
        return Err(Reason::WrongOperation);
    }
    Ok(())
}

fn preferred(
    situation: &Situation<'_>,
    wanted: &Wanted<'_>,
    target: Resolved,
    offering: &Offering,
) -> Result<(), Reason> {
    let named = |list: &[String]| {
        list.iter()
            .any(|name| situation.catalog.find_provider(name) == Some(offering.provider))
    };
    let preference = wanted.preference;
    if target
        .provider
        .is_some_and(|only| only != offering.provider)
    {
        return Err(Reason::OtherProvider);
    }
    if !preference.only.is_empty() && !named(&preference.only) {
        return Err(Reason::NotInOnly);
    }
    if named(&preference.ignore) {
        return Err(Reason::Ignored);
    }
    Ok(())
}

fn enabled(situation: &Situation<'_>, offering: &Offering) -> Result<(), Reason> {
    let provider = situation.catalog.provider(offering.provider);
    match situation.providers.state(offering.provider) {
        ProviderState::Disabled if provider.needs_credential() => Err(Reason::NoCredential),
        ProviderState::Disabled => Err(Reason::NotEnabled),
        ProviderState::Enabled(credentials) => {
            if credentials.is_empty() && provider.needs_credential() {
                return Err(Reason::NoCredential);
            }
            Ok(())
        }
    }
}

/// The client's own dialect where the offering has it, since then nothing is translated; else the offering's first.
fn dialect(offering: &Offering, wanted: &Wanted<'_>) -> Option<DialectId> {
    let mut usable = offering
        .dialects
        .iter()
        .copied()
        .filter(|dialect| has_words_for(*dialect, wanted.operation));
    if offering.dialects.contains(&wanted.dialect)
        && has_words_for(wanted.dialect, wanted.operation)
    {
        return Some(wanted.dialect);
    }
    usable.next()
}

/// A request can do without thinking, unless its client says otherwise: that is [`Short`]'s to say.
fn capable(offering: &Offering, wanted: &Wanted<'_>) -> Result<(), Reason> {
    let streaming = wanted.stream.then_some(Capability::Streaming);
    let demanded = wanted.preference.has.iter().copied();
    let mut needed = Capability::needed(wanted.needs)
        .filter(|capability| *capability != Capability::Reasoning)
        .chain(streaming)
        .chain(demanded);
    match offering.capabilities {
        Some(known) => match needed.find(|capability| !known.has(*capability)) {
            Some(missing) => Err(Reason::Lacks(missing)),
            None => Ok(()),
        },
        None if !wanted.preference.has.is_empty() => Err(Reason::UnknownCapabilities),
        // What nobody knows is not missing: the provider is asked, and says so itself where it cannot.
        None => Ok(()),
    }
}

/// What the request would cost, output being what is typical and never more than the client allows.
fn estimate(offering: &Offering, wanted: &Wanted<'_>, now_ms: i64) -> Option<Money> {
    let output = match wanted.operation {
        Operation::Chat => wanted
            .max_output
            .map_or(TYPICAL_OUTPUT, |bound| bound.min(TYPICAL_OUTPUT)),
        Operation::Embed => 0,
    };
    let usage = Usage {
        input: wanted.input_estimate.max(1),
        output,
        ..Usage::default()
    };
    let price = offering.price.as_ref()?;
    pricing::cost(price, &usage, now_ms, ServiceTier::Standard)
}

/// Not looked at for media, whose bytes say nothing of their tokens, and for embeddings, where the window holds for each
/// of many texts.
fn window(offering: &Offering, wanted: &Wanted<'_>) -> Result<Window, Reason> {
    let needs = wanted.needs;
    let Some(context) = offering.context else {
        return Ok(Window::Fits);
    };
    let media = needs.vision || needs.files || needs.audio;
    if media || wanted.operation == Operation::Embed || wanted.input_estimate <= context {
        return Ok(Window::Fits);
    }
    if wanted.input_estimate > context.saturating_mul(BEYOND_DOUBT) {
        return Err(Reason::ContextTooSmall);
    }
    Ok(Window::Doubtful)
}
