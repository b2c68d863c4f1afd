//! How a command reaches the data: through the running server, found by what it wrote to the data folder; else by opening
//! the folder itself. Either way it is the admin API that answers, so that both say the same.

use crate::admin_api;
use crate::boot::{self, ServerFile};
use crate::config::{self, ConfigError, Settings};
use crate::state::Gateway;
use anyhow::{Context, bail};
use axum::Router;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::path::Path;
use std::sync::Arc;
use store::{Secret, StoreError};
use tokio::net::TcpStream;
use tower::ServiceExt;
use upstream::{Call, Client, Timeouts};

/// What the admin API refused, in its words.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(super) struct Refused {
    /// The member of the body at fault.
    pub(super) field: Option<String>,
    pub(super) message: String,
}

/// How much of an answer of the server is read.
const MAX_ANSWER: usize = 256 * 1024 * 1024;

/// The way to the data.
pub(super) struct Backend {
    way: Way,
    token: String,
}

enum Way {
    /// A server runs.
    Running { client: Client, url: String },
    /// None runs: the folder is opened, and locked, by this command.
    Folder {
        gateway: Arc<Gateway>,
        router: Router,
    },
}

impl Backend {
    /// Finds it.
    ///
    /// # Errors
    /// When the folder is broken, or in use by a server that cannot be found.
    pub(super) async fn find(data_dir: &Path) -> anyhow::Result<Self> {
        Self::find_as(data_dir, None).await
    }

    /// As [`Self::find`]; where no server runs, as one would with this configuration.
    ///
    /// # Errors
    /// As [`Self::find`].
    pub(super) async fn find_as(data_dir: &Path, config: Option<&Path>) -> anyhow::Result<Self> {
        match open_folder(data_dir, config).await {
            Ok((gateway, token)) => {
                let router = admin_api::router(Arc::clone(&gateway));
                Ok(Self {
                    way: Way::Folder { gateway, router },
                    token: token.expose().to_owned(),
                })
            }
            Err(error) => {
                let server = holder(data_dir, &error).await.ok_or(error)?;
                let client = Client::new(upstream::Settings::default())?;
                Ok(Self {
                    way: Way::Running {
                        client,
                        url: server.url,
                    },
                    token: server.token,
                })
            }
        }
    }

    /// Finds it where there is something to find: reading makes no data folder.
    ///
    /// # Errors
    /// As [`Self::find`]; and when the folder holds no data of Tollgate's.
    pub(super) async fn find_data(data_dir: &Path) -> anyhow::Result<Self> {
        // A folder that this user may not read is told by opening it.
        if matches!(data_dir.join("settings.db").try_exists(), Ok(false)) {
            bail!(
                "there is no data in {}: name the folder of your server with --data or TOLLGATE_DATA, or start one with `tollgate serve`",
                data_dir.display()
            );
        }
        Self::find(data_dir).await
    }

    /// Whether a server runs, and where.
    pub(super) fn server(&self) -> Option<&str> {
        match &self.way {
            Way::Running { url, .. } => Some(url),
            Way::Folder { .. } => None,
        }
    }

    /// Reads something.
    ///
    /// # Errors
    /// What the admin API said, in its words.
    pub(super) async fn get<T: DeserializeOwned>(&self, path: &str) -> anyhow::Result<T> {
        self.ask(Method::GET, path, Bytes::new()).await
    }

    /// Makes something.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> anyhow::Result<T> {
        self.ask(Method::POST, path, serde_json::to_vec(body)?.into())
            .await
    }

    /// Removes something.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub(super) async fn delete<T: DeserializeOwned>(&self, path: &str) -> anyhow::Result<T> {
        self.ask(Method::DELETE, path, Bytes::new()).await
    }

    /// Lets go of the data folder, if this command holds it.
    ///
    /// # Errors
    /// When what was written cannot be flushed.
    pub(super) async fn close(self) -> anyhow::Result<()> {
        match self.way {
            Way::Running { .. } => Ok(()),
            Way::Folder { gateway, router } => {
                drop(router);
                Ok(gateway.store.close().await?)
            }
        }
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Bytes,
    ) -> anyhow::Result<T> {
        let mut headers = HeaderMap::new();
        headers.insert(
            header::AUTHORIZATION,
            HeaderValue::try_from(format!("Bearer {}", self.token))?,
        );
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        );
        let (status, answer) = match &self.way {
            Way::Running { client, url } => {
                let uri = format!("{url}{path}").parse()?;
                let call = Call {
                    method,
                    uri,
                    headers,
                    body,
                    timeouts: Timeouts::default(),
                };
                let answer = client.send(call).await.map_err(|failure| {
                    anyhow::anyhow!(
                        "the server at {url} does not answer ({})",
                        failure.error.message
                    )
                })?;
                let status = answer.status;
                let body = answer.body.collect(MAX_ANSWER).await;
                (
                    status,
                    body.map_err(|failure| anyhow::anyhow!("{}", failure.error.message))?,
                )
            }
            Way::Folder { router, .. } => {
                let mut request = Request::new(axum::body::Body::from(body));
                *request.method_mut() = method;
                *request.uri_mut() = path.parse()?;
                *request.headers_mut() = headers;
                let Ok(answer) = router.clone().oneshot(request).await;
                let status = answer.status();
                (status, answer.into_body().collect().await?.to_bytes())
            }
        };
        understood(status, &answer)
    }
}

async fn open_folder(
    data_dir: &Path,
    config: Option<&Path>,
) -> anyhow::Result<(Arc<Gateway>, Secret)> {
    boot::open(&settings(config)?, data_dir).await
}

/// Where nothing is, for ever (RFC 2606, section 2).
const NOWHERE: &str = "http://unset.invalid";

/// The configuration that is named, or that of this folder. Commands call no provider, so the variables that keys and addresses come from need
/// not be set for them.
fn settings(named: Option<&Path>) -> Result<Settings, ConfigError> {
    let file = config::file_to_read(named);
    let set = |name: &str| std::env::var(name).ok();
    match config::load(file.as_deref(), &set) {
        Err(unset @ ConfigError::Unset { .. }) => config::load(file.as_deref(), &|name| {
            set(name).or_else(|| Some(NOWHERE.to_owned()))
        })
        .map_err(|_| unset),
        read => read,
    }
}

/// The server that has the folder, where that is why it could not be opened. A configuration that cannot be read here
/// is no obstacle while a server runs: it has read its own, with variables that need not be set for this command.
async fn holder(data_dir: &Path, error: &anyhow::Error) -> Option<ServerFile> {
    let server = ServerFile::read(data_dir)?;
    if matches!(error.downcast_ref(), Some(StoreError::Locked { .. })) {
        return Some(server);
    }
    let address = server.url.strip_prefix("http://")?;
    let runs = error.is::<ConfigError>() && TcpStream::connect(address).await.is_ok();
    runs.then_some(server)
}

fn understood<T: DeserializeOwned>(status: StatusCode, answer: &[u8]) -> anyhow::Result<T> {
    if !status.is_success() {
        let said: serde_json::Value = serde_json::from_slice(answer).unwrap_or_default();
        let text = |at: &str| said.pointer(at)?.as_str().map(str::to_owned);
        let Some(message) = text("/error/message") else {
            bail!("the server answered {status}");
        };
        let field = text("/error/field");
        return Err(Refused { field, message }.into());
    }
    // "No content" is nothing, which JSON writes as null.
    let answer = if answer.is_empty() { b"null" } else { answer };
    serde_json::from_slice(answer)
        .context("the server's answer is not what this version of the command expects")
}

/// A path with the members of a query that are given.
///
/// # Errors
/// When the query is no object.
pub(super) fn with_query(path: &str, query: &impl serde::Serialize) -> anyhow::Result<String> {
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
