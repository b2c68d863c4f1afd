//! What an exchange used and what that costs: as the provider reported it, else by an estimate marked as one.

use domain::catalog::{Catalog, OfferingIdx, ProviderIdx};
use domain::estimate::{Calibration, Ratio};
use domain::money::Amount;
use domain::pricing::{self, ServiceTier};
use domain::routing::Step;
use protocol::dialect::DialectId;
use protocol::ir::Usage;
use protocol::relay::Tally;
use upstream::quirks;

/// The offering that is serving an exchange, and the dialect it is asked in: what usage is read and priced by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Serving {
    pub(super) offering: OfferingIdx,
    pub(super) provider: ProviderIdx,
    dialect: DialectId,
}

impl Serving {
    /// The one that a step calls.
    pub(super) fn by(step: &Step) -> Self {
        Self {
            offering: step.offering,
            provider: step.provider,
            dialect: step.dialect,
        }
    }

    /// What usage costs at the service tier that the provider says it served, in its words; `None` where the offering
    /// has no price at that time.
    pub(super) fn price(
        &self,
        catalog: &Catalog,
        usage: &Usage,
        at_ms: i64,
        tier: Option<&str>,
    ) -> Option<Amount> {
        let price = catalog.offering(self.offering).price.as_ref()?;
        let tier = tier.map_or(ServiceTier::Standard, ServiceTier::from_wire);
        Some(pricing::cost(price, usage, at_ms, tier)?.to_amount_saturating())
    }

    /// Usage as the provider reported it, in the one convention.
    pub(super) fn corrected(&self, catalog: &Catalog, mut usage: Usage) -> Usage {
        if let Some(endpoint) = catalog.provider(self.provider).endpoint(self.dialect) {
            quirks::correct(&endpoint.quirks, &mut usage);
        }
        usage
    }

    /// What was used so far, and whether that is an estimate. Never zero: a provider that was asked has read the input.
    pub(super) fn usage(
        &self,
        catalog: &Catalog,
        tally: &Tally,
        input_estimate: u64,
        output: Ratio,
    ) -> (Usage, bool) {
        match tally.usage.filter(is_believable) {
            Some(usage) if tally.usage_final => (self.corrected(catalog, usage), false),
            early => {
                // Anthropic states the input at once; the output so far is then a placeholder.
                let known = early.unwrap_or(Usage {
                    input: input_estimate,
                    ..Usage::default()
                });
                let generated = output.tokens(tally.text_bytes);
                let output = known.output.max(generated);
                (Usage { output, ..known }, true)
            }
        }
    }
}

/// Whether reported usage can be what was used. Some servers say that nothing was, or count below zero (which is read as
/// nothing); then an estimate is nearer to the truth, and it is marked as one.
pub(super) fn is_believable(usage: &Usage) -> bool {
    usage.total() > 0 && usage.is_possible()
}

/// Learns bytes per token from an exchange whose usage the provider reported.
///
/// `input_bytes` is `None` where the body held more than text: base64 says nothing about the ratio of prose.
pub(super) fn learn(
    calibration: &Calibration,
    usage: &Usage,
    input_bytes: Option<u64>,
    text_bytes: u64,
) {
    if let Some(bytes) = input_bytes {
        calibration.input.learn(bytes, usage.total_input());
    }
    // Hidden reasoning is billed but not seen: such an answer says nothing about the text's ratio.
    if usage.reasoning == 0 {
        calibration.output.learn(text_bytes, usage.output);
    }
}

#[cfg(test)]
mod tests {
    use super::is_believable;
    use protocol::ir::Usage;

    #[test]
    fn nothing_and_nonsense_are_no_usage() {
        let check = |input: u64, output: u64, expect: bool| {
            let usage = Usage {
                input,
                output,
                ..Usage::default()
            };
            assert_eq!(is_believable(&usage), expect, "{input} {output}");
        };
        check(0, 0, false);
        check(1, 0, true);
        check(2_000_000, 128_000, true);
        check(u64::MAX, u64::MAX, false);
        check(10, i64::MAX as u64, false);
    }
}
