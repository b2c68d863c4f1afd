//! The content of an answer, freed of its framing: of a stated length, in chunks, or until the connection ends.

use super::Broken;
use bytes::{Buf, Bytes, BytesMut};

/// How long the line before a chunk, and all that follows the last one, may be.
const MOST_LINE: usize = 4 * 1024;
const MOST_TRAILERS: usize = 16 * 1024;

/// How far the content of an answer has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Content(Next);

/// What comes next.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Next {
    /// So many bytes, and then nothing.
    Counted(u64),
    /// Whatever comes.
    UntilClose,
    /// A line with the size of a chunk.
    Size,
    /// So many bytes of a chunk.
    Chunk(u64),
    /// The line end behind a chunk.
    ChunkEnd,
    /// Lines behind the last chunk, an empty one at the end; so many bytes of them came.
    Trailers(usize),
}

impl Content {
    pub(super) fn none() -> Self {
        Self::of_length(0)
    }

    pub(super) fn of_length(bytes: u64) -> Self {
        Self(Next::Counted(bytes))
    }

    pub(super) fn chunked() -> Self {
        Self(Next::Size)
    }

    pub(super) fn until_close() -> Self {
        Self(Next::UntilClose)
    }

    /// Whether all of it was taken.
    pub(super) fn is_complete(&self) -> bool {
        self.0 == Next::Counted(0)
    }

    /// Whether the end of the connection is its proper end.
    pub(super) fn ends_with_connection(&self) -> bool {
        self.0 == Next::UntilClose
    }

    /// How many bytes are still to come, where that is known.
    pub(super) fn remaining(&self) -> Option<u64> {
        match self.0 {
            Next::Counted(bytes) => Some(bytes),
            Next::UntilClose | Next::Size | Next::Chunk(_) | Next::ChunkEnd | Next::Trailers(_) => {
                None
            }
        }
    }

    /// Takes what is content from the front of what was read, the chunks of it joined. Empty where there is none yet.
    pub(super) fn take(&mut self, unread: &mut BytesMut) -> Result<Bytes, Broken> {
        match &mut self.0 {
            Next::Counted(left) => {
                let here = within(*left, unread.len());
                *left -= here as u64;
                Ok(unread.split_to(here).freeze())
            }
            Next::UntilClose => Ok(unread.split().freeze()),
            Next::Size | Next::Chunk(_) | Next::ChunkEnd | Next::Trailers(_) => {
                self.take_chunks(unread)
            }
        }
    }

    /// Moves chunks together over the lines between them, in place: a stream's are so small that this costs less than
    /// handing over each by itself.
    fn take_chunks(&mut self, unread: &mut BytesMut) -> Result<Bytes, Broken> {
        // Content stands before `joined`; what is not yet looked at, behind `seen`.
        let (mut joined, mut seen) = (0, 0);
        loop {
            let rest = &unread[seen..];
            match &mut self.0 {
                Next::Size => {
                    let Some(line) = line(rest)? else { break };
                    seen += line.len() + 2;
                    self.0 = match size(line)? {
                        0 => Next::Trailers(0),
                        size => Next::Chunk(size),
                    };
                }
                Next::Chunk(left) => {
                    let here = within(*left, rest.len());
                    if here == 0 {
                        break;
                    }
                    if joined == 0 {
                        // The first one stays where it is.
                        unread.advance(seen);
                        seen = 0;
                    } else {
                        unread.copy_within(seen..seen + here, joined);
                    }
                    joined += here;
                    seen += here;
                    *left -= here as u64;
                    if *left == 0 {
                        self.0 = Next::ChunkEnd;
                    }
                }
                Next::ChunkEnd => match rest {
                    [b'\r', b'\n', ..] => {
                        seen += 2;
                        self.0 = Next::Size;
                    }
                    [] | [b'\r'] => break,
                    _ => return Err(Broken::Malformed("a chunk is longer than it says")),
                },
                Next::Trailers(came) => {
                    let Some(line) = line(rest)? else { break };
                    seen += line.len() + 2;
                    *came += line.len() + 2;
                    if line.is_empty() {
                        self.0 = Next::Counted(0);
                    } else if *came > MOST_TRAILERS {
                        return Err(Broken::Malformed("the answer's trailers are too long"));
                    }
                }
                Next::Counted(_) | Next::UntilClose => break,
            }
        }
        let content = unread.split_to(joined).freeze();
        unread.advance(seen - joined);
        Ok(content)
    }
}

/// The smaller of both.
fn within(left: u64, here: usize) -> usize {
    usize::try_from(left).map_or(here, |left| left.min(here))
}

/// The first line, without its end; `None` while it is not complete.
fn line(bytes: &[u8]) -> Result<Option<&[u8]>, Broken> {
    let malformed = Err(Broken::Malformed("the answer's chunks are framed wrongly"));
    match memchr::memchr(b'\n', &bytes[..bytes.len().min(MOST_LINE)]) {
        None if bytes.len() < MOST_LINE => Ok(None),
        None | Some(0) => malformed,
        Some(end) if bytes[end - 1] == b'\r' => Ok(Some(&bytes[..end - 1])),
        Some(_) => malformed,
    }
}

/// The size of a chunk, in hexadecimal digits, up to an extension, which means nothing to us.
fn size(line: &[u8]) -> Result<u64, Broken> {
    let digits = match memchr::memchr(b';', line) {
        Some(extension) => line[..extension].trim_ascii_end(),
        None => line.trim_ascii_end(),
    };
    let malformed = || Broken::Malformed("the size of a chunk is no number");
    if digits.is_empty() || digits.len() > 16 {
        return Err(malformed());
    }
    digits.iter().try_fold(0, |size, digit| {
        let digit = char::from(*digit).to_digit(16).ok_or_else(malformed)?;
        Ok(size << 4 | u64::from(digit))
    })
}

#[cfg(test)]
mod tests {
    use super::{Broken, Content, MOST_LINE, MOST_TRAILERS};
    use bytes::BytesMut;
    use proptest::prelude::*;

    /// What comes out when the wire brings these pieces, and what is left over.
    fn taken(
        mut content: Content,
        pieces: &[&[u8]],
    ) -> Result<(Vec<u8>, BytesMut, Content), Broken> {
        let (mut unread, mut out) = (BytesMut::new(), Vec::new());
        for piece in pieces {
            unread.extend_from_slice(piece);
            while let piece = content.take(&mut unread)?
                && !piece.is_empty()
            {
                out.extend_from_slice(&piece);
            }
        }
        Ok((out, unread, content))
    }

    #[test]
    fn content_ends_where_its_framing_says() {
        let check = |content: Content, wire: &str, expect: &str, rest: &str, complete: bool| {
            let (out, unread, content) = taken(content, &[wire.as_bytes()]).unwrap();
            assert_eq!(String::from_utf8_lossy(&out), expect, "{wire:?}");
            assert_eq!(
                (&unread[..], content.is_complete()),
                (rest.as_bytes(), complete),
                "{wire:?}"
            );
        };
        check(Content::of_length(3), "abcd", "abc", "d", true);
        check(Content::of_length(3), "ab", "ab", "", false);
        check(Content::none(), "HTTP", "", "HTTP", true);
        check(Content::until_close(), "abc", "abc", "", false);
        let chunked = Content::chunked;
        check(chunked(), "3\r\nabc\r\n0\r\n\r\n", "abc", "", true);
        check(
            chunked(),
            "3\r\nabc\r\nA;x=\"y\"\r\n0123456789\r\n",
            "abc0123456789",
            "",
            false,
        );
        check(
            chunked(),
            "01 \r\na\r\n0\r\nx: y\r\n\r\nHTTP",
            "a",
            "HTTP",
            true,
        );
        check(chunked(), "5\r\nab", "ab", "", false);
        check(chunked(), "1\r\na\r\n0\r\n", "a", "", false);
        check(chunked(), "1\r\na\r", "a", "\r", false);
    }

    #[test]
    fn wrong_chunks_are_refused() {
        let long = format!("1;{}", "x".repeat(MOST_LINE));
        let trailers = format!("0\r\n{}", "x: y\r\n".repeat(MOST_TRAILERS));
        for wire in [
            "\r\n",
            "\n",
            "x\r\n",
            "-1\r\n",
            "1\n",
            "1\r\nab\r\n",
            "1\r\na\n0",
            ";x\r\n",
            "0x1\r\na\r\n",
            "1 2\r\na\r\n",
            "11111111111111111\r\n",
            "0\r\nx: y\n\r\n",
            &long,
            &trailers,
        ] {
            let taken = taken(Content::chunked(), &[wire.as_bytes()]);
            assert!(matches!(taken, Err(Broken::Malformed(_))), "{wire:?}");
        }
    }

    proptest! {
        #[test]
        fn chunks_come_out_the_same_however_the_wire_splits_them(
            chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..50), 0..20),
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..20),
        ) {
            let mut wire = Vec::new();
            for chunk in &chunks {
                wire.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
                wire.extend_from_slice(chunk);
                wire.extend_from_slice(b"\r\n");
            }
            wire.extend_from_slice(b"0\r\nx: y\r\n\r\nnext");
            let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(wire.len())).collect();
            cuts.extend([0, wire.len()]);
            cuts.sort_unstable();
            let pieces: Vec<&[u8]> = cuts.windows(2).map(|cut| &wire[cut[0]..cut[1]]).collect();
            let (out, unread, content) = taken(Content::chunked(), &pieces).unwrap();
            prop_assert_eq!(out, chunks.concat());
            prop_assert_eq!(&unread[..], b"next");
            prop_assert!(content.is_complete());
        }
    }
}
