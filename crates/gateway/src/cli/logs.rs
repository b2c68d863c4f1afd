//! `tollgate logs`.

use super::backend::Backend;
use super::table::{Align, table};
use super::{DataFolder, out};
use crate::admin_api::requests::{FollowQuery, Followed, RequestPage, RequestQuery};
use crate::view::RequestView;
use anyhow::bail;
use clap::Args;
use std::process::ExitCode;
use std::time::Duration;

/// How often a follower asks for what is new.
const FOLLOW_PAUSE: Duration = Duration::from_millis(500);
/// Records per page asked of the server.
const PAGE: u32 = 1000;

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
    /// Only this project (id).
    #[arg(long)]
    project: Option<String>,
    /// Only this key (id).
    #[arg(long)]
    key: Option<String>,
    /// Only this model (`author/slug`).
    #[arg(long)]
    model: Option<String>,
    /// Only this provider.
    #[arg(long)]
    provider: Option<String>,
    /// Only this class of status: 2xx, 4xx or 5xx.
    #[arg(long)]
    status: Option<String>,
    /// Only what began at or after this moment (RFC 3339).
    #[arg(long)]
    since: Option<String>,
    /// Only what began before this moment (RFC 3339).
    #[arg(long)]
    until: Option<String>,
    #[command(flatten)]
    data: DataFolder,
}

pub(super) async fn run(logs: Logs) -> anyhow::Result<ExitCode> {
    let backend = Backend::find(&logs.data.path).await?;
    if logs.follow && backend.server().is_none() {
        bail!(
            "there is no running server to follow on {}: start one with `tollgate serve`",
            logs.data.path.display()
        );
    }
    // The cursor is taken before the past is read, so that nothing falls between the two.
    let cursor = if logs.follow {
        Some(begin(&backend, &logs).await?)
    } else {
        None
    };
    let past = past(&backend, &logs).await?;
    if past.is_empty() && !logs.follow && !logs.json {
        out::text("No requests yet.\n")?;
    }
    print(&past, logs.json, true)?;
    if let Some(cursor) = cursor {
        follow(&backend, &logs, cursor, past).await?;
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
        print(&fresh, logs.json, false)?;
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
    }
}

fn with_query(path: &str, query: &impl serde::Serialize) -> anyhow::Result<String> {
    // Through JSON, whose members are all texts, numbers and booleans here.
    let members: serde_json::Map<String, serde_json::Value> =
        serde_json::from_value(serde_json::to_value(query)?)?;
    let pairs: Vec<String> = members
        .iter()
        .map(|(name, value)| {
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            format!("{name}={}", encoded(&text))
        })
        .collect();
    Ok(if pairs.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{}", pairs.join("&"))
    })
}

/// Percent-encodes all but unreserved characters (RFC 3986, section 2.3).
fn encoded(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        other => format!("%{other:02X}"),
    };
    text.bytes().map(byte).collect()
}

fn print(requests: &[RequestView], json: bool, head: bool) -> anyhow::Result<()> {
    if json {
        for request in requests {
            out::json_line(request)?;
        }
        return Ok(());
    }
    if requests.is_empty() {
        return Ok(());
    }
    let text = listing(requests);
    // A follower shows the head once; its later lines have the same widths only by chance, which reads well enough.
    let text = if head {
        text.as_str()
    } else {
        text.split_once('\n').map_or("", |(_, rows)| rows)
    };
    Ok(out::text(text)?)
}

fn listing(requests: &[RequestView]) -> String {
    let rows: Vec<Vec<String>> = requests.iter().map(row).collect();
    let head = [
        ("Time (UTC)", Align::Left),
        ("Status", Align::Right),
        ("Model", Align::Left),
        ("Provider", Align::Left),
        ("Tries", Align::Right),
        ("In", Align::Right),
        ("Out", Align::Right),
        ("USD", Align::Right),
        ("ms", Align::Right),
        ("Note", Align::Left),
    ];
    table(&head, &rows)
}

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
        notes.push(format!("{} lost", request.lost.len()));
    }
    if let Some(error) = &request.error {
        notes.push(error.message.chars().take(60).collect());
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
