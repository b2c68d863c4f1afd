//! What an exchange used and what that costs: as the provider reported it, else by an estimate marked as one.

use domain::catalog::{Catalog, OfferingIdx};
use domain::estimate::{Calibration, Ratio};
use domain::money::Amount;
use domain::pricing::{self, ServiceTier};
use protocol::ir::Usage;
use protocol::relay::Tally;

/// The usage of an exchange, and whether it is an estimate. Never zero: a provider that was asked has read the input.
pub(super) fn usage(tally: &Tally, input_estimate: u64, output: Ratio) -> (Usage, bool) {
    match tally.usage {
        Some(usage) if tally.usage_final => (usage, false),
        early => {
            // Anthropic states the input at once; the output so far is then a placeholder.
            let known = early.unwrap_or(Usage {
                input: input_estimate,
                ..Usage::default()
            });
            let generated = output.tokens(tally.text_bytes);
            (
                Usage {
                    output: known.output.max(generated),
                    ..known
                },
                true,
            )
        }
    }
}

/// What usage of an offering costs; `None` where the offering has no price.
pub(super) fn price(
    catalog: &Catalog,
    offering: OfferingIdx,
    usage: &Usage,
    at_ms: i64,
) -> Option<Amount> {
    let price = catalog.offering(offering).price.as_ref()?;
    Some(pricing::cost(price, usage, at_ms, ServiceTier::Standard).to_amount_saturating())
}

/// Learns bytes per token from an exchange whose usage the provider reported.
pub(super) fn learn(calibration: &Calibration, usage: &Usage, input_bytes: u64, text_bytes: u64) {
    calibration.input.learn(input_bytes, usage.total_input());
    // Hidden reasoning is billed but not seen: such an answer says nothing about the text's ratio.
    if usage.reasoning == 0 {
        calibration.output.learn(text_bytes, usage.output);
    }
}
