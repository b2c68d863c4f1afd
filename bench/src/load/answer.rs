//! HTTP/1.1 framing of one answer: head, then a counted or a chunked body. No IO; bytes may be cut anywhere.
//!
//! Own code, and not hyper's client, because the generator shares a core with the mock and must stay cheaper than
//! the cheapest server under test.

use memchr::memchr;

use crate::check::{Check, Expect, Fault};

/// More head than any answer here has.
const MAX_HEAD_BYTES: usize = 16 * 1024;

/// Reads the answers of one connection, one after the other.
pub(crate) struct AnswerReader {
    check: Check,
    /// An incomplete head.
    head: Vec<u8>,
    status: u16,
    /// The payload's start, kept only for answers that are not a 200.
    refusal: Vec<u8>,
    state: State,
}

/// Whether the answer has ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Progress {
    More,
    Ended,
}

#[derive(Clone, Copy)]
enum State {
    Head,
    /// So many bytes of payload are left.
    Counted(usize),
    /// In a chunk's size line; the digits so far.
    ChunkSize(usize),
    /// In the rest of a size line.
    ChunkSizeEnd(usize),
    /// So many bytes of a chunk are left.
    Chunk(usize),
    /// Before the line end that follows a chunk.
    ChunkEnd,
    /// After the last chunk; the length of the trailer line so far.
    Trailer(usize),
    Ended,
}

impl AnswerReader {
    /// Ready for a first answer.
    pub(crate) fn new(expect: Expect) -> Self {
        let check = Check::new(expect);
        Self {
            check,
            head: Vec::new(),
            status: 0,
            refusal: Vec::new(),
            state: State::Head,
        }
    }

    /// Ready for the next answer.
    pub(crate) fn restart(&mut self) {
        self.check.restart();
        self.head.clear();
        self.refusal.clear();
        self.state = State::Head;
    }

    /// Content chunks of this answer so far.
    pub(crate) fn chunks(&self) -> u64 {
        self.check.chunks()
    }

    /// Takes what was read. `Ended` means that the answer is complete and right.
    pub(crate) fn take(&mut self, mut bytes: &[u8]) -> Result<Progress, Fault> {
        loop {
            // An empty body (`content-length: 0`) ends without another byte.
            if let State::Counted(0) = self.state {
                self.state = State::Ended;
            }
            if let State::Ended = self.state {
                return if bytes.is_empty() {
                    self.judge()
                } else {
                    Err(Fault::Framing("bytes after the answer"))
                };
            }
            if bytes.is_empty() {
                return Ok(Progress::More);
            }
            bytes = self.step(bytes)?;
        }
    }

    fn judge(&self) -> Result<Progress, Fault> {
        if self.status != 200 {
            return Err(Fault::Status(
                self.status,
                String::from_utf8_lossy(&self.refusal).into_owned(),
            ));
        }
        self.check.finish().map(|()| Progress::Ended)
    }

    /// Takes at least one byte and returns the rest.
    fn step<'b>(&mut self, bytes: &'b [u8]) -> Result<&'b [u8], Fault> {
        let (first, after_first) = (bytes[0], &bytes[1..]);
        match self.state {
            State::Head => return self.head(bytes),
            State::Counted(left) => {
                let (payload, rest) = bytes.split_at(left.min(bytes.len()));
                self.payload(payload)?;
                self.state = State::Counted(left - payload.len());
                return Ok(rest);
            }
            State::ChunkSize(size) => {
                self.state = match (first as char).to_digit(16) {
                    Some(digit) if size < 1 << 40 => State::ChunkSize(size * 16 + digit as usize),
                    Some(_) => return Err(Fault::Framing("a chunk too large")),
                    None => {
                        self.state = State::ChunkSizeEnd(size);
                        return Ok(bytes);
                    }
                }
            }
            State::ChunkSizeEnd(size) => {
                self.state = match (first, size) {
                    (b'\n', 0) => State::Trailer(0),
                    (b'\n', size) => State::Chunk(size),
                    (_, size) => State::ChunkSizeEnd(size),
                }
            }
            State::Chunk(left) => {
                let (payload, rest) = bytes.split_at(left.min(bytes.len()));
                self.payload(payload)?;
                self.state = if payload.len() == left {
                    State::ChunkEnd
                } else {
                    State::Chunk(left - payload.len())
                };
                return Ok(rest);
            }
            State::ChunkEnd => match first {
                b'\r' => {}
                b'\n' => self.state = State::ChunkSize(0),
                _ => return Err(Fault::Framing("no line end after a chunk")),
            },
            State::Trailer(length) => {
                self.state = match (first, length) {
                    (b'\r', length) => State::Trailer(length),
                    (b'\n', 0) => State::Ended,
                    (b'\n', _) => State::Trailer(0),
                    (_, length) => State::Trailer(length + 1),
                }
            }
            State::Ended => {}
        }
        Ok(after_first)
    }

    fn payload(&mut self, payload: &[u8]) -> Result<(), Fault> {
        if self.status == 200 {
            return self.check.take(payload);
        }
        let room = 300_usize.saturating_sub(self.refusal.len());
        self.refusal
            .extend_from_slice(&payload[..payload.len().min(room)]);
        Ok(())
    }

    fn head<'b>(&mut self, bytes: &'b [u8]) -> Result<&'b [u8], Fault> {
        // Line by line, so that a head that came in pieces is put together without looking beyond it.
        let end = if self.head.is_empty() {
            memchr::memmem::find(bytes, b"\r\n\r\n").map(|at| at + 4)
        } else {
            None
        };
        if let Some(end) = end {
            let (head, rest) = bytes.split_at(end);
            (self.status, self.state) = parse(head)?;
            return Ok(rest);
        }
        let line_end = memchr(b'\n', bytes).map_or(bytes.len(), |at| at + 1);
        let (line, rest) = bytes.split_at(line_end);
        self.head.extend_from_slice(line);
        if self.head.ends_with(b"\r\n\r\n") {
            (self.status, self.state) = parse(&self.head)?;
        } else if self.head.len() > MAX_HEAD_BYTES {
            return Err(Fault::Framing("a head too large"));
        }
        Ok(rest)
    }
}

fn parse(head: &[u8]) -> Result<(u16, State), Fault> {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut response = httparse::Response::new(&mut headers);
    response
        .parse(head)
        .map_err(|_| Fault::Framing("a malformed head"))?;
    let status = response.code.ok_or(Fault::Framing("no status"))?;
    let mut body = None;
    for header in response.headers.iter() {
        let value = || std::str::from_utf8(header.value).unwrap_or_default();
        if header.name.eq_ignore_ascii_case("content-length") {
            let length = value()
                .parse()
                .map_err(|_| Fault::Framing("a malformed content-length"))?;
            body = Some(State::Counted(length));
        } else if header.name.eq_ignore_ascii_case("transfer-encoding") {
            body = Some(State::ChunkSize(0));
        } else if header.name.eq_ignore_ascii_case("connection")
            && value().eq_ignore_ascii_case("close")
        {
            return Err(Fault::Status(
                status,
                "the server will close a keep-alive connection".to_owned(),
            ));
        }
    }
    body.map(|body| (status, body))
        .ok_or(Fault::Framing("no length of the body"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const EVENTS: [&str; 4] = [
        "data: {\"content\":\" word1\"}\n\n",
        "data: {\"content\":\" word2\"}\n\n",
        "data: {\"usage\":{\"total_tokens\":3}}\n\n",
        "data: [DONE]\n\n",
    ];

    fn chunked(head: &str, parts: &[&str]) -> Vec<u8> {
        let chunks: String = parts
            .iter()
            .map(|part| format!("{:x};ext=1\r\n{part}\r\n", part.len()))
            .collect();
        format!(
            "HTTP/1.1 {head}\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}0\r\nx-trailer: 1\r\n\r\n"
        )
        .into_bytes()
    }

    fn counted(head: &str, body: &str) -> Vec<u8> {
        format!(
            "HTTP/1.1 {head}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .into_bytes()
    }

    fn read(expect: Expect, pieces: &[&[u8]]) -> Result<Progress, Fault> {
        let mut reader = AnswerReader::new(expect);
        let mut last = Progress::More;
        for piece in pieces {
            assert_eq!(last, Progress::More, "ended before the last byte");
            last = reader.take(piece)?;
        }
        Ok(last)
    }

    proptest! {
        #[test]
        fn any_cut_reads_the_same(cuts in proptest::collection::btree_set(1_usize..250, 0..20)) {
            let stream = chunked("200 OK\r\ndate: x", &EVENTS);
            let mut pieces = Vec::new();
            let mut from = 0;
            for cut in cuts.into_iter().filter(|cut| *cut < stream.len()).chain([stream.len()]) {
                pieces.push(&stream[from..cut]);
                from = cut;
            }
            prop_assert_eq!(read(Expect::Stream { chunks: 2 }, &pieces).unwrap(), Progress::Ended);
        }
    }

    #[test]
    fn faults_are_told_apart() {
        let whole = "{\"choices\":[\"slept on the rails.\"],\"usage\":{}}";
        let cases: [(Vec<u8>, &str); 7] = [
            (counted("200 OK", whole), "Ok(Ended)"),
            (
                counted("200 OK", ""),
                "Err(Content(\"no \\\"choices\\\" in \"))",
            ),
            (counted("401 No", "no key"), "Err(Status(401, \"no key\"))"),
            (chunked("500 Oh", &["a", "b"]), "Err(Status(500, \"ab\"))"),
            (counted("200 OK", whole)[..60].to_vec(), "Ok(More)"),
            (
                [counted("200 OK", whole), b"x".to_vec()].concat(),
                "Err(Framing(\"bytes after the answer\"))",
            ),
            (
                b"HTTP/1.1 200 OK\r\n\r\n".to_vec(),
                "Err(Framing(\"no length of the body\"))",
            ),
        ];
        for (bytes, expected) in cases {
            assert_eq!(format!("{:?}", read(Expect::Whole, &[&bytes])), expected);
        }
    }
}
