//! One entry of a list, field by field: what of it cannot be read is kept with its place, and spoils no other entry.

use super::number::scaled;
use super::report::Unread;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// An entry's fields as they were written.
pub(super) type Fields = BTreeMap<String, Box<RawValue>>;

/// So many characters of a value say which it is.
const SHOWN: usize = 60;
/// So many digits before the point has no amount that can be meant: billions of dollars, or of tokens.
const DIGITS: usize = 12;

/// What of one entry cannot be read.
pub(super) struct Faults {
    list: &'static str,
    entry: String,
    pub(super) found: Vec<Unread>,
}

impl Faults {
    pub(super) fn of(list: &'static str, entry: String) -> Self {
        Self {
            list,
            entry,
            found: Vec::new(),
        }
    }

    /// A value; `None` where it is `null`, or of another kind, which is kept as a fault.
    pub(super) fn value<T: DeserializeOwned>(&mut self, field: &str, raw: &RawValue) -> Option<T> {
        if raw.get() == "null" {
            return None;
        }
        let read = serde_json::from_str(raw.get());
        read.map_err(|_| self.keep(field, raw)).ok()
    }

    /// The value of a field.
    pub(super) fn field<T: DeserializeOwned>(&mut self, fields: &Fields, name: &str) -> Option<T> {
        self.value(name, fields.get(name)?)
    }

    /// Keeps an amount as a fault that is none: no number, below zero, or larger than any that is meant.
    pub(super) fn amount(&mut self, field: &str, raw: &RawValue) {
        let whole = scaled(raw.get(), 6, 0);
        if raw.get() != "null" && whole.is_none_or(|digits| digits.len() > DIGITS + 6) {
            self.keep(field, raw);
        }
    }

    fn keep(&mut self, field: &str, raw: &RawValue) {
        self.found.push(Unread {
            list: self.list,
            entry: self.entry.clone(),
            field: field.to_owned(),
            value: (raw.get().split_whitespace().collect::<Vec<_>>().join(" "))
                .chars()
                .take(SHOWN)
                .collect(),
        });
    }
}

/// What reading a list came upon besides its lines.
#[derive(Default)]
pub(super) struct Passed {
    /// Entries of providers that no file in `providers/` claims, by the list's id.
    pub(super) unknown: BTreeMap<String, usize>,
    /// What cannot be read.
    pub(super) unread: Vec<Unread>,
}
