//! Reading records back: one, a page of them, and those that arrive.

use super::filter::{FollowCursor, Page, RecordFilter, StatusClass, TimeRange};
use super::{Month, Partitions, columns};
use crate::StoreError;
use crate::db::{Arguments, Database, Pool, Row};
use domain::id::RequestId;
use domain::record::{Attempt, Record};
use sqlx::{AssertSqlSafe, QueryBuilder, Row as _};
use std::collections::{BTreeMap, HashMap};

/// The largest page.
const MAX_PAGE: u32 = 1_000;

/// One record.
pub(crate) async fn find(
    partitions: &Partitions,
    id: RequestId,
) -> Result<Option<Record>, StoreError> {
    let month = Month::of(id.at_ms());
    let Some(pool) = partitions.reader(month).await? else {
        return Ok(None);
    };
    let mut query = select();
    query.push(" WHERE id = ").push_bind(id.as_bytes().to_vec());
    let found = rows(&pool, query).await;
    let found = found.map_err(StoreError::database(&partitions.path(month)))?;
    Ok(found.into_iter().next().map(|(_, record)| record))
}

/// Records that match, newest first.
pub(crate) async fn page(
    partitions: &Partitions,
    filter: &RecordFilter,
    page: Page,
) -> Result<Vec<Record>, StoreError> {
    let wanted = usize::try_from(page.limit.min(MAX_PAGE)).unwrap_or(usize::MAX);
    let mut found = Vec::new();
    let newest = page.before.map(|before| Month::of(before.at_ms()));
    for month in months(partitions, filter.range).into_iter().rev() {
        if found.len() >= wanted {
            break;
        }
        if newest.is_some_and(|newest| month > newest) {
            continue;
        }
        let Some(pool) = partitions.reader(month).await? else {
            continue;
        };
        let mut query = select();
        matching(&mut query, filter);
        if let Some(before) = page.before {
            query
                .push(" AND id < ")
                .push_bind(before.as_bytes().to_vec());
        }
        query
            .push(" ORDER BY id DESC LIMIT ")
            .push_bind(limit(wanted - found.len()));
        let more = rows(&pool, query).await;
        let more = more.map_err(StoreError::database(&partitions.path(month)))?;
        found.extend(more.into_iter().map(|(_, record)| record));
    }
    Ok(found)
}

/// Where everything that is there already has arrived.
pub(crate) async fn end(partitions: &Partitions) -> Result<FollowCursor, StoreError> {
    let mut arrived = BTreeMap::new();
    for month in partitions.months() {
        if let Some(pool) = partitions.reader(month).await? {
            let last: Option<i64> = sqlx::query_scalar("SELECT MAX(seq) FROM record")
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
        let mut query = select();
        matching(&mut query, filter);
        query.push(" AND seq > ").push_bind(*after);
        query
            .push(" ORDER BY seq LIMIT ")
            .push_bind(limit(wanted - found.len()));
        let more = rows(&pool, query).await;
        let more = more.map_err(StoreError::database(&partitions.path(month)))?;
        for (seq, record) in more {
            *after = seq;
            found.push(record);
        }
        if found.len() >= wanted {
            break;
        }
    }
    Ok(found)
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

/// ` WHERE …`, always with something in it, so that callers can go on with ` AND`. Times are compared by id, which
/// begins with the time and has an index.
pub(super) fn matching(query: &mut QueryBuilder<Database>, filter: &RecordFilter) {
    query.push(" WHERE 1 = 1");
    let texts = [
        (" AND project = ", &filter.project),
        (" AND key_id = ", &filter.key),
        (" AND model = ", &filter.model),
        (" AND provider = ", &filter.provider),
    ];
    for (condition, value) in texts {
        if let Some(value) = value {
            query.push(condition).push_bind(value.clone());
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
    if let Some(stream) = filter.stream {
        query.push(" AND stream = ").push_bind(i64::from(stream));
    }
    if let Some(since) = filter.range.since_ms {
        query.push(" AND id >= ").push_bind(first_id(since));
    }
    if let Some(until) = filter.range.until_ms {
        query.push(" AND id < ").push_bind(first_id(until));
    }
}

/// What no id of this moment or later is below.
fn first_id(at_ms: i64) -> Vec<u8> {
    let mut bytes = vec![0; 16];
    let millis = at_ms.clamp(0, (1 << 48) - 1).to_be_bytes();
    for (to, from) in bytes.iter_mut().zip(millis.into_iter().skip(2)) {
        *to = from;
    }
    bytes
}

fn select() -> QueryBuilder<Database> {
    QueryBuilder::new(format!("SELECT seq, {} FROM record", columns::RECORD))
}

fn limit(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

/// Runs a query on records and adds their attempts.
async fn rows(
    pool: &Pool,
    mut query: QueryBuilder<Database>,
) -> Result<Vec<(i64, Record)>, sqlx::Error> {
    let rows: Vec<Row> = query.build().fetch_all(pool).await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in &rows {
        found.push((row.try_get("seq")?, columns::record(row)?));
    }
    let mut attempts = attempts(pool, &found).await?;
    for (_, record) in &mut found {
        record.attempts = attempts.remove(&record.id).unwrap_or_default();
    }
    Ok(found)
}

async fn attempts(
    pool: &Pool,
    of: &[(i64, Record)],
) -> Result<HashMap<RequestId, Vec<Attempt>>, sqlx::Error> {
    let mut attempts: HashMap<RequestId, Vec<Attempt>> = HashMap::new();
    if of.is_empty() {
        return Ok(attempts);
    }
    let places = vec!["?"; of.len()].join(", ");
    let statement = format!(
        "SELECT {} FROM attempt WHERE record IN ({places}) ORDER BY record, ordinal",
        columns::ATTEMPT
    );
    let mut ids = Arguments::default();
    for (_, record) in of {
        sqlx::Arguments::add(&mut ids, record.id.as_bytes().to_vec())
            .map_err(sqlx::Error::Encode)?;
    }
    let rows = sqlx::query_with(AssertSqlSafe(statement), ids)
        .persistent(false)
        .fetch_all(pool)
        .await?;
    for row in &rows {
        let (id, attempt) = columns::attempt(row)?;
        attempts.entry(id).or_default().push(attempt);
    }
    Ok(attempts)
}
