//! How much of a client's or a provider's own words is kept: enough to understand a record, never so much that one
//! request fills the journal or an answer's head.

use domain::record::RecordError;
use protocol::ir::{Error, Loss};

/// Of a failure's message, in bytes.
const MAX_MESSAGE: usize = 500;
/// Of a name: a model's, a field's.
const MAX_NAME: usize = 200;
/// Of the losses of one translation, one way.
const MAX_LOSSES: usize = 64;

/// The begin of a message.
pub(super) fn message(text: &str) -> String {
    begin(text, MAX_MESSAGE)
}

/// The begin of a name.
pub(super) fn name(text: &str) -> String {
    begin(text, MAX_NAME)
}

/// The first losses, and how many more there were.
pub(super) fn losses(mut losses: Vec<Loss>) -> Vec<Loss> {
    let more = losses.len().saturating_sub(MAX_LOSSES);
    losses.truncate(MAX_LOSSES);
    for loss in &mut losses {
        loss.field
            .truncate(loss.field.floor_char_boundary(MAX_NAME));
    }
    if more > 0 {
        losses.push(Loss::dropped(format!("({more} more)")));
    }
    losses
}

/// An error as a record holds it.
pub(super) fn error(error: &Error) -> RecordError {
    RecordError {
        kind: error.kind,
        message: message(&error.message),
        param: error.param.as_deref().map(name),
        code: error.code.as_deref().map(name),
    }
}

fn begin(text: &str, bytes: usize) -> String {
    text[..text.floor_char_boundary(bytes)].to_owned()
}

#[cfg(test)]
mod tests {
    use super::{MAX_LOSSES, MAX_NAME, losses, name};
    use protocol::ir::Loss;

    #[test]
    fn a_name_is_cut_between_characters() {
        let long = "é".repeat(MAX_NAME);
        assert_eq!(name(&long), "é".repeat(MAX_NAME / 2));
        assert_eq!(name(&format!("a{long}")).len(), MAX_NAME - 1);
        assert_eq!(name("openai/gpt-4o"), "openai/gpt-4o");
    }

    #[test]
    fn losses_are_counted_where_they_are_too_many_to_name() {
        let many = |count: usize| -> Vec<Loss> {
            (0..count)
                .map(|at| Loss::dropped(format!("messages[{at}].x")))
                .collect()
        };
        assert_eq!(losses(many(MAX_LOSSES)), many(MAX_LOSSES));
        let kept = losses(many(100_000));
        assert_eq!(kept[..MAX_LOSSES], many(MAX_LOSSES));
        assert_eq!(kept[MAX_LOSSES..], [Loss::dropped("(99936 more)")]);
        let long = losses(vec![Loss::approximated("x".repeat(10_000))]);
        assert_eq!(long, [Loss::approximated("x".repeat(MAX_NAME))]);
    }
}
