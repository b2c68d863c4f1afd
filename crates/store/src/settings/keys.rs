//! Keys that applications authenticate with.

use super::secret::{KEY_PREFIX, Secret, hash_secret, random_id};
use super::{
    Created, KeyPatch, LONGEST_GRACE_S, NewKey, Rotated, Rotation, Settings, json_list, name,
    not_found,
};
use crate::db::{Connection, Row, is_dangling};
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
        let (made, secret) = fresh(new)?;
        let mut connection = self.pool.acquire().await.map_err(self.failed())?;
        self.insert(&mut connection, &made).await?;
        Ok(Created { made, secret })
    }

    /// Makes a key that takes another's place: the same project, name and models. The old one works until `ends_at_ms`,
    /// which may be now; both change together or neither does.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Over`] where the old key was revoked or replaced before.
    pub async fn rotate_key(&self, id: &str, rotation: &Rotation) -> Result<Rotated, StoreError> {
        let mut change = self.pool.begin().await.map_err(self.failed())?;
        // The first statement writes, so that of two at once the second waits here and then finds the key replaced.
        let ended =
            "UPDATE access_key SET revoked_at_ms = $1 WHERE id = $2 AND revoked_at_ms IS NULL";
        let ended = sqlx::query(ended)
            .bind(rotation.ends_at_ms)
            .bind(id)
            .execute(&mut *change)
            .await
            .map_err(self.failed())?;
        let row = sqlx::query("SELECT * FROM access_key WHERE id = $1")
            .bind(id)
            .fetch_optional(&mut *change)
            .await
            .map_err(self.failed())?;
        let replaced = self.read_key(&row.ok_or_else(|| not_found("key", id))?)?;
        if ended.rows_affected() == 0 {
            return Err(StoreError::Over {
                what: "key",
                id: id.to_owned(),
            });
        }
        let (made, secret) = fresh(&NewKey {
            project: replaced.project.clone(),
            name: replaced.name.clone(),
            allowed_models: replaced.allowed_models.clone(),
            expires_at_ms: rotation.expires_at_ms,
        })?;
        self.insert(&mut change, &made).await?;
        change.commit().await.map_err(self.failed())?;
        Ok(Rotated {
            successor: Created { made, secret },
            replaced,
        })
    }

    async fn insert(&self, connection: &mut Connection, made: &Key) -> Result<(), StoreError> {
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
        .execute(connection)
        .await
        .map_err(|error| {
            if is_dangling(&error) {
                not_found("project", &made.project)
            } else {
                self.failed_to_name("key", &made.name)(error)
            }
        })?;
        Ok(())
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

    /// Changes what the patch names, and nothing else. Of a key that was replaced and still works, its time is the end
    /// of the overlap.
    ///
    /// # Errors
    /// [`StoreError::Taken`], [`StoreError::NotFound`]; [`StoreError::Invalid`] where a replaced key would work for longer
    /// than [`LONGEST_GRACE_S`] beside its successor.
    pub async fn update_key(&self, id: &str, patch: &KeyPatch) -> Result<Key, StoreError> {
        let new_name = patch.name.as_deref().map(name).transpose()?;
        let now = clock::now_ms();
        let changed = sqlx::query(
            "UPDATE access_key SET name = COALESCE($1, name), allowed_models = COALESCE($2, allowed_models), \
             expires_at_ms = CASE WHEN $3 = 1 THEN $4 ELSE expires_at_ms END, \
             revoked_at_ms = CASE WHEN $3 = 1 AND revoked_at_ms > $5 THEN $4 ELSE revoked_at_ms END \
             WHERE id = $6 AND NOT ($3 = 1 AND COALESCE(revoked_at_ms, 0) > $5 AND ($4 IS NULL OR $4 > $7))",
        )
        .bind(new_name)
        .bind(patch.allowed_models.as_deref().map(json_list))
        .bind(i64::from(patch.expires_at_ms.is_some()))
        .bind(patch.expires_at_ms.flatten())
        .bind(now)
        .bind(id)
        .bind(now.saturating_add(LONGEST_GRACE_S.saturating_mul(1000)))
        .execute(&self.pool)
        .await
        .map_err(|error| match new_name {
            Some(new_name) => self.failed_to_name("key", new_name)(error),
            None => self.failed()(error),
        })?;
        let key = self.key(id).await?;
        if changed.rows_affected() == 0 {
            return Err(StoreError::Invalid {
                field: "expires_at",
                message: "this key was replaced: say until when it works, at most 366 days"
                    .to_owned(),
            });
        }
        Ok(key)
    }

    /// Revokes a key, also one whose end was set; one that is revoked already keeps the time.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn revoke_key(&self, id: &str) -> Result<Key, StoreError> {
        sqlx::query(
            "UPDATE access_key SET revoked_at_ms = CASE WHEN revoked_at_ms <= $1 THEN revoked_at_ms ELSE $1 END \
             WHERE id = $2",
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

/// A key with its secret, not stored yet.
fn fresh(new: &NewKey) -> Result<(Key, Secret), StoreError> {
    let secret = Secret::random(KEY_PREFIX)?;
    let key = Key {
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
    Ok((key, secret))
}
