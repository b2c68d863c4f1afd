//! Reads a request's body once, capped in size and time.

use crate::reply::Rejection;
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, header};
use http_body::Body as _;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use protocol::ir::{Error, ErrorKind};
use std::time::Duration;

/// How much of a body over the cap is read and thrown away, and for how long, before it is refused: a client that sends all
/// of it before it looks for an answer would else find the connection broken, and never hear why.
const DISCARD_BYTES: u64 = 256 << 20;
const DISCARD_WAIT: Duration = Duration::from_secs(10);

/// The bounds of a request body.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BodyLimits {
    /// Bytes.
    pub(crate) max_bytes: usize,
    /// For the whole of it to arrive.
    pub(crate) timeout: Duration,
}

/// Where a request's body comes from.
pub(crate) enum Body {
    /// A client sends it.
    Sent(Incoming),
    /// The gateway itself asks.
    Ours(Bytes),
}

/// Reads it.
///
/// # Errors
/// 413 when it is over the cap (by its declared length, where it is declared), 415 when it is compressed, 400 when it
/// breaks off or stalls.
pub(crate) async fn read(
    body: Body,
    headers: &HeaderMap,
    limits: BodyLimits,
) -> Result<Bytes, Rejection> {
    let mut body = match body {
        Body::Sent(body) => body,
        Body::Ours(bytes) => return Ok(bytes),
    };
    let declared = body.size_hint().lower();
    let refused = if declared > limits.max_bytes as u64 {
        Some(too_large(limits.max_bytes).into())
    } else {
        encoded(headers)
    };
    if let Some(refused) = refused {
        // A client that asks before it sends need not be read.
        if !headers.contains_key(header::EXPECT) {
            discard(&mut body).await;
        }
        return Err(refused);
    }
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    let reading = tokio::time::timeout(limits.timeout, collect(&mut body, limits.max_bytes)).await;
    match reading {
        Ok(Err(error)) if error.kind == ErrorKind::TooLarge => {
            discard(&mut body).await;
            Err(error.into())
        }
        Ok(read) => Ok(read?),
        Err(_) => Err(Rejection {
            error: Error::new(
                ErrorKind::Timeout,
                "The request body did not arrive in time.",
            ),
            status: Some(408),
            retry_after_s: None,
        }),
    }
}

/// Reads on for a while, and keeps nothing.
async fn discard(body: &mut Incoming) {
    let reading = async {
        let mut left = DISCARD_BYTES;
        while let Ok(Some(bytes)) = next(body).await {
            left = left.saturating_sub(bytes.len() as u64);
            if left == 0 {
                break;
            }
        }
    };
    // What is not read by then is the client's own affair.
    let _ = tokio::time::timeout(DISCARD_WAIT, reading).await;
}

/// Why a body that is not sent as it is is not read: unpacked, it may be of any size.
fn encoded(headers: &HeaderMap) -> Option<Rejection> {
    let packed = |value: &&http::HeaderValue| !value.as_bytes().eq_ignore_ascii_case(b"identity");
    headers
        .get_all(header::CONTENT_ENCODING)
        .iter()
        .find(packed)?;
    let message = "The header Content-Encoding is not supported: send the request body as it is, without compression.";
    Some(Rejection {
        error: Error::new(ErrorKind::InvalidRequest, message)
            .with_code("unsupported_content_encoding"),
        status: Some(415),
        retry_after_s: None,
    })
}

async fn collect(body: &mut Incoming, max_bytes: usize) -> Result<Bytes, Error> {
    let first = match next(body).await? {
        Some(bytes) => bytes,
        None => return Ok(Bytes::new()),
    };
    if first.len() > max_bytes {
        return Err(too_large(max_bytes));
    }
    // Most bodies come in one piece, which is then passed on without a copy.
    let Some(second) = next(body).await? else {
        return Ok(first);
    };
    let expected = usize::try_from(body.size_hint().lower())
        .unwrap_or(0)
        .min(max_bytes);
    let mut whole = BytesMut::with_capacity((first.len() + second.len()).saturating_add(expected));
    whole.extend_from_slice(&first);
    let mut piece = Some(second);
    while let Some(bytes) = piece {
        if whole.len() + bytes.len() > max_bytes {
            return Err(too_large(max_bytes));
        }
        whole.extend_from_slice(&bytes);
        piece = next(body).await?;
    }
    Ok(whole.freeze())
}

async fn next(body: &mut Incoming) -> Result<Option<Bytes>, Error> {
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| {
            Error::new(
                ErrorKind::InvalidRequest,
                "The request body broke off before its end.",
            )
        })?;
        if let Ok(data) = frame.into_data() {
            return Ok(Some(data));
        }
    }
    Ok(None)
}

fn too_large(max_bytes: usize) -> Error {
    Error::new(
        ErrorKind::TooLarge,
        format!("The request body is over this server's limit of {max_bytes} bytes (`[server] max_body_bytes`)."),
    )
    .with_code("request_too_large")
}
