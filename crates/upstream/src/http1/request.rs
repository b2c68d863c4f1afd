//! A request as it stands on the wire.

use crate::client::Call;
use bytes::Bytes;
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, header};
use std::io::Write;

/// A request, ready to be sent, as often as it takes: clones share the bytes.
#[derive(Clone)]
pub(crate) struct Written {
    /// The head, and behind it a short body.
    pub(super) head: Bytes,
    /// A long body.
    pub(super) rest: Bytes,
}

/// A body up to this length is copied behind the head, so that one plain write takes both; beyond, copying costs more
/// than a write of two pieces.
const COPIED: usize = 4 * 1024;

/// Headers that follow from what is sent and how, whatever the call says of them.
const OURS: [HeaderName; 3] = [
    header::ACCEPT_ENCODING,
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
];

impl Written {
    /// Writes a call down.
    pub(crate) fn of(call: Call) -> Self {
        let Call {
            method,
            uri,
            headers,
            body,
            timeouts: _,
        } = call;
        let copied = if body.len() <= COPIED { body.len() } else { 0 };
        let mut head = Vec::with_capacity(512 + copied);
        head.extend_from_slice(method.as_str().as_bytes());
        head.push(b' ');
        let target = uri.path_and_query().map_or("/", PathAndQuery::as_str);
        if !target.starts_with('/') {
            head.push(b'/');
        }
        head.extend_from_slice(target.as_bytes());
        head.extend_from_slice(b" HTTP/1.1\r\n");
        fields(&mut head, &headers);
        // What is not compressed cannot blow up, and is read without copying.
        head.extend_from_slice(b"accept-encoding: identity\r\n");
        if let Some(authority) = uri.authority()
            && !headers.contains_key(header::HOST)
        {
            field(&mut head, "host", host(authority.as_str()).as_bytes());
        }
        // Writing to memory cannot fail.
        let _ = write!(head, "content-length: {}\r\n\r\n", body.len());
        head.extend_from_slice(&body[..copied]);
        Self {
            head: head.into(),
            rest: body.slice(copied..),
        }
    }
}

fn fields(head: &mut Vec<u8>, headers: &HeaderMap) {
    for (name, value) in headers {
        if !OURS.contains(name) {
            field(head, name.as_str(), value.as_bytes());
        }
    }
}

fn field(head: &mut Vec<u8>, name: &str, value: &[u8]) {
    head.extend_from_slice(name.as_bytes());
    head.extend_from_slice(b": ");
    head.extend_from_slice(value);
    head.extend_from_slice(b"\r\n");
}

/// Host and port, without a user's name and password.
fn host(authority: &str) -> &str {
    authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host)
}

#[cfg(test)]
mod tests {
    use super::Written;
    use crate::client::{Call, Timeouts};
    use bytes::Bytes;
    use http::{HeaderMap, Method};

    fn check(uri: &str, headers: &[(&str, &str)], expect: &str) {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let name: http::HeaderName = name.parse().unwrap();
            map.append(name, value.parse().unwrap());
        }
        let written = Written::of(Call {
            method: Method::POST,
            uri: uri.parse().unwrap(),
            headers: map,
            body: Bytes::from_static(b"{}"),
            timeouts: Timeouts::default(),
        });
        assert_eq!(
            String::from_utf8_lossy(&written.head),
            format!("{expect}{{}}")
        );
        assert!(written.rest.is_empty());
    }

    #[test]
    fn a_call_is_written_down() {
        check(
            "https://a.com/v1/chat?x=1",
            &[("x-one", "1"), ("x-one", "2")],
            "POST /v1/chat?x=1 HTTP/1.1\r\nx-one: 1\r\nx-one: 2\r\naccept-encoding: identity\r\nhost: a.com\r\ncontent-length: 2\r\n\r\n",
        );
        check(
            "http://me:secret@a.com:8080?x=1",
            &[],
            "POST /?x=1 HTTP/1.1\r\naccept-encoding: identity\r\nhost: a.com:8080\r\ncontent-length: 2\r\n\r\n",
        );
    }

    #[test]
    fn no_header_contradicts_how_it_is_sent() {
        let headers = [
            ("content-length", "7"),
            ("transfer-encoding", "chunked"),
            ("accept-encoding", "gzip"),
            ("host", "virtual"),
        ];
        check(
            "http://a.com/",
            &headers,
            "POST / HTTP/1.1\r\nhost: virtual\r\naccept-encoding: identity\r\ncontent-length: 2\r\n\r\n",
        );
    }
}
