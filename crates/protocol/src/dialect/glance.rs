//! What looking at an answer without decoding it takes, in every dialect: where a value stands, and how long a text is.

use serde::Deserialize;
use serde::de::{Deserializer, Visitor};
use serde_json::value::RawValue;
use std::fmt;
use std::ops::Range;

/// Where in `data` a value that borrows from it stands, if it is an object.
pub(in crate::dialect) fn span_in(data: &[u8], raw: &RawValue) -> Option<Range<usize>> {
    let at = raw.get().as_ptr().addr();
    let start = at.checked_sub(data.as_ptr().addr())?;
    let end = start.checked_add(raw.get().len())?;
    (raw.get().starts_with('{') && end <= data.len()).then_some(start..end)
}

/// The length of a string in bytes, unescaped; nothing for `null`. The string itself is not kept.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::dialect) struct Measured(Option<u64>);

impl Measured {
    /// Whether there is a string.
    pub(in crate::dialect) fn is_some(self) -> bool {
        self.0.is_some()
    }

    /// Its length; 0 where there is none.
    pub(in crate::dialect) fn bytes(self) -> u64 {
        self.0.unwrap_or(0)
    }
}

impl<'de> Deserialize<'de> for Measured {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Measure;
        impl Visitor<'_> for Measure {
            type Value = Measured;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }
            fn visit_str<E>(self, text: &str) -> Result<Measured, E> {
                Ok(Measured(Some(text.len() as u64)))
            }
            fn visit_unit<E>(self) -> Result<Measured, E> {
                Ok(Measured(None))
            }
        }
        deserializer.deserialize_any(Measure)
    }
}
