//! Responses that are kept for clients, who go on from them, read them again or delete them (the state of the Responses
//! API). Databases of their own, one a UTC month, since here stand prompts and answers and nowhere else. What the JSON in
//! them means is not for this module to say.

mod partitions;
#[cfg(test)]
mod tests;

use crate::db::{Pool, Row};
use crate::{StoreError, clock};
use partitions::Partitions;
use sqlx::Row as _;
use std::path::Path;
use std::time::Duration;

/// One kept response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The project whose keys may see it.
    pub project: String,
    /// The id that the client was given.
    pub id: String,
    /// When its request began, in milliseconds since 1970.
    pub created_ms: i64,
    /// The id of the response that it goes on from.
    pub previous: Option<String>,
    /// The model as the client asked for it.
    pub model: String,
    /// The items that its request added to the conversation: a JSON array.
    pub input: String,
    /// The whole response as the client got it: a JSON object.
    pub answer: String,
}

/// How much of a conversation is read at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChainBounds {
    /// Responses.
    pub turns: usize,
    /// Bytes of their input and answers together.
    pub bytes: usize,
}

/// Why a conversation could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ChainError {
    /// One of its responses is not there: never was, was deleted, or is older than the retention.
    #[error("there is no response `{0}`")]
    Missing(String),
    /// It has more responses than may be read.
    #[error("the conversation has more responses than may be read at once")]
    TooManyTurns,
    /// It is larger than may be read.
    #[error("the conversation is larger than may be read at once")]
    TooLarge,
    /// The database cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// All kept responses of a data folder.
#[derive(Debug)]
pub struct Responses {
    partitions: Partitions,
    /// What is older counts as deleted, from that very moment on.
    retention: Duration,
}

impl Responses {
    /// Finds what is kept in `DATA/responses`.
    pub(crate) fn open(data_dir: &Path, retention: Duration) -> Result<Self, StoreError> {
        Ok(Self {
            partitions: Partitions::open(data_dir)?,
            retention,
        })
    }

    /// Keeps a response, of which `items` are the ids of all its items. When this returns it can be read, also by a
    /// process that follows after a kill; a power cut may undo the last ones. What is kept under an id stays: a response that
    /// goes on from it would else go on from another, or from itself.
    ///
    /// # Errors
    /// Where the database cannot be written.
    pub async fn put(&self, kept: &Kept, items: &[String]) -> Result<Put, StoreError> {
        let one_at_a_time = self.partitions.writing().await;
        if self.exists(&kept.project, &kept.id).await? {
            return Ok(Put::Taken);
        }
        let partition = self
            .partitions
            .for_writing(&one_at_a_time, kept.created_ms)
            .await?;
        let write = async {
            let mut transaction = partition.pool.begin().await?;
            sqlx::query(
                "INSERT INTO response (project, id, created_ms, previous, model, input, answer) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7)",
            )
            .bind(&kept.project)
            .bind(&kept.id)
            .bind(kept.created_ms)
            .bind(&kept.previous)
            .bind(&kept.model)
            .bind(&kept.input)
            .bind(&kept.answer)
            .execute(&mut *transaction)
            .await?;
            for item in items {
                sqlx::query(
                    "INSERT INTO item (project, id, response) VALUES ($1, $2, $3) \
                     ON CONFLICT (project, id) DO UPDATE SET response = excluded.response",
                )
                .bind(&kept.project)
                .bind(item)
                .bind(&kept.id)
                .execute(&mut *transaction)
                .await?;
            }
            transaction.commit().await
        };
        write.await.map_err(StoreError::database(&partition.path))?;
        Ok(Put::Kept)
    }

    /// Whether there is a row of that id, however old.
    async fn exists(&self, project: &str, id: &str) -> Result<bool, StoreError> {
        for partition in self.partitions.all().await? {
            let row = sqlx::query("SELECT 1 FROM response WHERE project = $1 AND id = $2")
                .bind(project)
                .bind(id)
                .fetch_optional(&partition.pool)
                .await
                .map_err(StoreError::database(&partition.path))?;
            if row.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// One response of a project.
    ///
    /// # Errors
    /// Where a database cannot be read.
    pub async fn get(&self, project: &str, id: &str) -> Result<Option<Kept>, StoreError> {
        let wanted = "SELECT * FROM response WHERE project = $1 AND id = $2 AND created_ms >= $3";
        self.find(wanted, project, id, read).await
    }

    /// The id of the response of a project that holds an item.
    ///
    /// # Errors
    /// Where a database cannot be read.
    pub async fn holder(&self, project: &str, item: &str) -> Result<Option<String>, StoreError> {
        let wanted = "SELECT response.id FROM item JOIN response \
             ON response.project = item.project AND response.id = item.response \
             WHERE item.project = $1 AND item.id = $2 AND response.created_ms >= $3";
        self.find(wanted, project, item, |row| row.try_get("id"))
            .await
    }

    /// A response of a project and all that it goes on from, the oldest first.
    ///
    /// # Errors
    /// [`ChainError`]: one is missing, they are too many or too large, or a database cannot be read.
    pub async fn chain(
        &self,
        project: &str,
        id: &str,
        bounds: ChainBounds,
    ) -> Result<Vec<Kept>, ChainError> {
        let mut turns = Vec::new();
        let mut bytes = 0;
        let mut next = Some(id.to_owned());
        while let Some(id) = next.take() {
            if turns.len() == bounds.turns {
                return Err(ChainError::TooManyTurns);
            }
            let Some(kept) = self.get(project, &id).await? else {
                return Err(ChainError::Missing(id));
            };
            bytes += kept.input.len() + kept.answer.len();
            if bytes > bounds.bytes {
                return Err(ChainError::TooLarge);
            }
            next.clone_from(&kept.previous);
            turns.push(kept);
        }
        turns.reverse();
        Ok(turns)
    }

    /// Deletes a response of a project; says whether there was one.
    ///
    /// # Errors
    /// Where a database cannot be written.
    pub async fn delete(&self, project: &str, id: &str) -> Result<bool, StoreError> {
        let _one_at_a_time = self.partitions.writing().await;
        let mut deleted = false;
        for partition in self.partitions.all().await? {
            let delete = async {
                let mut transaction = partition.pool.begin().await?;
                let gone = sqlx::query(
                    "DELETE FROM response WHERE project = $1 AND id = $2 AND created_ms >= $3",
                )
                .bind(project)
                .bind(id)
                .bind(self.oldest_ms())
                .execute(&mut *transaction)
                .await?;
                sqlx::query("DELETE FROM item WHERE project = $1 AND response = $2")
                    .bind(project)
                    .bind(id)
                    .execute(&mut *transaction)
                    .await?;
                transaction.commit().await?;
                let any = gone.rows_affected() > 0;
                if any {
                    wipe_log(&partition.pool).await?;
                }
                Ok(any)
            };
            deleted |= delete
                .await
                .map_err(StoreError::database::<sqlx::Error>(&partition.path))?;
        }
        Ok(deleted)
    }

    /// Deletes what is older than the retention; says how many responses, or how many months where those went whole.
    ///
    /// # Errors
    /// Where a file cannot be deleted or a database cannot be written.
    pub async fn prune(&self) -> Result<Pruned, StoreError> {
        let one_at_a_time = self.partitions.writing().await;
        let oldest_ms = self.oldest_ms();
        let months = self
            .partitions
            .drop_before(&one_at_a_time, oldest_ms)
            .await?;
        let mut responses = 0;
        for partition in self.partitions.all().await? {
            let delete = async {
                let mut transaction = partition.pool.begin().await?;
                sqlx::query(
                    "DELETE FROM item WHERE EXISTS (SELECT 1 FROM response WHERE \
                     response.project = item.project AND response.id = item.response AND created_ms < $1)",
                )
                .bind(oldest_ms)
                .execute(&mut *transaction)
                .await?;
                let gone = sqlx::query("DELETE FROM response WHERE created_ms < $1")
                    .bind(oldest_ms)
                    .execute(&mut *transaction)
                    .await?;
                transaction.commit().await?;
                if gone.rows_affected() > 0 {
                    wipe_log(&partition.pool).await?;
                }
                Ok(gone.rows_affected())
            };
            responses += delete
                .await
                .map_err(StoreError::database::<sqlx::Error>(&partition.path))?;
        }
        Ok(Pruned { months, responses })
    }

    pub(crate) async fn close(&self) {
        self.partitions.close().await;
    }

    /// The newest that a statement finds: its parameters are project, id and the oldest moment that counts.
    async fn find<T>(
        &self,
        statement: &'static str,
        project: &str,
        id: &str,
        read: fn(&Row) -> Result<T, sqlx::Error>,
    ) -> Result<Option<T>, StoreError> {
        for partition in self.partitions.all().await? {
            let row = sqlx::query(statement)
                .bind(project)
                .bind(id)
                .bind(self.oldest_ms())
                .fetch_optional(&partition.pool)
                .await;
            let found = row.and_then(|row| row.as_ref().map(read).transpose());
            if let Some(found) = found.map_err(StoreError::database(&partition.path))? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    fn oldest_ms(&self) -> i64 {
        let kept_ms = i64::try_from(self.retention.as_millis()).unwrap_or(i64::MAX);
        clock::now_ms().saturating_sub(kept_ms)
    }
}

/// What became of a response that was to be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Put {
    /// It is.
    Kept,
    /// It is not: another one of its project has its id.
    Taken,
}

/// What pruning deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Whole months.
    pub months: usize,
    /// Responses of months that stay.
    pub responses: u64,
}

/// Empties the write-ahead log, which else would hold what was deleted until it is written over.
async fn wipe_log(pool: &Pool) -> Result<(), sqlx::Error> {
    sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
        .execute(pool)
        .await?;
    Ok(())
}

fn read(row: &Row) -> Result<Kept, sqlx::Error> {
    Ok(Kept {
        project: row.try_get("project")?,
        id: row.try_get("id")?,
        created_ms: row.try_get("created_ms")?,
        previous: row.try_get("previous")?,
        model: row.try_get("model")?,
        input: row.try_get("input")?,
        answer: row.try_get("answer")?,
    })
}
