//! `tollgate keys`.

use super::backend::Backend;
use super::table::{Align, table};
use super::{DataFolder, names, out};
use crate::admin_api::keys::{CreateKey, CreatedKey, KeyView, RotateKey, RotatedKey};
use crate::clock;
use crate::view::timestamp;
use clap::{Args, Subcommand};
use std::process::ExitCode;

/// Make, list and revoke keys.
#[derive(Debug, Args)]
pub(super) struct Keys {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Make a key; its secret is shown this once.
    Create {
        /// The project's name; made if missing.
        #[arg(long)]
        project: String,
        /// The key's name, unique in its project.
        #[arg(long)]
        name: String,
        /// A model it may call (`author/slug` or `author/*`); may be repeated. All where none is named.
        #[arg(long = "model", value_name = "MODEL")]
        models: Vec<String>,
        /// Let --model name what the catalogue does not have (yet).
        #[arg(long)]
        allow_unknown: bool,
        /// When it stops working, like 2027-01-31T00:00:00Z.
        #[arg(long, value_name = "MOMENT")]
        expires_at: Option<String>,
        /// One JSON object with the secret as `key`.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        data: DataFolder,
    },
    /// List keys, revoked ones too.
    List {
        /// A JSON array.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        data: DataFolder,
    },
    /// Replace a key by one of the same project, name and models; its secret is shown this once.
    Rotate {
        /// The key's id (`key_…`), or its name where only one has it.
        key: String,
        /// How long the old key still works: a number and s, m, h or d, like 24h. It ends at once where nothing is said.
        #[arg(long, value_name = "TIME", value_parser = seconds)]
        grace: Option<u64>,
        /// When the new key stops working, like 2027-01-31T00:00:00Z; when the old one would have, where nothing is said.
        #[arg(long, value_name = "MOMENT")]
        expires_at: Option<String>,
        /// One JSON object: `successor` with the secret as `key`, `replaced`.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        data: DataFolder,
    },
    /// Revoke a key: from now on it opens nothing.
    Revoke {
        /// The key's id (`key_…`), or its name where only one has it.
        key: String,
        /// The revoked key as one JSON object.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        data: DataFolder,
    },
}

pub(super) async fn run(keys: Keys) -> anyhow::Result<ExitCode> {
    match keys.action {
        Action::Create {
            project,
            name,
            models,
            allow_unknown,
            expires_at,
            json,
            data,
        } => {
            let backend = Backend::find(&data.path).await?;
            let wanted = CreateKey {
                project,
                name,
                allowed_models: models,
                allow_unknown,
                expires_at,
            };
            let created: CreatedKey = backend.post("/admin/v1/keys", &wanted).await?;
            backend.close().await?;
            if json {
                out::json_line(&created)?;
            } else {
                out::text(&format!(
                    "{}\n\nKey {} ({}) in project {}. It is shown this once: keep it now.\n",
                    created.key, created.name, created.id, created.project_name
                ))?;
            }
        }
        Action::List { json, data } => {
            let backend = Backend::find_data(&data.path).await?;
            let keys: Vec<KeyView> = backend.get("/admin/v1/keys").await?;
            backend.close().await?;
            if json {
                out::json_line(&keys)?;
            } else {
                out::text(&listing(&keys))?;
            }
        }
        Action::Rotate {
            key,
            grace,
            expires_at,
            json,
            data,
        } => {
            let backend = Backend::find_data(&data.path).await?;
            let keys: Vec<KeyView> = backend.get("/admin/v1/keys").await?;
            let id = identified(&keys, &key)?;
            let wanted = RotateKey {
                grace_seconds: grace.unwrap_or_default(),
                expires_at,
            };
            let path = format!("/admin/v1/keys/{id}/rotate");
            let rotated: RotatedKey = backend.post(&path, &wanted).await?;
            backend.close().await?;
            if json {
                out::json_line(&rotated)?;
            } else {
                out::text(&rotation(&rotated))?;
            }
        }
        Action::Revoke { key, json, data } => {
            let backend = Backend::find_data(&data.path).await?;
            let keys: Vec<KeyView> = backend.get("/admin/v1/keys").await?;
            let id = identified(&keys, &key)?;
            let revoked: KeyView = backend.delete(&format!("/admin/v1/keys/{id}")).await?;
            backend.close().await?;
            if json {
                out::json_line(&revoked)?;
            } else {
                out::text(&format!("Revoked {} ({}).\n", revoked.name, revoked.id))?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn rotation(rotated: &RotatedKey) -> String {
    let (new, old) = (&rotated.successor, &rotated.replaced);
    let end = match (&old.revoked_at, &old.expires_at) {
        (None, Some(at)) => format!("works until {at}"),
        (_, _) => "works no more".to_owned(),
    };
    format!(
        "{}\n\nKey {} ({}) in project {}. It is shown this once: keep it now.\nThe old one ({}) {end}.\n",
        new.key, new.name, new.id, new.project_name, old.id
    )
}

/// Seconds, from a number and its unit.
fn seconds(text: &str) -> Result<u64, String> {
    let units = [("s", 1), ("m", 60), ("h", 3_600), ("d", 86_400)];
    let read = units.iter().find_map(|(unit, seconds)| {
        let number: u64 = text.strip_suffix(unit)?.parse().ok()?;
        number.checked_mul(*seconds)
    });
    read.ok_or_else(|| "write a number and s, m, h or d, like 24h".to_owned())
}

/// The id of the key that is meant.
fn identified(keys: &[KeyView], meant: &str) -> anyhow::Result<String> {
    if let Some(key) = keys.iter().find(|key| key.id == meant) {
        return Ok(key.id.clone());
    }
    let named: Vec<&KeyView> = keys
        .iter()
        .filter(|key| key.name == meant && key.revoked_at.is_none())
        .collect();
    names::one_of(&named, meant)
}

fn listing(keys: &[KeyView]) -> String {
    if keys.is_empty() {
        return "No keys yet. `tollgate keys create --project P --name N` makes one.\n".to_owned();
    }
    let now = timestamp(clock::now_ms());
    let rows: Vec<Vec<String>> = keys
        .iter()
        .map(|key| {
            // Moments are written alike, so that their texts sort as they do.
            let state = match (&key.revoked_at, &key.expires_at) {
                (Some(at), _) => format!("revoked {}", day(at)),
                (None, Some(at)) if *at <= now => format!("expired {}", day(at)),
                (None, Some(at)) => format!("until {}", day(at)),
                (None, None) => "active".to_owned(),
            };
            let models = match key.allowed_models.as_slice() {
                [] => "all".to_owned(),
                some => some.join(", "),
            };
            vec![
                key.id.clone(),
                key.name.clone(),
                key.project_name.clone(),
                format!("{}…", key.prefix),
                day(&key.created_at).to_owned(),
                state,
                models,
            ]
        })
        .collect();
    let left = |title| (title, Align::Left);
    table(
        &[
            left("Id"),
            left("Name"),
            left("Project"),
            left("Key"),
            left("Made"),
            left("State"),
            left("Models"),
        ],
        &rows,
    )
}

fn day(moment: &str) -> &str {
    moment.split('T').next().unwrap_or(moment)
}
