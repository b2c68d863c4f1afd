//! What a list price is multiplied by: a discount that was negotiated, or a surcharge.

use super::{ContextTier, OffPeak, Period, Price, PriceSet, Rates};
use crate::money::{Amount, NotDecimal, PerMillion};
use std::fmt;
use std::str::FromStr;

/// A decimal factor with at most six decimals, from 0 (free) to 1000.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Multiplier(u32);

/// One, in the type's unit.
const ONE: u32 = 1_000_000;
const LARGEST: u32 = 1000 * ONE;

impl Multiplier {
    /// An amount in 10⁻¹² USD so many times, to the nearest 10⁻¹² USD (halves upwards).
    fn of(self, pico: i64) -> i64 {
        let exact = i128::from(pico) * i128::from(self.0);
        let nearest = (exact + i128::from(ONE / 2)).div_euclid(i128::from(ONE));
        i64::try_from(nearest).unwrap_or(i64::MAX)
    }
}

impl FromStr for Multiplier {
    type Err = NotDecimal;

    fn from_str(text: &str) -> Result<Self, NotDecimal> {
        // A price per million tokens has six decimals too, and is not negative.
        let factor: PerMillion = text.parse()?;
        u32::try_from(factor.pico_per_token())
            .ok()
            .filter(|factor| *factor <= LARGEST)
            .map(Self)
            .ok_or(NotDecimal::TooLarge)
    }
}

impl fmt::Display for Multiplier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        PerMillion::from_pico_per_token(i64::from(self.0)).fmt(f)
    }
}

impl Price {
    /// This price so many times, at every moment, in every tier and dimension. Each rate is rounded to the nearest
    /// 10⁻¹² USD per token.
    #[must_use]
    pub fn times(&self, by: Multiplier) -> Self {
        let periods = self.periods.iter().map(|period| Period {
            standard: period.standard.times(by),
            off_peak: period.off_peak.as_ref().map(|off_peak| {
                Box::new(OffPeak {
                    windows: off_peak.windows.clone(),
                    prices: off_peak.prices.times(by),
                })
            }),
            flex: times_tier(&period.flex, by),
            priority: times_tier(&period.priority, by),
            batch: times_tier(&period.batch, by),
            per: (period.per.iter())
                .map(|(unit, amount)| (*unit, Amount(by.of(amount.0))))
                .collect(),
            ..*period
        });
        Self {
            periods: periods.collect(),
        }
    }
}

fn times_tier(set: &Option<Box<PriceSet>>, by: Multiplier) -> Option<Box<PriceSet>> {
    set.as_ref().map(|set| Box::new(set.times(by)))
}

impl PriceSet {
    fn times(&self, by: Multiplier) -> Self {
        let tier = |tier: &ContextTier| ContextTier {
            above: tier.above,
            rates: tier.rates.times(by),
        };
        Self {
            base: self.base.times(by),
            context_tiers: self.context_tiers.iter().map(tier).collect(),
        }
    }
}

impl Rates {
    fn times(&self, by: Multiplier) -> Self {
        let rate = |rate: PerMillion| PerMillion::from_pico_per_token(by.of(rate.pico_per_token()));
        let amount = |amount: Amount| Amount(by.of(amount.0));
        Self {
            input: rate(self.input),
            output: rate(self.output),
            cache_read: self.cache_read.map(rate),
            cache_write: self.cache_write.map(rate),
            cache_write_1h: self.cache_write_1h.map(rate),
            reasoning: self.reasoning.map(rate),
            audio_input: self.audio_input.map(rate),
            audio_output: self.audio_output.map(rate),
            image_input: self.image_input.map(rate),
            image_output: self.image_output.map(rate),
            per_request: amount(self.per_request),
            per_web_search: amount(self.per_web_search),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pricing::{ServiceTier, Unit};

    #[test]
    fn a_factor_is_a_decimal_from_0_to_1000() {
        for (text, expect) in [
            ("0.85", Ok("0.85")),
            ("1.0", Ok("1")),
            ("0", Ok("0")),
            ("1000", Ok("1000")),
            ("1000.1", Err(NotDecimal::TooLarge)),
            ("0.0000001", Err(NotDecimal::TooFine { places: 6 })),
            ("-1", Err(NotDecimal::Negative)),
            ("85%", Err(NotDecimal::Malformed)),
        ] {
            let read = text.parse::<Multiplier>().map(|factor| factor.to_string());
            assert_eq!(
                read.as_deref(),
                expect.as_ref().map(|text| &**text),
                "{text}"
            );
        }
    }

    #[test]
    fn every_dimension_is_multiplied_and_rounded_to_the_nearest() {
        let by: Multiplier = "0.9".parse().unwrap();
        let rates = Rates {
            input: "0.000005".parse().unwrap(),
            output: "10".parse().unwrap(),
            cache_read: Some("0.000001".parse().unwrap()),
            per_request: "0.01".parse().unwrap(),
            ..Rates::default()
        };
        let set = PriceSet {
            base: rates,
            context_tiers: vec![ContextTier { above: 7, rates }],
        };
        let price = Price::new(vec![Period {
            flex: Some(Box::new(set.clone())),
            per: vec![(Unit::Page, "1".parse().unwrap())],
            ..Period::always(set)
        }])
        .unwrap();
        let less = price.times(by);
        for (input, tier) in [
            (0, ServiceTier::Standard),
            (8, ServiceTier::Standard),
            (8, ServiceTier::Flex),
        ] {
            let got = less.rates(input, 0, tier).unwrap();
            // 4.5 is halfway, 0.9 nearer to 1.
            assert_eq!(got.input.to_string(), "0.000005");
            assert_eq!(got.cache_read.unwrap().to_string(), "0.000001");
            assert_eq!(got.output.to_string(), "9");
            assert_eq!(got.per_request.to_string(), "0.009");
            assert_eq!(got.reasoning, None, "what had no price of its own has none");
        }
        assert_eq!(less.periods()[0].per[0].1.to_string(), "0.9");
        let free = price.times("0".parse().unwrap());
        assert_eq!(
            free.rates(0, 0, ServiceTier::Standard).unwrap().output,
            PerMillion::ZERO
        );
        assert_eq!(price.times("1".parse().unwrap()), price);
    }
}
