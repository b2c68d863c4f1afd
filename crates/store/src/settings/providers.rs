//! What the admin API has said of providers.

use super::{Settings, StoredProvider, json_list, not_found};
use crate::db::Row;
use crate::{StoreError, clock};
use sqlx::Row as _;

/// What becomes of a provider's credentials when what was said of it is forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credentials {
    /// They stay: the catalogue still knows the provider.
    Keep,
    /// They go with it: nobody could use or see them.
    Delete,
}

impl Settings {
    /// Keeps what is said of a provider, in place of what was said before; sets the time.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] where the models are not a JSON array.
    pub async fn put_provider(&self, provider: &StoredProvider) -> Result<(), StoreError> {
        if let Some(models) = &provider.models {
            let parsed: Result<Vec<serde_json::Value>, _> = serde_json::from_str(models);
            parsed.map_err(|error| StoreError::Invalid {
                field: "models",
                message: format!("must be a JSON array: {error}"),
            })?;
        }
        sqlx::query(
            "INSERT INTO provider (id, enabled, base_url, speaks, models, updated_at_ms) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO UPDATE SET enabled = excluded.enabled, \
             base_url = excluded.base_url, speaks = excluded.speaks, models = excluded.models, \
             updated_at_ms = excluded.updated_at_ms",
        )
        .bind(&provider.id)
        .bind(i64::from(provider.enabled))
        .bind(&provider.base_url)
        .bind(json_list(&provider.speaks))
        .bind(&provider.models)
        .bind(clock::now_ms())
        .execute(&self.pool)
        .await
        .map_err(self.failed())?;
        Ok(())
    }

    /// All stored providers, by id.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn providers(&self) -> Result<Vec<StoredProvider>, StoreError> {
        let rows = sqlx::query("SELECT * FROM provider ORDER BY id")
            .fetch_all(&self.pool)
            .await
            .map_err(self.failed())?;
        rows.iter().map(|row| self.read_provider(row)).collect()
    }

    /// Forgets what was said of a provider.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn delete_provider(
        &self,
        id: &str,
        credentials: Credentials,
    ) -> Result<(), StoreError> {
        let mut change = self.pool.begin().await.map_err(self.failed())?;
        let done = sqlx::query("DELETE FROM provider WHERE id = $1")
            .bind(id)
            .execute(&mut *change)
            .await
            .map_err(self.failed())?;
        if done.rows_affected() == 0 {
            return Err(not_found("stored provider", id));
        }
        match credentials {
            Credentials::Keep => {}
            Credentials::Delete => {
                sqlx::query("DELETE FROM credential WHERE provider = $1")
                    .bind(id)
                    .execute(&mut *change)
                    .await
                    .map_err(self.failed())?;
            }
        }
        change.commit().await.map_err(self.failed())
    }

    fn read_provider(&self, row: &Row) -> Result<StoredProvider, StoreError> {
        let read = || {
            let speaks: String = row.try_get("speaks")?;
            let provider = StoredProvider {
                id: row.try_get("id")?,
                enabled: row.try_get::<i64, _>("enabled")? != 0,
                base_url: row.try_get("base_url")?,
                speaks: Vec::new(),
                models: row.try_get("models")?,
                updated_at_ms: row.try_get("updated_at_ms")?,
            };
            Ok((provider, speaks))
        };
        let (provider, speaks) = read().map_err(self.failed())?;
        Ok(StoredProvider {
            speaks: self.list(&speaks, &provider.id)?,
            ..provider
        })
    }
}
