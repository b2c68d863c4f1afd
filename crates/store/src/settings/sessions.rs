//! Log-ins of people. Only the hash of a cookie's secret is kept.

use super::Settings;
use super::secret::{SESSION_PREFIX, Secret, hash_secret, random_id};
use super::types::Created;
use crate::db::Row;
use crate::{StoreError, clock};
use domain::account::{KeyHash, Session};
use sqlx::Row as _;
use std::time::Duration;

/// How many log-ins one person has at most; the oldest ends for a new one.
const MOST_SESSIONS: i64 = 50;

impl Settings {
    /// Begins a session for whoever has shown the password of this hash. The secret goes into a cookie; with it comes
    /// which sessions (ids) ended for the new one, because they were too many or had expired. `None` where the person is
    /// gone or has another password by now: then nothing was shown.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn create_session(
        &self,
        user: &str,
        password_hash: &str,
        lifetime: Duration,
    ) -> Result<Option<(Created<Session>, Vec<String>)>, StoreError> {
        let secret = Secret::random(SESSION_PREFIX)?;
        let now = clock::now_ms();
        let made = Session {
            id: random_id("sess_")?,
            user: user.to_owned(),
            hash: hash_secret(secret.expose()),
            created_at_ms: now,
            seen_at_ms: now,
            expires_at_ms: now.saturating_add_unsigned(lifetime.as_millis() as u64),
        };
        let insert = "INSERT INTO session (id, person, hash, created_at_ms, seen_at_ms, expires_at_ms) \
             SELECT $1, id, $3, $4, $4, $5 FROM person WHERE id = $2 AND password = $6";
        let begun = sqlx::query(insert)
            .bind(&made.id)
            .bind(user)
            .bind(made.hash.0.to_vec())
            .bind(now)
            .bind(made.expires_at_ms)
            .bind(password_hash)
            .execute(&self.pool)
            .await
            .map_err(self.failed())?;
        if begun.rows_affected() == 0 {
            return Ok(None);
        }
        let trim = "DELETE FROM session WHERE person = $1 AND (expires_at_ms <= $2 OR id NOT IN \
             (SELECT id FROM session WHERE person = $1 ORDER BY created_at_ms DESC, id DESC LIMIT $3)) \
             RETURNING id";
        let ended = sqlx::query_scalar(trim)
            .bind(user)
            .bind(now)
            .bind(MOST_SESSIONS)
            .fetch_all(&self.pool)
            .await
            .map_err(self.failed())?;
        Ok(Some((Created { made, secret }, ended)))
    }

    /// All sessions that have not expired, oldest first.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn sessions(&self) -> Result<Vec<Session>, StoreError> {
        let all = "SELECT * FROM session WHERE expires_at_ms > $1 ORDER BY created_at_ms, id";
        let rows = sqlx::query(all)
            .bind(clock::now_ms())
            .fetch_all(&self.pool)
            .await
            .map_err(self.failed())?;
        rows.iter().map(|row| self.read_session(row)).collect()
    }

    /// Notes that a session was used at that moment; one that has ended is left alone.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn touch_session(&self, id: &str, seen_at_ms: i64) -> Result<(), StoreError> {
        sqlx::query("UPDATE session SET seen_at_ms = $2 WHERE id = $1")
            .bind(id)
            .bind(seen_at_ms)
            .execute(&self.pool)
            .await
            .map(|_| ())
            .map_err(self.failed())
    }

    /// Ends all sessions of a person.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn delete_sessions(&self, user: &str) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM session WHERE person = $1")
            .bind(user)
            .execute(&self.pool)
            .await
            .map(|_| ())
            .map_err(self.failed())
    }

    /// Ends a session; one that has ended already is no error.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn delete_session(&self, id: &str) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM session WHERE id = $1")
            .bind(id)
            .execute(&self.pool)
            .await
            .map(|_| ())
            .map_err(self.failed())
    }

    fn read_session(&self, row: &Row) -> Result<Session, StoreError> {
        let read = || {
            let hash: Vec<u8> = row.try_get("hash")?;
            let session = Session {
                id: row.try_get("id")?,
                user: row.try_get("person")?,
                hash: KeyHash([0; 32]),
                created_at_ms: row.try_get("created_at_ms")?,
                seen_at_ms: row.try_get("seen_at_ms")?,
                expires_at_ms: row.try_get("expires_at_ms")?,
            };
            Ok((hash, session))
        };
        let (hash, session) = read().map_err(self.failed())?;
        Ok(Session {
            hash: self.hash(hash, &session.id)?,
            ..session
        })
    }
}
