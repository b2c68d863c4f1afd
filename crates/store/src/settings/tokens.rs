//! Management tokens, which open the admin API.

use super::secret::{MANAGEMENT_PREFIX, Secret, hash_secret, random_id};
use super::{Created, Settings, name, not_found};
use crate::db::Row;
use crate::{StoreError, clock};
use domain::account::{KeyHash, ManagementToken};
use sqlx::Row as _;

impl Settings {
    /// Makes a management token. Its secret is shown this once; only its hash is kept.
    ///
    /// # Errors
    /// [`StoreError::Taken`].
    pub async fn create_management_token(
        &self,
        token_name: &str,
    ) -> Result<Created<ManagementToken>, StoreError> {
        let secret = Secret::random(MANAGEMENT_PREFIX)?;
        let made = new_token(token_name, &secret)?;
        self.insert_token(&made, "")
            .await
            .map_err(self.failed_to_name("management token", &made.name))?;
        Ok(Created { made, secret })
    }

    /// Sees to it that the token of this name has this secret (`TOLLGATE_ADMIN_TOKEN`), and no other.
    ///
    /// # Errors
    /// [`StoreError::Taken`] where a token of another name has this secret.
    pub async fn set_management_token(
        &self,
        token_name: &str,
        secret: &Secret,
    ) -> Result<ManagementToken, StoreError> {
        let new = new_token(token_name, secret)?;
        self.insert_token(
            &new,
            " ON CONFLICT (name) DO UPDATE SET hash = excluded.hash",
        )
        .await
        .map_err(self.failed_to_name("management token with this secret, not", &new.name))?;
        let tokens = self.management_tokens().await?;
        let found = tokens.into_iter().find(|token| token.name == new.name);
        found.ok_or_else(|| not_found("management token", &new.name))
    }

    /// All management tokens, oldest first.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn management_tokens(&self) -> Result<Vec<ManagementToken>, StoreError> {
        let rows = sqlx::query("SELECT * FROM management_token ORDER BY created_at_ms, id")
            .fetch_all(&self.pool)
            .await
            .map_err(self.failed())?;
        rows.iter().map(|row| self.read_token(row)).collect()
    }

    /// Deletes a management token.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn delete_management_token(&self, id: &str) -> Result<(), StoreError> {
        let done = sqlx::query("DELETE FROM management_token WHERE id = $1")
            .bind(id)
            .execute(&self.pool)
            .await
            .map_err(self.failed())?;
        if done.rows_affected() == 0 {
            return Err(not_found("management token", id));
        }
        Ok(())
    }

    async fn insert_token(
        &self,
        token: &ManagementToken,
        on_conflict: &'static str,
    ) -> Result<(), sqlx::Error> {
        let insert =
            "INSERT INTO management_token (id, name, hash, created_at_ms) VALUES ($1, $2, $3, $4)";
        sqlx::query(sqlx::AssertSqlSafe(format!("{insert}{on_conflict}")))
            .bind(&token.id)
            .bind(&token.name)
            .bind(token.hash.0.to_vec())
            .bind(token.created_at_ms)
            .execute(&self.pool)
            .await
            .map(|_| ())
    }

    fn read_token(&self, row: &Row) -> Result<ManagementToken, StoreError> {
        let read = || {
            let hash: Vec<u8> = row.try_get("hash")?;
            let token = ManagementToken {
                id: row.try_get("id")?,
                name: row.try_get("name")?,
                hash: KeyHash([0; 32]),
                created_at_ms: row.try_get("created_at_ms")?,
            };
            Ok((token, hash))
        };
        let (token, hash) = read().map_err(self.failed())?;
        Ok(ManagementToken {
            hash: self.hash(hash, &token.id)?,
            ..token
        })
    }
}

fn new_token(token_name: &str, secret: &Secret) -> Result<ManagementToken, StoreError> {
    Ok(ManagementToken {
        id: random_id("mgmt_")?,
        name: name(token_name)?.to_owned(),
        hash: hash_secret(secret.expose()),
        created_at_ms: clock::now_ms(),
    })
}
