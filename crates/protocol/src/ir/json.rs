//! JSON kept as its own text, and the unknown fields that ride along.

use super::{Loss, Malformed};
use crate::dialect::DialectId;
use serde::{Deserialize, Serialize};
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
        let text = self.get();
        let inner = text.get(1..text.len().saturating_sub(1));
        let hollow = text.starts_with(['[', '"']) && inner.is_some_and(|it| it.trim().is_empty());
        text != "null" && !hollow
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

/// The note on what only its own dialect may know.
const UNKNOWN: &str = "unknown";

/// Fields that a dialect's decoder did not know, in their order, tagged with that dialect: they are emitted again only
/// to the dialect they came from; to another one each is a [`Loss`]. Notes aside, which no other dialect loses
/// anything by.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Extra(pub Vec<(DialectId, String, Json)>);

impl Extra {
    /// The fields that came from `dialect`.
    pub fn of(&self, dialect: DialectId) -> impl Iterator<Item = (&str, &Json)> {
        self.0
            .iter()
            .filter(move |(from, key, _)| *from == dialect && !key.starts_with(NOTE))
            .map(|(_, key, value)| (key.as_str(), value))
    }

    /// The names of the fields that did not come from `dialect`, and so cannot be carried to it. One that says nothing
    /// (`null`, `[]`, an empty text) is no loss; `{}` is one, because some members switch something on by being there.
    pub fn foreign_to(&self, dialect: DialectId) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .filter(move |(from, key, value)| {
                *from != dialect && !key.starts_with(NOTE) && value.says_something()
            })
            .map(|(_, key, _)| key.as_str())
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
