//! JSON kept as its own text, and the unknown fields that ride along.

use super::{Loss, Malformed};
use crate::dialect::DialectId;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use std::fmt;

/// A JSON value kept as the exact text it arrived in, so that key order, number spelling and unknown members survive.
/// Equality is equality of that text.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Json(Box<RawValue>);

impl Json {
    /// The exact text.
    pub fn get(&self) -> &str {
        self.0.get()
    }

    /// Takes a text that must be one JSON value.
    ///
    /// # Errors
    /// When it is not.
    pub fn parse(text: impl Into<String>) -> Result<Self, serde_json::Error> {
        RawValue::from_string(text.into()).map(Self)
    }

    /// Writes a value as JSON. A value that cannot be written (a map with non-string keys) becomes `null`.
    pub fn of(value: &impl Serialize) -> Self {
        serde_json::value::to_raw_value(value).map_or_else(|_| Self::null(), Self)
    }

    /// The value `null`.
    pub fn null() -> Self {
        Self(RawValue::NULL.to_owned())
    }

    /// Whether it is more than `null`, an empty list or an empty text.
    pub fn says_something(&self) -> bool {
        says_something(self.get())
    }

    /// Reads it as a type.
    ///
    /// # Errors
    /// When the text does not have that shape.
    pub fn read<'a, T: Deserialize<'a>>(&'a self) -> Result<T, serde_json::Error> {
        serde_json::from_str(self.0.get())
    }
}

impl PartialEq for Json {
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.get())
    }
}

impl From<Box<RawValue>> for Json {
    fn from(raw: Box<RawValue>) -> Self {
        Self(raw)
    }
}

/// What stands before the name of a note. No member of any dialect begins with it.
const NOTE: char = '.';

/// What stands before the name of a label: a field that its own dialect gets again as any other.
const LABEL: char = '~';

/// How the names of token counts begin, whatever a dialect calls the object that they stand in (`usage.`,
/// `usageMetadata.`).
const COUNTS: &str = "usage";

/// The note on what only its own dialect may know.
const UNKNOWN: &str = "unknown";

/// Fields that a dialect's decoder did not know, in their order, tagged with that dialect: they are emitted again only
/// to the dialect they came from; to another one each is a [`Loss`]. Notes and labels aside, which no other dialect loses
/// anything by: a note says how its dialect wrote what has a canonical form, a label is a field that names who served or
/// how, and by which no client would do anything else.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Extra(pub Vec<(DialectId, String, Json)>);

impl Extra {
    /// The fields that came from `dialect`.
    pub fn of(&self, dialect: DialectId) -> impl Iterator<Item = (&str, &Json)> {
        self.0
            .iter()
            .filter(move |(from, key, _)| *from == dialect && !key.starts_with(NOTE))
            .map(|(_, key, value)| (key.strip_prefix(LABEL).unwrap_or(key), value))
    }

    /// Those of them whose name begins with `prefix`, without it, and not those of objects further inside.
    pub fn under(&self, dialect: DialectId, prefix: &str) -> impl Iterator<Item = (&str, &Json)> {
        let inside = self.of(dialect).filter_map(move |(key, value)| {
            let key = key.strip_prefix(prefix)?;
            Some((key, value))
        });
        inside.filter(|(key, _)| !key.contains('.'))
    }

    /// The names of the fields that did not come from `dialect`, and so cannot be carried to it. One that says nothing
    /// (`null`, `[]`, an empty text) is no loss, nor is a count of zero; `{}` is one, because some members switch something
    /// on by being there.
    pub fn foreign_to(&self, dialect: DialectId) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .filter(move |(from, key, value)| *from != dialect && is_lost(key, value.get()))
            .map(|(_, key, _)| key.as_str())
    }

    /// What is lost of the fields where nothing carries them.
    pub fn lost(&self) -> impl Iterator<Item = Loss> {
        let lost = self
            .0
            .iter()
            .filter(|(_, key, value)| is_lost(key, value.get()));
        lost.map(|(_, key, _)| Loss::dropped(key))
    }

    /// What is lost of the fields where `dialect` follows; `at` is the path of what they belong to, empty for the whole.
    pub fn lost_to(&self, dialect: DialectId, at: &str) -> impl Iterator<Item = Loss> {
        self.foreign_to(dialect).map(move |key| match at {
            "" => Loss::dropped(key),
            at => Loss::dropped(format!("{at}.{key}")),
        })
    }

    /// Remembers a field.
    pub fn push(&mut self, from: DialectId, key: impl Into<String>, value: Json) {
        self.0.push((from, key.into(), value));
    }

    /// Remembers a field that names who served or how, and that no other dialect's client would do anything else by.
    pub fn label(&mut self, from: DialectId, key: &str, value: Json) {
        self.0.push((from, format!("{LABEL}{key}"), value));
    }

    /// Remembers how a dialect spelled something that has a canonical form, or a label that means nothing elsewhere (the
    /// id of an item): its encoder finds it again by [`Self::noted`].
    pub fn note(&mut self, from: DialectId, key: &str, value: Json) {
        self.0.push((from, format!("{NOTE}{key}"), value));
    }

    /// What `dialect` noted under that name.
    pub fn noted(&self, dialect: DialectId, name: &str) -> Option<&Json> {
        self.0
            .iter()
            .find(|(from, key, _)| *from == dialect && key.strip_prefix(NOTE) == Some(name))
            .map(|(_, _, value)| value)
    }

    /// Remembers that what stands at `field` is of a kind that only providers of `from` may know: to any other it cannot be
    /// told, and an answer without it would be about something else. `message` says what would be allowed.
    pub fn note_unknown(&mut self, from: DialectId, field: String, message: String) {
        self.note(from, UNKNOWN, Json::of(&(field, message)));
    }

    /// Why what these fields belong to cannot be told to `dialect`, if so.
    pub fn unknown_to(&self, dialect: DialectId) -> Option<Malformed> {
        let (_, _, value) = self
            .0
            .iter()
            .find(|(from, key, _)| *from != dialect && key.strip_prefix(NOTE) == Some(UNKNOWN))?;
        let (field, message): (String, String) = value.read().ok()?;
        Some(Malformed::field(field, message))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Whether a field of that name and with that JSON is lost where nothing carries it.
pub(crate) fn is_lost(key: &str, value: &str) -> bool {
    let silent = key.starts_with([NOTE, LABEL]);
    !silent && says_something(value) && !(key.starts_with(COUNTS) && counts_nothing(value))
}

fn says_something(json: &str) -> bool {
    let inner = json.get(1..json.len().saturating_sub(1));
    let hollow = json.starts_with(['[', '"']) && inner.is_some_and(|it| it.trim().is_empty());
    json != "null" && !hollow
}

/// Whether nothing was counted: a zero, or an object or list of such.
fn counts_nothing(counts: &str) -> bool {
    fn is_nothing(value: &Value) -> bool {
        match value {
            Value::Null => true,
            Value::Bool(said) => !said,
            Value::Number(count) => count.as_f64() == Some(0.0),
            Value::String(text) => text.is_empty(),
            Value::Array(list) => list.iter().all(is_nothing),
            Value::Object(members) => members.values().all(is_nothing),
        }
    }
    serde_json::from_str(counts).is_ok_and(|value| is_nothing(&value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect;

    /// Every answer of OpenAI's lost `system_fingerprint`, and counts of what had not been done.
    #[test]
    fn a_label_or_a_count_of_zero_is_no_loss() {
        let (own, other) = (dialect::cohere::ID, dialect::gemini::ID);
        let mut extra = Extra::default();
        let json = |text: &str| Json::parse(text).unwrap();
        for (key, value) in [
            ("usage.a", "0"),
            ("usageMetadata.b", r#"{"c":0.0,"d":[]}"#),
            ("usage.e", r#"{"f":1}"#),
            ("g", "0"),
            ("h", "[ ]"),
        ] {
            extra.push(own, key, json(value));
        }
        extra.label(own, "made_by", json(r#""x""#));
        extra.note(own, "spelled", json("1"));
        let expect = [Loss::dropped("usage.e"), Loss::dropped("g")];
        assert_eq!(extra.lost_to(other, "").collect::<Vec<_>>(), expect);
        assert_eq!(extra.lost().collect::<Vec<_>>(), expect);
        assert_eq!(extra.lost_to(own, "").next(), None);
        let written: Vec<&str> = extra.of(own).map(|(key, _)| key).collect();
        assert_eq!(
            written,
            ["usage.a", "usageMetadata.b", "usage.e", "g", "h", "made_by"]
        );
    }
}
