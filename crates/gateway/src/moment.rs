//! Moments as requests and commands name them.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::fmt::temporal::Pieces;
use jiff::tz::TimeZone;

/// A text that names none.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is no moment like 2026-12-01T09:30:00Z, and no day like 2026-12-01")]
pub(crate) struct NoMoment(String);

/// Milliseconds since 1970 of a moment (RFC 3339), or of the begin of a day in UTC. The end of the calendar, which people write
/// for "never" (`9999-12-31`), is the last midnight that there is.
///
/// # Errors
/// When it is neither; a time without an offset from UTC is not a moment.
pub(crate) fn read(text: &str) -> Result<i64, NoMoment> {
    let at = text.parse::<Timestamp>().ok();
    let at = at.or_else(|| begin_of(text)).or_else(|| last(text));
    let at = at.ok_or_else(|| NoMoment(text.to_owned()))?;
    Ok(at.as_millisecond())
}

fn begin_of(text: &str) -> Option<Timestamp> {
    // A date is read out of a longer text too, and what follows it would be passed over.
    let day: Date = (text.len() == "2026-12-01".len())
        .then(|| text.parse().ok())
        .flatten()?;
    let begin = day.to_zoned(TimeZone::UTC);
    begin.map_or_else(|_| last(text), |begin| Some(begin.timestamp()))
}

/// The last midnight in UTC that a [`Timestamp`] can be.
const LAST: Timestamp = Timestamp::constant(253_402_128_000, 0);

/// That midnight, for a text that names a day or a moment of the last two days of the calendar: those are no moments
/// everywhere on earth, so that [`Timestamp`] ends before them.
fn last(text: &str) -> Option<Timestamp> {
    let pieces = Pieces::parse(text).ok()?;
    let whole = pieces.time().is_none() || pieces.offset().is_some();
    (whole && pieces.date() >= Date::constant(9999, 12, 30)).then_some(LAST)
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
        let last = "9999-12-30T00:00:00.000Z";
        check("9999-12-31", last);
        check("9999-12-31T23:59:59Z", last);
        check("9999-12-30", last);
        for text in [
            "",
            "noon",
            "2026-12",
            "2026-13-01",
            "2026-12-01T09:30:00",
            "9999-12-31T09:30:00",
        ] {
            let said = read(text).unwrap_err().to_string();
            assert!(
                said.starts_with(&format!("'{text}' is no moment")),
                "{said}"
            );
        }
    }
}
