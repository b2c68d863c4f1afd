//! What a translation could not carry.

use serde::{Deserialize, Serialize};

/// One thing that the target dialect cannot say. It stands in the record and, where headers are still open, in
/// `x-tollgate-lost`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loss {
    /// Where it stood, in the client's own words: `logit_bias`, `messages[2].content[0].cache_control`.
    pub field: String,
    /// Whether it is gone or came across in another form.
    pub kind: LossKind,
}

impl Loss {
    /// A field that is gone.
    pub fn dropped(field: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            kind: LossKind::Dropped,
        }
    }

    /// A field that came across in another form.
    pub fn approximated(field: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            kind: LossKind::Approximated,
        }
    }
}

/// How something was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LossKind {
    /// Not sent at all.
    Dropped,
    /// Sent in a form that says nearly the same.
    Approximated,
}
