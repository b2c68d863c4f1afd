//! Hours of the week at which other prices hold.

use super::PriceSet;
use std::fmt;
use std::str::FromStr;

/// Other prices at some hours of the week.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OffPeak {
    /// When; all in UTC.
    pub windows: Vec<Window>,
    /// The prices then.
    pub prices: PriceSet,
}

/// The same hours on some days of the week, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Window {
    /// From which day to which, both included; Monday is 0.
    days: (u8, u8),
    /// From which minute of the day (included) to which (excluded).
    minutes: (u16, u16),
}

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const MS_PER_MINUTE: i64 = 60_000;
const MS_PER_DAY: i64 = 1440 * MS_PER_MINUTE;

impl OffPeak {
    /// Whether these prices hold at a moment (milliseconds since 1970).
    pub fn covers(&self, now_ms: i64) -> bool {
        self.windows.iter().any(|window| window.covers(now_ms))
    }
}

impl Window {
    /// From which day of the week to which, both included; Monday is 0.
    pub fn days(self) -> (u8, u8) {
        self.days
    }

    /// From which minute of the day (included) to which (excluded, at most 1440), in UTC.
    pub fn minutes(self) -> (u16, u16) {
        self.minutes
    }

    fn covers(self, now_ms: i64) -> bool {
        // 1970-01-01 was a Thursday.
        let day = (now_ms.div_euclid(MS_PER_DAY) + 3).rem_euclid(7);
        let minute = now_ms.rem_euclid(MS_PER_DAY) / MS_PER_MINUTE;
        (i64::from(self.days.0)..=i64::from(self.days.1)).contains(&day)
            && (i64::from(self.minutes.0)..i64::from(self.minutes.1)).contains(&minute)
    }
}

/// Text that is not a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected days and hours in UTC such as \"mon-fri 16:30-24:00\"")]
pub struct NotAWindow;

impl FromStr for Window {
    type Err = NotAWindow;

    fn from_str(text: &str) -> Result<Self, NotAWindow> {
        let (days, hours) = text.split_once(' ').ok_or(NotAWindow)?;
        let (first, last) = days.split_once('-').ok_or(NotAWindow)?;
        let (from, to) = hours.split_once('-').ok_or(NotAWindow)?;
        let window = Self {
            days: (day(first)?, day(last)?),
            minutes: (minute(from)?, minute(to)?),
        };
        let ascending = window.days.0 <= window.days.1 && window.minutes.0 < window.minutes.1;
        ascending.then_some(window).ok_or(NotAWindow)
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let day = |number: u8| DAYS.get(usize::from(number)).copied().unwrap_or_default();
        let [(from_h, from_m), (to_h, to_m)] =
            [self.minutes.0, self.minutes.1].map(|minute| (minute / 60, minute % 60));
        let (first, last) = (day(self.days.0), day(self.days.1));
        write!(
            f,
            "{first}-{last} {from_h:02}:{from_m:02}-{to_h:02}:{to_m:02}"
        )
    }
}

fn day(word: &str) -> Result<u8, NotAWindow> {
    (0u8..)
        .zip(DAYS)
        .find(|(_, name)| *name == word)
        .map(|(number, _)| number)
        .ok_or(NotAWindow)
}

/// `16:30` as minute of the day; `24:00` is its end.
fn minute(text: &str) -> Result<u16, NotAWindow> {
    let (hours, minutes) = text.split_once(':').ok_or(NotAWindow)?;
    let number = |digits: &str, most: u16| {
        let read: u16 = digits.parse().map_err(|_| NotAWindow)?;
        (digits.len() == 2 && read <= most)
            .then_some(read)
            .ok_or(NotAWindow)
    };
    let minute = number(hours, 24)? * 60 + number(minutes, 59)?;
    (minute <= 1440).then_some(minute).ok_or(NotAWindow)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, at: &str, expect: bool) {
        let at: jiff::Timestamp = at.parse().unwrap();
        let window: Window = text.parse().unwrap();
        assert_eq!(window.to_string(), text);
        assert_eq!(
            window.covers(at.as_millisecond()),
            expect,
            "{window:?} at {at}"
        );
    }

    #[test]
    fn a_window_has_days_and_hours() {
        check("mon-fri 10:00-24:00", "2026-11-20T10:00:00Z", true);
        check("mon-fri 10:00-24:00", "2026-11-20T09:59:59.999Z", false);
        check("mon-fri 10:00-24:00", "2026-11-20T23:59:59.999Z", true);
        check("mon-fri 10:00-24:00", "2026-11-21T10:00:00Z", false);
        check("sat-sun 00:00-24:00", "2026-11-21T00:00:00Z", true);
        check("thu-thu 00:00-00:01", "1970-01-01T00:00:59Z", true);
        check("wed-wed 23:59-24:00", "1969-12-31T23:59:00Z", true);
    }

    #[test]
    fn what_is_not_a_window_is_refused() {
        for text in [
            "",
            "mon 10:00-11:00",
            "mon-fri",
            "fri-mon 10:00-11:00",
            "mon-fri 11:00-10:00",
            "mon-fri 10:00-10:00",
            "mon-fri 1:00-2:00",
            "mon-fri 10:60-11:00",
            "mon-fri 10:00-24:01",
            "mon-fri 10-11",
        ] {
            assert_eq!(text.parse::<Window>(), Err(NotAWindow), "{text:?}");
        }
    }
}
