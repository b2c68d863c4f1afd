//! What can go wrong here, each with the path or name at fault and what to do about it.

use std::path::{Path, PathBuf};

/// What a database driver says.
pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Why something could not be remembered or recalled.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file system refused.
    #[error("cannot {action} {}: {source}; check that the disk has room and that this user may write there", path.display())]
    Io {
        /// What was being done (`write`, `create` …).
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Another process has this data folder open.
    #[error("the data folder {} is in use by {holder}; stop that one, or point this one at another folder with --data", path.display())]
    Locked {
        /// The data folder.
        path: PathBuf,
        /// `process 1234`, or `another process` where its id cannot be read.
        holder: String,
    },
    /// The journal has grown to its cap because the database does not keep up or fails.
    #[error(
        "the journal in {} holds {bytes} bytes that are not yet in the database, over its cap of {cap}; find out why records are not applied (`tollgate doctor`), or raise the cap",
        path.display()
    )]
    JournalFull {
        /// The journal's folder.
        path: PathBuf,
        /// What it holds.
        bytes: u64,
        /// What it may hold.
        cap: u64,
    },
    /// An entry that is larger than any honest one.
    #[error(
        "a journal entry of {bytes} bytes is over the limit of {limit}; this is a defect, please report it"
    )]
    EntryTooLarge {
        /// Its size.
        bytes: usize,
        /// What is allowed.
        limit: usize,
    },
    /// An entry could not be put into bytes.
    #[error("a journal entry could not be encoded: {0}; this is a defect, please report it")]
    Encode(#[from] postcard::Error),
    /// The journal was written by a later version of this program.
    #[error("{} has an entry of format {version}, which this version does not know; start the newer version that wrote it", path.display())]
    NewerJournal {
        /// The segment.
        path: PathBuf,
        /// The format's version byte.
        version: u8,
    },
    /// The journal was whole when it was opened, and is so no longer.
    #[error("{} is damaged at byte {offset}: {why}; check the disk, then restart, which sets the damaged part aside", path.display())]
    DamagedJournal {
        /// The segment.
        path: PathBuf,
        /// Where the entry begins.
        offset: u64,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Entries are no longer written to disk.
    #[error("the journal cannot be synced to disk: {0}; check the disk, then restart")]
    Sync(String),
    /// The records could not be applied to the database.
    #[error("records are safe in the journal, but could not be written to the database: {0}")]
    Apply(String),
    /// The store is being closed.
    #[error("the store is closed")]
    Closed,
    /// The database refused.
    #[error("the database {} failed: {source}", path.display())]
    Database {
        /// The file.
        path: PathBuf,
        /// What it said.
        source: BoxError,
    },
    /// The database's schema could not be brought up to date.
    #[error("the database {} cannot be brought up to date: {source}; where it was written by a newer version, start that one", path.display())]
    Migrate {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        source: sqlx::migrate::MigrateError,
    },
    /// A stored value that this version does not understand.
    #[error("the database {} holds a value that cannot be read ({what}); where a newer version wrote it, start that one", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Which value.
        what: String,
    },
    /// There is no such thing.
    #[error("there is no {what} `{id}`")]
    NotFound {
        /// `project`, `key` …
        what: &'static str,
        /// Its id or name.
        id: String,
    },
    /// The name is in use.
    #[error("a {what} named `{name}` exists already; choose another name")]
    Taken {
        /// `project`, `key` …
        what: &'static str,
        /// The name.
        name: String,
    },
    /// It cannot go while others hang on it.
    #[error("the {what} `{id}` still has {by}; remove those first")]
    InUse {
        /// `project` …
        what: &'static str,
        /// Its id.
        id: String,
        /// What hangs on it (`keys`).
        by: &'static str,
    },
    /// It has ended, or its end is set.
    #[error("the {what} `{id}` was revoked or replaced already")]
    Over {
        /// `key`.
        what: &'static str,
        /// Its id.
        id: String,
    },
    /// A value that cannot be stored.
    #[error("{field}: {message}")]
    Invalid {
        /// The field at fault.
        field: &'static str,
        /// What is allowed.
        message: String,
    },
    /// The sealing key is missing, malformed or not the one that a secret was sealed with.
    #[error("{0}")]
    Sealing(String),
}

impl StoreError {
    /// For `map_err` on file operations.
    pub(crate) fn io(
        action: &'static str,
        path: &Path,
    ) -> impl FnOnce(std::io::Error) -> StoreError {
        let path = path.to_owned();
        move |source| StoreError::Io {
            action,
            path,
            source,
        }
    }

    /// For `map_err` on statements.
    pub(crate) fn database<E: Into<BoxError>>(path: &Path) -> impl FnOnce(E) -> StoreError {
        let path = path.to_owned();
        move |source| StoreError::Database {
            path,
            source: source.into(),
        }
    }
}
