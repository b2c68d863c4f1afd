//! Writing a batch of records into their partitions.

use super::{Month, Partitions, columns};
use crate::StoreError;
use crate::db::Writer;
use crate::error::BoxError;
use domain::record::Record;
use std::collections::BTreeMap;

/// Writes records, one transaction a partition; those that are there already stay as they are. Returns the months that
/// were written to. After a failure some may be in and others not: the caller comes again with all of them.
pub(super) async fn insert(
    partitions: &Partitions,
    batch: Vec<Record>,
) -> Result<Vec<Month>, StoreError> {
    // By the id's time, which is when the exchange began: so that an id alone says where its record is.
    let mut by_month: BTreeMap<Month, Vec<Record>> = BTreeMap::new();
    for record in batch {
        let month = Month::of(record.id.at_ms());
        by_month.entry(month).or_default().push(record);
    }
    let mut writers = partitions.writers().await;
    let mut touched = Vec::new();
    for (month, records) in by_month {
        let writer = partitions.writer(&mut writers, month).await?;
        if let Err(source) = insert_into(writer, &records) {
            // The file may have been taken away or replaced: the next try opens it anew.
            writers.remove(&month);
            return Err(StoreError::database(&partitions.path(month))(source));
        }
        touched.push(month);
    }
    Ok(touched)
}

/// A row a step, with statements that are prepared once: SQLite runs in this process, so that several rows in one
/// statement would save nothing.
fn insert_into(writer: &mut Writer, records: &[Record]) -> Result<(), BoxError> {
    let transaction = writer.transaction()?;
    {
        let mut record_in = transaction.prepare_cached(&statement("record", columns::RECORD))?;
        let mut attempt_in = transaction.prepare_cached(&statement("attempt", columns::ATTEMPT))?;
        for record in records {
            columns::insert(&mut record_in, record)?;
            for (ordinal, attempt) in (0..).zip(&record.attempts) {
                columns::insert_attempt(&mut attempt_in, record.id, ordinal, attempt)?;
            }
        }
    }
    transaction.commit()?;
    Ok(())
}

fn statement(table: &str, columns: &str) -> String {
    let places = vec!["?"; columns.split(',').count()].join(", ");
    format!("INSERT INTO {table} ({columns}) VALUES ({places}) ON CONFLICT DO NOTHING")
}
