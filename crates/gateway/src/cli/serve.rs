//! `tollgate serve`.

use super::{DataFolder, out};
use crate::boot::{self, Started};
use crate::{config, console, telemetry};
use anyhow::Context;
use clap::Args;
use std::fmt::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use store::Secret;
use tokio::runtime::Builder;
use tokio::signal::unix::{SignalKind, signal};

/// Run the gateway.
#[derive(Debug, Args)]
pub(super) struct Serve {
    /// The configuration file; ./tollgate.toml where none is named and it exists.
    #[arg(long, value_name = "FILE", env = "TOLLGATE_CONFIG")]
    config: Option<PathBuf>,
    #[command(flatten)]
    data: DataFolder,
    /// Where to listen; wins over the configuration file.
    #[arg(long, value_name = "ADDR", env = "TOLLGATE_LISTEN", value_parser = listen_address)]
    listen: Option<SocketAddr>,
}

fn listen_address(text: &str) -> Result<SocketAddr, &'static str> {
    text.parse()
        .map_err(|_| "write an IP address and a port, like 127.0.0.1:8787")
}

pub(super) fn run(serve: Serve) -> anyhow::Result<ExitCode> {
    telemetry::start_logging();
    let file = config::file_to_read(serve.config.as_deref());
    let mut settings = config::load(file.as_deref(), &|name| std::env::var(name).ok())?;
    if let Some(listen) = serve.listen {
        settings.listen = listen;
    }
    runtime()?.block_on(async {
        let started = boot::start(settings, &serve.data.path).await?;
        out::text(&greeting(&started, &serve.data))?;
        started.serve(stop()?).await
    })?;
    Ok(ExitCode::SUCCESS)
}

/// The runtime that serves: a worker per core; on one core no workers at all, which spares handing tasks around.
fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut builder = if cores == 1 {
        Builder::new_current_thread()
    } else {
        Builder::new_multi_thread()
    };
    builder
        .enable_all()
        .thread_name("tollgate")
        // Looks for new connections and bytes more often than the default, so that a full local queue does not make
        // some requests wait: at 256 connections on one core this cuts the 99th percentile.
        .global_queue_interval(4)
        .build()
        .context("the runtime cannot be started")
}

/// Completes at the first SIGTERM or SIGINT; a second one ends the process at once.
fn stop() -> anyhow::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("draining");
        tokio::spawn(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            std::process::exit(130);
        });
    })
}

/// Where the console is, and what makes its owner while there is none.
fn console(is_there: bool, url: &str, link: Option<&str>) -> String {
    match (is_there, link) {
        (false, _) => "not in this build: `make console`, then build again".to_owned(),
        (true, Some(link)) => {
            format!("{url}/console/welcome#{link} (makes the owner: works once, for an hour)")
        }
        (true, None) => format!("{url}/console/"),
    }
}

fn greeting(started: &Started, data: &DataFolder) -> String {
    let live = started.gateway.live.load();
    let catalog = &live.snapshot.catalog;
    let enabled: Vec<&str> = catalog
        .providers()
        .filter(|(idx, _)| live.usable(*idx))
        .map(|(_, provider)| provider.id.as_str())
        .collect();
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "Tollgate {} on http://{}",
        env!("CARGO_PKG_VERSION"),
        started.address
    );
    let _ = writeln!(text, "Data       {}", data.path.display());
    let _ = writeln!(text, "Providers  {}", enabled.join(", "));
    let link = started.welcome.as_ref().map(Secret::expose);
    let _ = writeln!(
        text,
        "Console    {}",
        console(console::is_there(), &started.url, link)
    );
    let _ = writeln!(
        text,
        "Admin API  http://{}/admin/v1/openapi.json",
        started.address
    );
    if let Some(token) = &started.first_token {
        let _ = writeln!(
            text,
            "Token      {} (management token, shown this once)",
            token.expose()
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::console;

    #[test]
    fn no_link_leads_to_a_console_that_is_not_there() {
        let url = "http://127.0.0.1:1";
        for (is_there, link, expect) in [
            (true, None, "http://127.0.0.1:1/console/"),
            (
                true,
                Some("tgw_x"),
                "http://127.0.0.1:1/console/welcome#tgw_x (makes the owner: works once, for an hour)",
            ),
            (
                false,
                Some("tgw_x"),
                "not in this build: `make console`, then build again",
            ),
        ] {
            assert_eq!(console(is_there, url, link), expect);
        }
    }
}
