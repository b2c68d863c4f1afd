//! The one file that knows which database it is. Today that is SQLite alone; PostgreSQL comes in here: a second
//! [`Database`], other connection options, another [`Writer`]. Statements elsewhere keep to SQL that both take.
//!
//! Settings, migrations and everything that reads go through sqlx. Records are written through rusqlite, on the same
//! linked SQLite: sqlx hands each statement to a thread of its own and boxes each value on the way, which took twice the
//! processor time, also with 256 rows a statement.

use crate::StoreError;
use crate::permissions::private_file;
use rusqlite::OpenFlags;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow, SqliteSynchronous,
};
use sqlx::{ConnectOptions, Connection as _, SqlSafeStr};
use std::path::Path;
use std::time::Duration;

pub(crate) type Database = sqlx::Sqlite;
pub(crate) type Pool = sqlx::SqlitePool;
pub(crate) type Row = SqliteRow;
pub(crate) type Connection = sqlx::SqliteConnection;

/// How long a statement waits for another's lock.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Which tables a database has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Schema {
    Settings,
    Records,
    Responses,
}

impl Schema {
    /// Its migrations in order. One that has been released is never edited; a new one is added.
    fn migrations(self) -> Vec<Migration> {
        let list: &[(&'static str, &'static str)] = match self {
            Self::Settings => &[
                (
                    "settings",
                    include_str!("../migrations/settings/0001_settings.sql"),
                ),
                (
                    "people",
                    include_str!("../migrations/settings/0002_people.sql"),
                ),
            ],
            Self::Records => &[
                (
                    "record",
                    include_str!("../migrations/records/0001_record.sql"),
                ),
                (
                    "rollup",
                    include_str!("../migrations/records/0002_rollup.sql"),
                ),
                (
                    "verdict",
                    include_str!("../migrations/records/0003_verdict.sql"),
                ),
            ],
            Self::Responses => &[(
                "response",
                include_str!("../migrations/responses/0001_response.sql"),
            )],
        };
        list.iter()
            .zip(1..)
            .map(|((what, sql), version)| {
                Migration::new(
                    version,
                    (*what).into(),
                    MigrationType::Simple,
                    (*sql).into_sql_str(),
                    false,
                )
            })
            .collect()
    }
}

/// Makes the database where missing (0600, and so are the files that SQLite puts beside it) and brings its tables up to
/// date.
pub(crate) async fn prepare(path: &Path, schema: Schema) -> Result<(), StoreError> {
    private_file(path)?;
    let mut connection = options(path)
        .connect()
        .await
        .map_err(StoreError::database(path))?;
    // Not `run`: with it, no future that waits for this one could go to another thread (rust-lang/rust#100013).
    Migrator::with_migrations(schema.migrations())
        .run_direct(None, &mut connection, false)
        .await
        .map_err(|source| StoreError::Migrate {
            path: path.to_owned(),
            source,
        })?;
    if let Err(error) = connection.close().await {
        tracing::debug!(%error, "closing a database connection failed");
    }
    Ok(())
}

/// Connections to a prepared database, made when needed.
pub(crate) fn pool(path: &Path) -> Pool {
    pool_with(options(path))
}

/// The same for a database that holds prompts and answers: what is deleted there is overwritten with zeros.
pub(crate) fn content_pool(path: &Path) -> Pool {
    pool_with(options(path).pragma("secure_delete", "on"))
}

fn pool_with(options: SqliteConnectOptions) -> Pool {
    SqlitePoolOptions::new()
        .max_connections(4)
        .idle_timeout(Duration::from_secs(60))
        .acquire_timeout(Duration::from_secs(10))
        .connect_lazy_with(options)
}

/// Deletes a database that nobody has open. The write-ahead log goes first: without its database it means nothing, with
/// another one it would do harm.
pub(crate) fn delete(path: &Path) -> Result<(), StoreError> {
    for end in ["db-wal", "db-shm", "db"] {
        let path = path.with_extension(end);
        match std::fs::remove_file(&path) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(source) => return Err(StoreError::io("delete", &path)(source)),
        }
    }
    Ok(())
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        // A power cut may undo the last commits, never damage the file; the journal has them (see `checkpoint`).
        .synchronous(SqliteSynchronous::Normal)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
        .disable_statement_logging()
}

/// A connection that records are written through; only from threads that may block.
pub(crate) type Writer = rusqlite::Connection;

/// A connection for writing to a prepared database.
pub(crate) fn writer(path: &Path) -> Result<Writer, StoreError> {
    let open = || {
        // One thread at a time has it, which Rust sees to; SQLite need not, at every value that is bound.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let writer = Writer::open_with_flags(path, flags)?;
        writer.busy_timeout(BUSY_TIMEOUT)?;
        writer.pragma_update(None, "journal_mode", "wal")?;
        writer.pragma_update(None, "synchronous", "normal")?;
        // 16 MB rather than 4: `checkpoint` comes every few seconds anyway, and each moves a page but once.
        writer.pragma_update(None, "wal_autocheckpoint", 4_000)?;
        Ok(writer)
    };
    open().map_err(StoreError::database::<rusqlite::Error>(path))
}

/// An empty partition, for tests of what writes to one.
#[cfg(test)]
pub(crate) fn records_in_memory() -> Writer {
    let writer = Writer::open_in_memory().unwrap();
    for migration in Schema::Records.migrations() {
        writer.execute_batch(migration.sql.as_str()).unwrap();
    }
    writer
}

/// Brings everything committed so far to the disk, for good. Says whether all of it got there: a reader that is in the
/// middle of an older state keeps some of it back.
pub(crate) fn checkpoint(writer: &Writer) -> Result<bool, rusqlite::Error> {
    writer.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| {
        let busy: i64 = row.get(0)?;
        let written: i64 = row.get(1)?;
        let moved: i64 = row.get(2)?;
        Ok(busy == 0 && written == moved)
    })
}

/// Whether a statement failed because a name is taken.
pub(crate) fn is_taken(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .is_some_and(sqlx::error::DatabaseError::is_unique_violation)
}

/// Whether a statement failed because what it points to is not there, or what it takes away is still pointed to.
pub(crate) fn is_dangling(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .is_some_and(sqlx::error::DatabaseError::is_foreign_key_violation)
}
