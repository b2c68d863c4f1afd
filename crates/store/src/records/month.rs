//! UTC months, which records and kept responses are partitioned by: a database each, named after its month.

use crate::StoreError;
use jiff::{Timestamp, tz::TimeZone};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{fmt, fs};

/// A UTC month.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Month {
    year: i16,
    month: i8,
}

impl Month {
    /// The month of a moment, in milliseconds since 1970. One that no calendar has (past the year 9999) belongs to the
    /// first month of all rather than nowhere.
    pub(crate) fn of(at_ms: i64) -> Self {
        let date = Timestamp::from_millisecond(at_ms)
            .unwrap_or(Timestamp::UNIX_EPOCH)
            .to_zoned(TimeZone::UTC)
            .date();
        Self {
            year: date.year(),
            month: date.month(),
        }
    }

    /// From a partition's name, `2026-07`.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        let (year, month) = name.split_once('-')?;
        let parsed = Self {
            year: year.parse().ok()?,
            month: month.parse().ok()?,
        };
        (parsed.to_string() == name && (1..=12).contains(&parsed.month)).then_some(parsed)
    }

    /// The months that have a partition in a folder.
    pub(crate) fn all_in(folder: &Path) -> Result<BTreeSet<Self>, StoreError> {
        let fail = || StoreError::io("list", folder);
        let mut months = BTreeSet::new();
        for entry in fs::read_dir(folder).map_err(fail())? {
            let name = entry.map_err(fail())?.file_name();
            let stem = name.to_str().and_then(|name| name.strip_suffix(".db"));
            months.extend(stem.and_then(Self::parse));
        }
        Ok(months)
    }

    /// The file of this month's partition in a folder.
    pub(crate) fn file_in(self, folder: &Path) -> PathBuf {
        folder.join(format!("{self}.db"))
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

impl fmt::Debug for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_both_ways() {
        for (at_ms, name) in [
            (0, "1970-01"),
            (1_785_542_399_999, "2026-07"),
            (1_785_542_400_000, "2026-08"),
            (i64::MAX, "1970-01"),
        ] {
            assert_eq!(Month::of(at_ms).to_string(), name);
            assert_eq!(Month::parse(name), Some(Month::of(at_ms)));
        }
        for name in ["2026-13", "2026-00", "2026-7", "backup", "2026-07-1", ""] {
            assert_eq!(Month::parse(name), None, "{name}");
        }
    }
}
