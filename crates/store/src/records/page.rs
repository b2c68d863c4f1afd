//! A page of records, newest first. It is looked for in one slice of time after the other, so that it can stop between
//! two: what is rare takes several pages, none of which takes longer the more records there are.

use super::filter::{Found, Page, RecordFilter};
use super::query::{MAX_PAGE, Named, fitting, limit, months, rows};
use super::slices::first_id;
use super::{Month, Partitions, columns};
use crate::StoreError;
use crate::db::Pool;
use domain::id::RequestId;
use domain::performance::Verdict;
use domain::record::Record;
use sqlx::QueryBuilder;
use std::ops::Range;
use std::time::{Duration, Instant};

/// Records that match, newest first.
pub(crate) async fn page(
    partitions: &Partitions,
    filter: &RecordFilter,
    page: Page,
) -> Result<Found, StoreError> {
    let mut search = Search {
        filter,
        begin: Instant::now(),
        patience: page.patience,
        wanted: usize::try_from(page.limit.min(MAX_PAGE)).unwrap_or(usize::MAX),
        span: Span::of(filter, page.before),
        found: Vec::new(),
    };
    let newest = page.before.map(|before| Month::of(before.at_ms()));
    let mut next = None;
    for month in months(partitions, filter.range).into_iter().rev() {
        if newest.is_some_and(|newest| month > newest) {
            continue;
        }
        let Some(pool) = partitions.reader(month).await? else {
            continue;
        };
        let stopped = search.partition(&pool).await;
        next = stopped.map_err(StoreError::database(&partitions.path(month)))?;
        if next.is_some() {
            break;
        }
    }
    Ok(Found {
        records: search.found,
        next,
    })
}

/// A search under way.
struct Search<'a> {
    filter: &'a RecordFilter,
    begin: Instant,
    patience: Duration,
    wanted: usize,
    span: Span,
    found: Vec<Record>,
}

impl Search<'_> {
    /// Looks through a partition; says where to go on, if it stopped in it.
    async fn partition(&mut self, pool: &Pool) -> Result<Option<RequestId>, sqlx::Error> {
        let Some(names) = Named::find(pool, self.filter).await? else {
            return Ok(None);
        };
        let mut span = self.span.clone();
        loop {
            let slice: i64 =
                sqlx::query_scalar("SELECT MAX(begin_ms) FROM slice WHERE begin_ms <= $1")
                    .bind(span.latest_ms)
                    .fetch_one(pool)
                    .await?;
            let begin = first_id(slice);
            let ids = span.ids.start.max(begin)..span.ids.end;
            self.slice(pool, &names, slice, &ids).await?;
            if self.found.len() >= self.wanted {
                return Ok(self.found.last().map(|record| record.id));
            }
            // The first slice of a partition is of all time before the second: the next older partition comes now.
            if slice <= 0 || begin <= span.ids.start {
                return Ok(None);
            }
            if self.begin.elapsed() >= self.patience {
                return Ok(Some(RequestId::from_bytes(begin)));
            }
            span.ids.end = begin;
            span.latest_ms = slice - 1;
        }
    }

    /// Looks through a slice, by key with the index.
    async fn slice(
        &mut self,
        pool: &Pool,
        names: &Named,
        slice: i64,
        ids: &Range<[u8; 16]>,
    ) -> Result<(), sqlx::Error> {
        let mut query = QueryBuilder::new(columns::selection());
        query
            .push("record WHERE id >= ")
            .push_bind(ids.start.to_vec());
        query.push(" AND id < ").push_bind(ids.end.to_vec());
        if names.key.is_some() {
            query.push(" AND slice = ").push_bind(slice);
        }
        if self.filter.verdict.is_some_and(|it| it != Verdict::Served) {
            // Of what was not served there is an index, which SQLite takes where this says so. Who follows must not: it
            // would read all of a month's failures for the few that came last.
            query.push(" AND verdict > 0");
        }
        fitting(&mut query, self.filter, names);
        query
            .push(" ORDER BY id DESC LIMIT ")
            .push_bind(limit(self.wanted - self.found.len()));
        let more = rows(pool, query).await?;
        self.found
            .extend(more.into_iter().map(|(_, record)| record));
        Ok(())
    }
}

/// What a search may look at.
#[derive(Clone)]
struct Span {
    ids: Range<[u8; 16]>,
    /// When the latest of them began, in milliseconds since 1970.
    latest_ms: i64,
}

impl Span {
    fn of(filter: &RecordFilter, before: Option<RequestId>) -> Self {
        let start = filter.range.since_ms.map_or([0; 16], first_id);
        let until = filter.range.until_ms.map(|until| Self {
            ids: start..first_id(until),
            latest_ms: until.saturating_sub(1).max(0),
        });
        let before = before.map(|before| {
            // The first id of a moment ends before it: else a search that stopped between two slices would begin with
            // the newer one again, and stop there again.
            let (end, at_ms) = (*before.as_bytes(), before.at_ms());
            let earlier = i64::from(end == first_id(at_ms));
            Self {
                ids: start..end,
                latest_ms: (at_ms - earlier).max(0),
            }
        });
        let ends = until.into_iter().chain(before);
        ends.min_by_key(|span| span.ids.end).unwrap_or(Self {
            ids: start..[u8::MAX; 16],
            latest_ms: i64::MAX,
        })
    }
}
