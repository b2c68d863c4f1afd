//! From a request to a plan: resolve the names, judge every offering of each model, rank, put those that failed lately
//! behind.

use super::exclusion::Reason;
use super::filter::{self, Fit};
use super::preference::{Fallbacks, Parameters};
use super::rejection;
use super::{Plan, Rejection, Situation, Step, Wanted, Why};
use crate::catalog::{OfferingIdx, Resolved};
use crate::record::Excluded;

pub(super) fn plan(situation: &Situation<'_>, wanted: &Wanted<'_>) -> Result<Plan, Rejection> {
    let targets = targets(situation, wanted)?;
    let mut steps = Vec::new();
    let mut excluded = Vec::new();
    for (position, target) in targets.iter().enumerate() {
        let (mut fits, out) = judge_all(situation, wanted, *target);
        excluded.extend(out);
        rank(situation, wanted, &mut fits);
        let step = |(offering, fit): &(OfferingIdx, Fit)| {
            step(
                situation,
                wanted,
                Place {
                    position,
                    target: *target,
                },
                *offering,
                fit,
            )
        };
        steps.extend(fits.iter().map(step));
    }
    // Stable: among those that cool down, and among those that do not, the order stays.
    steps.sort_by_key(|step: &Step| step.cooling_until_ms);
    if wanted.preference.fallbacks == Fallbacks::Off {
        let rest = steps.drain(steps.len().min(1)..);
        excluded.extend(rest.map(|step| (step.offering, Reason::FallbacksOff)));
    }
    if steps.is_empty() {
        return Err(rejection::nobody(situation, wanted, &targets, &excluded));
    }
    Ok(Plan {
        steps,
        excluded: record(situation, &excluded),
    })
}

/// What the client's names mean, each model and provider once.
fn targets(situation: &Situation<'_>, wanted: &Wanted<'_>) -> Result<Vec<Resolved>, Rejection> {
    let resolve = |name: &str, param: String| {
        let resolved = situation.catalog.resolve(name);
        resolved.map_err(|unknown| rejection::unknown(&unknown, param))
    };
    let mut targets = vec![resolve(wanted.model, "model".to_owned())?];
    for (at, name) in wanted.preference.models.iter().enumerate() {
        let target = resolve(name, format!("models[{at}]"))?;
        if !targets.contains(&target) {
            targets.push(target);
        }
    }
    Ok(targets)
}

type Judged = (Vec<(OfferingIdx, Fit)>, Vec<(OfferingIdx, Reason)>);

fn judge_all(situation: &Situation<'_>, wanted: &Wanted<'_>, target: Resolved) -> Judged {
    let (mut fits, mut excluded) = (Vec::new(), Vec::new());
    for idx in &situation.catalog.model(target.model).offerings {
        let offering = situation.catalog.offering(*idx);
        match filter::judge(situation, wanted, target, offering) {
            Ok(fit) => fits.push((*idx, fit)),
            Err(reason) => excluded.push((*idx, reason)),
        }
    }
    (fits, excluded)
}

/// The client's order first; then what is not past its end, what fits the window, what gives all that was asked for, what
/// is known to do all of it where the client demands that, the cheapest (unpriced last), the client's own dialect, the
/// catalogue's order.
fn rank(situation: &Situation<'_>, wanted: &Wanted<'_>, fits: &mut [(OfferingIdx, Fit)]) {
    let demanding = wanted.preference.parameters == Parameters::Required;
    fits.sort_by_cached_key(|(idx, fit)| {
        let ordered = ordered_at(situation, wanted, *idx);
        let unknown = situation.catalog.offering(*idx).capabilities.is_none();
        (
            ordered.unwrap_or(usize::MAX),
            fit.retired,
            fit.window,
            fit.short,
            demanding && unknown,
            fit.estimate.is_none(),
            fit.estimate,
            fit.dialect != wanted.dialect,
        )
    });
}

/// Where the client's order names an offering's provider.
fn ordered_at(situation: &Situation<'_>, wanted: &Wanted<'_>, idx: OfferingIdx) -> Option<usize> {
    let provider = situation.catalog.offering(idx).provider;
    let mut order = wanted.preference.order.iter();
    order.position(|name| situation.catalog.find_provider(name) == Some(provider))
}

/// Which of the client's models an offering serves.
#[derive(Clone, Copy)]
struct Place {
    position: usize,
    target: Resolved,
}

fn step(
    situation: &Situation<'_>,
    wanted: &Wanted<'_>,
    place: Place,
    idx: OfferingIdx,
    fit: &Fit,
) -> Step {
    let cooling_until_ms = situation
        .cooling
        .iter()
        .find(|cooling| cooling.offering == idx && cooling.until_ms > situation.now_ms)
        .map(|cooling| cooling.until_ms);
    let why = if cooling_until_ms.is_some() {
        Why::Cooling
    } else if place.position > 0 {
        Why::Fallback
    } else if ordered_at(situation, wanted, idx).is_some() {
        Why::Ordered
    } else if fit.retired {
        Why::Retired
    } else if fit.window == filter::Window::Doubtful {
        Why::TightContext
    } else if fit.short.is_any() {
        Why::InPart
    } else if fit.estimate.is_none() {
        Why::Unpriced
    } else {
        Why::Price
    };
    Step {
        model: place.target.model,
        provider: situation.catalog.offering(idx).provider,
        offering: idx,
        dialect: fit.dialect,
        estimate: fit.estimate,
        cooling_until_ms,
        why,
    }
}

/// The exclusions as records hold them.
pub(super) fn record(
    situation: &Situation<'_>,
    excluded: &[(OfferingIdx, Reason)],
) -> Vec<Excluded> {
    let line = |(idx, reason): &(OfferingIdx, Reason)| {
        let offering = situation.catalog.offering(*idx);
        Excluded {
            provider: situation.catalog.provider(offering.provider).id.clone(),
            model: situation.catalog.model(offering.model).id.clone(),
            reason: reason.as_str().to_owned(),
        }
    };
    excluded.iter().map(line).collect()
}
