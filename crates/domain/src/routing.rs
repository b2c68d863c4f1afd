//! Which offerings may serve a request, in which order, and why the others may not. Pure: what it decides by comes in
//! as values. No retries, no waiting, no network.

mod exclusion;
mod filter;
mod planner;
mod preference;
mod rejection;

pub use exclusion::Reason;
pub use preference::{Fallbacks, Parameters, Preference};

#[cfg(test)]
mod tests;

use crate::caller::Caller;
use crate::catalog::{Catalog, ModelIdx, OfferingIdx, ProviderIdx};
use crate::money::Money;
use crate::record::Excluded;
use crate::snapshot::Providers;
use protocol::dialect::{DialectId, Needs, Operation};
use protocol::ir::ErrorKind;

/// What a request asks for.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// The model as the client named it.
    pub model: &'a str,
    /// What it is asked to do.
    pub operation: Operation,
    /// What it must be able to do.
    pub needs: Needs,
    /// Whether the answer is to be streamed.
    pub stream: bool,
    /// The dialect that the client speaks.
    pub dialect: DialectId,
    /// What the client said about routing.
    pub preference: &'a Preference,
    /// Estimated tokens of input.
    pub input_estimate: u64,
    /// The client's own bound of output tokens.
    pub max_output: Option<u64>,
}

/// What the planner decides by, besides the request.
#[derive(Clone, Copy, Debug)]
pub struct Situation<'a> {
    /// What there is.
    pub catalog: &'a Catalog,
    /// Which providers can be used.
    pub providers: &'a Providers,
    /// Who asks.
    pub caller: &'a Caller,
    /// Offerings that failed lately; usually none.
    pub cooling: &'a [Cooling],
    /// Milliseconds since 1970.
    pub now_ms: i64,
}

/// An offering that failed lately.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cooling {
    /// The offering.
    pub offering: OfferingIdx,
    /// When it may be tried again, in milliseconds since 1970.
    pub until_ms: i64,
}

/// The ordered offerings that may serve a request, with the reason for each that may not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// What to try, in this order; never empty.
    pub steps: Vec<Step>,
    /// What not to try.
    pub excluded: Vec<Excluded>,
}

/// One offering to try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The model that it serves.
    pub model: ModelIdx,
    /// Who serves it.
    pub provider: ProviderIdx,
    /// The offering.
    pub offering: OfferingIdx,
    /// The dialect to ask it in: the client's own where it can be.
    pub dialect: DialectId,
    /// What it would cost by the estimates; `None` where unpriced.
    pub estimate: Option<Money>,
    /// Until when it is cooling down (milliseconds since 1970): to be tried only when all else failed.
    pub cooling_until_ms: Option<i64>,
    /// Why it stands here.
    pub why: Why,
}

/// Why a step stands where it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The client's order names its provider.
    Ordered,
    /// The cheapest, or next cheapest, by the estimates.
    Price,
    /// Its price is unknown, so it stands behind those whose price is known.
    Unpriced,
    /// By the estimate its context window is too small, but the estimate may be wrong.
    TightContext,
    /// It gives less than was asked for (no thinking, a shorter answer), so it stands behind those that give all.
    InPart,
    /// The day on which it ends has come: it may be gone, so it stands behind those that are served.
    Retired,
    /// It serves a model that the client named as fallback.
    Fallback,
    /// It failed lately, so it stands behind all others.
    Cooling,
}

impl Why {
    /// All, in the order of this list.
    pub const ALL: [Self; 8] = [
        Self::Ordered,
        Self::Price,
        Self::Unpriced,
        Self::TightContext,
        Self::InPart,
        Self::Retired,
        Self::Fallback,
        Self::Cooling,
    ];

    /// The stable word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ordered => "ordered",
            Self::Price => "price",
            Self::Unpriced => "unpriced",
            Self::TightContext => "tight_context",
            Self::InPart => "in_part",
            Self::Retired => "retired",
            Self::Fallback => "fallback",
            Self::Cooling => "cooling",
        }
    }
}

/// Why no offering may serve a request: what the client hears.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Rejection {
    /// What class of error it is.
    pub kind: ErrorKind,
    /// A sentence for a person, with close names where a model is unknown.
    pub message: String,
    /// The field at fault.
    pub param: Option<String>,
    /// A machine-readable code (`model_not_found`).
    pub code: Option<String>,
    /// What may not serve it, each with the reason.
    pub excluded: Vec<Excluded>,
}

/// Which offerings may serve a request, in which order.
///
/// # Errors
/// When none may; says why.
pub fn plan(situation: &Situation<'_>, wanted: &Wanted<'_>) -> Result<Plan, Rejection> {
    planner::plan(situation, wanted)
}
