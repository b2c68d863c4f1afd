//! `tollgate keys`.

use super::backend::{Backend, Refused};
use super::table::{Align, table};
use super::{DataFolder, names, out};
use crate::admin_api::keys::{CreateKey, CreatedKey, KeyView, RotateKey, RotatedKey};
use crate::clock;
use crate::view::timestamp;
use anyhow::bail;
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
        /// The key's id (`key_…`), or its name: of a replaced key and its successor the successor.
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
        /// The key's id (`key_…`), or its name: of a replaced key and its successor the successor.
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
            let created = backend.post("/admin/v1/keys", &wanted).await;
            let created: CreatedKey = created.map_err(in_flags)?;
            let shown = match json {
                true => out::json_line(&created),
                false => out::text(&secret(&created)).map_err(Into::into),
            };
            seen(backend, &created, shown).await?;
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
            let rotated = backend.post(&path, &wanted).await;
            let rotated: RotatedKey = rotated.map_err(in_flags)?;
            let shown = match json {
                true => out::json_line(&rotated),
                false => out::text(&rotation(&rotated)).map_err(Into::into),
            };
            seen(backend, &rotated.successor, shown).await?;
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
                let also = still_open(&keys, &revoked);
                let done = format!("Revoked {} ({}).\n{also}", revoked.name, revoked.id);
                out::text(&done)?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// What the API calls a member of its body, by the option that gives it here.
const FLAGS: [(&str, &str); 6] = [
    ("project", "--project"),
    ("name", "--name"),
    ("allowed_models", "--model"),
    ("allow_unknown", "--allow-unknown"),
    ("expires_at", "--expires-at"),
    ("grace_seconds", "--grace"),
];

/// A refusal in the words of the command line.
fn in_flags(error: anyhow::Error) -> anyhow::Error {
    let Some(Refused {
        field: Some(field),
        message,
    }) = error.downcast_ref()
    else {
        return error;
    };
    let flag = |word: &str| FLAGS.iter().find(|(member, _)| *member == word);
    let mut said = message.clone();
    if let (Some((_, flag)), Some(rest)) = (flag(field), message.strip_prefix(field.as_str())) {
        said = format!("{flag}{rest}");
    }
    // Named in the text of another one's error.
    anyhow::anyhow!(said.replace("with allow_unknown", "with --allow-unknown"))
}

/// Lets go of the data once a new secret was shown. One that could not be is nobody's, and what it opens is closed again.
async fn seen(
    backend: Backend,
    made: &CreatedKey,
    shown: anyhow::Result<()>,
) -> anyhow::Result<()> {
    let Err(error) = shown else {
        return backend.close().await;
    };
    let revoked: anyhow::Result<KeyView> =
        backend.delete(&format!("/admin/v1/keys/{}", made.id)).await;
    backend.close().await?;
    let (why, id) = (out::told(&error), &made.id);
    match revoked {
        Ok(_) => bail!("the secret of {id} could not be written ({why}), so that key was revoked"),
        Err(_) => bail!("the secret of {id} could not be written ({why}): revoke that key"),
    }
}

fn secret(made: &CreatedKey) -> String {
    format!(
        "{}\n\nKey {} ({}) in project {}. It is shown this once: keep it now.\n",
        made.key, made.name, made.id, made.project_name
    )
}

fn rotation(rotated: &RotatedKey) -> String {
    let (new, old) = (&rotated.successor, &rotated.replaced);
    let end = match (&old.revoked_at, &old.expires_at) {
        (None, Some(at)) => format!("works until {at}"),
        (_, _) => "works no more".to_owned(),
    };
    format!("{}The old one ({}) {end}.\n", secret(new), old.id)
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
    let named: Vec<&KeyView> = keys.iter().filter(|key| key.name == meant).collect();
    names::one_of(&names::in_use(&named), meant)
}

/// What to do about the keys that a revoked one replaced and that have not come to their end.
fn still_open(keys: &[KeyView], revoked: &KeyView) -> String {
    let now = timestamp(clock::now_ms());
    let before = keys.iter().filter(|key| {
        let same = key.name == revoked.name && key.project == revoked.project;
        same && key.id != revoked.id && key.replaced && key.revoked_at.is_none()
    });
    let lines = before.filter_map(|key| {
        let end = key.expires_at.as_ref().filter(|end| **end > now)?;
        Some(format!(
            "{id}, which it replaced, works until {end}: `tollgate keys revoke {id}` ends it too.\n",
            id = key.id
        ))
    });
    lines.collect()
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
                (None, Some(at)) if key.replaced => format!("until {}, replaced", day(at)),
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
