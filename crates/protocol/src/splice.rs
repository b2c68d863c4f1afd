//! Byte-exact edits of a JSON object: one scan indexes its top-level members, edits touch only what they name. What
//! the members mean is for the dialects to say.

mod scan;

use crate::ir::Malformed;
use memchr::{memchr, memmem};
use scan::Member;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::cmp::Ordering;
use std::ops::Range;

/// A JSON object with the spans of its top-level members, and the edits asked of it so far. Readers see the edits.
///
/// A key that stands twice counts with its last value, as every JSON reader in use has it; keys are compared as they
/// read, so `"mod\u0065l"` is `model`.
#[derive(Clone, Debug)]
pub struct Document<'a> {
    body: &'a str,
    entries: Vec<Entry>,
}

/// Where the members of one body stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    length: usize,
    members: Vec<Member>,
}

/// What kind of value a member has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are JSON's own")]
pub enum Kind {
    Null,
    Boolean,
    Number,
    String,
    Array,
    Object,
}

impl<'a> Document<'a> {
    /// Indexes a body, checking that the whole of it is well-formed JSON (RFC 8259) in UTF-8, nested at most 127
    /// levels deep, with at most 1024 members at the top.
    ///
    /// # Errors
    /// When it is not one JSON object, says what is wrong at which line, column and byte.
    pub fn parse(body: &'a [u8]) -> Result<Self, Malformed> {
        let body = std::str::from_utf8(body).map_err(|error| {
            let place = scan::place(body, error.valid_up_to());
            Malformed::body(format!("not valid JSON: it must be UTF-8 ({place})"))
        })?;
        let entries = scan::members(body)?.into_iter().map(Entry::found).collect();
        Ok(Self { body, entries })
    }

    /// The same body again, without edits and without another scan.
    ///
    /// # Errors
    /// As [`Self::parse`], where the index is another body's (which its length tells).
    pub fn indexed(body: &'a [u8], index: &Index) -> Result<Self, Malformed> {
        match std::str::from_utf8(body) {
            Ok(text) if text.len() == index.length => Ok(Self {
                body: text,
                entries: index.members.iter().cloned().map(Entry::found).collect(),
            }),
            _ => Self::parse(body),
        }
    }

    /// What the scan found, to be kept beside the body.
    pub fn into_index(self) -> Index {
        Index {
            length: self.body.len(),
            members: self
                .entries
                .into_iter()
                .filter_map(|entry| entry.found)
                .collect(),
        }
    }

    /// The raw text of a top-level member's value; of the last one where the key stands twice.
    pub fn get(&self, key: &str) -> Option<&str> {
        let entry = self.entries.get(self.last(key)?)?;
        Some(entry.value_text(self.body))
    }

    /// What kind of value a member has.
    pub fn kind(&self, key: &str) -> Option<Kind> {
        self.get(key).map(kind_of)
    }

    /// Whether a member is an empty list, or a text of white space.
    pub fn is_hollow(&self, key: &str) -> bool {
        let holder = self.get(key).filter(|raw| raw.starts_with(['[', '"']));
        let inner = holder.and_then(|raw| raw.get(1..raw.len().saturating_sub(1)));
        inner.is_some_and(|inner| inner.trim().is_empty())
    }

    /// A member that must be text; `None` where it is absent or `null`.
    ///
    /// # Errors
    /// When it is something else, or text that no UTF-8 can say (half of a surrogate pair).
    pub fn string(&self, key: &str) -> Result<Option<Cow<'_, str>>, Malformed> {
        let Some(raw) = self.present(key) else {
            return Ok(None);
        };
        if kind_of(raw) != Kind::String {
            return Err(wrong_kind(key, raw, "a string"));
        }
        match unquote(raw) {
            Some(text) => Ok(Some(text)),
            None => Err(Malformed::field(
                key,
                "must be valid text, but holds half of a surrogate pair",
            )),
        }
    }

    /// A member that must be `true` or `false`; `None` where it is absent or `null`.
    ///
    /// # Errors
    /// When it is something else.
    pub fn boolean(&self, key: &str) -> Result<Option<bool>, Malformed> {
        match self.present(key) {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(raw) => Err(wrong_kind(key, raw, "true or false")),
        }
    }

    /// A member that must be a whole number of 0 or more; `None` where it is absent or `null`.
    ///
    /// # Errors
    /// When it is something else, has a fraction or exponent, or does not fit 64 bits.
    pub fn unsigned(&self, key: &str) -> Result<Option<u64>, Malformed> {
        const WANTED: &str = "a whole number of 0 or more";
        let Some(raw) = self.present(key) else {
            return Ok(None);
        };
        if kind_of(raw) != Kind::Number {
            return Err(wrong_kind(key, raw, WANTED));
        }
        let number = raw.parse().map_err(|_| {
            let shown: String = raw.chars().take(40).collect();
            Malformed::field(key, format!("must be {WANTED}, not {shown}"))
        })?;
        Ok(Some(number))
    }

    /// Whether somewhere inside a member's value an object has the key `name`, which must need no escapes. A key that
    /// is written with escapes is not seen.
    ///
    /// Looks for the quoted name before a colon, and cannot be fooled by a text that holds these bytes: inside a
    /// string every quote follows a backslash, so the quote found first opens a string unless a backslash stands
    /// before it, and the quote found last then ends that string, since the name has neither quote nor backslash.
    pub fn mentions_key(&self, key: &str, name: &str) -> bool {
        let Some(value) = self.get(key).map(str::as_bytes) else {
            return false;
        };
        let quoted = ["\"", name, "\""].concat();
        memmem::find_iter(value, &quoted).any(|at| {
            let opens = at == 0 || value.get(at - 1) != Some(&b'\\');
            let after = value.get(at + quoted.len()..).unwrap_or_default();
            opens && after.trim_ascii_start().first() == Some(&b':')
        })
    }

    /// Replaces a member's value, or appends the member where there is none. Where the key stands twice, the last is
    /// replaced and the others are removed. `json` must be one JSON value.
    pub fn set(&mut self, key: &str, json: &str) {
        let Some(last) = self.last(key) else {
            self.entries.push(Entry::new(key, json));
            return;
        };
        self.remove_all(key, Some(last));
        if let Some(entry) = self.entries.get_mut(last) {
            entry.set_value(json, self.body);
        }
    }

    /// Sets a member of the object that the member `outer` holds. Where there is no `outer`, or it is no object, it
    /// becomes one with this member only.
    pub fn set_in(&mut self, outer: &str, inner: &str, json: &str) {
        let value = {
            let old = self.get(outer).unwrap_or_default();
            let mut object = Document::parse(old.as_bytes()).unwrap_or(Document {
                body: "{}",
                entries: Vec::new(),
            });
            object.set(inner, json);
            object.text().into_owned()
        };
        self.set(outer, &value);
    }

    /// Removes a member of the object that the member `outer` holds, and `outer` too if nothing else is in it.
    pub fn remove_in(&mut self, outer: &str, inner: &str) {
        let left = {
            let Ok(mut object) = Document::parse(self.get(outer).unwrap_or_default().as_bytes())
            else {
                return;
            };
            if object.last(inner).is_none() {
                return;
            }
            object.remove(inner);
            let alive = object.entries.iter().any(|entry| !entry.removed);
            alive.then(|| object.text().into_owned())
        };
        match left {
            Some(value) => self.set(outer, &value),
            None => self.remove(outer),
        }
    }

    /// Removes a member, if present; all of them where the key stands twice.
    pub fn remove(&mut self, key: &str) {
        self.remove_all(key, None);
    }

    /// Gives a member another name, keeping its value's bytes and its place. It takes the place of one that has that
    /// name already.
    pub fn rename(&mut self, from: &str, to: &str) {
        if from == to {
            return;
        }
        let Some(last) = self.last(from) else {
            return;
        };
        self.remove_all(from, Some(last));
        self.remove_all(to, None);
        if let Some(entry) = self.entries.get_mut(last) {
            entry.set_name(to, self.body);
        }
    }

    /// The edited bytes; borrowed where nothing was asked.
    pub fn apply(&self) -> Cow<'a, [u8]> {
        match self.text() {
            Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
            Cow::Owned(text) => Cow::Owned(text.into_bytes()),
        }
    }

    /// The edits, each as a line for people (`replace model`, `remove provider`, `rename a to b`,
    /// `insert stream_options`), in the order of the members.
    pub fn edits(&self) -> Vec<String> {
        self.entries
            .iter()
            .filter(|entry| !entry.is_untouched())
            .filter_map(|entry| entry.line(self.body))
            .collect()
    }

    fn present(&self, key: &str) -> Option<&str> {
        self.get(key).filter(|raw| *raw != "null")
    }

    /// The last living member with that key.
    fn last(&self, key: &str) -> Option<usize> {
        self.entries
            .iter()
            .rposition(|entry| entry.is_called(key, self.body))
    }

    fn remove_all(&mut self, key: &str, except: Option<usize>) {
        for (index, entry) in self.entries.iter_mut().enumerate() {
            if Some(index) != except && entry.is_called(key, self.body) {
                entry.removed = true;
            }
        }
    }

    fn text(&self) -> Cow<'a, str> {
        if self.entries.iter().all(Entry::is_untouched) {
            return Cow::Borrowed(self.body);
        }
        let more: usize = self.entries.iter().map(Entry::added_length).sum();
        let mut out = String::with_capacity(self.body.len() + more);
        let opening = self.body.find('{').map_or(0, |brace| brace + 1);
        out.push_str(&self.body[..opening]);
        let mut writer = Writer {
            body: self.body,
            out,
            at: opening,
            trail: 0..0,
            empty: true,
        };
        for entry in &self.entries {
            writer.member(entry);
        }
        writer.out.push_str(&self.body[writer.at..]);
        Cow::Owned(writer.out)
    }
}

/// Adds a member to an object that stands at a span of some bytes (braces included), before the closing brace; where the
/// object has that member already, it takes the new value in its place. Gives the bytes back unchanged if the span holds
/// no object, or `value` is not JSON.
pub fn insert_member(bytes: &[u8], object: Range<usize>, key: &str, value: &str) -> Vec<u8> {
    let target = bytes.get(object.clone()).map(Document::parse);
    let (Some(Ok(mut target)), Ok(_)) = (target, serde_json::from_str::<&RawValue>(value)) else {
        return bytes.to_vec();
    };
    target.set(key, value);
    [
        &bytes[..object.start],
        &target.apply(),
        &bytes[object.end..],
    ]
    .concat()
}

/// One member, as found and as edited.
#[derive(Clone, Debug)]
struct Entry {
    /// Where it stands in the body; `None` for one that was added.
    found: Option<Member>,
    /// Its new key, quoted.
    key: Option<String>,
    /// Its new value.
    value: Option<String>,
    removed: bool,
}

impl Entry {
    fn found(member: Member) -> Self {
        Self {
            found: Some(member),
            key: None,
            value: None,
            removed: false,
        }
    }

    fn new(key: &str, json: &str) -> Self {
        Self {
            found: None,
            key: Some(quote(key)),
            value: Some(json.to_owned()),
            removed: false,
        }
    }

    fn key_text<'e>(&'e self, body: &'e str) -> &'e str {
        match (&self.key, &self.found) {
            (Some(key), _) => key,
            (None, Some(member)) => &body[member.key.clone()],
            (None, None) => "",
        }
    }

    fn value_text<'e>(&'e self, body: &'e str) -> &'e str {
        match (&self.value, &self.found) {
            (Some(value), _) => value,
            (None, Some(member)) => &body[member.value.clone()],
            (None, None) => "",
        }
    }

    /// Its key as it reads; `None` where no UTF-8 can say it.
    fn name<'e>(&'e self, body: &'e str) -> Option<Cow<'e, str>> {
        unquote(self.key_text(body))
    }

    /// Lengths are compared first: nearly every member is asked for another's name.
    fn is_called(&self, key: &str, body: &str) -> bool {
        let quoted = self.key_text(body);
        // An escape is longer than what it stands for, so that only longer names need to be read.
        match quoted.len().cmp(&(key.len() + 2)) {
            Ordering::Less => false,
            Ordering::Equal => !self.removed && quoted.as_bytes()[1..=key.len()] == *key.as_bytes(),
            Ordering::Greater => {
                !self.removed
                    && self.is_escaped()
                    && unquote(quoted).is_some_and(|name| name == key)
            }
        }
    }

    fn is_escaped(&self) -> bool {
        match (&self.key, &self.found) {
            (Some(key), _) => key.contains('\\'),
            (None, Some(member)) => member.escaped,
            (None, None) => false,
        }
    }

    /// Edits that restore what was found are none.
    fn set_value(&mut self, json: &str, body: &str) {
        let found = self
            .found
            .as_ref()
            .map(|member| &body[member.value.clone()]);
        self.value = (found != Some(json)).then(|| json.to_owned());
    }

    fn set_name(&mut self, name: &str, body: &str) {
        let found = self.found.as_ref().map(|member| &body[member.key.clone()]);
        let same = found.and_then(unquote).is_some_and(|found| found == name);
        self.key = (!same).then(|| quote(name));
    }

    fn is_untouched(&self) -> bool {
        match self.found {
            Some(_) => !self.removed && self.key.is_none() && self.value.is_none(),
            None => self.removed,
        }
    }

    fn added_length(&self) -> usize {
        let length = |text: &Option<String>| text.as_ref().map_or(0, |text| text.len() + 1);
        length(&self.key) + length(&self.value)
    }

    fn line(&self, body: &str) -> Option<String> {
        let name = self.name(body)?;
        let Some(member) = &self.found else {
            return Some(format!("insert {name}"));
        };
        let old = unquote(&body[member.key.clone()])?;
        Some(match (&self.key, &self.value) {
            _ if self.removed => format!("remove {old}"),
            (Some(_), Some(_)) => format!("rename {old} to {name}, replace {name}"),
            (Some(_), None) => format!("rename {old} to {name}"),
            (None, _) => format!("replace {old}"),
        })
    }
}

/// Writes an edited document. The white space before a member goes with it, that before a comma with the comma, that
/// before the closing brace stays.
struct Writer<'a> {
    body: &'a str,
    out: String,
    /// How far the body was dealt with: the end of a value, or the opening brace.
    at: usize,
    /// The white space before the comma that comes next.
    trail: Range<usize>,
    /// Whether no member was written yet.
    empty: bool,
}

impl Writer<'_> {
    fn member(&mut self, entry: &Entry) {
        let mut lead = self.at..self.at;
        let mut colon = self.at..self.at;
        if let Some(member) = &entry.found {
            let gap = self.at..member.key.start;
            let comma = memchr(b',', &self.body.as_bytes()[gap.clone()]);
            if !self.empty {
                self.trail = gap.start..gap.start + comma.unwrap_or(0);
            }
            lead = gap.start + comma.map_or(0, |comma| comma + 1)..gap.end;
            colon = member.key.end..member.value.start;
            self.at = member.value.end;
        }
        if entry.removed {
            return;
        }
        if !self.empty {
            self.out.push_str(&self.body[self.trail.clone()]);
            self.out.push(',');
        }
        self.trail = 0..0;
        self.empty = false;
        self.out.push_str(&self.body[lead]);
        self.out.push_str(entry.key_text(self.body));
        if colon.is_empty() {
            self.out.push(':');
        } else {
            self.out.push_str(&self.body[colon]);
        }
        self.out.push_str(entry.value_text(self.body));
    }
}

fn kind_of(raw: &str) -> Kind {
    match raw.as_bytes().first() {
        Some(b'{') => Kind::Object,
        Some(b'[') => Kind::Array,
        Some(b'"') => Kind::String,
        Some(b't' | b'f') => Kind::Boolean,
        Some(b'n') => Kind::Null,
        _ => Kind::Number,
    }
}

fn wrong_kind(key: &str, raw: &str, wanted: &str) -> Malformed {
    let found = match kind_of(raw) {
        Kind::Null => "null",
        Kind::Boolean => "true or false",
        Kind::Number => "a number",
        Kind::String => "a string",
        Kind::Array => "an array",
        Kind::Object => "an object",
    };
    Malformed::field(key, format!("must be {wanted}, not {found}"))
}

/// The text that a quoted string stands for; `None` where no UTF-8 can say it.
fn unquote(raw: &str) -> Option<Cow<'_, str>> {
    if memchr(b'\\', raw.as_bytes()).is_some() {
        return serde_json::from_str(raw).ok().map(Cow::Owned);
    }
    let inner = raw.strip_prefix('"')?.strip_suffix('"')?;
    Some(Cow::Borrowed(inner))
}

fn quote(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests;
