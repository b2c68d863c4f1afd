//! Moments as requests and commands name them.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// A text that names none.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is no moment like 2026-12-01T09:30:00Z, and no day like 2026-12-01")]
pub(crate) struct NoMoment(String);

/// Milliseconds since 1970 of a moment (RFC 3339), or of the begin of a day in UTC.
///
/// # Errors
/// When it is neither; a time without an offset from UTC is not a moment.
pub(crate) fn read(text: &str) -> Result<i64, NoMoment> {
    let at = text.parse::<Timestamp>().ok().or_else(|| begin_of(text));
    let at = at.ok_or_else(|| NoMoment(text.to_owned()))?;
    Ok(at.as_millisecond())
}

fn begin_of(text: &str) -> Option<Timestamp> {
    // A date is read out of a longer text too, and what follows it would be passed over.
    let day: Date = (text.len() == "2026-12-01".len())
        .then(|| text.parse().ok())
        .flatten()?;
    Some(day.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::view::timestamp;

    #[test]
    fn a_day_begins_at_midnight_in_utc() {
        let check = |text: &str, expect: &str| {
            assert_eq!(read(text).map(timestamp).unwrap(), expect, "{text}");
        };
        check("2026-12-01T09:30:00Z", "2026-12-01T09:30:00.000Z");
        check("2026-12-01T09:30:00.5+02:00", "2026-12-01T07:30:00.500Z");
        check("2026-12-01", "2026-12-01T00:00:00.000Z");
        for text in ["", "noon", "2026-12", "2026-13-01", "2026-12-01T09:30:00"] {
            let said = read(text).unwrap_err().to_string();
            assert!(
                said.starts_with(&format!("'{text}' is no moment")),
                "{said}"
            );
        }
    }
}
