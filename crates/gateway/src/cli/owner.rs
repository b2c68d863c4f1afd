//! `tollgate owner`.

use super::backend::Backend;
use super::{DataFolder, out};
use crate::admin_api::people::{LinkView, Purpose, WantLink};
use clap::{Args, Subcommand};
use std::process::ExitCode;

/// Let the owner into the console.
#[derive(Debug, Args)]
pub(super) struct Owner {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Print a link that works once, for an hour: it makes the first owner, or sets the owner's password anew. An earlier
    /// link works no more.
    Link {
        /// Whose password is to be set anew; the first owner's where nothing is said.
        #[arg(long)]
        email: Option<String>,
        /// One JSON object.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        data: DataFolder,
    },
}

pub(super) async fn run(owner: Owner) -> anyhow::Result<ExitCode> {
    let Action::Link { email, json, data } = owner.action;
    let backend = Backend::find(&data.path).await?;
    let link: LinkView = backend
        .post("/admin/v1/one-time-links", &WantLink { email })
        .await?;
    if json {
        out::json_line(&link)?;
    } else {
        let does = match link.purpose {
            Purpose::Welcome => "makes the owner",
            Purpose::Reset => "sets the password anew",
        };
        let note = format!("It works once, until {}, and {does}.", link.expires_at);
        match backend.server() {
            Some(url) => out::text(&format!("{url}{}\n\n{note}\n", link.path))?,
            None => out::text(&format!(
                "{}\n\n{note} Start the server and put its address before it.\n",
                link.path
            ))?,
        }
    }
    backend.close().await?;
    Ok(ExitCode::SUCCESS)
}
