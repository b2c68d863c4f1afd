//! Providers' secrets, sealed.

use super::sealing::{Others, SealingKey};
use super::secret::{Secret, random_id};
use super::{Credential, Settings, name, not_found};
use crate::db::Row;
use crate::{StoreError, clock};
use sqlx::Row as _;

impl Settings {
    /// Seals and keeps a provider's secret.
    ///
    /// # Errors
    /// [`StoreError::Taken`] where the provider has a credential of this name; [`StoreError::Sealing`] where the key is
    /// lost that others are sealed with.
    pub async fn create_credential(
        &self,
        provider: &str,
        credential_name: &str,
        secret: &Secret,
    ) -> Result<Credential, StoreError> {
        let key = self.key_to_seal().await?;
        let credential = Credential {
            id: random_id("cred_")?,
            provider: provider.to_owned(),
            name: name(credential_name)?.to_owned(),
            sealing_key: key.id().to_owned(),
            created_at_ms: clock::now_ms(),
        };
        sqlx::query(
            "INSERT INTO credential (id, provider, name, sealed, sealing_key, created_at_ms) \
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(&credential.id)
        .bind(&credential.provider)
        .bind(&credential.name)
        .bind(key.seal(&credential.id, secret)?)
        .bind(&credential.sealing_key)
        .bind(credential.created_at_ms)
        .execute(&self.pool)
        .await
        .map_err(self.failed_to_name("credential", &credential.name))?;
        Ok(credential)
    }

    /// Puts another secret in a credential's place.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Sealing`] where the key is lost that others are sealed with.
    pub async fn replace_credential(&self, id: &str, secret: &Secret) -> Result<(), StoreError> {
        let key = self.key_to_seal().await?;
        let done = sqlx::query("UPDATE credential SET sealed = $1, sealing_key = $2 WHERE id = $3")
            .bind(key.seal(id, secret)?)
            .bind(key.id())
            .bind(id)
            .execute(&self.pool)
            .await
            .map_err(self.failed())?;
        if done.rows_affected() == 0 {
            return Err(not_found("credential", id));
        }
        Ok(())
    }

    /// All credentials, oldest first, without their secrets.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn credentials(&self) -> Result<Vec<Credential>, StoreError> {
        let rows = self.credential_rows().await?;
        Ok(rows.into_iter().map(|(credential, _)| credential).collect())
    }

    /// All credentials, each with its secret or why that does not open: one that was sealed with a lost key must not
    /// keep the others from being used.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn opened_credentials(
        &self,
    ) -> Result<Vec<(Credential, Result<Secret, StoreError>)>, StoreError> {
        let open = |(credential, sealed): (Credential, Vec<u8>)| {
            let key = &credential.sealing_key;
            let secret = self.sealer.open_sealed(&credential.id, key, &sealed);
            (credential, secret)
        };
        Ok(self
            .credential_rows()
            .await?
            .into_iter()
            .map(open)
            .collect())
    }

    /// Deletes a credential.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn delete_credential(&self, id: &str) -> Result<(), StoreError> {
        let done = sqlx::query("DELETE FROM credential WHERE id = $1")
            .bind(id)
            .execute(&self.pool)
            .await
            .map_err(self.failed())?;
        if done.rows_affected() == 0 {
            return Err(not_found("credential", id));
        }
        Ok(())
    }

    async fn key_to_seal(&self) -> Result<&SealingKey, StoreError> {
        let others = if self.credential_rows().await?.is_empty() {
            Others::None
        } else {
            Others::Sealed
        };
        self.sealer.key(others)
    }

    async fn credential_rows(&self) -> Result<Vec<(Credential, Vec<u8>)>, StoreError> {
        let rows = sqlx::query("SELECT * FROM credential ORDER BY created_at_ms, id")
            .fetch_all(&self.pool)
            .await;
        rows.and_then(|rows| rows.iter().map(read).collect())
            .map_err(self.failed())
    }
}

fn read(row: &Row) -> Result<(Credential, Vec<u8>), sqlx::Error> {
    let credential = Credential {
        id: row.try_get("id")?,
        provider: row.try_get("provider")?,
        name: row.try_get("name")?,
        sealing_key: row.try_get("sealing_key")?,
        created_at_ms: row.try_get("created_at_ms")?,
    };
    Ok((credential, row.try_get("sealed")?))
}
