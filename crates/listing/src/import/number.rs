//! Exact decimal numbers from JSON text: prices come as `7.5e-08` USD a token and are written as `0.075` a million.

/// A number written in JSON times 10^`shift`, as plain decimal text with at most `places` decimals (what is finer is
/// rounded half up). `None` for what is no number, and for negative ones: such a price is none.
pub(super) fn scaled(json: &str, shift: i32, places: usize) -> Option<String> {
    let text = json.trim().trim_matches('"');
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    if digits.is_empty() || digits.len() > 60 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let point = i32::try_from(whole.len()).ok()? + exponent + shift;
    if !(-60..=60).contains(&point) {
        return digits
            .bytes()
            .all(|byte| byte == b'0')
            .then(|| "0".to_owned());
    }
    Some(plain(&digits, point, places))
}

/// `digits` with the point after the first `point` of them.
fn plain(digits: &str, point: i32, places: usize) -> String {
    let before = usize::try_from(point).unwrap_or(0);
    let zeros = usize::try_from(-point).unwrap_or(0);
    let padded = format!(
        "{}{digits}{}",
        "0".repeat(zeros),
        "0".repeat(before + places + 1)
    );
    let kept = before + places;
    let (head, tail) = padded.split_at(kept);
    let mut kept: Vec<u8> = format!("0{head}").into_bytes();
    if tail.as_bytes().first().is_some_and(|digit| *digit >= b'5') {
        for digit in kept.iter_mut().rev() {
            if *digit == b'9' {
                *digit = b'0';
            } else {
                *digit += 1;
                break;
            }
        }
    }
    let text = String::from_utf8_lossy(&kept).into_owned();
    let (whole, fraction) = text.split_at(text.len() - places);
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let fraction = fraction.trim_end_matches('0');
    if fraction.is_empty() {
        whole.to_owned()
    } else {
        format!("{whole}.{fraction}")
    }
}

/// The product of two decimal numbers with at most six decimals each, rounded half up to six.
pub(super) fn times(one: &str, other: &str) -> Option<String> {
    let units = |number: &str| scaled(number, 6, 0)?.parse::<u128>().ok();
    let product = units(one)?.checked_mul(units(other)?)?;
    scaled(&product.to_string(), -12, 6)
}

/// What has the same proportion to `new` as `one` has to `old`, rounded half up to six decimals; `None` where `old` is nothing.
pub(super) fn in_proportion(one: &str, old: &str, new: &str) -> Option<String> {
    let units = |number: &str| scaled(number, 6, 0)?.parse::<u128>().ok();
    let (one, old, new) = (units(one)?, units(old)?, units(new)?);
    let moved = one
        .checked_mul(new)?
        .checked_add(old / 2)?
        .checked_div(old)?;
    scaled(&moved.to_string(), -6, 6)
}

/// Whether a price says that nothing is to be paid.
pub(super) fn is_zero(price: &str) -> bool {
    price.bytes().all(|byte| matches!(byte, b'0' | b'.'))
}

/// Whether one price is less than another.
pub(super) fn is_less(one: &str, other: &str) -> bool {
    let units = |price: &str| scaled(price, 12, 0).and_then(|units| units.parse::<u128>().ok());
    units(one) < units(other)
}

/// Whether one is the other, rounded to fewer digits.
pub(super) fn is_rounding(coarse: &str, fine: &str) -> bool {
    let decimals = coarse
        .split_once('.')
        .map_or(0, |(_, fraction)| fraction.len());
    let of_fine = fine
        .split_once('.')
        .map_or(0, |(_, fraction)| fraction.len());
    of_fine > decimals && scaled(fine, 0, decimals).as_deref() == Some(coarse)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_moved_without_loss() {
        let check = |json, shift, places, expect: Option<&str>| {
            assert_eq!(scaled(json, shift, places).as_deref(), expect, "{json}");
        };
        check("7.5e-08", 6, 6, Some("0.075"));
        check("1e-05", 6, 6, Some("10"));
        check("0.15", 0, 6, Some("0.15"));
        check("3", 0, 6, Some("3"));
        check("0.0000375", 6, 6, Some("37.5"));
        check("1.2345678e-07", 6, 6, Some("0.123457"));
        check("9.9999999e-07", 6, 6, Some("1"));
        check("0.0", 6, 6, Some("0"));
        check("2.5e-99", 6, 6, None);
        check("\"0.025\"", 0, 12, Some("0.025"));
        check("-1", 0, 6, None);
        check("null", 0, 6, None);
        check("[1]", 0, 6, None);
    }

    #[test]
    fn a_share_of_a_price_is_exact() {
        let check = |one, other, expect| assert_eq!(times(one, other).as_deref(), Some(expect));
        check("0.56", "0.5", "0.28");
        check("15", "2", "30");
        check("0.000001", "0.5", "0.000001");
        check("0", "2", "0");
    }

    #[test]
    fn a_rounding_is_told_from_another_price() {
        assert!(is_rounding("0.08", "0.075"));
        assert!(!is_rounding("0.075", "0.08"));
        assert!(is_less("0.075", "0.08") && is_less("9", "10") && !is_less("0.10", "0.1"));
        assert!(!is_rounding("0.2", "0.075"));
        assert!(!is_rounding("0.08", "0.08"));
    }
}
