//! Keys that applications authenticate with.

use super::secret::{KEY_PREFIX, Secret, hash_secret, random_id};
use super::{Created, KeyPatch, NewKey, Settings, json_list, name, not_found};
use crate::db::{Row, is_dangling};
use crate::{StoreError, clock};
use domain::account::{Key, KeyHash};
use futures_util::TryStreamExt;
use sqlx::Row as _;

impl Settings {
    /// Makes a key. Its secret is shown this once; only its hash is kept.
    ///
    /// # Errors
    /// [`StoreError::Taken`] where the project has a key of this name that is not revoked; [`StoreError::NotFound`]
    /// where there is no such project.
    pub async fn create_key(&self, new: &NewKey) -> Result<Created<Key>, StoreError> {
        let secret = Secret::random(KEY_PREFIX)?;
        let made = Key {
            id: random_id("key_")?,
            project: new.project.clone(),
            name: name(&new.name)?.to_owned(),
            prefix: secret.shown(),
            hash: hash_secret(secret.expose()),
            allowed_models: new.allowed_models.clone(),
            created_at_ms: clock::now_ms(),
            expires_at_ms: new.expires_at_ms,
            revoked_at_ms: None,
        };
        sqlx::query(
            "INSERT INTO access_key (id, project, name, prefix, hash, allowed_models, created_at_ms, expires_at_ms) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(&made.id)
        .bind(&made.project)
        .bind(&made.name)
        .bind(&made.prefix)
        .bind(made.hash.0.to_vec())
        .bind(json_list(&made.allowed_models))
        .bind(made.created_at_ms)
        .bind(made.expires_at_ms)
        .execute(&self.pool)
        .await
        .map_err(|error| {
            if is_dangling(&error) {
                not_found("project", &made.project)
            } else {
                self.failed_to_name("key", &made.name)(error)
            }
        })?;
        Ok(Created { made, secret })
    }

    /// All keys, revoked ones too, oldest first.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn keys(&self) -> Result<Vec<Key>, StoreError> {
        // Row by row: a row of the driver takes many times the memory of the key that it becomes.
        let mut rows =
            sqlx::query("SELECT * FROM access_key ORDER BY created_at_ms, id").fetch(&self.pool);
        let mut keys = Vec::new();
        while let Some(row) = rows.try_next().await.map_err(self.failed())? {
            keys.push(self.read_key(&row)?);
        }
        Ok(keys)
    }

    /// One key.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn key(&self, id: &str) -> Result<Key, StoreError> {
        let row = sqlx::query("SELECT * FROM access_key WHERE id = $1")
            .bind(id)
            .fetch_optional(&self.pool)
            .await
            .map_err(self.failed())?;
        self.read_key(&row.ok_or_else(|| not_found("key", id))?)
    }

    /// The key with this secret, if there is one.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn key_by_hash(&self, hash: KeyHash) -> Result<Option<Key>, StoreError> {
        let row = sqlx::query("SELECT * FROM access_key WHERE hash = $1")
            .bind(hash.0.to_vec())
            .fetch_optional(&self.pool)
            .await
            .map_err(self.failed())?;
        row.map(|row| self.read_key(&row)).transpose()
    }

    /// Changes what the patch names, and nothing else.
    ///
    /// # Errors
    /// [`StoreError::Taken`], [`StoreError::NotFound`].
    pub async fn update_key(&self, id: &str, patch: &KeyPatch) -> Result<Key, StoreError> {
        let new_name = patch.name.as_deref().map(name).transpose()?;
        sqlx::query(
            "UPDATE access_key SET name = COALESCE($1, name), allowed_models = COALESCE($2, allowed_models), \
             expires_at_ms = CASE WHEN $3 = 1 THEN $4 ELSE expires_at_ms END WHERE id = $5",
        )
        .bind(new_name)
        .bind(patch.allowed_models.as_deref().map(json_list))
        .bind(i64::from(patch.expires_at_ms.is_some()))
        .bind(patch.expires_at_ms.flatten())
        .bind(id)
        .execute(&self.pool)
        .await
        .map_err(self.failed_to_name("key", new_name.unwrap_or_default()))?;
        self.key(id).await
    }

    /// Revokes a key; one that is revoked already keeps the time.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn revoke_key(&self, id: &str) -> Result<Key, StoreError> {
        sqlx::query(
            "UPDATE access_key SET revoked_at_ms = COALESCE(revoked_at_ms, $1) WHERE id = $2",
        )
        .bind(clock::now_ms())
        .bind(id)
        .execute(&self.pool)
        .await
        .map_err(self.failed())?;
        self.key(id).await
    }

    fn read_key(&self, row: &Row) -> Result<Key, StoreError> {
        let read = || {
            let hash: Vec<u8> = row.try_get("hash")?;
            let models: String = row.try_get("allowed_models")?;
            let key = Key {
                id: row.try_get("id")?,
                project: row.try_get("project")?,
                name: row.try_get("name")?,
                prefix: row.try_get("prefix")?,
                hash: KeyHash([0; 32]),
                allowed_models: Vec::new(),
                created_at_ms: row.try_get("created_at_ms")?,
                expires_at_ms: row.try_get("expires_at_ms")?,
                revoked_at_ms: row.try_get("revoked_at_ms")?,
            };
            Ok((key, hash, models))
        };
        let (key, hash, models) = read().map_err(self.failed())?;
        Ok(Key {
            hash: self.hash(hash, &key.id)?,
            allowed_models: self.list(&models, &key.id)?,
            ..key
        })
    }
}
