//! Writing a batch of records into their partitions.

use super::{Month, Partitions, columns};
use crate::StoreError;
use crate::db::{self, Arguments, Connection};
use domain::id::RequestId;
use domain::record::{Attempt, Record};
use sqlx::{AssertSqlSafe, Connection as _};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How many rows one statement takes. A few fixed sizes, so that each is prepared once and kept; the largest is so large
/// that a statement's own cost is small beside its rows', and within SQLite's 32,766 placeholders.
const SIZES: [usize; 4] = [256, 32, 4, 1];

/// The statements, made once.
#[derive(Debug)]
pub(super) struct Inserter {
    record: Vec<(usize, Arc<str>)>,
    attempt: Vec<(usize, Arc<str>)>,
}

/// A record's attempt, its number counted from 0.
struct Numbered {
    record: RequestId,
    ordinal: i64,
    attempt: Attempt,
}

impl Inserter {
    pub(super) fn new() -> Self {
        Self {
            record: statements("record", columns::RECORD, columns::RECORD_COLUMNS),
            attempt: statements("attempt", columns::ATTEMPT, columns::ATTEMPT_COLUMNS),
        }
    }

    /// Writes records, one transaction a partition; those that are there already stay as they are. Returns the months
    /// that were written to. After a failure some may be in and others not: the caller comes again with all of them.
    pub(super) async fn insert(
        &self,
        partitions: &Partitions,
        batch: Vec<Record>,
    ) -> Result<Vec<Month>, StoreError> {
        let mut by_month: BTreeMap<Month, Vec<Record>> = BTreeMap::new();
        for record in batch {
            by_month
                .entry(Month::of(record.id.at_ms()))
                .or_default()
                .push(record);
        }
        let mut writers = partitions.writers().await;
        let mut touched = Vec::new();
        for (month, records) in by_month {
            let writer = partitions.writer(&mut writers, month).await?;
            let done = self.insert_into(writer, records).await;
            if let Err(source) = done {
                // The file may have been taken away or replaced: the next try opens it anew.
                if let Some(connection) = writers.remove(&month) {
                    db::close(connection).await;
                }
                return Err(StoreError::database(&partitions.path(month))(source));
            }
            touched.push(month);
        }
        Ok(touched)
    }

    async fn insert_into(
        &self,
        connection: &mut Connection,
        mut records: Vec<Record>,
    ) -> Result<(), sqlx::Error> {
        let attempts = records
            .iter_mut()
            .flat_map(|record| {
                let id = record.id;
                let attempts = std::mem::take(&mut record.attempts);
                (0..).zip(attempts).map(move |(ordinal, attempt)| Numbered {
                    record: id,
                    ordinal,
                    attempt,
                })
            })
            .collect();
        let mut transaction = connection.begin().await?;
        insert_rows(&mut transaction, &self.record, records, columns::bind).await?;
        insert_rows(&mut transaction, &self.attempt, attempts, |to, row| {
            columns::bind_attempt(to, row.record, row.ordinal, row.attempt)
        })
        .await?;
        transaction.commit().await
    }
}

async fn insert_rows<T>(
    connection: &mut Connection,
    statements: &[(usize, Arc<str>)],
    rows: Vec<T>,
    bind: impl Fn(&mut Arguments, T) -> Result<(), sqlx::Error>,
) -> Result<(), sqlx::Error> {
    let mut rows = rows.into_iter();
    for (size, statement) in statements {
        while rows.len() >= *size {
            let mut arguments = Arguments::default();
            for row in rows.by_ref().take(*size) {
                bind(&mut arguments, row)?;
            }
            sqlx::query_with(AssertSqlSafe(Arc::clone(statement)), arguments)
                .execute(&mut *connection)
                .await?;
        }
    }
    Ok(())
}

fn statements(table: &str, columns: &str, count: usize) -> Vec<(usize, Arc<str>)> {
    SIZES
        .map(|rows| {
            let values = db::rows_of_placeholders(rows, count);
            let statement =
                format!("INSERT INTO {table} ({columns}) VALUES {values} ON CONFLICT DO NOTHING");
            (rows, statement.into())
        })
        .to_vec()
}
