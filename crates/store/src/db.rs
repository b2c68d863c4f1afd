//! The one file that knows which database it is. Today that is SQLite alone; PostgreSQL comes in here: a second
//! [`Database`], other connection options, and `$1` in [`rows_of_placeholders`]. Statements elsewhere keep to SQL that
//! both take.

use crate::StoreError;
use crate::permissions::private_file;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::{
    SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow,
    SqliteSynchronous,
};
use sqlx::{ConnectOptions, Row as _, SqlSafeStr};
use std::path::Path;
use std::time::Duration;

pub(crate) type Database = sqlx::Sqlite;
pub(crate) type Pool = sqlx::SqlitePool;
pub(crate) type Connection = sqlx::SqliteConnection;
pub(crate) type Arguments = SqliteArguments;
pub(crate) type Row = SqliteRow;

/// Which tables a database has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Schema {
    Settings,
    Records,
}

impl Schema {
    /// Its migrations in order. One that has been released is never edited; a new one is added.
    fn migrations(self) -> Vec<Migration> {
        let list = match self {
            Self::Settings => [(
                1,
                "settings",
                include_str!("../migrations/settings/0001_settings.sql"),
            )],
            Self::Records => [(
                1,
                "record",
                include_str!("../migrations/records/0001_record.sql"),
            )],
        };
        list.into_iter()
            .map(|(version, what, sql)| {
                Migration::new(
                    version,
                    what.into(),
                    MigrationType::Simple,
                    sql.into_sql_str(),
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
    let mut connection = connect(path).await?;
    Migrator::with_migrations(schema.migrations())
        .run(&mut connection)
        .await
        .map_err(|source| StoreError::Migrate {
            path: path.to_owned(),
            source,
        })?;
    close(connection).await;
    Ok(())
}

/// One connection to a prepared database.
pub(crate) async fn connect(path: &Path) -> Result<Connection, StoreError> {
    options(path)
        .connect()
        .await
        .map_err(StoreError::database(path))
}

/// Connections to a prepared database, made when needed.
pub(crate) fn pool(path: &Path) -> Pool {
    SqlitePoolOptions::new()
        .max_connections(4)
        .idle_timeout(Duration::from_secs(60))
        .acquire_timeout(Duration::from_secs(10))
        .connect_lazy_with(options(path))
}

/// Closes a connection. What goes wrong then changes nothing: whatever was committed is in the file.
pub(crate) async fn close(connection: Connection) {
    if let Err(error) = sqlx::Connection::close(connection).await {
        tracing::debug!(%error, "closing a database connection failed");
    }
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        // A power cut may undo the last commits, never damage the file; the journal has them (see `checkpoint`).
        .synchronous(SqliteSynchronous::Normal)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(5))
        .disable_statement_logging()
}

/// Brings everything committed so far to the disk, for good. Says whether all of it got there: a reader that is in the
/// middle of an older state keeps some of it back.
pub(crate) async fn checkpoint(connection: &mut Connection) -> Result<bool, sqlx::Error> {
    let row = sqlx::query("PRAGMA wal_checkpoint(PASSIVE)")
        .fetch_one(connection)
        .await?;
    let busy: i64 = row.try_get(0)?;
    let written: i64 = row.try_get(1)?;
    let moved: i64 = row.try_get(2)?;
    Ok(busy == 0 && written == moved)
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

/// `(?, …), (?, …)`. Not `$1`: SQLite keeps numbered placeholders in a list that it walks from the start for each, which
/// takes a second where there are ten thousand.
pub(crate) fn rows_of_placeholders(rows: usize, columns: usize) -> String {
    let row = format!("({})", vec!["?"; columns].join(", "));
    vec![row; rows].join(", ")
}
