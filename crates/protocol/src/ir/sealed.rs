//! Values that mean something only where they came from.

use crate::dialect::DialectId;

/// A value that only its origin understands: a signature, encrypted reasoning, the id of an uploaded file. It goes back
/// there unchanged, and to no provider of another dialect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// The dialect of the provider that made it.
    pub origin: DialectId,
    /// The value, as its origin wrote it.
    pub value: String,
}

impl Sealed {
    /// A value of that origin.
    pub fn new(origin: DialectId, value: impl Into<String>) -> Self {
        Self {
            origin,
            value: value.into(),
        }
    }

    /// The value, where `dialect` made it.
    pub fn open(&self, dialect: DialectId) -> Option<&str> {
        (self.origin == dialect).then_some(self.value.as_str())
    }
}
