//! Writes JSON objects member by member, for the encoders of all dialects: members stand in the order written, absent
//! ones are left out, and [`Extra`] rides along. What is written stands on one line, whoever wrote its pieces, since a
//! line end would tear a server-sent event. Nothing here knows a dialect.

use super::DialectId;
use crate::ir::Extra;
use memchr::memchr2;
use serde::Serialize;

/// An object being written.
pub(in crate::dialect) struct Object<'a> {
    out: &'a mut Vec<u8>,
    empty: bool,
}

/// Appends an object.
pub(in crate::dialect) fn object(out: &mut Vec<u8>, fill: impl FnOnce(&mut Object<'_>)) {
    out.push(b'{');
    fill(&mut Object { out, empty: true });
    out.push(b'}');
}

impl Object<'_> {
    /// A member with a value.
    pub(in crate::dialect) fn value(&mut self, key: &str, value: &(impl Serialize + ?Sized)) {
        self.key(key);
        put(self.out, value);
    }

    /// A member where there is a value, else nothing.
    pub(in crate::dialect) fn some(&mut self, key: &str, value: Option<impl Serialize>) {
        if let Some(value) = value {
            self.value(key, &value);
        }
    }

    /// A member that is an object.
    pub(in crate::dialect) fn object(&mut self, key: &str, fill: impl FnOnce(&mut Object<'_>)) {
        self.key(key);
        object(self.out, fill);
    }

    /// A member that is a list.
    pub(in crate::dialect) fn list(&mut self, key: &str, fill: impl FnOnce(&mut List<'_>)) {
        self.key(key);
        list(self.out, fill);
    }

    /// A member whose value was written before.
    pub(in crate::dialect) fn written(&mut self, key: &str, json: &[u8]) {
        self.key(key);
        let mark = self.out.len();
        self.out.extend_from_slice(json);
        join_lines(self.out, mark);
    }

    /// The extras that came from `dialect` and whose name has no dot: those with one belong to an inner object.
    pub(in crate::dialect) fn extra(&mut self, extra: &Extra, dialect: DialectId) {
        for (key, value) in extra.of(dialect).filter(|(key, _)| !key.contains('.')) {
            self.value(key, value);
        }
    }

    /// The extras that stand below `prefix` (see [`Extra::under`]).
    pub(in crate::dialect) fn extra_under(
        &mut self,
        extra: &Extra,
        dialect: DialectId,
        prefix: &str,
    ) {
        for (key, value) in extra.under(dialect, prefix) {
            self.value(key, value);
        }
    }

    fn key(&mut self, key: &str) {
        self.comma();
        put(self.out, key);
        self.out.push(b':');
    }

    fn comma(&mut self) {
        if !std::mem::take(&mut self.empty) {
            self.out.push(b',');
        }
    }
}

/// A list being written.
pub(in crate::dialect) struct List<'a> {
    out: &'a mut Vec<u8>,
    empty: bool,
}

/// Appends a list.
pub(in crate::dialect) fn list(out: &mut Vec<u8>, fill: impl FnOnce(&mut List<'_>)) {
    out.push(b'[');
    fill(&mut List { out, empty: true });
    out.push(b']');
}

impl List<'_> {
    /// An element.
    pub(in crate::dialect) fn value(&mut self, value: &(impl Serialize + ?Sized)) {
        self.comma();
        put(self.out, value);
    }

    /// An element that is an object.
    pub(in crate::dialect) fn object(&mut self, fill: impl FnOnce(&mut Object<'_>)) {
        self.comma();
        object(self.out, fill);
    }

    fn comma(&mut self) {
        if !std::mem::take(&mut self.empty) {
            self.out.push(b',');
        }
    }
}

/// Appends a value as JSON. One that cannot be written (a map with non-string keys) becomes `null`.
pub(in crate::dialect) fn put(out: &mut Vec<u8>, value: &(impl Serialize + ?Sized)) {
    let mark = out.len();
    if serde_json::to_writer(&mut *out, value).is_err() {
        out.truncate(mark);
        out.extend_from_slice(b"null");
    }
    join_lines(out, mark);
}

/// Makes one line of the JSON behind `from`, some of which stands as a client or a model wrote it. Strings have no raw
/// line ends, so that each stands between tokens, where a space says the same.
fn join_lines(out: &mut [u8], from: usize) {
    let mut at = from;
    while let Some(length) = memchr2(b'\n', b'\r', &out[at..]) {
        at += length;
        out[at] = b' ';
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::Json;

    #[test]
    fn what_others_wrote_stands_on_one_line() {
        let raw = "{\r\n\t\"a\": [1,\n\n2],\r\"b\\n\": \"x\\r\\n\"}";
        let mut out = b"data: \n".to_vec();
        object(&mut out, |o| {
            o.written("written", raw.as_bytes());
            o.value("value", &Json::parse(raw).unwrap());
            o.list("list", |list| list.value(&Json::parse(raw).unwrap()));
        });
        let line = raw.replace(['\n', '\r'], " ");
        let expect = format!("data: \n{{\"written\":{line},\"value\":{line},\"list\":[{line}]}}");
        assert_eq!(String::from_utf8(out).unwrap(), expect);
    }
}
