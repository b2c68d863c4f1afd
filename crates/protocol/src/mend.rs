//! Mends JSON whose meaning is plain though strict readers refuse it: half of a character in a text, which servers write
//! that cut texts by units of UTF-16, and members that are said twice. What passes as it came is not changed by this: it
//! is looked at in its mended form. What the JSON says is for the dialects.

use crate::ir::Malformed;
use memchr::{memchr, memchr2};
use std::collections::{HashMap, VecDeque};
use std::ops::Range;

/// How long an escape like `\ud83d` is.
const ESCAPE: usize = 6;

/// What stands for half of a character that has no other half, as long as an escape.
const REPLACEMENT: &[u8; ESCAPE] = br"\ufffd";

/// Reads JSON by `read`, mended where that is needed. What stands where in it stays so.
///
/// # Errors
/// What `read` says of it.
pub fn read<T>(json: &[u8], read: impl Fn(&[u8]) -> Result<T, Malformed>) -> Result<T, Malformed> {
    let whole = without_halves(json);
    let json = whole.as_deref().unwrap_or(json);
    read(json).or_else(|bad| read(&said_once(json).ok_or(bad)?))
}

/// The JSON with `\ufffd` in the place of each half of a character; `None` where there is none.
pub fn without_halves(json: &[u8]) -> Option<Vec<u8>> {
    let mut mended: Option<Vec<u8>> = None;
    for half in (LoneHalves { json, at: 0 }) {
        let place = half.at..half.at + ESCAPE;
        mended.get_or_insert_with(|| json.to_vec())[place].copy_from_slice(REPLACEMENT);
    }
    mended
}

/// Joins characters whose halves stand in two frames of a stream.
#[derive(Debug, Default)]
pub(crate) struct Halves {
    /// First halves that the texts of an earlier frame ended with, as escapes.
    waiting: VecDeque<[u8; ESCAPE]>,
    lost: bool,
}

impl Halves {
    /// The JSON of the next frame with whole characters alone; `None` where it has no others. A first half that ends a text
    /// waits for the text that begins with the second; of several, each for its own. Any other is replaced.
    pub(crate) fn join(&mut self, json: &[u8]) -> Option<Vec<u8>> {
        let mut halves = LoneHalves { json, at: 0 }.peekable();
        halves.peek()?;
        let mut mended = Vec::with_capacity(json.len() + ESCAPE);
        let mut copied = 0;
        let mut waiting = VecDeque::new();
        for Half { at, is_first } in halves {
            let end = at + ESCAPE;
            let begins = json[..at].ends_with(b"\"");
            mended.extend_from_slice(&json[copied..at]);
            copied = end;
            if is_first && json[end..].starts_with(b"\"") {
                let mut half = [0; ESCAPE];
                half.copy_from_slice(&json[at..end]);
                waiting.push_back(half);
            } else if let Some(first) = self.waiting.pop_front_if(|_| begins && !is_first) {
                mended.extend_from_slice(&first);
                mended.extend_from_slice(&json[at..end]);
            } else {
                mended.extend_from_slice(REPLACEMENT);
                self.lost = true;
            }
        }
        mended.extend_from_slice(&json[copied..]);
        if !waiting.is_empty() {
            self.lost |= !self.waiting.is_empty();
            self.waiting = waiting;
        }
        Some(mended)
    }

    /// Whether a half has no other half, as far as the stream has come.
    pub(crate) fn lost(&self) -> bool {
        self.lost || !self.waiting.is_empty()
    }
}

/// The halves in valid JSON that stand beside no other half.
struct LoneHalves<'a> {
    json: &'a [u8],
    at: usize,
}

/// Half of a character, as an escape.
struct Half {
    at: usize,
    /// Whether it is the first half of one.
    is_first: bool,
}

impl Iterator for LoneHalves<'_> {
    type Item = Half;

    fn next(&mut self) -> Option<Half> {
        // Backslashes stand in strings alone, and begin escapes there.
        while let Some(length) = memchr(b'\\', self.json.get(self.at..)?) {
            let at = self.at + length;
            self.at = at + 2;
            let Some(unit) = unit(self.json, at) else {
                continue;
            };
            self.at = at + ESCAPE;
            match unit {
                0xD800..0xDC00 => match self::unit(self.json, self.at) {
                    Some(0xDC00..0xE000) => self.at += ESCAPE,
                    _ => return Some(Half { at, is_first: true }),
                },
                0xDC00..0xE000 => {
                    let is_first = false;
                    return Some(Half { at, is_first });
                }
                _ => {}
            }
        }
        None
    }
}

/// The unit of UTF-16 that is escaped there.
fn unit(json: &[u8], at: usize) -> Option<u16> {
    let digits = json.get(at..at + ESCAPE)?.strip_prefix(br"\u")?;
    u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

/// The JSON without members that stand in their object once more, for the last one counts; blanks are in their place. `None`
/// where there are none, or it is no JSON.
pub fn said_once(json: &[u8]) -> Option<Vec<u8>> {
    serde_json::from_slice::<serde::de::IgnoredAny>(json).ok()?;
    let earlier = earlier_members(json);
    if earlier.is_empty() {
        return None;
    }
    let mut mended = json.to_vec();
    for member in earlier {
        mended[member].fill(b' ');
    }
    Some(mended)
}

/// What is open while JSON is walked through.
enum Open<'a> {
    Array,
    Object {
        /// Where each member stands, from its key to the comma behind it.
        members: HashMap<&'a [u8], Range<usize>>,
        /// The member at hand.
        key: &'a [u8],
        /// Whether a key is next.
        at_key: bool,
    },
}

/// Where members stand, comma included, that are said again in the same object; of valid JSON.
fn earlier_members(json: &[u8]) -> Vec<Range<usize>> {
    let mut earlier = Vec::new();
    let mut open: Vec<Open<'_>> = Vec::new();
    let mut at = 0;
    while let Some(&byte) = json.get(at) {
        let mut next = at + 1;
        match (byte, open.last_mut()) {
            (b'{', _) => open.push(Open::Object {
                members: HashMap::new(),
                key: b"",
                at_key: true,
            }),
            (b'[', _) => open.push(Open::Array),
            (b'}' | b']', _) => {
                open.pop();
            }
            (
                b',',
                Some(Open::Object {
                    members,
                    key,
                    at_key,
                }),
            ) => {
                *at_key = true;
                if let Some(member) = members.get_mut(key) {
                    member.end = next;
                }
            }
            (b'"', last) => {
                next = string_end(json, next);
                if let Some(Open::Object {
                    members,
                    key,
                    at_key,
                }) = last
                    && std::mem::take(at_key)
                {
                    *key = &json[at..next];
                    earlier.extend(members.insert(*key, at..next));
                }
            }
            _ => {}
        }
        at = next;
    }
    earlier
}

/// Behind the quote that ends the string whose first byte stands there.
fn string_end(json: &[u8], mut at: usize) -> usize {
    while let Some(length) = json.get(at..).and_then(|rest| memchr2(b'"', b'\\', rest)) {
        at += length;
        if json[at] == b'"' {
            return at + 1;
        }
        at += 2;
    }
    json.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: Option<Vec<u8>>) -> Option<String> {
        bytes.map(|bytes| String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn half_of_a_character_is_replaced_where_it_stands() {
        let check = |json: &str, expect: Option<&str>| {
            let mended = text(without_halves(json.as_bytes()));
            assert_eq!(mended.as_deref(), expect, "{json}");
            assert!(mended.is_none_or(|it| it.len() == json.len()), "{json}");
        };
        check(r#""a\ud83d""#, Some(r#""a\ufffd""#));
        check(r#""\uDE00b""#, Some(r#""\ufffdb""#));
        check(r#""\ud83d\ud83d\ude00""#, Some(r#""\ufffd\ud83d\ude00""#));
        check(r#"["\ud83d","\ude00"]"#, Some(r#"["\ufffd","\ufffd"]"#));
        check(r#""\ud83d\n\u0041""#, Some(r#""\ufffd\n\u0041""#));
        check(r#""\ud83d\ude00 \\ud83d \u00e9 😀""#, None);
        check(r#""\"#, None);
        check(r#""\ud8"#, None);
    }

    /// Servers that cut texts by units of UTF-16 ended streams, even those that pass as they came.
    #[test]
    fn halves_in_two_frames_are_joined() {
        let check = |frames: &[&str], expect: &[&str], lost: bool| {
            let mut halves = Halves::default();
            for (frame, expect) in frames.iter().zip(expect) {
                let joined = text(halves.join(frame.as_bytes()));
                assert_eq!(joined.as_deref().unwrap_or(frame), *expect, "{frames:?}");
            }
            assert_eq!(halves.lost(), lost, "{frames:?}");
        };
        check(
            &[r#""ok\ud83d""#, "[]", r#""\ude00!""#],
            &[r#""ok""#, "[]", r#""\ud83d\ude00!""#],
            false,
        );
        check(
            &[r#"["\ud83d","\ud83e"]"#, r#"["\ude00","\udd80"]"#],
            &[r#"["",""]"#, r#"["\ud83d\ude00","\ud83e\udd80"]"#],
            false,
        );
        check(&[r#""a\ud83d""#, r#""b""#], &[r#""a""#, r#""b""#], true);
        check(&[r#""\ude00""#], &[r#""\ufffd""#], true);
        check(&[r#""\ud83d a""#], &[r#""\ufffd a""#], true);
        check(
            &[r#""\ud83d""#, r#""\ud83e""#, r#""\udd80""#],
            &[r#""""#, r#""""#, r#""\ud83e\udd80""#],
            true,
        );
    }

    #[test]
    fn of_what_is_said_twice_the_last_counts() {
        let check = |json: &str, expect: Option<&str>| {
            let mended = text(said_once(json.as_bytes()));
            assert_eq!(mended.as_deref(), expect, "{json}");
        };
        check(
            r#"{"usage":null,"usage":{"a":1}}"#,
            Some(r#"{             "usage":{"a":1}}"#),
        );
        check(
            r#"{"a":[{"b":"},\"b\":","b":1,"b":2}],"c":"b"}"#,
            Some(r#"{"a":[{                     "b":2}],"c":"b"}"#),
        );
        check(
            r#"{"a" : {"a":1,"b":2} ,"b":3,"a":{"a":1}}"#,
            Some(r#"{                     "b":3,"a":{"a":1}}"#),
        );
        check(r#"{"a":{"a":["a","a"]},"b":{"a":1}}"#, None);
        check(r#"{"a":1,"a":2"#, None);
        check("[1,[],{},\"\"]", None);
    }

    #[test]
    fn what_is_read_is_mended_only_where_it_must_be() {
        let read_strictly = |json: &[u8]| {
            #[derive(serde::Deserialize)]
            struct Told {
                a: String,
            }
            let told = serde_json::from_slice::<Told>(json);
            told.map(|told| told.a)
                .map_err(|bad| Malformed::body(bad.to_string()))
        };
        let check = |json: &str| read(json.as_bytes(), read_strictly).ok();
        assert_eq!(check(r#"{"a":"x"}"#).as_deref(), Some("x"));
        assert_eq!(
            check(r#"{"a":null,"a":"x\ud83d"}"#).as_deref(),
            Some("x\u{fffd}")
        );
        assert_eq!(check(r#"{"a":1}"#), None);
    }
}
