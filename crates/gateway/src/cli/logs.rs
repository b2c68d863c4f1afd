//! `tollgate logs`.

use super::backend::{Backend, with_query};
use super::table::{Align, Table};
use super::{DataFolder, names, out};
use crate::admin_api::requests::{FollowQuery, Followed, RequestPage, RequestQuery, VerdictView};
use crate::view::RequestView;
use anyhow::bail;
use clap::Args;
use std::process::ExitCode;
use std::time::Duration;

/// How often a follower asks for what is new.
const FOLLOW_PAUSE: Duration = Duration::from_millis(500);
/// Records per page asked of the server.
const PAGE: u32 = 1000;
/// Letters of an error's message that the table shows.
const MESSAGE_LETTERS: usize = 60;

/// Show requests, newest last.
#[derive(Debug, Args)]
pub(super) struct Logs {
    /// Go on with what arrives, until interrupted.
    #[arg(long, short)]
    follow: bool,
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
    /// How many of the newest.
    #[arg(long, short = 'n', value_name = "N", default_value_t = 50)]
    limit: u32,
    /// Only this project (name or id).
    #[arg(long)]
    project: Option<String>,
    /// Only this key (name or id).
    #[arg(long)]
    key: Option<String>,
    /// Only this model (`author/slug`).
    #[arg(long)]
    model: Option<String>,
    /// Only this provider.
    #[arg(long)]
    provider: Option<String>,
    /// Only this status (429) or class of it: 2xx, 4xx or 5xx.
    #[arg(long)]
    status: Option<String>,
    /// Only what came to this; a stream that broke has failed, whatever status its client heard.
    #[arg(long)]
    verdict: Option<VerdictView>,
    /// Only what began at or after this moment (RFC 3339) or day in UTC.
    #[arg(long)]
    since: Option<String>,
    /// Only what began before this moment (RFC 3339) or day in UTC.
    #[arg(long)]
    until: Option<String>,
    #[command(flatten)]
    data: DataFolder,
}

impl Logs {
    /// Whether it asks for some records only.
    fn filters(&self) -> bool {
        let fields = [
            &self.project,
            &self.key,
            &self.model,
            &self.provider,
            &self.status,
            &self.since,
            &self.until,
        ];
        self.verdict.is_some() || fields.iter().any(|field| field.is_some())
    }
}

pub(super) async fn run(mut logs: Logs) -> anyhow::Result<ExitCode> {
    let backend = Backend::find_data(&logs.data.path).await?;
    if logs.follow && backend.server().is_none() {
        bail!(
            "there is no running server to follow on {}: start one with `tollgate serve`",
            logs.data.path.display()
        );
    }
    if let Some(project) = &mut logs.project {
        *project = names::project(&backend, project).await?;
    }
    if let Some(key) = &mut logs.key {
        *key = names::key(&backend, key).await?;
    }
    // The cursor is taken before the past is read, so that nothing falls between the two.
    let cursor = if logs.follow {
        Some(begin(&backend, &logs).await?)
    } else {
        None
    };
    let past = past(&backend, &logs).await?;
    let mut table = Table::new(&HEAD);
    if past.is_empty() && !logs.follow && !logs.json && logs.limit > 0 {
        out::text(if logs.filters() {
            "No request fits.\n"
        } else {
            "No requests yet.\n"
        })?;
    }
    print(&past, logs.json, &mut table)?;
    if let Some(cursor) = cursor {
        follow(&backend, &logs, cursor, past, &mut table).await?;
    }
    backend.close().await?;
    Ok(ExitCode::SUCCESS)
}

/// The newest records, oldest first.
async fn past(backend: &Backend, logs: &Logs) -> anyhow::Result<Vec<RequestView>> {
    let mut query = RequestQuery {
        project: logs.project.clone(),
        key: logs.key.clone(),
        model: logs.model.clone(),
        provider: logs.provider.clone(),
        status: logs.status.clone(),
        verdict: logs.verdict,
        since: logs.since.clone(),
        until: logs.until.clone(),
        ..RequestQuery::default()
    };
    let mut found: Vec<RequestView> = Vec::new();
    while found.len() < logs.limit as usize {
        let missing = logs.limit - u32::try_from(found.len()).unwrap_or(logs.limit);
        query.limit = Some(missing.min(PAGE));
        let page: RequestPage = backend
            .get(&with_query("/admin/v1/requests", &query)?)
            .await?;
        found.extend(page.requests);
        match page.next_before {
            Some(before) => query.before = Some(before),
            None => break,
        }
    }
    found.reverse();
    Ok(found)
}

async fn begin(backend: &Backend, logs: &Logs) -> anyhow::Result<String> {
    let first: Followed = backend
        .get(&with_query(
            "/admin/v1/requests/follow",
            &follow_query(logs, None),
        )?)
        .await?;
    Ok(first.cursor)
}

async fn follow(
    backend: &Backend,
    logs: &Logs,
    mut cursor: String,
    mut shown: Vec<RequestView>,
    table: &mut Table,
) -> anyhow::Result<()> {
    loop {
        let query = follow_query(logs, Some(cursor));
        let new: Followed = backend
            .get(&with_query("/admin/v1/requests/follow", &query)?)
            .await?;
        let fresh: Vec<RequestView> = new
            .requests
            .into_iter()
            .filter(|one| !shown.iter().any(|old| old.id == one.id))
            .collect();
        print(&fresh, logs.json, table)?;
        // Only the first answer can overlap with the past.
        shown.clear();
        cursor = new.cursor;
        tokio::time::sleep(FOLLOW_PAUSE).await;
    }
}

fn follow_query(logs: &Logs, cursor: Option<String>) -> FollowQuery {
    FollowQuery {
        cursor,
        project: logs.project.clone(),
        key: logs.key.clone(),
        model: logs.model.clone(),
        provider: logs.provider.clone(),
        status: logs.status.clone(),
        verdict: logs.verdict,
    }
}

fn print(requests: &[RequestView], json: bool, table: &mut Table) -> anyhow::Result<()> {
    if json {
        for request in requests {
            out::json_line(request)?;
        }
        return Ok(());
    }
    if requests.is_empty() {
        return Ok(());
    }
    let rows: Vec<Vec<String>> = requests.iter().map(row).collect();
    Ok(out::text(&table.more(&rows))?)
}

const HEAD: [(&str, Align); 10] = [
    ("Time (UTC)", Align::Left),
    ("Status", Align::Right),
    ("Model", Align::Left),
    ("Provider", Align::Left),
    ("Tries", Align::Right),
    ("In", Align::Right),
    ("Out", Align::Right),
    ("USD", Align::Point),
    ("ms", Align::Right),
    ("Note", Align::Left),
];

fn row(request: &RequestView) -> Vec<String> {
    let usage = request.usage;
    let cost = request
        .cost_usd
        .clone()
        .unwrap_or_else(|| "unpriced".to_owned());
    let mut notes = Vec::new();
    if request.stream {
        notes.push("stream".to_owned());
    }
    if request.estimate {
        notes.push("estimate".to_owned());
    }
    if request.interrupted {
        notes.push("interrupted".to_owned());
    }
    if !request.lost.is_empty() {
        notes.push(shortened(&format!("lost {}", lost(request))));
    }
    if let Some(error) = &request.error {
        notes.push(shortened(&error.message));
    }
    vec![
        request
            .at
            .replace('T', " ")
            .trim_end_matches('Z')
            .to_owned(),
        request.status.to_string(),
        request.model.clone(),
        request.provider.clone(),
        request.attempts.len().to_string(),
        (usage.input + usage.cache_read + usage.cache_write).to_string(),
        usage.output.to_string(),
        cost,
        request.duration_ms.to_string(),
        notes.join(", "),
    ]
}

/// What translation lost, each name once, `~` before what came across in another form.
fn lost(request: &RequestView) -> String {
    let named = request.lost.iter().map(|loss| match loss.kind.as_str() {
        "approximated" => format!("~{}", loss.field),
        _ => loss.field.clone(),
    });
    let mut names: Vec<String> = Vec::new();
    for name in named {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.join(" ")
}

/// As much of a message as a line has room for; `--json` has all of it.
fn shortened(message: &str) -> String {
    match message.char_indices().nth(MESSAGE_LETTERS) {
        Some((end, _)) => format!("{}…", message[..end].trim_end()),
        None => message.to_owned(),
    }
}
