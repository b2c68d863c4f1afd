//! What is lost and what is wrong, in the words of the client. Encoders name fields in the canonical words, which are those of
//! OpenAI's Chat Completions; a dialect's table says which member of its own each of them is.

use crate::ir::{Loss, Malformed};

/// Canonical names and the dialect's own, of members or of what they begin with; with a dot before it, of members anywhere
/// inside.
pub type OwnWords = [(&'static str, &'static str)];

/// A loss in the client's words.
pub fn of_loss(words: &OwnWords, loss: Loss) -> Loss {
    Loss {
        field: name(words, loss.field),
        ..loss
    }
}

/// What is wrong with a request, in the client's words.
pub fn of_malformed(words: &OwnWords, wrong: Malformed) -> Malformed {
    Malformed {
        field: wrong.field.map(|field| name(words, field)),
        ..wrong
    }
}

/// The name of a field, by the longest canonical name that it begins with.
fn name(words: &OwnWords, field: String) -> String {
    let fits = |canonical: &str| {
        let rest = field.strip_prefix(canonical);
        rest.filter(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    let known = words
        .iter()
        .filter_map(|(canonical, own)| Some((canonical.len(), *own, fits(canonical)?)));
    let named = match known.max_by_key(|(length, ..)| *length) {
        Some((_, own, rest)) => format!("{own}{rest}"),
        None => return field,
    };
    let inside = words.iter().filter(|(word, _)| word.starts_with('.'));
    inside.fold(named, |named, (word, own)| named.replace(word, own))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_named_as_the_client_named_it() {
        const WORDS: &OwnWords = &[
            ("max_tokens", "max_output_tokens"),
            ("messages", "input"),
            (".content[", ".parts["),
            ("response_format", "text.format"),
            ("response_format.json_schema", "text.format"),
        ];
        let check = |field: &str, expect: &str| {
            let loss = of_loss(WORDS, Loss::dropped(field));
            assert_eq!(loss, Loss::dropped(expect));
        };
        check("max_tokens", "max_output_tokens");
        check("messages[0].name", "input[0].name");
        check("messages", "input");
        check(
            "messages[2].content[0].citations",
            "input[2].parts[0].citations",
        );
        check("response_format.json_schema.strict", "text.format.strict");
        check("max_tokens_of_mine", "max_tokens_of_mine");
        let wrong = of_malformed(WORDS, Malformed::field("messages[1]", "is odd"));
        assert_eq!(wrong.field.as_deref(), Some("input[1]"));
    }
}
