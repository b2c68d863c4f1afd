//! Organizations and projects.

use super::secret::random_id;
use super::{Settings, name, not_found};
use crate::db::{Row, is_dangling};
use crate::{StoreError, clock};
use domain::account::{Organization, Project};
use sqlx::Row as _;

impl Settings {
    /// All organizations, oldest first; a fresh installation has `default` (id `org_default`).
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn organizations(&self) -> Result<Vec<Organization>, StoreError> {
        let query = "SELECT * FROM organization ORDER BY created_at_ms, id";
        let rows = sqlx::query(query).fetch_all(&self.pool).await;
        let read = |row: &Row| {
            Ok(Organization {
                id: row.try_get("id")?,
                name: row.try_get("name")?,
                created_at_ms: row.try_get("created_at_ms")?,
            })
        };
        rows.and_then(|rows| rows.iter().map(read).collect())
            .map_err(self.failed())
    }

    /// Makes a project.
    ///
    /// # Errors
    /// [`StoreError::Taken`] where the organization has one of this name; [`StoreError::NotFound`] where there is no
    /// such organization.
    pub async fn create_project(
        &self,
        organization: &str,
        project_name: &str,
    ) -> Result<Project, StoreError> {
        let project = Project {
            id: random_id("proj_")?,
            organization: organization.to_owned(),
            name: name(project_name)?.to_owned(),
            created_at_ms: clock::now_ms(),
        };
        sqlx::query(
            "INSERT INTO project (id, organization, name, created_at_ms) VALUES ($1, $2, $3, $4)",
        )
        .bind(&project.id)
        .bind(&project.organization)
        .bind(&project.name)
        .bind(project.created_at_ms)
        .execute(&self.pool)
        .await
        .map_err(|error| {
            if is_dangling(&error) {
                not_found("organization", organization)
            } else {
                self.failed_to_name("project", &project.name)(error)
            }
        })?;
        Ok(project)
    }

    /// All projects, oldest first.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn projects(&self) -> Result<Vec<Project>, StoreError> {
        let rows = sqlx::query("SELECT * FROM project ORDER BY created_at_ms, id")
            .fetch_all(&self.pool)
            .await;
        rows.and_then(|rows| rows.iter().map(project).collect())
            .map_err(self.failed())
    }

    /// One project.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn project(&self, id: &str) -> Result<Project, StoreError> {
        let row = sqlx::query("SELECT * FROM project WHERE id = $1")
            .bind(id)
            .fetch_optional(&self.pool)
            .await;
        row.and_then(|row| row.as_ref().map(project).transpose())
            .map_err(self.failed())?
            .ok_or_else(|| not_found("project", id))
    }

    /// The project of this name, if there is one.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn project_named(
        &self,
        organization: &str,
        project_name: &str,
    ) -> Result<Option<Project>, StoreError> {
        let row = sqlx::query("SELECT * FROM project WHERE organization = $1 AND name = $2")
            .bind(organization)
            .bind(project_name.trim())
            .fetch_optional(&self.pool)
            .await;
        row.and_then(|row| row.as_ref().map(project).transpose())
            .map_err(self.failed())
    }

    /// Renames a project.
    ///
    /// # Errors
    /// [`StoreError::Taken`], [`StoreError::NotFound`].
    pub async fn rename_project(&self, id: &str, new_name: &str) -> Result<Project, StoreError> {
        let new_name = name(new_name)?;
        sqlx::query("UPDATE project SET name = $1 WHERE id = $2")
            .bind(new_name)
            .bind(id)
            .execute(&self.pool)
            .await
            .map_err(self.failed_to_name("project", new_name))?;
        self.project(id).await
    }

    /// Deletes a project that has no keys, revoked ones included: records name the project by its id, and a key's
    /// project must stay known.
    ///
    /// # Errors
    /// [`StoreError::InUse`], [`StoreError::NotFound`].
    pub async fn delete_project(&self, id: &str) -> Result<(), StoreError> {
        let done = sqlx::query("DELETE FROM project WHERE id = $1")
            .bind(id)
            .execute(&self.pool)
            .await;
        match done {
            Ok(done) if done.rows_affected() == 0 => Err(not_found("project", id)),
            Ok(_) => Ok(()),
            Err(error) if is_dangling(&error) => Err(StoreError::InUse {
                what: "project",
                id: id.to_owned(),
                by: "keys",
            }),
            Err(error) => Err(self.failed()(error)),
        }
    }
}

fn project(row: &Row) -> Result<Project, sqlx::Error> {
    Ok(Project {
        id: row.try_get("id")?,
        organization: row.try_get("organization")?,
        name: row.try_get("name")?,
        created_at_ms: row.try_get("created_at_ms")?,
    })
}
