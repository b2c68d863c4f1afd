//! Settings that the admin API and the CLI own: accounts, credentials, providers. What a configuration file declares
//! is not kept here.

pub mod secret;
mod types;

pub use types::{Created, Credential, KeyPatch, NewKey, StoredProvider};

use crate::Secret;
use crate::StoreError;
use domain::account::{Key, KeyHash, ManagementToken, Organization, Project};

/// The settings database.
#[derive(Clone, Debug)]
pub struct Settings {}

impl Settings {
    /// All organizations, oldest first; a fresh installation has `default` (id `org_default`).
    pub async fn organizations(&self) -> Result<Vec<Organization>, StoreError> {
        unimplemented!()
    }
    /// Makes a project; its name is unique within the organization.
    pub async fn create_project(
        &self,
        organization: &str,
        name: &str,
    ) -> Result<Project, StoreError> {
        unimplemented!("{organization}{name}")
    }
    /// All projects, oldest first.
    pub async fn projects(&self) -> Result<Vec<Project>, StoreError> {
        unimplemented!()
    }
    /// The project of this name, if there is one.
    pub async fn project_named(
        &self,
        organization: &str,
        name: &str,
    ) -> Result<Option<Project>, StoreError> {
        unimplemented!("{organization}{name}")
    }
    /// Renames a project.
    pub async fn rename_project(&self, id: &str, name: &str) -> Result<Project, StoreError> {
        unimplemented!("{id}{name}")
    }
    /// Deletes a project that has no keys.
    pub async fn delete_project(&self, id: &str) -> Result<(), StoreError> {
        unimplemented!("{id}")
    }
    /// Makes a key; its name is unique among its project's keys that are not revoked. The secret is not kept.
    pub async fn create_key(&self, new: &NewKey) -> Result<Created<Key>, StoreError> {
        unimplemented!("{new:?}")
    }
    /// All keys, revoked ones too, oldest first.
    pub async fn keys(&self) -> Result<Vec<Key>, StoreError> {
        unimplemented!()
    }
    /// One key.
    pub async fn key(&self, id: &str) -> Result<Key, StoreError> {
        unimplemented!("{id}")
    }
    /// The key with this secret, if there is one.
    pub async fn key_by_hash(&self, hash: KeyHash) -> Result<Option<Key>, StoreError> {
        unimplemented!("{hash:?}")
    }
    /// Changes what the patch names.
    pub async fn update_key(&self, id: &str, patch: &KeyPatch) -> Result<Key, StoreError> {
        unimplemented!("{id}{patch:?}")
    }
    /// Revokes a key; one that is revoked already stays as it is.
    pub async fn revoke_key(&self, id: &str) -> Result<Key, StoreError> {
        unimplemented!("{id}")
    }
    /// Makes a management token; its name is unique. The secret is not kept.
    pub async fn create_management_token(
        &self,
        name: &str,
    ) -> Result<Created<ManagementToken>, StoreError> {
        unimplemented!("{name}")
    }
    /// Sees to it that the token of this name has this secret (`TOLLGATE_ADMIN_TOKEN`).
    pub async fn set_management_token(
        &self,
        name: &str,
        secret: &Secret,
    ) -> Result<ManagementToken, StoreError> {
        unimplemented!("{name}{secret:?}")
    }
    /// All management tokens, oldest first.
    pub async fn management_tokens(&self) -> Result<Vec<ManagementToken>, StoreError> {
        unimplemented!()
    }
    /// Deletes a management token.
    pub async fn delete_management_token(&self, id: &str) -> Result<(), StoreError> {
        unimplemented!("{id}")
    }
    /// Seals and keeps a provider's secret; its name is unique within the provider.
    pub async fn create_credential(
        &self,
        provider: &str,
        name: &str,
        secret: &Secret,
    ) -> Result<Credential, StoreError> {
        unimplemented!("{provider}{name}{secret:?}")
    }
    /// All credentials, oldest first, without their secrets.
    pub async fn credentials(&self) -> Result<Vec<Credential>, StoreError> {
        unimplemented!()
    }
    /// All credentials with their secrets, for the snapshot.
    pub async fn opened_credentials(&self) -> Result<Vec<(Credential, Secret)>, StoreError> {
        unimplemented!()
    }
    /// Deletes a credential.
    pub async fn delete_credential(&self, id: &str) -> Result<(), StoreError> {
        unimplemented!("{id}")
    }
    /// Keeps what is said of a provider, in place of what was said before.
    pub async fn put_provider(&self, provider: &StoredProvider) -> Result<(), StoreError> {
        unimplemented!("{provider:?}")
    }
    /// All stored providers, by id.
    pub async fn providers(&self) -> Result<Vec<StoredProvider>, StoreError> {
        unimplemented!()
    }
    /// Forgets what was said of a provider.
    pub async fn delete_provider(&self, id: &str) -> Result<(), StoreError> {
        unimplemented!("{id}")
    }
}
