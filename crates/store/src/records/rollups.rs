//! Roll-ups: written with the records that they sum, read by whoever shows figures.

use super::columns::NAMED;
use super::filter::{RollupFilter, RollupRow, RollupScope};
use super::names::Names;
use super::{Month, Partitions, query};
use crate::StoreError;
use crate::db::{Database, Row};
use crate::error::BoxError;
use domain::performance::{Counts, Detail, HOUR_MS, Rollup};
use domain::record::Record;
use futures_util::TryStreamExt;
use rusqlite::{Connection, OptionalExtension, params};
use sqlx::{QueryBuilder, Row as _};
use std::collections::HashMap;

/// How many are held between transactions, so that they need not be read again: a few kilobytes each.
const MOST_HELD: usize = 1_000;

/// The roll-ups of a partition, as its one writer holds them. Like all that it knows they are of the transaction that
/// is open, and dropped with it should it fail.
#[derive(Debug, Default)]
pub(super) struct Rollups {
    held: HashMap<Place, Held>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Place {
    scope: RollupScope,
    model: i64,
    provider: i64,
    hour: i64,
}

#[derive(Debug)]
struct Held {
    rollup: Rollup,
    changed: bool,
}

impl Rollups {
    /// Counts a record that was just written; with the numbers of its texts, in the order of [`NAMED`].
    pub(super) fn add(
        &mut self,
        connection: &Connection,
        names: &mut Names,
        record: &Record,
        numbers: &[i64; NAMED.len()],
    ) -> Result<(), BoxError> {
        let hour = record.id.at_ms().div_euclid(HOUR_MS);
        let [.., model, provider] = *numbers;
        let place = Place {
            scope: RollupScope::Exchanges,
            // Where no provider was asked, the model is whatever the client wrote: without end, and served by nobody. So
            // it is summed under no name, which is the provider's then.
            model: if record.provider.is_empty() {
                provider
            } else {
                model
            },
            provider,
            hour,
        };
        self.at(connection, place)?.add_exchange(record);
        let last = record.attempts.len().saturating_sub(1);
        for (at, attempt) in record.attempts.iter().enumerate() {
            let place = Place {
                scope: RollupScope::Calls,
                model: names.number(connection, &attempt.wire_model)?,
                provider: names.number(connection, &attempt.provider)?,
                hour,
            };
            self.at(connection, place)?
                .add_attempt(record, attempt, at == last);
        }
        Ok(())
    }

    /// Writes what has changed into the open transaction.
    pub(super) fn write(&mut self, connection: &Connection) -> Result<(), rusqlite::Error> {
        let mut statement = connection.prepare_cached(
            "INSERT INTO rollup (scope, model, provider, hour, requests, served, caller_fault, rate_limited, abandoned, \
             failed, input, cache_read, output, cost, detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) \
             ON CONFLICT (scope, model, provider, hour) DO UPDATE SET requests = excluded.requests, \
             served = excluded.served, caller_fault = excluded.caller_fault, rate_limited = excluded.rate_limited, \
             abandoned = excluded.abandoned, failed = excluded.failed, input = excluded.input, \
             cache_read = excluded.cache_read, output = excluded.output, cost = excluded.cost, detail = excluded.detail",
        )?;
        let count = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        for (place, held) in self.held.iter_mut().filter(|(_, held)| held.changed) {
            let counts = &held.rollup.counts;
            let detail = postcard::to_stdvec(&held.rollup.detail)
                .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
            statement.execute(params![
                place.scope.number(),
                place.model,
                place.provider,
                place.hour,
                count(counts.requests),
                count(counts.served),
                count(counts.caller_fault),
                count(counts.rate_limited),
                count(counts.abandoned),
                count(counts.failed),
                count(counts.input),
                count(counts.cache_read),
                count(counts.output),
                counts.cost,
                detail,
            ])?;
            held.changed = false;
        }
        if self.held.len() > MOST_HELD {
            self.held.clear();
        }
        Ok(())
    }

    /// The roll-up of a place, about to be changed.
    fn at(&mut self, connection: &Connection, place: Place) -> Result<&mut Rollup, BoxError> {
        use std::collections::hash_map::Entry;
        let held = match self.held.entry(place) {
            Entry::Occupied(there) => there.into_mut(),
            Entry::Vacant(space) => space.insert(Held {
                rollup: stored(connection, place)?.unwrap_or_default(),
                changed: true,
            }),
        };
        held.changed = true;
        Ok(&mut held.rollup)
    }
}

fn stored(connection: &Connection, place: Place) -> Result<Option<Rollup>, BoxError> {
    let mut find = connection.prepare_cached(
        "SELECT requests, served, caller_fault, rate_limited, abandoned, failed, input, cache_read, output, cost, detail \
         FROM rollup WHERE scope = ? AND model = ? AND provider = ? AND hour = ?",
    )?;
    let key = params![
        place.scope.number(),
        place.model,
        place.provider,
        place.hour
    ];
    let found = find.query_row(key, |row| {
        let mut numbers = [0_i64; 10];
        for (at, number) in numbers.iter_mut().enumerate() {
            *number = row.get(at)?;
        }
        Ok((numbers, row.get::<_, Vec<u8>>(10)?))
    });
    let Some((numbers, detail)) = found.optional()? else {
        return Ok(None);
    };
    Ok(Some(Rollup {
        counts: counts(numbers),
        detail: postcard::from_bytes(&detail)?,
    }))
}

fn counts(numbers: [i64; 10]) -> Counts {
    let [
        requests,
        served,
        caller_fault,
        rate_limited,
        abandoned,
        failed,
        input,
        cache_read,
        output,
        cost,
    ] = numbers;
    let count = |number: i64| u64::try_from(number).unwrap_or(0);
    Counts {
        requests: count(requests),
        served: count(served),
        caller_fault: count(caller_fault),
        rate_limited: count(rate_limited),
        abandoned: count(abandoned),
        failed: count(failed),
        input: count(input),
        cache_read: count(cache_read),
        output: count(output),
        cost,
    }
}

/// Gives every roll-up that matches to `each`, one at a time: a month has tens of thousands.
pub(crate) async fn each(
    partitions: &Partitions,
    filter: &RollupFilter,
    each: &mut (dyn FnMut(RollupRow) + Send),
) -> Result<(), StoreError> {
    let range = super::TimeRange {
        since_ms: Some(filter.hours.start.saturating_mul(HOUR_MS)),
        until_ms: Some(filter.hours.end.saturating_mul(HOUR_MS)),
    };
    for month in query::months(partitions, range) {
        each_of(partitions, month, filter, each).await?;
    }
    Ok(())
}

async fn each_of(
    partitions: &Partitions,
    month: Month,
    filter: &RollupFilter,
    each: &mut (dyn FnMut(RollupRow) + Send),
) -> Result<(), StoreError> {
    let Some(pool) = partitions.reader(month).await? else {
        return Ok(());
    };
    let path = partitions.path(month);
    let detail = if filter.detail {
        "detail"
    } else {
        "NULL AS detail"
    };
    let mut query: QueryBuilder<Database> = QueryBuilder::new(format!(
        "SELECT (SELECT text FROM name WHERE name.id = model) AS model, \
         (SELECT text FROM name WHERE name.id = provider) AS provider, hour, requests, served, caller_fault, \
         rate_limited, abandoned, failed, input, cache_read, output, cost, {detail} FROM rollup WHERE scope = "
    ));
    query.push_bind(filter.scope.number());
    for (column, text) in [("model", &filter.model), ("provider", &filter.provider)] {
        if let Some(text) = text {
            query.push(format!(
                " AND rollup.{column} = (SELECT id FROM name WHERE text = "
            ));
            query.push_bind(text.clone()).push(")");
        }
    }
    query.push(" AND hour >= ").push_bind(filter.hours.start);
    query.push(" AND hour < ").push_bind(filter.hours.end);
    let mut rows = query.build().fetch(&pool);
    while let Some(row) = rows.try_next().await.map_err(StoreError::database(&path))? {
        each(read(&row).map_err(StoreError::database(&path))?);
    }
    Ok(())
}

fn read(row: &Row) -> Result<RollupRow, sqlx::Error> {
    let mut numbers = [0_i64; 10];
    for (at, number) in numbers.iter_mut().enumerate() {
        *number = row.try_get(3 + at)?;
    }
    let detail: Option<Vec<u8>> = row.try_get("detail")?;
    let detail: Option<Detail> = detail
        .map(|bytes| postcard::from_bytes(&bytes))
        .transpose()
        .map_err(|error| sqlx::Error::ColumnDecode {
            index: "detail".to_owned(),
            source: error.into(),
        })?;
    Ok(RollupRow {
        model: row.try_get("model")?,
        provider: row.try_get("provider")?,
        hour: row.try_get("hour")?,
        rollup: Rollup {
            counts: counts(numbers),
            detail: detail.unwrap_or_default(),
        },
    })
}
