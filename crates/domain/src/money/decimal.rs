//! Decimal text of scaled integers: what money and prices share. Knows no units.

use std::fmt;

/// Text that is not an exact decimal number of the wanted kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotDecimal {
    /// Not digits with at most one point between them.
    #[error("expected a decimal number such as \"0.075\", without exponent")]
    Malformed,
    /// A digit stands behind the last place that can be kept.
    #[error("more than {places} decimals cannot be kept exactly")]
    TooFine {
        /// How many can.
        places: usize,
    },
    /// Below zero, where that makes no sense.
    #[error("a price cannot be negative")]
    Negative,
    /// Out of range.
    #[error("the number is too large")]
    TooLarge,
}

/// Reads `text` as a number of units of 10^-`places`.
pub(super) fn read(text: &str, places: usize) -> Result<i128, NotDecimal> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, fraction) = match digits.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (digits, None),
    };
    if !is_digits(whole) || !fraction.is_none_or(is_digits) {
        return Err(NotDecimal::Malformed);
    }
    let fraction = fraction.unwrap_or("").trim_end_matches('0');
    if fraction.len() > places {
        return Err(NotDecimal::TooFine { places });
    }
    let zeros = std::iter::repeat_n(b'0', places - fraction.len());
    whole
        .bytes()
        .chain(fraction.bytes())
        .chain(zeros)
        .try_fold(0i128, |sum, digit| {
            let digit = i128::from(digit - b'0');
            // Counting downwards for negative numbers reaches the type's lowest value, which has no positive twin.
            let digit = if negative { -digit } else { digit };
            sum.checked_mul(10)?.checked_add(digit)
        })
        .ok_or(NotDecimal::TooLarge)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Writes so many units of 10^-`places`: no exponent, no trailing zeros, no point without a digit behind it.
pub(super) fn write(f: &mut fmt::Formatter<'_>, units: i128, places: usize) -> fmt::Result {
    let sign = if units < 0 { "-" } else { "" };
    let (whole, mut fraction) = split(units.unsigned_abs(), places);
    if fraction == 0 {
        return write!(f, "{sign}{whole}");
    }
    let mut width = places;
    while fraction % 10 == 0 {
        fraction /= 10;
        width -= 1;
    }
    write!(f, "{sign}{whole}.{fraction:0>width$}")
}

/// Before and behind the point.
fn split(units: u128, places: usize) -> (u128, u128) {
    let one = (0..places).fold(1u128, |one, _| one * 10);
    (units / one, units % one)
}
