//! Replies: the one body type that leaves the server, and the one place where an error becomes a client's reply.

use bytes::Bytes;
use domain::id::RequestId;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use http_body::{Body, Frame, SizeHint};
use protocol::dialect::Dialect;
use protocol::ir::Error;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Our id of the request, on every reply.
pub(crate) static X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What the server sends.
pub(crate) type Reply = Response<ReplyBody>;

/// A failure of the transport while a body is sent; ends the connection.
pub(crate) type BodyError = Box<dyn std::error::Error + Send + Sync>;

/// The body of a reply.
pub(crate) enum ReplyBody {
    /// Known in full.
    Whole(Option<Bytes>),
    /// Relayed while it comes.
    Live(Pin<Box<dyn Body<Data = Bytes, Error = BodyError> + Send>>),
}

impl Body for ReplyBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match &mut *self {
            Self::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Self::Live(body) => body.as_mut().poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(bytes) => bytes.as_ref().is_none_or(Bytes::is_empty),
            Self::Live(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => {
                SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
            }
            Self::Live(body) => body.size_hint(),
        }
    }
}

/// What a client hears instead of an answer.
#[derive(Debug)]
pub(crate) struct Rejection {
    /// What is wrong.
    pub(crate) error: Error,
    /// The HTTP status, where it is not the kind's usual one.
    pub(crate) status: Option<u16>,
    /// When to come back, in seconds.
    pub(crate) retry_after_s: Option<u64>,
}

impl From<Error> for Rejection {
    fn from(error: Error) -> Self {
        Self {
            error,
            status: None,
            retry_after_s: None,
        }
    }
}

impl Rejection {
    /// The HTTP status it is answered with.
    pub(crate) fn status(&self, dialect: &Dialect) -> u16 {
        let usual = || dialect.errors.status(self.error.kind);
        self.status.unwrap_or_else(usual)
    }

    /// The reply, in the client's own dialect.
    pub(crate) fn into_reply(self, dialect: &Dialect, id: RequestId) -> Reply {
        let id_text = id.to_string();
        let mut reply = json(
            self.status(dialect),
            dialect.errors.encode(&self.error, &id_text),
        );
        set_header(reply.headers_mut(), X_REQUEST_ID.clone(), &id_text);
        repeat_request_id(reply.headers_mut(), dialect);
        if let Some((name, value)) = dialect.errors.label(self.error.kind) {
            let name = HeaderName::from_static(name);
            set_header(reply.headers_mut(), name, value);
        }
        if let Some(seconds) = self.retry_after_s {
            reply
                .headers_mut()
                .insert(header::RETRY_AFTER, seconds.into());
        }
        reply
    }
}

/// Repeats the request's id where the dialect's clients look for it. A provider's own id that is passed on stays.
pub(crate) fn repeat_request_id(headers: &mut HeaderMap, dialect: &Dialect) {
    if let (Some(name), Some(id)) = (dialect.request_id_header, headers.get(&X_REQUEST_ID)) {
        let id = id.clone();
        headers.entry(name).or_insert(id);
    }
}

/// A JSON reply.
pub(crate) fn json(status: u16, body: impl Into<Bytes>) -> Reply {
    let mut reply = Response::new(ReplyBody::Whole(Some(body.into())));
    *reply.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    reply.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    reply
}

/// Sets a header; a value that HTTP cannot carry is left out.
pub(crate) fn set_header(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}
