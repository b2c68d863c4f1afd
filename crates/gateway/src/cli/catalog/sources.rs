//! Public lists, from a file or an address.

use anyhow::{Context, bail};
use bytes::Bytes;
use http::{HeaderMap, Method};
use listing::import::List;
use std::time::Duration;
use upstream::{Call, Client, Timeouts};

/// No list comes near this many bytes.
const LARGEST: usize = 64 * 1024 * 1024;

/// `litellm=prices.json`, as given on the command line.
#[derive(Clone, Debug)]
pub(super) struct Source {
    pub(super) list: List,
    pub(super) path: String,
}

impl std::str::FromStr for Source {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let all = List::ALL.map(List::as_str).join(", ");
        let (word, path) = text
            .split_once('=')
            .ok_or_else(|| format!("expected LIST=FILE; lists are {all}"))?;
        let list = List::parse(word)
            .ok_or_else(|| format!("no list is called '{word}'; lists are {all}"))?;
        Ok(Self {
            list,
            path: path.to_owned(),
        })
    }
}

/// Reads a list from a file, or from an address that the operator named.
///
/// # Errors
/// When it cannot be read, or is none.
pub(super) async fn fetched(from: &str) -> anyhow::Result<(List, String)> {
    let text = if from.starts_with("https://") || from.starts_with("http://") {
        downloaded(from).await?
    } else {
        std::fs::read_to_string(from).with_context(|| format!("cannot read {from}"))?
    };
    let list = List::guess(&text).with_context(|| {
        format!("{from} is neither the JSON of models.dev nor LiteLLM's price file")
    })?;
    Ok((list, text))
}

async fn downloaded(url: &str) -> anyhow::Result<String> {
    let client = Client::new(upstream::Settings::default())?;
    let call = Call {
        method: Method::GET,
        uri: url
            .parse()
            .with_context(|| format!("{url} is no address"))?,
        headers: HeaderMap::new(),
        body: Bytes::new(),
        timeouts: Timeouts {
            total: Duration::from_secs(120),
            ..Timeouts::default()
        },
    };
    let failed = |message: &str| anyhow::anyhow!("cannot get {url} ({message})");
    let answer = client
        .send(call)
        .await
        .map_err(|failure| failed(&failure.error.message))?;
    if !answer.status.is_success() {
        bail!("cannot get {url}: it answered {}", answer.status);
    }
    let body = answer.body.collect(LARGEST).await;
    let body = body.map_err(|failure| failed(&failure.error.message))?;
    String::from_utf8(body.to_vec()).with_context(|| format!("{url} is no text"))
}
