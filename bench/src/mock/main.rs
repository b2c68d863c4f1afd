//! `bench-mock`: the provider that every system under test talks to. It answers at once, from bytes made at start.
//!
//! Here: arguments, the listening socket, one task per connection. What it answers is in `answers`, how a request
//! chooses its answer in `serve`. It judges nothing and measures nothing: `bench-load` does.

mod answers;
mod serve;

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context;
use clap::Parser;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use crate::answers::Answers;

/// A mock LLM provider on loopback: OpenAI chat completions and Anthropic messages.
#[derive(Parser)]
struct Arguments {
    /// Where to listen.
    #[arg(long, default_value = "127.0.0.1:9100")]
    listen: SocketAddr,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let listener = TcpListener::bind(arguments.listen)
        .await
        .with_context(|| format!("cannot listen on {}", arguments.listen))?;
    let answers = Arc::new(Answers::new());

    loop {
        let (stream, _) = listener.accept().await.context("cannot accept")?;
        stream.set_nodelay(true).context("cannot set TCP_NODELAY")?;
        let answers = answers.clone();
        tokio::spawn(async move {
            let service = service_fn(move |request| serve::serve(answers.clone(), request));
            // Flat buffers, so that a burst leaves in one write. A connection that breaks is the peer's to report.
            let _ = http1::Builder::new()
                .writev(false)
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}
