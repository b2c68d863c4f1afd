//! What the admin API has said of providers.

use super::{Settings, StoredProvider, json_list, not_found};
use crate::db::Row;
use crate::{StoreError, clock};
use sqlx::Row as _;

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

    /// Forgets what was said of a provider; its credentials stay.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn delete_provider(&self, id: &str) -> Result<(), StoreError> {
        let done = sqlx::query("DELETE FROM provider WHERE id = $1")
            .bind(id)
            .execute(&self.pool)
            .await
            .map_err(self.failed())?;
        if done.rows_affected() == 0 {
            return Err(not_found("stored provider", id));
        }
        Ok(())
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
