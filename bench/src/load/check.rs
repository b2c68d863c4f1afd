//! What a right answer is. The mock's text and numbers are known, so nothing lost, doubled or out of order passes.

use std::fmt;
use std::io;

use memchr::{memchr, memmem};

/// What a request must be answered with.
#[derive(Clone, Copy)]
pub(crate) enum Expect {
    /// A chat completion with the mock's text and a usage object.
    Whole,
    /// So many content chunks numbered from 1 in order, then a usage chunk, then `[DONE]`.
    Stream { chunks: u64 },
}

/// Why an exchange does not count.
#[derive(Debug)]
pub(crate) enum Fault {
    /// Connecting, writing or reading failed.
    Connection(io::Error),
    /// The server closed before the answer's end, or between two requests.
    Closed,
    /// Not HTTP/1.1 as we read it.
    Framing(&'static str),
    /// Not a 200; with the start of what came.
    Status(u16, String),
    /// A 200 that is not the expected answer.
    Content(String),
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connection(error) => write!(formatter, "connection: {error}"),
            Self::Closed => write!(formatter, "closed by the server"),
            Self::Framing(what) => write!(formatter, "not HTTP: {what}"),
            Self::Status(status, body) => write!(formatter, "status {status}: {body}"),
            Self::Content(what) => write!(formatter, "wrong answer: {what}"),
        }
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::Connection(error)
    }
}

/// Follows one answer's payload (HTTP framing taken off) as it comes.
pub(crate) struct Check {
    expect: Expect,
    /// Whole: the payload so far. Stream: the line that is not yet complete.
    held: Vec<u8>,
    chunks: u64,
    usage: bool,
    done: bool,
}

impl Check {
    /// For an answer that has not begun.
    pub(crate) fn new(expect: Expect) -> Self {
        Self {
            expect,
            held: Vec::new(),
            chunks: 0,
            usage: false,
            done: false,
        }
    }

    /// Forgets the last answer, keeps the memory.
    pub(crate) fn restart(&mut self) {
        self.held.clear();
        (self.chunks, self.usage, self.done) = (0, false, false);
    }

    /// Content chunks so far.
    pub(crate) fn chunks(&self) -> u64 {
        self.chunks
    }

    /// Takes the next piece of payload, cut anywhere.
    pub(crate) fn take(&mut self, mut payload: &[u8]) -> Result<(), Fault> {
        if let Expect::Whole = self.expect {
            self.held.extend_from_slice(payload);
            return Ok(());
        }
        while let Some(end) = memchr(b'\n', payload) {
            if self.held.is_empty() {
                self.line(&payload[..end])?;
            } else {
                self.held.extend_from_slice(&payload[..end]);
                let line = std::mem::take(&mut self.held);
                self.line(&line)?;
            }
            payload = &payload[end + 1..];
        }
        self.held.extend_from_slice(payload);
        Ok(())
    }

    /// Judges the answer at its end.
    pub(crate) fn finish(&self) -> Result<(), Fault> {
        match self.expect {
            Expect::Whole => {
                for part in ["\"choices\"", "slept on the rails.", "\"usage\""] {
                    if memmem::find(&self.held, part.as_bytes()).is_none() {
                        return Err(content(format!("no {part} in"), &self.held));
                    }
                }
                Ok(())
            }
            Expect::Stream { chunks } if self.chunks != chunks => Err(Fault::Content(format!(
                "{} of {chunks} chunks came",
                self.chunks
            ))),
            Expect::Stream { .. } if !self.usage => {
                Err(Fault::Content("no usage chunk".to_owned()))
            }
            Expect::Stream { .. } if !self.done => Err(Fault::Content("no [DONE]".to_owned())),
            Expect::Stream { .. } => Ok(()),
        }
    }

    /// One line of a stream. Empty lines and comments (keep-alives) mean nothing.
    fn line(&mut self, line: &[u8]) -> Result<(), Fault> {
        const CONTENT: &[u8] = b"\"content\":\" word";
        let Some(data) = line.strip_prefix(b"data: ") else {
            return match line.first() {
                None | Some(b':' | b'\r') => Ok(()),
                Some(_) => Err(content("neither data nor comment:".to_owned(), line)),
            };
        };
        if self.done {
            return Err(content("after [DONE]:".to_owned(), line));
        }
        if let Some(at) = memmem::find(data, CONTENT) {
            let digits = data[at + CONTENT.len()..]
                .iter()
                .take_while(|byte| byte.is_ascii_digit());
            let number = digits.fold(0, |number: u64, digit| {
                number * 10 + u64::from(digit - b'0')
            });
            if number != self.chunks + 1 || self.usage {
                return Err(Fault::Content(format!(
                    "chunk {number} after {} chunks",
                    self.chunks
                )));
            }
            self.chunks = number;
        } else if memmem::find(data, b"\"total_tokens\"").is_some() {
            self.usage = true;
        } else if data.starts_with(b"[DONE]") {
            self.done = true;
        } else {
            return Err(content("an unexpected event:".to_owned(), line));
        }
        Ok(())
    }
}

fn content(what: String, bytes: &[u8]) -> Fault {
    let shown = &bytes[..bytes.len().min(300)];
    Fault::Content(format!("{what} {}", String::from_utf8_lossy(shown)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: &str = ": hello\n\ndata: {\"content\":\" word1\"}\n\ndata: {\"content\":\" word2\"}\n\n\
                          data: {\"usage\":{\"total_tokens\":3}}\n\ndata: [DONE]\n\n";

    fn check(expect: Expect, pieces: &[&str]) -> Result<(), Fault> {
        let mut check = Check::new(expect);
        for piece in pieces {
            check.take(piece.as_bytes())?;
        }
        check.finish()
    }

    #[test]
    fn a_stream_passes_however_it_is_cut() {
        for cut in 0..=STREAM.len() {
            check(
                Expect::Stream { chunks: 2 },
                &[&STREAM[..cut], &STREAM[cut..]],
            )
            .unwrap();
        }
    }

    #[test]
    fn what_is_lost_doubled_or_moved_is_seen() {
        let stream = Expect::Stream { chunks: 2 };
        for (from, to) in [
            ("data: {\"content\":\" word1\"}\n\n", ""),
            ("data: {\"content\":\" word2\"}\n\n", ""),
            ("word2", "word1"),
            ("word2", "word3"),
            ("data: {\"usage\":{\"total_tokens\":3}}\n\n", ""),
            ("data: [DONE]\n\n", ""),
            (
                "data: {\"usage\"",
                "data: {\"error\":{}}\n\ndata: {\"usage\"",
            ),
            ("data: [DONE]\n\n", "data: [DONE]\n\ndata: [DONE]\n\n"),
        ] {
            let damaged = STREAM.replacen(from, to, 1);
            assert_ne!(damaged, STREAM);
            assert!(check(stream, &[&damaged]).is_err(), "{damaged}");
        }
    }

    #[test]
    fn a_whole_answer_needs_text_and_usage() {
        let whole = "{\"choices\":[\"slept on the rails.\"],\"usage\":{}}";
        check(Expect::Whole, &[whole]).unwrap();
        check(Expect::Whole, &[&whole[..9], &whole[9..]]).unwrap();
        for missing in ["choices", "rails", "usage"] {
            assert!(check(Expect::Whole, &[&whole.replace(missing, "x")]).is_err());
        }
    }
}
