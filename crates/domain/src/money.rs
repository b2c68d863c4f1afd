//! Exact money: what sums are made in, what a record holds, and the decimal text of both. No floating point, ever.

mod decimal;
mod rate;

pub use decimal::NotDecimal;
pub use rate::PerMillion;

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Decimal places of both types: the unit is 10⁻¹² USD.
const PLACES: usize = 12;

/// An amount in 10⁻¹² USD, 128-bit: what arithmetic is done in. No sum of real prices comes near its ends (1.7 × 10²⁶
/// USD), so sums saturate instead of failing; only the conversion to an [`Amount`] is checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(i128);

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// So many 10⁻¹² USD.
    pub const fn from_pico(pico: i128) -> Self {
        Self(pico)
    }

    /// In 10⁻¹² USD.
    pub const fn pico(self) -> i128 {
        self.0
    }

    /// The sum, at the type's end where it would pass it.
    #[must_use]
    pub const fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// The difference, at the type's end where it would pass it.
    #[must_use]
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// So many times this, at the type's end where it would pass it.
    #[must_use]
    pub const fn saturating_mul(self, count: u64) -> Self {
        Self(self.0.saturating_mul(count as i128))
    }

    /// As a record holds it; an amount beyond ±9.2 million USD becomes the largest that fits. For what must be written
    /// down in any case; where too much is an error, use [`Amount::try_from`].
    pub fn to_amount_saturating(self) -> Amount {
        let fallback = if self.0 < 0 { i64::MIN } else { i64::MAX };
        Amount(i64::try_from(self.0).unwrap_or(fallback))
    }
}

impl std::iter::Sum for Money {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Self::saturating_add)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        decimal::write(f, self.0, PLACES)
    }
}

impl FromStr for Money {
    type Err = NotDecimal;

    /// Reads USD as decimal text (`0.000123`, `-1`): no exponent, no `+`, at most 12 decimals.
    fn from_str(text: &str) -> Result<Self, NotDecimal> {
        decimal::read(text, PLACES).map(Self)
    }
}

/// An amount in 10⁻¹² USD, checked 64-bit (up to about 9.2 million USD): what a record holds.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Amount(pub i64);

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(0);
}

impl TryFrom<Money> for Amount {
    type Error = TooLarge;

    fn try_from(money: Money) -> Result<Self, TooLarge> {
        i64::try_from(money.0)
            .map(Self)
            .map_err(|_| TooLarge(money))
    }
}

impl From<Amount> for Money {
    fn from(amount: Amount) -> Self {
        Self(i128::from(amount.0))
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Money::from(*self).fmt(f)
    }
}

impl FromStr for Amount {
    type Err = NotDecimal;

    /// As [`Money::from_str`], within an amount's range.
    fn from_str(text: &str) -> Result<Self, NotDecimal> {
        Self::try_from(text.parse::<Money>()?).map_err(|_| NotDecimal::TooLarge)
    }
}

/// An amount that a record cannot hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} USD is more than a record can hold (9223372.036854775807 USD)")]
pub struct TooLarge(pub Money);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn decimal_text_is_short_and_exact() {
        let check = |pico: i128, text: &str| {
            assert_eq!(Money(pico).to_string(), text);
            assert_eq!(text.parse(), Ok(Money(pico)));
        };
        check(0, "0");
        check(1, "0.000000000001");
        check(123_000_000, "0.000123");
        check(1_000_000_000_000, "1");
        check(-1_500_000_000_000, "-1.5");
        check(-1, "-0.000000000001");
        check(12_345_000_000_000_000, "12345");
        assert_eq!("1.50".parse(), Ok(Money(1_500_000_000_000)));
        assert_eq!(
            Money(i128::MIN).to_string(),
            "-170141183460469231731687303.715884105728"
        );
    }

    #[test]
    fn what_is_not_exact_decimal_is_refused() {
        for (text, error) in [
            ("", NotDecimal::Malformed),
            (".5", NotDecimal::Malformed),
            ("5.", NotDecimal::Malformed),
            ("+1", NotDecimal::Malformed),
            ("1e-6", NotDecimal::Malformed),
            ("1,5", NotDecimal::Malformed),
            ("1.2.3", NotDecimal::Malformed),
            ("--1", NotDecimal::Malformed),
            (" 1", NotDecimal::Malformed),
            ("NaN", NotDecimal::Malformed),
            ("0.0000000000001", NotDecimal::TooFine { places: 12 }),
            (
                "999999999999999999999999999999999999999",
                NotDecimal::TooLarge,
            ),
        ] {
            assert_eq!(text.parse::<Money>(), Err(error), "{text:?}");
        }
        // More digits than fit the unit are fine while they say nothing.
        assert_eq!("0.0000000000010000".parse(), Ok(Money(1)));
    }

    #[test]
    fn an_amount_is_checked() {
        assert_eq!(
            "9223372.036854775807".parse(),
            Ok(Amount(i64::MAX)),
            "the largest"
        );
        assert_eq!(
            "9223372.036854775808".parse::<Amount>(),
            Err(NotDecimal::TooLarge)
        );
        assert_eq!(
            Amount::try_from(Money(i128::from(i64::MAX) + 1)),
            Err(TooLarge(Money(9_223_372_036_854_775_808)))
        );
        assert_eq!(
            Money(i128::MAX).to_amount_saturating(),
            Amount(i64::MAX),
            "what must be written is cut"
        );
        assert_eq!(Money(i128::MIN).to_amount_saturating(), Amount(i64::MIN));
        assert_eq!(Amount(123_000_000).to_string(), "0.000123");
        assert_eq!(Amount::ZERO.to_string(), "0");
    }

    proptest! {
        #[test]
        fn text_goes_both_ways(pico in any::<i128>(), small in any::<i64>()) {
            prop_assert_eq!(Money(pico).to_string().parse::<Money>(), Ok(Money(pico)));
            prop_assert_eq!(Amount(small).to_string().parse::<Amount>(), Ok(Amount(small)));
        }

        #[test]
        fn an_amount_is_json_with_every_digit(pico in 0i64..) {
            let json = format!("{{\"cost\":{}}}", Amount(pico));
            let object: std::collections::BTreeMap<String, &serde_json::value::RawValue> =
                serde_json::from_str(&json).unwrap();
            prop_assert_eq!(object["cost"].get().parse::<Amount>(), Ok(Amount(pico)));
        }

        #[test]
        fn sums_never_wrap(a in any::<i128>(), b in any::<i128>(), count in any::<u64>()) {
            let sum = Money(a).saturating_add(Money(b));
            match a.checked_add(b) {
                Some(exact) => prop_assert_eq!(sum, Money(exact)),
                None => prop_assert_eq!(sum.pico() > 0, a > 0),
            }
            prop_assert_eq!(Money(a).saturating_mul(count).pico(), a.saturating_mul(i128::from(count)));
        }
    }
}
