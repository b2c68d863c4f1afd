//! One pass over a JSON object (RFC 8259) that checks all of it and notes where its top-level members stand. Values
//! are not built here.

use crate::ir::Malformed;
use std::ops::Range;

/// How deep objects and arrays may nest; no deeper than what `serde_json` reads, so that what passes here can be
/// decoded later.
const DEPTH_LIMIT: u32 = 127;

/// How many members an object may have at its top level. Requests have some dozens; a body of ten megabytes of tiny
/// members would cost many times its size in spans.
const MEMBER_LIMIT: usize = 1024;

/// Where one member stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Member {
    /// The key with its quotes.
    pub(super) key: Range<usize>,
    /// Whether the key is written with escapes.
    pub(super) escaped: bool,
    /// The value.
    pub(super) value: Range<usize>,
}

/// Checks that `text` is one JSON object and nothing else.
pub(super) fn members(text: &str) -> Result<Vec<Member>, Malformed> {
    let mut scanner = Scanner {
        bytes: text.as_bytes(),
        at: 0,
    };
    scanner
        .document()
        .map_err(|wrong| explain(text, scanner.at, wrong))
}

/// What is wrong, at the scanner's place.
type Wrong = &'static str;

fn explain(text: &str, at: usize, wrong: Wrong) -> Malformed {
    if text.is_empty() {
        return Malformed::body("the body is empty; a JSON object is expected");
    }
    let wrong = if at >= text.len() {
        "it ends too early"
    } else {
        wrong
    };
    Malformed::body(format!(
        "not valid JSON: {wrong} ({})",
        place(text.as_bytes(), at)
    ))
}

/// A place for people: line and column count from 1, the column in bytes.
pub(super) fn place(bytes: &[u8], at: usize) -> String {
    let before = &bytes[..at.min(bytes.len())];
    let line = memchr::memchr_iter(b'\n', before).count() + 1;
    let column = at - memchr::memrchr(b'\n', before).map_or(0, |feed| feed + 1) + 1;
    format!("line {line}, column {column}, byte {at}")
}

struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Scanner<'_> {
    fn document(&mut self) -> Result<Vec<Member>, Wrong> {
        let mut members = Vec::new();
        self.space();
        self.expect(b'{', "the body must be a JSON object, beginning with `{`")?;
        self.space();
        if self.peek() == Some(b'}') {
            self.at += 1;
        } else {
            loop {
                if members.len() == MEMBER_LIMIT {
                    return Err("the object has more than 1024 members");
                }
                members.push(self.member()?);
                self.space();
                match self.peek() {
                    Some(b',') => self.at += 1,
                    Some(b'}') => break self.at += 1,
                    _ => return Err("expected `,` or `}` after a member"),
                }
                self.space();
            }
        }
        self.space();
        match self.peek() {
            None => Ok(members),
            Some(_) => Err("nothing may follow the object"),
        }
    }

    fn member(&mut self) -> Result<Member, Wrong> {
        let start = self.at;
        let key = start..self.key()?;
        let escaped = memchr::memchr(b'\\', &self.bytes[key.clone()]).is_some();
        self.space();
        let start = self.at;
        self.value()?;
        Ok(Member {
            key,
            escaped,
            value: start..self.at,
        })
    }

    /// Reads a key and its colon. Returns where the key ends.
    fn key(&mut self) -> Result<usize, Wrong> {
        self.expect(b'"', "expected a key in double quotes")?;
        self.string()?;
        let end = self.at;
        self.space();
        self.expect(b':', "expected `:` after a key")?;
        Ok(end)
    }

    /// Reads a value of any kind, without recursion: `nesting` holds the open objects and arrays.
    fn value(&mut self) -> Result<(), Wrong> {
        let mut nesting = Nesting::default();
        loop {
            self.space();
            match self.peek() {
                Some(b'{') => {
                    self.at += 1;
                    self.space();
                    nesting.open(Container::Object)?;
                    if self.peek() != Some(b'}') {
                        self.key()?;
                        continue;
                    }
                }
                Some(b'[') => {
                    self.at += 1;
                    self.space();
                    nesting.open(Container::Array)?;
                    if self.peek() != Some(b']') {
                        continue;
                    }
                }
                _ => self.scalar()?,
            }
            if self.close(&mut nesting)? {
                return Ok(());
            }
        }
    }

    /// After a value: closes what ends here. Returns whether the outermost value is complete; if not, the scanner
    /// stands before the next value.
    fn close(&mut self, nesting: &mut Nesting) -> Result<bool, Wrong> {
        while let Some(inside) = nesting.innermost() {
            self.space();
            match (inside, self.peek()) {
                (Container::Object, Some(b'}')) | (Container::Array, Some(b']')) => {
                    self.at += 1;
                    nesting.close();
                }
                (Container::Array, Some(b',')) => {
                    self.at += 1;
                    return Ok(false);
                }
                (Container::Object, Some(b',')) => {
                    self.at += 1;
                    self.space();
                    self.key()?;
                    return Ok(false);
                }
                (Container::Object, _) => return Err("expected `,` or `}` after a member"),
                (Container::Array, _) => return Err("expected `,` or `]` after an element"),
            }
        }
        Ok(true)
    }

    fn scalar(&mut self) -> Result<(), Wrong> {
        match self.peek() {
            Some(b'"') => {
                self.at += 1;
                self.string()
            }
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.literal(b"true"),
            Some(b'f') => self.literal(b"false"),
            Some(b'n') => self.literal(b"null"),
            _ => Err("expected a value"),
        }
    }

    fn literal(&mut self, word: &[u8]) -> Result<(), Wrong> {
        for &byte in word {
            self.expect(byte, "expected `true`, `false` or `null`")?;
        }
        Ok(())
    }

    fn number(&mut self) -> Result<(), Wrong> {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
            if let Some(b'0'..=b'9') = self.peek() {
                return Err("a number must not begin with 0");
            }
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), Wrong> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        if self.at > start {
            Ok(())
        } else {
            Err("expected a digit")
        }
    }

    /// Reads a string after its opening quote.
    fn string(&mut self) -> Result<(), Wrong> {
        loop {
            self.at += plain_length(&self.bytes[self.at..]);
            match self.peek() {
                Some(b'"') => break self.at += 1,
                Some(b'\\') => self.escape()?,
                _ => return Err("control characters in strings must be escaped"),
            }
        }
        Ok(())
    }

    fn escape(&mut self) -> Result<(), Wrong> {
        self.at += 1;
        match self.peek() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 1,
            Some(b'u') => {
                self.at += 1;
                for _ in 0..4 {
                    match self.peek() {
                        Some(byte) if byte.is_ascii_hexdigit() => self.at += 1,
                        _ => return Err("`\\u` must be followed by four hexadecimal digits"),
                    }
                }
            }
            _ => return Err("unknown escape in a string"),
        }
        Ok(())
    }

    fn space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn expect(&mut self, byte: u8, otherwise: Wrong) -> Result<(), Wrong> {
        if self.peek() == Some(byte) {
            self.at += 1;
            Ok(())
        } else {
            Err(otherwise)
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Container {
    Array,
    Object,
}

/// The open objects and arrays, outermost in the highest used bit: 1 is an object.
#[derive(Default)]
struct Nesting {
    kinds: u128,
    depth: u32,
}

impl Nesting {
    fn open(&mut self, kind: Container) -> Result<(), Wrong> {
        // The document itself is the first level.
        if self.depth + 1 >= DEPTH_LIMIT {
            return Err("it is nested too deeply (more than 127 levels)");
        }
        self.depth += 1;
        self.kinds = self.kinds << 1 | u128::from(kind == Container::Object);
        Ok(())
    }

    fn close(&mut self) {
        self.depth -= 1;
        self.kinds >>= 1;
    }

    fn innermost(&self) -> Option<Container> {
        match (self.depth, self.kinds & 1) {
            (0, _) => None,
            (_, 0) => Some(Container::Array),
            (_, _) => Some(Container::Object),
        }
    }
}

/// How many bytes from the start of `bytes` are neither a quote, a backslash nor a control character. Most bytes of
/// a request stand in strings, so this looks at eight at a time.
pub(super) fn plain_length(bytes: &[u8]) -> usize {
    let mut at = 0;
    while let Some(word) = bytes[at..].first_chunk::<8>() {
        let special = special_bytes(u64::from_le_bytes(*word));
        if special != 0 {
            return at + special.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    let rest = &bytes[at..];
    at + rest
        .iter()
        .position(|&byte| byte < 0x20 || byte == b'"' || byte == b'\\')
        .unwrap_or(rest.len())
}

/// Marks the high bit of the bytes of `word` that are special. Only the lowest mark is reliable: the subtractions may
/// borrow from the bytes above it.
fn special_bytes(word: u64) -> u64 {
    const EACH: u64 = 0x0101_0101_0101_0101;
    let zeros = |x: u64| x.wrapping_sub(EACH) & !x;
    let quote = zeros(word ^ (EACH * b'"' as u64));
    let backslash = zeros(word ^ (EACH * b'\\' as u64));
    let control = word.wrapping_sub(EACH * 0x20) & !word;
    (quote | backslash | control) & (EACH * 0x80)
}
