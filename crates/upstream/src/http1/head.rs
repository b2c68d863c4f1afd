//! The head of an answer: status, headers, how its content is framed, and whether the connection outlives it.

use super::Broken;
use super::content::Content;
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

/// How long a head may be, in bytes and in headers.
const MOST_BYTES: usize = 64 * 1024;
const MOST_HEADERS: usize = 100;

/// The head of an answer.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) content: Content,
    /// Whether the connection may be used again after the content.
    pub(super) keep_alive: bool,
}

/// Takes a head from the front of what was read; `None` while it is not complete.
pub(super) fn parse(unread: &mut BytesMut) -> Result<Option<Head>, Broken> {
    if unread.is_empty() {
        return Ok(None);
    }
    let mut lines = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut response = httparse::Response::new(&mut lines);
    let length = match response.parse(unread) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) if unread.len() >= MOST_BYTES => {
            return Err(Broken::Malformed("the answer's head is too long"));
        }
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(httparse::Error::TooManyHeaders) => {
            return Err(Broken::Malformed("the answer has too many headers"));
        }
        Err(_) => return Err(Broken::Malformed("the answer is not HTTP")),
    };
    let status = response
        .code
        .and_then(|code| StatusCode::from_u16(code).ok())
        .ok_or(Broken::Malformed("the answer's status is none"))?;
    let old = response.version == Some(0);
    // The values are slices of one buffer, which is taken away from under them: they are kept as places in it.
    let start = unread.as_ptr().addr();
    let places: Vec<(HeaderName, usize, usize)> = response
        .headers
        .iter()
        .map(|line| {
            let name = HeaderName::from_bytes(line.name.as_bytes())
                .map_err(|_| Broken::Malformed("a header of the answer has an odd name"))?;
            Ok((name, line.value.as_ptr().addr() - start, line.value.len()))
        })
        .collect::<Result<_, Broken>>()?;
    let bytes = unread.split_to(length).freeze();
    let headers = headers(&bytes, places)?;
    let content = content(status, &headers, old)?;
    let keep_alive = keeps_alive(&headers, old);
    Ok(Some(Head {
        status,
        headers,
        content,
        keep_alive,
    }))
}

fn headers(head: &Bytes, places: Vec<(HeaderName, usize, usize)>) -> Result<HeaderMap, Broken> {
    let mut headers = HeaderMap::with_capacity(places.len());
    for (name, start, length) in places {
        let value = HeaderValue::from_maybe_shared(head.slice(start..start + length))
            .map_err(|_| Broken::Malformed("a header of the answer has an odd value"))?;
        headers.append(name, value);
    }
    Ok(headers)
}

/// How the content is framed: <https://www.rfc-editor.org/rfc/rfc9112#section-6.3>, as of 2026-11.
fn content(status: StatusCode, headers: &HeaderMap, old: bool) -> Result<Content, Broken> {
    match status {
        StatusCode::SWITCHING_PROTOCOLS => {
            return Err(Broken::Malformed("the answer changes the protocol"));
        }
        StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED => return Ok(Content::none()),
        _ if status.is_informational() => return Ok(Content::none()),
        _ => {}
    }
    let mut codings = headers.get_all(header::TRANSFER_ENCODING).iter();
    let mut lengths = headers.get_all(header::CONTENT_LENGTH).iter();
    match (codings.next(), codings.next(), lengths.next()) {
        (None, _, None) => Ok(Content::until_close()),
        (None, _, Some(length)) => {
            if lengths.any(|other| other != length) {
                return Err(Broken::Malformed("the answer has two lengths"));
            }
            number(length)
                .map(Content::of_length)
                .ok_or(Broken::Malformed("the answer's length is no number"))
        }
        // Two ways to tell where the content ends may tell two different places.
        (Some(_), _, Some(_)) => Err(Broken::Malformed("the answer has a length and chunks")),
        (Some(coding), None, None)
            if !old
                && coding
                    .as_bytes()
                    .trim_ascii()
                    .eq_ignore_ascii_case(b"chunked") =>
        {
            Ok(Content::chunked())
        }
        (Some(_), _, None) => Err(Broken::Malformed("the answer's transfer encoding is odd")),
    }
}

/// A number as HTTP writes it: digits, nothing else.
fn number(value: &HeaderValue) -> Option<u64> {
    let text = value.to_str().ok()?;
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

fn keeps_alive(headers: &HeaderMap, old: bool) -> bool {
    let says = |word: &str| {
        let mut values = headers.get_all(header::CONNECTION).iter();
        values.any(|value| {
            let mut words = value.as_bytes().split(|byte| *byte == b',');
            words.any(|one| one.trim_ascii().eq_ignore_ascii_case(word.as_bytes()))
        })
    };
    !says("close") && (!old || says("keep-alive"))
}

#[cfg(test)]
mod tests {
    use super::super::content::Content;
    use super::{Broken, Head, MOST_BYTES, parse};
    use bytes::BytesMut;

    fn parsed(text: &str) -> Result<Option<Head>, Broken> {
        parse(&mut BytesMut::from(text))
    }

    #[test]
    fn content_is_framed_as_the_head_says() {
        let check = |head: &str, content: Content, keep_alive: bool| {
            let text = format!("{}\r\n\r\nrest", head.replace('|', "\r\n"));
            let mut unread = BytesMut::from(text.as_str());
            let parsed = parse(&mut unread).unwrap().unwrap();
            assert_eq!(
                (parsed.content, parsed.keep_alive),
                (content, keep_alive),
                "{head}"
            );
            assert_eq!(unread, "rest", "{head}");
        };
        let five = Content::of_length(5);
        check("HTTP/1.1 200 OK|content-length: 5", five.clone(), true);
        check(
            "HTTP/1.1 200|Content-Length: 5|content-length:5 ",
            five.clone(),
            true,
        );
        check(
            "HTTP/1.1 200 OK|content-length: 5|connection: x, Close",
            five.clone(),
            false,
        );
        check("HTTP/1.0 200 OK|content-length: 5", five.clone(), false);
        check(
            "HTTP/1.0 200 OK|content-length: 5|connection: Keep-Alive",
            five,
            true,
        );
        check(
            "HTTP/1.1 200 OK|transfer-encoding: Chunked",
            Content::chunked(),
            true,
        );
        check("HTTP/1.1 200 OK", Content::until_close(), true);
        check("HTTP/1.1 204 No|content-length: 5", Content::none(), true);
        check("HTTP/1.1 304 No", Content::none(), true);
        check("HTTP/1.1 100 Continue", Content::none(), true);
    }

    #[test]
    fn a_head_that_can_be_read_in_two_ways_is_refused() {
        for head in [
            "HTTP/1.1 200 OK|content-length: 5|content-length: 6",
            "HTTP/1.1 200 OK|content-length: 5|transfer-encoding: chunked",
            "HTTP/1.1 200 OK|content-length: +5",
            "HTTP/1.1 200 OK|content-length: 5, 5",
            "HTTP/1.1 200 OK|content-length:",
            "HTTP/1.1 200 OK|content-length: 99999999999999999999",
            "HTTP/1.1 200 OK|transfer-encoding: gzip, chunked",
            "HTTP/1.1 200 OK|transfer-encoding: chunked|transfer-encoding: chunked",
            "HTTP/1.0 200 OK|transfer-encoding: chunked",
            "HTTP/1.1 101 Switching",
            "HTTP/1.1 200 OK|a: 1| folded",
            "HTTP/1.1 200 OK|a b: 1",
            "HTTP/2 200 OK",
            "ICY 200 OK",
        ] {
            let text = format!("{}\r\n\r\n", head.replace('|', "\r\n"));
            assert!(matches!(parsed(&text), Err(Broken::Malformed(_))), "{head}");
        }
    }

    #[test]
    fn a_head_is_waited_for_but_not_for_ever() {
        let whole = "HTTP/1.1 200 OK\r\nx-a: 1\r\n\r\n";
        for length in 0..whole.len() {
            assert!(parsed(&whole[..length]).unwrap().is_none(), "{length}");
        }
        assert!(parsed(whole).unwrap().is_some());
        let endless = format!("HTTP/1.1 200 OK\r\nx-a: {}", "a".repeat(MOST_BYTES));
        assert!(parsed(&endless).is_err());
        let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "x: 1\r\n".repeat(101));
        assert!(parsed(&many).is_err());
    }
}
