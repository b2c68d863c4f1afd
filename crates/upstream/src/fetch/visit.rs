//! One request to one checked host: the file, or where else it is. Follows no redirect itself.

use super::budget::Budget;
use super::dial::Dialer;
use super::error::{Cause, FetchError};
use super::media::{self, Wanted};
use super::target::Target;
use super::{FetchLimits, Fetched};
use crate::client::is_compressed;
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, Request, header};
use http_body_util::{BodyExt, Empty};
use hyper::body::{Body, Incoming};
use hyper::client::conn::http1;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// What hosts see of the gateway.
const USER_AGENT: HeaderValue = HeaderValue::from_static("Tollgate");

/// Bytes of an answer's head.
const MAX_HEAD: usize = 64 * 1024;

/// Of a file whose size is announced, so much memory is taken before the first byte.
const TRUSTED_SIZE: usize = 1024 * 1024;

/// What is asked, and how much of it.
#[derive(Clone, Copy)]
pub(super) struct Ask<'a> {
    pub(super) wanted: Wanted,
    pub(super) budget: &'a Budget,
    pub(super) limits: FetchLimits,
    /// For everything, redirects included.
    pub(super) deadline: Instant,
}

/// What one visit comes to.
pub(super) enum Visit {
    File(Fetched),
    /// The `location` of a redirect.
    Elsewhere(String),
}

/// Connects and asks.
pub(super) async fn visit(dialer: &Dialer, target: &Target, ask: Ask<'_>) -> Result<Visit, Cause> {
    let connected_by = ask.deadline.min(Instant::now() + ask.limits.connect);
    let stream = dialer.dial(target, connected_by).await?;
    let request = request(target, ask.wanted)?;
    let exchange = async {
        let (mut sender, connection) = http1::Builder::new()
            .max_buf_size(MAX_HEAD)
            .handshake(stream)
            .await?;
        // The connection lives in a task of this set, which ends with it: nothing outlives the fetch.
        let mut tasks = JoinSet::new();
        tasks.spawn(connection);
        let response = sender.send_request(request).await?;
        let (head, body) = response.into_parts();
        match head.status.as_u16() {
            200 => Ok(Visit::File(file(&head.headers, body, ask).await?)),
            301 | 302 | 303 | 307 | 308 => location(&head.headers)
                .map(Visit::Elsewhere)
                .ok_or(Cause::Status(head.status.as_u16())),
            status => Err(Cause::Status(status)),
        }
    };
    let limit = ask.limits.total;
    tokio::time::timeout_at(ask.deadline, exchange)
        .await
        .unwrap_or(Err(Cause::Plain(FetchError::TooSlow { limit })))
}

/// All that a host is told: no header of the client's, no cookie, no referrer, no credential.
fn request(target: &Target, wanted: Wanted) -> Result<Request<Empty<Bytes>>, Cause> {
    let host = HeaderValue::from_str(target.authority());
    let uri: Result<http::Uri, _> = target.path().parse();
    let (Ok(host), Ok(uri)) = (host, uri) else {
        return Err(Cause::Unaskable);
    };
    let mut request = Request::new(Empty::new());
    *request.uri_mut() = uri;
    let headers = request.headers_mut();
    headers.insert(header::HOST, host);
    headers.insert(header::USER_AGENT, USER_AGENT);
    headers.insert(header::ACCEPT, HeaderValue::from_static(wanted.accept()));
    // What is not compressed cannot blow up.
    headers.insert(
        header::ACCEPT_ENCODING,
        HeaderValue::from_static("identity"),
    );
    headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    Ok(request)
}

fn location(headers: &HeaderMap) -> Option<String> {
    let location = headers.get(header::LOCATION)?;
    // Browsers read raw UTF-8 here too.
    String::from_utf8(location.as_bytes().to_vec()).ok()
}

async fn file(headers: &HeaderMap, body: Incoming, ask: Ask<'_>) -> Result<Fetched, Cause> {
    if is_compressed(headers) {
        return Err(Cause::Compressed);
    }
    let bytes = collect(body, ask).await?;
    let label = headers
        .get(header::CONTENT_TYPE)
        .and_then(|label| label.to_str().ok());
    let media_type =
        media::media_type(ask.wanted, label, &bytes).ok_or(FetchError::WrongType(ask.wanted))?;
    Ok(Fetched { media_type, bytes })
}

async fn collect(mut body: Incoming, ask: Ask<'_>) -> Result<Bytes, Cause> {
    let max = ask.limits.max_bytes;
    let announced = body.size_hint().exact().unwrap_or_default();
    let announced = usize::try_from(announced).unwrap_or(usize::MAX);
    if announced > max {
        return Err(FetchError::TooLarge { max }.into());
    }
    ask.budget.has_room(announced)?;
    let mut bytes = BytesMut::with_capacity(announced.min(TRUSTED_SIZE));
    while let Some(frame) = body.frame().await {
        let Ok(piece) = frame?.into_data() else {
            continue;
        };
        if bytes.len() + piece.len() > max {
            return Err(FetchError::TooLarge { max }.into());
        }
        ask.budget.take_bytes(piece.len())?;
        bytes.extend_from_slice(&piece);
    }
    Ok(bytes.freeze())
}
