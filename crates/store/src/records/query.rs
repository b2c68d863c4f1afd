//! Reading records back: one, and those that arrive; and what every search has in common.

use super::filter::{FollowCursor, KeptUp, RecordFilter, StatusClass, TimeRange, verdict_number};
use super::slices::first_id;
use super::{Month, Partitions, columns};
use crate::StoreError;
use crate::db::{Database, Pool, Row};
use domain::id::RequestId;
use domain::record::Record;
use sqlx::{QueryBuilder, Row as _};
use std::collections::BTreeMap;

/// The largest page.
pub(super) const MAX_PAGE: u32 = 1_000;

/// One record.
pub(crate) async fn find(
    partitions: &Partitions,
    id: RequestId,
) -> Result<Option<Record>, StoreError> {
    let month = Month::of(id.at_ms());
    let Some(pool) = partitions.reader(month).await? else {
        return Ok(None);
    };
    let mut query = QueryBuilder::new(columns::selection());
    query
        .push("record WHERE id = ")
        .push_bind(id.as_bytes().to_vec());
    let found = rows(&pool, query).await;
    let found = found.map_err(StoreError::database(&partitions.path(month)))?;
    Ok(found.into_iter().next().map(|(_, record)| record))
}

/// Where everything that is there already has arrived.
pub(crate) async fn end(partitions: &Partitions) -> Result<FollowCursor, StoreError> {
    let mut arrived = BTreeMap::new();
    for month in partitions.months() {
        if let Some(pool) = partitions.reader(month).await? {
            let last: Option<i64> = sqlx::query_scalar("SELECT MAX(arrival) FROM record")
                .fetch_one(&pool)
                .await
                .map_err(StoreError::database(&partitions.path(month)))?;
            arrived.insert(month, last.unwrap_or(0));
        }
    }
    Ok(FollowCursor { arrived })
}

/// Records that match and arrived after the cursor, which is moved behind them.
pub(crate) async fn follow(
    partitions: &Partitions,
    filter: &RecordFilter,
    cursor: &mut FollowCursor,
    max: u32,
) -> Result<Vec<Record>, StoreError> {
    let wanted = usize::try_from(max.min(MAX_PAGE)).unwrap_or(usize::MAX);
    let mut found = Vec::new();
    for month in partitions.months() {
        let Some(pool) = partitions.reader(month).await? else {
            continue;
        };
        let after = cursor.arrived.entry(month).or_insert(0);
        let more = arrived(&pool, filter, *after, wanted - found.len()).await;
        let more = more.map_err(StoreError::database(&partitions.path(month)))?;
        for (arrival, record) in more {
            *after = arrival;
            found.push(record);
        }
        if found.len() >= wanted {
            break;
        }
    }
    Ok(found)
}

/// Moves a cursor that is more than `most` records behind the end to half of that behind it. Half, so that a follower who is too slow for long is not told at every page.
pub(crate) async fn keep_up(
    partitions: &Partitions,
    filter: &RecordFilter,
    cursor: &mut FollowCursor,
    most: u64,
) -> Result<KeptUp, StoreError> {
    let end = end(partitions).await?;
    let mut missed = 0;
    if cursor.behind(&end) <= most {
        return Ok(KeptUp { missed, end });
    }
    let ahead = end.before(most / 2);
    for (month, upto) in &ahead.arrived {
        let after = cursor.arrived.get(month).copied().unwrap_or(0);
        if let Some(pool) = partitions.reader(*month).await? {
            let count = count(&pool, filter, after, *upto).await;
            missed += count.map_err(StoreError::database(&partitions.path(*month)))?;
        }
    }
    cursor.advance(&ahead);
    Ok(KeptUp { missed, end })
}

/// How many match of what arrived in one partition behind one place and up to another.
async fn count(
    pool: &Pool,
    filter: &RecordFilter,
    after: i64,
    upto: i64,
) -> Result<u64, sqlx::Error> {
    let Some(names) = Named::find(pool, filter).await? else {
        return Ok(0);
    };
    let mut query = QueryBuilder::new("SELECT COUNT(*) FROM record");
    within(&mut query, filter.range);
    fitting(&mut query, filter, &names);
    query.push(" AND arrival > ").push_bind(after);
    query.push(" AND arrival <= ").push_bind(upto);
    let count: i64 = query.build_query_scalar().fetch_one(pool).await?;
    Ok(count.unsigned_abs())
}

/// What arrived in one partition.
async fn arrived(
    pool: &Pool,
    filter: &RecordFilter,
    after: i64,
    wanted: usize,
) -> Result<Vec<(i64, Record)>, sqlx::Error> {
    let Some(names) = Named::find(pool, filter).await? else {
        return Ok(Vec::new());
    };
    let mut query = QueryBuilder::new(columns::selection());
    query.push("record");
    within(&mut query, filter.range);
    fitting(&mut query, filter, &names);
    query.push(" AND arrival > ").push_bind(after);
    query
        .push(" ORDER BY arrival LIMIT ")
        .push_bind(limit(wanted));
    rows(pool, query).await
}

/// The partitions that a range touches, oldest first.
pub(super) fn months(partitions: &Partitions, range: TimeRange) -> Vec<Month> {
    let first = range.since_ms.map(Month::of);
    let last = range
        .until_ms
        .map(|until| Month::of(until.saturating_sub(1)));
    let mut months = partitions.months();
    months.retain(|month| {
        first.is_none_or(|first| *month >= first) && last.is_none_or(|last| *month <= last)
    });
    months
}

/// The texts of a filter, as a partition numbers them; those that the filter leaves open are `None`.
#[derive(Debug, Default)]
pub(super) struct Named {
    project: Option<i64>,
    pub(super) key: Option<i64>,
    model: Option<i64>,
    provider: Option<i64>,
}

impl Named {
    /// `None` where the partition does not know one of them: nothing in it can match then.
    pub(super) async fn find(
        pool: &Pool,
        filter: &RecordFilter,
    ) -> Result<Option<Self>, sqlx::Error> {
        let mut names = Self::default();
        let texts = [
            (&filter.project, &mut names.project),
            (&filter.key, &mut names.key),
            (&filter.model, &mut names.model),
            (&filter.provider, &mut names.provider),
        ];
        for (text, number) in texts {
            let Some(text) = text else { continue };
            *number = sqlx::query_scalar("SELECT id FROM name WHERE text = $1")
                .bind(text)
                .fetch_optional(pool)
                .await?;
            if number.is_none() {
                return Ok(None);
            }
        }
        Ok(Some(names))
    }
}

/// ` AND …` for all that a filter says but for the time.
pub(super) fn fitting(query: &mut QueryBuilder<Database>, filter: &RecordFilter, names: &Named) {
    let numbers = [
        (" AND project = ", names.project),
        (" AND key_id = ", names.key),
        (" AND model = ", names.model),
        (" AND provider = ", names.provider),
    ];
    for (condition, number) in numbers {
        if let Some(number) = number {
            query.push(condition).push_bind(number);
        }
    }
    match filter.status {
        None => {}
        Some(StatusClass::Success) => {
            query.push(" AND status BETWEEN 200 AND 299");
        }
        Some(StatusClass::ClientError) => {
            query.push(" AND status BETWEEN 400 AND 499");
        }
        Some(StatusClass::ServerError) => {
            query.push(" AND status >= 500");
        }
    }
    if let Some(verdict) = filter.verdict {
        query
            .push(" AND verdict = ")
            .push_bind(verdict_number(verdict));
    }
    if let Some(status) = filter.status_is {
        query.push(" AND status = ").push_bind(i64::from(status));
    }
    let bounds = [
        ("cost", filter.cost),
        ("duration_ms", filter.duration_ms),
        ("first_token_ms", filter.first_token_ms),
    ];
    for (column, bounds) in bounds {
        for (than, bound) in [(">=", bounds.least), ("<=", bounds.most)] {
            if let Some(bound) = bound {
                query
                    .push(format!(" AND {column} {than} "))
                    .push_bind(bound);
            }
        }
    }
    if let Some(id) = &filter.client_request_id {
        query
            .push(" AND client_request_id = ")
            .push_bind(id.clone());
    }
    if let Some(stream) = filter.stream {
        query.push(" AND stream = ").push_bind(i64::from(stream));
    }
}

/// ` WHERE …`, always with something in it, so that callers can go on with ` AND`. Times are compared by id, which begins with the time.
pub(super) fn within(query: &mut QueryBuilder<Database>, range: TimeRange) {
    query.push(" WHERE 1 = 1");
    if let Some(since) = range.since_ms {
        query
            .push(" AND id >= ")
            .push_bind(first_id(since).to_vec());
    }
    if let Some(until) = range.until_ms {
        query.push(" AND id < ").push_bind(first_id(until).to_vec());
    }
}

pub(super) fn limit(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

/// Runs a query on records; with each the place of its arrival.
pub(super) async fn rows(
    pool: &Pool,
    mut query: QueryBuilder<Database>,
) -> Result<Vec<(i64, Record)>, sqlx::Error> {
    let rows: Vec<Row> = query.build().fetch_all(pool).await?;
    rows.iter()
        .map(|row| Ok((row.try_get("arrival")?, columns::record(row)?)))
        .collect()
}
