//! Prices per token, as price lists write them.

use super::{Money, NotDecimal, decimal};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// USD per million tokens, held as whole 10⁻¹² USD per token: six decimals (`0.075`, `0.000001`) are exact, more are
/// refused. Never negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PerMillion(i64);

/// A million tokens at 10⁻¹² USD each cost 10⁻⁶ USD.
const PLACES: usize = 6;

impl PerMillion {
    /// Free.
    pub const ZERO: Self = Self(0);

    /// So many 10⁻¹² USD per token; what is below zero is zero.
    pub const fn from_pico_per_token(pico: i64) -> Self {
        Self(if pico < 0 { 0 } else { pico })
    }

    /// In 10⁻¹² USD per token.
    pub const fn pico_per_token(self) -> i64 {
        self.0
    }

    /// The price of so many tokens: exact, since (2⁶³ − 1) × (2⁶⁴ − 1) fits 128 bits with a sign.
    pub const fn of(self, tokens: u64) -> Money {
        Money::from_pico(self.0 as i128 * tokens as i128)
    }
}

impl fmt::Display for PerMillion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        decimal::write(f, i128::from(self.0), PLACES)
    }
}

impl FromStr for PerMillion {
    type Err = NotDecimal;

    fn from_str(text: &str) -> Result<Self, NotDecimal> {
        let pico = decimal::read(text, PLACES)?;
        if pico < 0 {
            return Err(NotDecimal::Negative);
        }
        i64::try_from(pico)
            .map(Self)
            .map_err(|_| NotDecimal::TooLarge)
    }
}

impl Serialize for PerMillion {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PerMillion {
    /// From a string only: a number would already have gone through floating point.
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn list_prices_are_whole_numbers_per_token() {
        let check = |text: &str, pico: i64| {
            let rate: PerMillion = text.parse().unwrap();
            assert_eq!(rate.pico_per_token(), pico);
            assert_eq!(rate.to_string(), text);
        };
        check("0", 0);
        check("0.075", 75_000);
        check("0.000001", 1);
        check("15", 15_000_000);
        assert_eq!(
            "0.0000001".parse::<PerMillion>(),
            Err(NotDecimal::TooFine { places: 6 })
        );
        assert_eq!("-1".parse::<PerMillion>(), Err(NotDecimal::Negative));
        assert_eq!(
            "9223372036854.775808".parse::<PerMillion>(),
            Err(NotDecimal::TooLarge)
        );
    }

    #[test]
    fn only_strings_are_read() {
        assert!(serde_json::from_str::<PerMillion>("0.075").is_err());
        assert_eq!(
            serde_json::from_str::<PerMillion>("\"0.075\"").unwrap(),
            PerMillion(75_000)
        );
    }

    proptest! {
        #[test]
        fn tokens_add_up(rate in 0i64.., a in 0u64..=u64::MAX / 2, b in 0u64..=u64::MAX / 2) {
            let rate = PerMillion(rate);
            prop_assert_eq!(rate.of(a + b), rate.of(a).saturating_add(rate.of(b)));
            prop_assert_eq!(rate.to_string().parse::<PerMillion>(), Ok(rate));
        }
    }
}
