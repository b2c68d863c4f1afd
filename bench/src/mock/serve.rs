//! From a request to its answer: the path tells the dialect, the model's name in the body tells how it is sent.
//!
//! The name, and not a header or a port, because a gateway carries the model through and little else. A name is served
//! on one path only, so that a gateway that does not translate gets no answer where it should have.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use memchr::memmem;
use tokio::time::{Interval, MissedTickBehavior, interval};

use crate::answers::Answers;

/// The model is looked for in this many first bytes of a body, so that large bodies are read and not searched.
const SEARCHED_BYTES: usize = 1024;

/// Between two chunks of a paced stream, the first of which goes out at once.
const PACE: Duration = Duration::from_millis(20);

/// Between two chunks of a held stream.
const HELD_PACE: Duration = Duration::from_secs(2);

/// Answers one request: 404 for a path, 400 for a model that it does not know.
pub(crate) async fn serve(
    answers: Arc<Answers>,
    request: Request<Incoming>,
) -> Result<Response<Answer>, hyper::Error> {
    if request.method() != Method::POST {
        return Ok(refusal(StatusCode::NOT_FOUND));
    }
    let (head, body) = request.into_parts();
    let start = read(body).await?;
    let names = |model: &str| memmem::find(&start, model.as_bytes()).is_some();
    let path = head.uri.path();

    Ok(if path.ends_with("/chat/completions") {
        if names("bench-whole") {
            whole(answers.openai_whole.clone())
        } else if names("bench-burst") {
            stream(answers.openai_events.clone(), None)
        } else if names("bench-paced") {
            stream(answers.openai_events.clone(), Some(PACE))
        } else if names("bench-held") {
            stream(answers.openai_held_events.clone(), Some(HELD_PACE))
        } else {
            refusal(StatusCode::BAD_REQUEST)
        }
    } else if path.ends_with("/messages") && names("bench-translated") {
        whole(answers.anthropic_whole.clone())
    } else {
        refusal(StatusCode::NOT_FOUND)
    })
}

/// Reads a body to its end and returns how it starts.
async fn read(mut body: Incoming) -> Result<Bytes, hyper::Error> {
    let mut start = BytesMut::new();
    while let Some(frame) = body.frame().await {
        if let (Ok(data), true) = (frame?.into_data(), start.len() < SEARCHED_BYTES) {
            let taken = data.len().min(SEARCHED_BYTES - start.len());
            start.extend_from_slice(&data[..taken]);
        }
    }
    Ok(start.freeze())
}

fn whole(body: Bytes) -> Response<Answer> {
    answer(
        "application/json",
        Answer {
            parts: vec![body].into_iter(),
            length: Length::Known,
            pace: None,
        },
    )
}

fn stream(events: Vec<Bytes>, pace: Option<Duration>) -> Response<Answer> {
    let pace = pace.map(|pace| {
        let mut ticks = interval(pace);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        ticks
    });
    let parts = events.into_iter();
    answer(
        "text/event-stream",
        Answer {
            parts,
            length: Length::Unknown,
            pace,
        },
    )
}

fn refusal(status: StatusCode) -> Response<Answer> {
    let mut response = whole(Bytes::from_static(
        b"{\"error\":{\"message\":\"bench-mock knows no such path or model\"}}",
    ));
    *response.status_mut() = status;
    response
}

fn answer(content_type: &'static str, body: Answer) -> Response<Answer> {
    let mut response = Response::new(body);
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// A body whose parts are there from the start; with a pace, one leaves per tick.
pub(crate) struct Answer {
    parts: std::vec::IntoIter<Bytes>,
    length: Length,
    pace: Option<Interval>,
}

#[derive(Clone, Copy)]
enum Length {
    /// Announced as `content-length`.
    Known,
    /// Sent in HTTP chunks, one per part.
    Unknown,
}

impl Body for Answer {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        // The usage chunk and `[DONE]` follow the last content chunk at once, as providers send them.
        if self.parts.len() > 2
            && let Some(pace) = &mut self.pace
        {
            ready!(pace.poll_tick(context));
        }
        Poll::Ready(self.parts.next().map(|part| Ok(Frame::data(part))))
    }

    fn is_end_stream(&self) -> bool {
        self.parts.len() == 0
    }

    fn size_hint(&self) -> SizeHint {
        match self.length {
            Length::Known => SizeHint::with_exact(
                self.parts
                    .as_slice()
                    .iter()
                    .map(|part| part.len() as u64)
                    .sum(),
            ),
            Length::Unknown => SizeHint::default(),
        }
    }
}
