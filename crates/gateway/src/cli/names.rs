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
    match in_use(&named).as_slice() {
        [] => one_of(&named, meant),
        now => one_of(now, meant),
    }
}

/// Of keys of one name those that have it now: neither revoked nor replaced, of which a project has one. Where there are
/// none, those that were replaced and may still work.
pub(super) fn in_use<'k>(named: &[&'k KeyView]) -> Vec<&'k KeyView> {
    let working = named.iter().copied().filter(|key| key.revoked_at.is_none());
    let (replaced, now): (Vec<_>, Vec<_>) = working.partition(|key| key.replaced);
    if now.is_empty() { replaced } else { now }
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
