//! What an answer consists of: pieces that are shared among requests, with the tag that tells a client whether it has
//! them already.

use crate::reply::{BodyError, Reply, ReplyBody};
use aws_lc_rs::digest::{Context, SHA256};
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use http_body::{Body, Frame, SizeHint};
use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{self, Poll};

/// JSON in pieces, and its tag.
pub(super) struct Content {
    pieces: VecDeque<Bytes>,
    /// A strong entity tag, with its quotes (RFC 9110, section 8.8.3).
    tag: String,
}

/// Smaller pieces are sent together, up to so many bytes.
const TOGETHER: usize = 64 * 1024;

impl Content {
    /// One that is written for this request.
    pub(super) fn whole(json: Vec<u8>) -> Self {
        let tag = tag([json.as_slice()].into_iter());
        Self {
            pieces: VecDeque::from([Bytes::from(json)]),
            tag,
        }
    }

    /// Pieces of something larger. `from` tells it from everything else, and `chosen` the pieces from all others of it.
    pub(super) fn chosen<'a>(
        pieces: Vec<Bytes>,
        from: &'a [u8],
        chosen: impl Iterator<Item = &'a [u8]>,
    ) -> Self {
        Self {
            tag: tag([from].into_iter().chain(chosen)),
            pieces: pieces.into(),
        }
    }

    /// The reply: 304, without the pieces, where the client has them.
    pub(super) fn into_reply(self, asked: &HeaderMap) -> Reply {
        let has = asked.get_all(header::IF_NONE_MATCH).iter().any(|value| {
            let tags = value.to_str().unwrap_or_default().split(',').map(str::trim);
            // A cache may have made the tag weak; for a GET that makes no difference.
            let mut tags = tags.map(|tag| tag.strip_prefix("W/").unwrap_or(tag));
            tags.any(|tag| tag == "*" || tag == self.tag)
        });
        let tag = HeaderValue::from_str(&self.tag);
        let mut reply = match has {
            true => {
                let mut reply = Reply::new(ReplyBody::Whole(None));
                *reply.status_mut() = StatusCode::NOT_MODIFIED;
                reply
            }
            false => {
                let mut reply = Reply::new(ReplyBody::Live(Box::pin(Pieces::of(self.pieces))));
                let json = HeaderValue::from_static("application/json");
                reply.headers_mut().insert(header::CONTENT_TYPE, json);
                reply
            }
        };
        if let Ok(tag) = tag {
            reply.headers_mut().insert(header::ETAG, tag);
        }
        reply
    }
}

/// Half a SHA-256, in quotes. Each part's length goes in first, so that no two lists of parts give the same bytes.
fn tag<'a>(parts: impl Iterator<Item = &'a [u8]>) -> String {
    let mut hash = Context::new(&SHA256);
    for part in parts {
        hash.update(&(part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    let mut tag = String::with_capacity(34);
    tag.push('"');
    for byte in hash.finish().as_ref().iter().take(16) {
        tag.push_str(&format!("{byte:02x}"));
    }
    tag.push('"');
    tag
}

/// The body: its memory is what is being sent, whatever the whole.
struct Pieces {
    left: VecDeque<Bytes>,
    bytes: u64,
}

impl Pieces {
    fn of(left: VecDeque<Bytes>) -> Self {
        let bytes = left.iter().map(|piece| piece.len() as u64).sum();
        Self { left, bytes }
    }

    fn next(&mut self) -> Option<Bytes> {
        let first = self.left.pop_front()?;
        let follows = |left: &VecDeque<Bytes>, held: usize| {
            let next = left.front().map(Bytes::len);
            next.is_some_and(|next| held + next <= TOGETHER)
        };
        if !follows(&self.left, first.len()) {
            return Some(first);
        }
        let mut joined = BytesMut::with_capacity(TOGETHER);
        joined.extend_from_slice(&first);
        while follows(&self.left, joined.len()) {
            joined.extend_from_slice(&self.left.pop_front()?);
        }
        Some(joined.freeze())
    }
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut task::Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let next = self.next();
        self.bytes -= next.as_ref().map_or(0, |piece| piece.len() as u64);
        Poll::Ready(next.map(|piece| Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.left.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::{Content, Pieces, TOGETHER, tag};
    use bytes::Bytes;
    use http::{HeaderMap, HeaderValue, header};

    #[test]
    fn small_pieces_go_together_and_large_ones_as_they_are() {
        let large = Bytes::from(vec![b'x'; TOGETHER * 2]);
        let small = Bytes::from_static(b"ab");
        let all = [&small, &small, &large, &small];
        let mut pieces = Pieces::of(all.into_iter().cloned().collect());
        assert_eq!(pieces.bytes, 6 + large.len() as u64);
        assert_eq!(pieces.next().unwrap(), "abab");
        let sent = pieces.next().unwrap();
        assert_eq!(
            (sent.len(), sent.as_ptr()),
            (large.len(), large.as_ptr()),
            "not copied"
        );
        assert_eq!(pieces.next().unwrap(), "ab");
        assert_eq!(pieces.next(), None);
    }

    #[test]
    fn a_tag_tells_where_parts_begin() {
        let of = |parts: &[&'static str]| tag(parts.iter().map(|part| part.as_bytes()));
        assert_ne!(of(&["ab", "c"]), of(&["a", "bc"]));
        assert_eq!(of(&["ab", "c"]), of(&["ab", "c"]));
        assert_eq!(of(&["a"]).len(), 34);
    }

    #[test]
    fn who_has_it_gets_it_not_again() {
        let content = || Content::whole(b"{}".to_vec());
        let tag = content().tag;
        for (asked, status) in [
            (tag.clone(), 304),
            (format!("\"x\", W/{tag}"), 304),
            ("*".to_owned(), 304),
            ("\"x\"".to_owned(), 200),
            (tag.trim_matches('"').to_owned(), 200),
        ] {
            let mut headers = HeaderMap::new();
            let value = HeaderValue::from_str(&asked).unwrap();
            headers.insert(header::IF_NONE_MATCH, value);
            let reply = content().into_reply(&headers);
            assert_eq!(reply.status(), status, "{asked}");
            assert_eq!(reply.headers()[header::ETAG], tag.as_str());
        }
        assert_eq!(content().into_reply(&HeaderMap::new()).status(), 200);
    }
}
