//! What can be asked about records, and the shapes of the answers.

use super::Month;
use domain::id::RequestId;
use domain::performance::{Rollup, Verdict};
use domain::record::Record;
use protocol::ir::Usage;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// Which records; everything that is `None` matches all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecordFilter {
    /// Project id.
    pub project: Option<String>,
    /// Key id.
    pub key: Option<String>,
    /// The model that served it (`author/slug`).
    pub model: Option<String>,
    /// Provider id.
    pub provider: Option<String>,
    /// The HTTP status's class.
    pub status: Option<StatusClass>,
    /// The HTTP status itself.
    pub status_is: Option<u16>,
    /// What became of it.
    pub verdict: Option<Verdict>,
    /// Streamed or whole.
    pub stream: Option<bool>,
    /// What it cost, in 10⁻¹² USD; what has no price matches no bound.
    pub cost: Bounds,
    /// How long it took, in milliseconds.
    pub duration_ms: Bounds,
    /// How long its first content took, in milliseconds; what had none matches no bound.
    pub first_token_ms: Bounds,
    /// The client's own request id.
    pub client_request_id: Option<String>,
    /// When the exchange began.
    pub range: TimeRange,
}

/// A span of numbers, both ends included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bounds {
    /// Not below this.
    pub least: Option<i64>,
    /// Not above this.
    pub most: Option<i64>,
}

/// A span of time, in milliseconds since 1970.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TimeRange {
    /// From here on.
    pub since_ms: Option<i64>,
    /// To here, which no longer belongs.
    pub until_ms: Option<i64>,
}

/// Classes of HTTP status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusClass {
    /// 200 to 299.
    Success,
    /// 400 to 499: the client's fault, or it hung up.
    ClientError,
    /// 500 and more.
    ServerError,
}

/// A verdict as records' tables have it.
pub(super) fn verdict_number(verdict: Verdict) -> i64 {
    match verdict {
        Verdict::Served => 0,
        Verdict::CallerFault => 1,
        Verdict::RateLimited => 2,
        Verdict::Abandoned => 3,
        Verdict::Failed => 4,
    }
}

/// A page of a listing, newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// Only records that began before this one: what the page before gave as its next.
    pub before: Option<RequestId>,
    /// How many at most; more than 1,000 counts as 1,000.
    pub limit: u32,
    /// How long to look for them. What was found until then is the page.
    pub patience: Duration,
}

/// A page of records.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The records, newest first. They may be fewer than asked for, even none, where what matches is rare.
    pub records: Vec<Record>,
    /// The next page's [`Page::before`], if there may be one.
    pub next: Option<RequestId>,
}

/// How far a follower has come, in order of arrival in the database (a long stream arrives after shorter ones that
/// began later).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FollowCursor {
    /// The last row seen of each partition.
    pub(super) arrived: BTreeMap<Month, i64>,
}

/// What became of a follower that may have been too far behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptUp {
    /// How many records that match it has passed over.
    pub missed: u64,
    /// Where all that had arrived ended.
    pub end: FollowCursor,
}

impl FollowCursor {
    /// Moves this behind everything that another cursor is behind.
    pub fn advance(&mut self, to: &Self) {
        for (month, row) in &to.arrived {
            let own = self.arrived.entry(*month).or_insert(0);
            *own = (*own).max(*row);
        }
    }

    /// So many records earlier; at most to the begin.
    pub(super) fn before(&self, records: u64) -> Self {
        let mut left = records;
        let mut arrived = self.arrived.clone();
        for row in arrived.values_mut().rev() {
            let back = left.min(u64::try_from(*row).unwrap_or(0));
            *row = row.saturating_sub_unsigned(back);
            left -= back;
        }
        Self { arrived }
    }

    /// How many records arrived after this and up to another cursor.
    pub fn behind(&self, other: &Self) -> u64 {
        let gap = |(month, row): (&Month, &i64)| {
            row.saturating_sub(self.arrived.get(month).copied().unwrap_or(0))
        };
        other
            .arrived
            .iter()
            .map(|at| u64::try_from(gap(at)).unwrap_or(0))
            .sum()
    }
}

impl fmt::Display for FollowCursor {
    /// `2026-07:42,2026-08:7`; `-` where there is nothing yet. Means nothing to anybody else.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.arrived.is_empty() {
            return f.write_str("-");
        }
        for (at, (month, row)) in self.arrived.iter().enumerate() {
            let separator = if at == 0 { "" } else { "," };
            write!(f, "{separator}{month}:{row}")?;
        }
        Ok(())
    }
}

/// Text that no [`FollowCursor`] was written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor")]
pub struct NotACursor;

impl FromStr for FollowCursor {
    type Err = NotACursor;

    fn from_str(text: &str) -> Result<Self, NotACursor> {
        let place = |part: &str| {
            let (month, row) = part.split_once(':')?;
            Some((Month::parse(month)?, row.parse().ok()?))
        };
        let parts = text.split(',').filter(|_| text != "-");
        let arrived = parts
            .map(|part| place(part).ok_or(NotACursor))
            .collect::<Result<_, _>>()?;
        Ok(Self { arrived })
    }
}

/// Which roll-ups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RollupFilter {
    /// Of exchanges or of calls.
    pub scope: RollupScope,
    /// The model, of calls the provider's own name of it; all where `None`.
    pub model: Option<String>,
    /// Provider id; all where `None`.
    pub provider: Option<String>,
    /// Hours since 1970, the last one excluded.
    pub hours: std::ops::Range<i64>,
    /// Whether more than sums is wanted.
    pub detail: bool,
}

/// What a roll-up sums.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RollupScope {
    /// Exchanges: what clients saw, by model and by the provider that served it or was last tried. Where none was, both
    /// are empty.
    Exchanges,
    /// Calls: what each provider did, by its own name of the model.
    Calls,
}

impl RollupScope {
    pub(super) fn number(self) -> i64 {
        match self {
            Self::Exchanges => 0,
            Self::Calls => 1,
        }
    }
}

/// What happened in one hour.
#[derive(Clone, Debug)]
pub struct RollupRow {
    /// The model; of calls, the provider's own name of it.
    pub model: String,
    /// Provider id.
    pub provider: String,
    /// Hours since 1970.
    pub hour: i64,
    /// The sums, and more where it was asked for.
    pub rollup: Rollup,
}

/// What usage is summed by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dimension {
    /// The model that served.
    Model,
    /// Key id.
    Key,
    /// Project id.
    Project,
    /// Provider id.
    Provider,
    /// UTC day (`2026-07-31`).
    Day,
}

/// A sum over records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageRow {
    /// The model, key, project, provider or day.
    pub dimension: String,
    /// How many exchanges.
    pub requests: u64,
    /// How many of them have no price.
    pub unpriced: u64,
    /// Their tokens; a sum that would not fit stays at the largest number.
    pub usage: Usage,
    /// Their cost in 10⁻¹² USD; those without a price count as nothing.
    pub cost: i128,
}
