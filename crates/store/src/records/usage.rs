//! Sums over records.

use super::filter::{Dimension, TimeRange, UsageRow};
use super::{Partitions, query};
use crate::StoreError;
use crate::db::{Database, Pool};
use jiff::{Timestamp, tz::TimeZone};
use protocol::ir::Usage;
use sqlx::{QueryBuilder, Row as _};
use std::collections::BTreeMap;

/// What is summed: the cost, then the counts of `Usage`.
const SUMMED: [&str; 12] = [
    "cost",
    "input",
    "cache_read",
    "cache_write",
    "cache_write_1h",
    "output",
    "reasoning",
    "audio_input",
    "audio_output",
    "image_input",
    "image_output",
    "web_searches",
];

#[derive(Default)]
struct Sums {
    requests: i128,
    unpriced: i128,
    summed: [i128; SUMMED.len()],
}

/// Sums by one dimension: days in order, everything else the dearest first.
pub(crate) async fn usage(
    partitions: &Partitions,
    by: Dimension,
    range: TimeRange,
) -> Result<Vec<UsageRow>, StoreError> {
    let mut groups = BTreeMap::new();
    for month in query::months(partitions, range) {
        if let Some(pool) = partitions.reader(month).await? {
            add_partition(&pool, by, range, &mut groups)
                .await
                .map_err(StoreError::database(&partitions.path(month)))?;
        }
    }
    let mut rows: Vec<UsageRow> = groups.into_iter().map(row).collect();
    match by {
        Dimension::Day => {}
        Dimension::Model | Dimension::Key | Dimension::Project | Dimension::Provider => {
            rows.sort_by(|a, b| b.cost.cmp(&a.cost).then(b.requests.cmp(&a.requests)));
        }
    }
    Ok(rows)
}

/// A sum of 64-bit numbers may not fit into 64 bits, and then the database refuses the whole query. So each number is
/// cut in two halves of 32 bits, whose sums fit for 2³¹ rows, and they are put together here.
async fn add_partition(
    pool: &Pool,
    by: Dimension,
    range: TimeRange,
    groups: &mut BTreeMap<String, Sums>,
) -> Result<(), sqlx::Error> {
    let (name, group) = match by {
        Dimension::Model => ("(SELECT text FROM name WHERE name.id = model)", "model"),
        Dimension::Key => ("(SELECT text FROM name WHERE name.id = key_id)", "key_id"),
        Dimension::Project => ("(SELECT text FROM name WHERE name.id = project)", "project"),
        Dimension::Provider => (
            "(SELECT text FROM name WHERE name.id = provider)",
            "provider",
        ),
        Dimension::Day => (
            "CAST(at_ms / 86400000 AS TEXT)",
            "CAST(at_ms / 86400000 AS TEXT)",
        ),
    };
    let halves = SUMMED
        .map(|column| format!("SUM({column} >> 32), SUM({column} & 4294967295)"))
        .join(", ");
    let mut query: QueryBuilder<Database> = QueryBuilder::new(format!(
        "SELECT {name}, COUNT(*), SUM(cost IS NULL), {halves} FROM record"
    ));
    query::within(&mut query, range);
    query.push(" GROUP BY ").push(group);
    for row in query.build().fetch_all(pool).await? {
        let name: String = row.try_get(0)?;
        let name = match by {
            Dimension::Day => day(&name),
            Dimension::Model | Dimension::Key | Dimension::Project | Dimension::Provider => name,
        };
        let sums = groups.entry(name).or_default();
        sums.requests += i128::from(row.try_get::<i64, _>(1)?);
        sums.unpriced += i128::from(row.try_get::<i64, _>(2)?);
        for (at, sum) in sums.summed.iter_mut().enumerate() {
            let high: Option<i64> = row.try_get(3 + 2 * at)?;
            let low: Option<i64> = row.try_get(4 + 2 * at)?;
            *sum += (i128::from(high.unwrap_or(0)) << 32) + i128::from(low.unwrap_or(0));
        }
    }
    Ok(())
}

fn row((dimension, sums): (String, Sums)) -> UsageRow {
    let [
        cost,
        input,
        cache_read,
        cache_write,
        cache_write_1h,
        output,
        reasoning,
        audio_input,
        audio_output,
        image_input,
        image_output,
        web_searches,
    ] = sums.summed;
    let count = |sum: i128| u64::try_from(sum.max(0)).unwrap_or(u64::MAX);
    UsageRow {
        dimension,
        requests: count(sums.requests),
        unpriced: count(sums.unpriced),
        usage: Usage {
            input: count(input),
            cache_read: count(cache_read),
            cache_write: count(cache_write),
            cache_write_1h: count(cache_write_1h),
            output: count(output),
            reasoning: count(reasoning),
            audio_input: count(audio_input),
            audio_output: count(audio_output),
            image_input: count(image_input),
            image_output: count(image_output),
            web_searches: count(web_searches),
        },
        cost,
    }
}

/// `2026-07-31` from days since 1970.
fn day(days: &str) -> String {
    let date = days
        .parse::<i64>()
        .ok()
        .and_then(|days| Timestamp::from_second(days.saturating_mul(86_400)).ok())
        .map(|at| at.to_zoned(TimeZone::UTC).date().to_string());
    date.unwrap_or_else(|| days.to_owned())
}
