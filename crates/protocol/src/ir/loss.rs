//! What a translation could not carry.

use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// One thing that the target dialect cannot say. It stands in the record and, where headers are still open, in
/// `x-tollgate-lost`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LossKind {
    /// Not sent at all.
    Dropped,
    /// Sent in a form that says nearly the same.
    Approximated,
}

/// Losses in the order in which they were noted, each once. Noting one costs the same however many there are, since a
/// stream may lose something in every frame.
#[derive(Clone, Debug, Default)]
pub struct Losses {
    noted: Vec<Loss>,
    known: HashSet<Loss>,
}

impl Losses {
    /// Notes a field that is gone.
    pub fn dropped(&mut self, field: impl Into<String>) {
        self.note(Loss::dropped(field));
    }

    /// Notes a field that came across in another form.
    pub fn approximated(&mut self, field: impl Into<String>) {
        self.note(Loss::approximated(field));
    }

    /// Notes a loss, unless it is noted already.
    pub fn note(&mut self, loss: Loss) {
        if !self.known.contains(&loss) {
            self.known.insert(loss.clone());
            self.noted.push(loss);
        }
    }

    /// All of them.
    pub fn as_slice(&self) -> &[Loss] {
        &self.noted
    }

    /// All of them.
    pub fn into_vec(self) -> Vec<Loss> {
        self.noted
    }
}

impl Extend<Loss> for Losses {
    fn extend<I: IntoIterator<Item = Loss>>(&mut self, more: I) {
        for loss in more {
            self.note(loss);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_loss_is_noted_once_in_order() {
        let mut losses = Losses::default();
        losses.dropped("b");
        losses.approximated("b");
        losses.extend([Loss::dropped("a"), Loss::dropped("b")]);
        let expect = [
            Loss::dropped("b"),
            Loss::approximated("b"),
            Loss::dropped("a"),
        ];
        assert_eq!(losses.as_slice(), expect);
        assert_eq!(losses.into_vec(), expect);
    }

    /// Each loss of a stream was looked for among all before it, so that the time grew with the square.
    #[test]
    fn losses_without_number_are_noted_one_by_one() {
        let mut losses = Losses::default();
        for _ in 0..2 {
            losses.extend((0..100_000).map(|at| Loss::dropped(format!("field_{at}"))));
        }
        assert_eq!(losses.as_slice().len(), 100_000);
    }
}
