//! Recognises frames that differ from an earlier one in nothing but the text they carry, as most of a stream does. Such
//! a frame needs no parsing: what stands around its text was parsed before, and the text itself is looked at here.

use memchr::memmem;

/// A mould that is broken this often is given up: the provider writes something new into every frame.
const MOST_MISSES: u32 = 16;

/// What stands around the text of a frame that was parsed.
#[derive(Debug, Default)]
pub(in crate::dialect) struct Mould {
    before: Vec<u8>,
    after: Vec<u8>,
    misses: u32,
}

impl Mould {
    /// The bytes of the text of a frame that fits; `None` where it must be parsed.
    pub(in crate::dialect) fn text_bytes(&self, data: &[u8]) -> Option<u64> {
        if self.before.is_empty() {
            return None;
        }
        let text = data
            .strip_prefix(self.before.as_slice())?
            .strip_suffix(self.after.as_slice())?;
        // What would end the string, or change its length when read, or is not allowed in one.
        let plain = text
            .iter()
            .all(|byte| *byte >= b' ' && *byte != b'"' && *byte != b'\\');
        (plain && std::str::from_utf8(text).is_ok()).then_some(text.len() as u64)
    }

    /// Takes a frame as mould. It was parsed, it is plain content, and all its text (so many bytes, unescaped) is the
    /// one string behind one of `keys` (written `"content":"`). A frame that is otherwise is passed over.
    pub(in crate::dialect) fn take(&mut self, data: &[u8], keys: &[&[u8]], text_bytes: u64) {
        if self.misses >= MOST_MISSES {
            return;
        }
        self.misses += 1;
        self.before.clear();
        // No string can contain a key so written: inside one, its quotes would be escaped.
        let Some((key, at)) = keys
            .iter()
            .find_map(|key| Some((key, memmem::find(data, key)?)))
        else {
            return;
        };
        let start = at + key.len();
        let Some(length) = memchr::memchr2(b'"', b'\\', &data[start..]) else {
            return;
        };
        let end = start + length;
        if data[end] == b'"' && length as u64 == text_bytes && text_bytes > 0 {
            self.before.extend_from_slice(&data[..start]);
            self.after.clear();
            self.after.extend_from_slice(&data[end..]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Mould;

    const KEYS: &[&[u8]] = &[br#""content":""#];

    fn mould() -> Mould {
        let mut mould = Mould::default();
        mould.take(br#"{"id":"a","content":"one","end":null}"#, KEYS, 3);
        mould
    }

    #[test]
    fn a_frame_that_differs_in_its_text_alone_fits() {
        let mould = mould();
        assert_eq!(
            mould.text_bytes(br#"{"id":"a","content":" two","end":null}"#),
            Some(4)
        );
        assert_eq!(
            mould.text_bytes(br#"{"id":"a","content":"","end":null}"#),
            Some(0)
        );
        let umlaut = "{\"id\":\"a\",\"content\":\"ü\",\"end\":null}";
        assert_eq!(mould.text_bytes(umlaut.as_bytes()), Some(2));
    }

    #[test]
    fn every_other_frame_is_parsed() {
        let mould = mould();
        for other in [
            &br#"{"id":"b","content":"two","end":null}"#[..],
            br#"{"id":"a","content":"two","end":1}"#,
            br#"{"id":"a","content":"a\"b","end":null}"#,
            br#"{"id":"a","content":"a\n","end":null}"#,
            br#"{"id":"a","content":"x","content":"y","end":null}"#,
            b"{\"id\":\"a\",\"content\":\"\x01\",\"end\":null}",
            b"{\"id\":\"a\",\"content\":\"\xff\",\"end\":null}",
            br#"{"id":"a","content":"#,
            b"",
        ] {
            assert_eq!(
                mould.text_bytes(other),
                None,
                "{}",
                String::from_utf8_lossy(other)
            );
        }
    }

    #[test]
    fn text_elsewhere_makes_no_mould() {
        for (frame, text_bytes) in [
            (&br#"{"content":"one","reasoning":"two"}"#[..], 6),
            (br#"{"content":"a\n"}"#, 2),
            (br#"{"other":"one"}"#, 3),
        ] {
            let mut mould = Mould::default();
            mould.take(frame, KEYS, text_bytes);
            assert_eq!(mould.text_bytes(frame), None);
        }
    }

    #[test]
    fn a_provider_that_never_repeats_is_given_up() {
        let mut mould = Mould::default();
        for _ in 0..100 {
            mould.take(br#"{"content":"one"}"#, KEYS, 3);
        }
        assert!(mould.misses <= super::MOST_MISSES);
    }
}
