//! `tollgate doctor`: looks at the installation and says what to mend.

use super::backend::Backend;
use super::{DataFolder, out};
use crate::assemble::Ground;
use crate::config::{self, ConfigError};
use clap::Args;
use serde::Serialize;
use serde_json::Value;
use std::fmt::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::ExitCode;

/// Check the installation and say what to mend.
#[derive(Debug, Args)]
pub(super) struct Doctor {
    /// The configuration file; ./tollgate.toml where none is named and it exists.
    #[arg(long, value_name = "FILE", env = "TOLLGATE_CONFIG")]
    config: Option<PathBuf>,
    /// A JSON array of findings.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    data: DataFolder,
}

/// One thing that was looked at.
#[derive(Debug, Serialize)]
struct Finding {
    state: State,
    what: &'static str,
    detail: String,
    /// What to do, where something is to be done.
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Ok,
    Warning,
    Broken,
}

impl Finding {
    fn ok(what: &'static str, detail: impl Into<String>) -> Self {
        Self {
            state: State::Ok,
            what,
            detail: detail.into(),
            fix: None,
        }
    }

    fn warning(what: &'static str, detail: impl Into<String>, fix: &str) -> Self {
        Self {
            state: State::Warning,
            what,
            detail: detail.into(),
            fix: Some(fix.to_owned()),
        }
    }

    fn broken(what: &'static str, detail: impl Into<String>, fix: &str) -> Self {
        Self {
            state: State::Broken,
            what,
            detail: detail.into(),
            fix: Some(fix.to_owned()),
        }
    }
}

pub(super) async fn run(doctor: Doctor) -> anyhow::Result<ExitCode> {
    let backend = Backend::find_as(&doctor.data.path, doctor.config.as_deref()).await;
    let runs = backend
        .as_ref()
        .is_ok_and(|backend| backend.server().is_some());
    let mut findings = vec![configuration(&doctor, runs), permissions(&doctor)];
    findings.extend(doubts(&doctor));
    match backend {
        Ok(backend) => {
            findings.push(server(&backend));
            findings.extend(ready(&backend).await);
            match backend.get::<Vec<Value>>("/admin/v1/providers").await {
                Ok(all) => {
                    findings.push(sealing_key(&doctor, &all));
                    findings.push(providers(&all));
                    findings.extend(misfits(&all));
                }
                Err(error) => {
                    let told = out::told(&error);
                    findings.push(Finding::broken("providers", told, "see the message"));
                }
            }
            backend.close().await?;
        }
        // Told above.
        Err(error) if error.is::<ConfigError>() => {}
        Err(error) => findings.push(Finding::broken(
            "store",
            out::told(&error),
            "see the message",
        )),
    }
    if doctor.json {
        out::json_line(&findings)?;
    } else {
        out::text(&listing(&findings))?;
    }
    let broken = findings
        .iter()
        .any(|finding| finding.state == State::Broken);
    Ok(if broken {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

fn configuration(doctor: &Doctor, server_runs: bool) -> Finding {
    let file = config::file_to_read(doctor.config.as_deref());
    match config::load(file.as_deref(), &|name| std::env::var(name).ok()) {
        Ok(_) => match file {
            Some(path) => Finding::ok("configuration", path.display().to_string()),
            None => Finding::ok("configuration", "no tollgate.toml: defaults"),
        },
        // A server that runs has read its own, with variables that this command need not have.
        Err(error @ ConfigError::Unset { .. }) if server_runs => Finding::warning(
            "configuration",
            error.to_string(),
            "nothing, if the running server has it; it is not set for this command",
        ),
        Err(error @ ConfigError::Unset { .. }) => {
            Finding::broken("configuration", error.to_string(), "set it, then start")
        }
        Err(error @ ConfigError::Wrong { .. }) => {
            Finding::broken("configuration", error.to_string(), "mend that line")
        }
        Err(error @ ConfigError::Unreadable { .. }) => Finding::broken(
            "configuration",
            error.to_string(),
            "name a text file that this user may read",
        ),
    }
}

/// What of file and environment is probably not meant; what is wrong is told elsewhere.
fn doubts(doctor: &Doctor) -> Vec<Finding> {
    let variable = |name: &str| std::env::var(name).ok();
    let file = config::file_to_read(doctor.config.as_deref());
    let settings = config::load(file.as_deref(), &variable);
    let ground = settings.map(|settings| Ground::lay(&settings, &doctor.data.path, &variable));
    let Ok(Ok(ground)) = ground else {
        return Vec::new();
    };
    let told = ground.doubts.into_iter();
    told.map(|doubt| {
        Finding::warning(
            "configuration",
            doubt,
            "mend it; a name or price that is meant so holds as it is written",
        )
    })
    .collect()
}

/// Providers that are not used, since what is stored of them does not fit.
fn misfits(all: &[Value]) -> Vec<Finding> {
    let wrong = all.iter().filter_map(|one| {
        let problem = one["problem"].as_str()?;
        let id = one["id"].as_str()?;
        Some(Finding::broken(
            "provider",
            format!("{id} is not used: {problem}"),
            "change or delete what is stored of it in the admin API",
        ))
    });
    wrong.collect()
}

fn permissions(doctor: &Doctor) -> Finding {
    let path = &doctor.data.path;
    match std::fs::metadata(path) {
        Err(_) => Finding::ok(
            "data folder",
            format!(
                "{} does not exist yet: the first start makes it",
                path.display()
            ),
        ),
        Ok(meta) if meta.permissions().mode() & 0o077 != 0 => Finding::warning(
            "data folder",
            format!("{} can be read by other users", path.display()),
            &format!("chmod 700 {}", path.display()),
        ),
        Ok(_) => Finding::ok("data folder", path.display().to_string()),
    }
}

/// `all` are the providers, with what is wrong with their credentials.
fn sealing_key(doctor: &Doctor, all: &[Value]) -> Finding {
    let credentials = all.iter().filter_map(|one| one["credentials"].as_array());
    let problems: Vec<&str> = credentials
        .flatten()
        .filter_map(|credential| credential["problem"].as_str())
        .collect();
    if let [first, rest @ ..] = &problems[..] {
        let more = match rest.len() {
            0 => String::new(),
            more => format!(" (and {more} more)"),
        };
        return Finding::broken(
            "sealing key",
            format!("{first}{more}"),
            "bring the key back, then restart; a provider whose credential does not open is not used",
        );
    }
    if std::env::var_os("TOLLGATE_SEALING_KEY").is_some() {
        return Finding::ok("sealing key", "from TOLLGATE_SEALING_KEY");
    }
    if doctor.data.path.join("sealing.key").exists() {
        return Finding::warning(
            "sealing key",
            "stands in the data folder, beside the secrets that it seals",
            "keep it elsewhere: start with TOLLGATE_SEALING_KEY set to its text and remove the file",
        );
    }
    Finding::ok(
        "sealing key",
        "none yet: it is made in the data folder when the first credential is stored",
    )
}

fn server(backend: &Backend) -> Finding {
    match backend.server() {
        Some(url) => Finding::ok("server", format!("runs on {url}")),
        None => Finding::ok("server", "does not run"),
    }
}

async fn ready(backend: &Backend) -> Option<Finding> {
    // Whether records can be read back is what says that journal and database work.
    let read: anyhow::Result<Value> = backend.get("/admin/v1/requests?limit=1").await;
    Some(match read {
        Ok(_) => Finding::ok("records", "journal and database work"),
        Err(error) => Finding::broken("records", out::told(&error), "check the disk, then restart"),
    })
}

fn providers(all: &[Value]) -> Finding {
    let enabled: Vec<&str> = all
        .iter()
        .filter(|provider| provider["enabled"] == true)
        .filter_map(|provider| provider["id"].as_str())
        .collect();
    let own = enabled.iter().filter(|id| {
        all.iter()
            .any(|one| one["id"] == **id && one["env"] != serde_json::json!([]))
    });
    if own.count() == 0 && enabled.len() <= 1 {
        return Finding::warning(
            "providers",
            format!("only {} is enabled", enabled.join(", ")),
            "set a provider's variable (OPENAI_API_KEY …), or declare one in tollgate.toml",
        );
    }
    Finding::ok("providers", enabled.join(", "))
}

fn listing(findings: &[Finding]) -> String {
    let mut text = String::new();
    for finding in findings {
        let mark = match finding.state {
            State::Ok => "ok      ",
            State::Warning => "warning ",
            State::Broken => "broken  ",
        };
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{mark} {:<14} {}", finding.what, finding.detail);
        if let Some(fix) = &finding.fix {
            let _ = writeln!(text, "         {:<14} fix: {fix}", "");
        }
    }
    text
}
