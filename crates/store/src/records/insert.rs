//! Writing records into a partition.

use super::columns::{self, Place};
use super::names::Names;
use super::rollups::Rollups;
use super::slices::Slices;
use crate::StoreError;
use crate::db::{self, Writer};
use crate::error::BoxError;
use domain::record::Record;
use std::path::Path;

/// The one that writes a partition, and what it knows of what is there already. After a failure it must be dropped:
/// what it knows may then be of a transaction that never was.
#[derive(Debug)]
pub(crate) struct PartitionWriter {
    connection: Writer,
    insertion: String,
    names: Names,
    slices: Slices,
    rollups: Rollups,
    /// Of the last record.
    arrival: i64,
}

impl PartitionWriter {
    /// Opens a prepared database.
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        let connection = db::writer(path)?;
        let read = || {
            let last = "SELECT COALESCE(MAX(arrival), 0) FROM record";
            let arrival = connection.query_row(last, [], |row| row.get(0))?;
            Ok((Slices::open(&connection)?, arrival))
        };
        let (slices, arrival) = read().map_err(StoreError::database::<rusqlite::Error>(path))?;
        Ok(Self {
            connection,
            insertion: columns::insertion(),
            names: Names::default(),
            slices,
            rollups: Rollups::default(),
            arrival,
        })
    }

    /// Writes records in the transaction that is open, or begins one; those that are there already stay as they are.
    pub(super) fn insert(&mut self, records: &[Record]) -> Result<(), BoxError> {
        if self.connection.is_autocommit() {
            self.connection.execute_batch("BEGIN IMMEDIATE")?;
        }
        // A row a step, with a statement that is prepared once: SQLite runs in this process, so that several rows in one
        // statement would save nothing.
        let mut statement = self.connection.prepare_cached(&self.insertion)?;
        for record in records {
            self.arrival += 1;
            let place = Place {
                arrival: self.arrival,
                slice: self.slices.of(&self.connection, record.id)?,
                names: self.names.of(&self.connection, record)?,
            };
            if columns::insert(&mut statement, record, &place)? {
                let rollups = &mut self.rollups;
                rollups.add(&self.connection, &mut self.names, record, &place.names)?;
            }
        }
        Ok(())
    }

    /// Ends the transaction.
    pub(super) fn commit(&mut self) -> Result<(), rusqlite::Error> {
        self.rollups.write(&self.connection)?;
        self.connection.execute_batch("COMMIT")
    }

    /// Brings everything committed so far to the disk, for good; says whether all of it got there.
    pub(super) fn checkpoint(&self) -> Result<bool, rusqlite::Error> {
        db::checkpoint(&self.connection)
    }
}
