//! Projects and keys by the names that people gave them, where the admin API wants ids.

use super::backend::Backend;
use crate::admin_api::keys::KeyView;
use crate::admin_api::projects::ProjectView;
use anyhow::bail;

/// The id of the project that is meant. What looks like an id is taken for one: records outlive their project.
///
/// # Errors
/// When no project has that name.
pub(super) async fn project(backend: &Backend, meant: &str) -> anyhow::Result<String> {
    let all: Vec<ProjectView> = backend.get("/admin/v1/projects").await?;
    match all.iter().find(|one| one.id == meant || one.name == meant) {
        Some(project) => Ok(project.id.clone()),
        None if meant.starts_with("proj_") => Ok(meant.to_owned()),
        None => {
            let names: Vec<&str> = all.iter().map(|one| one.name.as_str()).collect();
            bail!(
                "there is no project '{meant}' (there are: {})",
                names.join(", ")
            )
        }
    }
}

/// The id of the key that is meant, revoked or not: of those of one name the one that has it now.
///
/// # Errors
/// When no key has that name, or several have it.
pub(super) async fn key(backend: &Backend, meant: &str) -> anyhow::Result<String> {
    let all: Vec<KeyView> = backend.get("/admin/v1/keys").await?;
    if meant.starts_with("key_") {
        return Ok(meant.to_owned());
    }
    let named: Vec<&KeyView> = all.iter().filter(|key| key.name == meant).collect();
    let now: Vec<&KeyView> = named
        .iter()
        .copied()
        .filter(|key| has_its_name(key))
        .collect();
    match now.is_empty() {
        true => one_of(&named, meant),
        false => one_of(&now, meant),
    }
}

/// Whether a key was neither revoked nor replaced: its project has only one such of a name.
pub(super) fn has_its_name(key: &KeyView) -> bool {
    key.revoked_at.is_none() && !key.replaced
}

/// The id of the only one of these keys, which all have the name that is meant.
///
/// # Errors
/// When there is none, or several.
pub(super) fn one_of(named: &[&KeyView], meant: &str) -> anyhow::Result<String> {
    match named {
        [key] => Ok(key.id.clone()),
        [] => bail!("there is no key '{meant}'; `tollgate keys list` shows all"),
        several => {
            let id = |key: &&KeyView| format!("{} in project {}", key.id, key.project_name);
            let ids: Vec<String> = several.iter().map(id).collect();
            bail!(
                "several keys have the name '{meant}': name one by its id ({})",
                ids.join(", ")
            )
        }
    }
}
