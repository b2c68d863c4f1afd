//! What documents demand: a text beside them, and a name, which the model reads: letters, digits, single spaces, hyphens,
//! parentheses and square brackets, 200 at most, each name once.
//! <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_DocumentBlock.html> (2026-11)

use super::super::blocks::{Block, BlockKind};
use super::part_blocks::Conversation;
use crate::dialect::turns::{Block as _, FILLER};
use crate::ir::Loss;
use std::collections::{HashMap, HashSet};

/// The most characters of a name.
const LONGEST: usize = 200;

/// The names that were given in a request so far.
#[derive(Debug, Default)]
pub(super) struct Names {
    given: HashSet<String>,
    /// The number that was last put behind a name which was given already: the next search goes on from there.
    numbers: HashMap<String, u32>,
}

impl Names {
    /// The name to write for one that the client gave, or for none: a file's ending is left out, since the format says it.
    pub(super) fn of(&mut self, given: Option<&str>) -> String {
        let given = given.unwrap_or_default();
        let mut name = match is_valid(given) {
            true => given.to_owned(),
            false => fitting(given),
        };
        if name.is_empty() {
            "document".clone_into(&mut name);
        }
        if self.given.insert(name.clone()) {
            return name;
        }
        let number = self.numbers.entry(name.clone()).or_insert(1);
        loop {
            *number = number.saturating_add(1);
            let free = format!("{name} {number}");
            if self.given.insert(free.clone()) {
                return free;
            }
        }
    }
}

/// A document goes only with a text in the same turn.
pub(super) fn put_text_beside(conversation: &mut Conversation<'_>, losses: &mut Vec<Loss>) {
    for blocks in conversation.turns.iter_mut().map(|turn| &mut turn.blocks) {
        let any = |is: fn(&BlockKind<'_>) -> bool| blocks.iter().any(|block| is(&block.kind));
        let document =
            any(|kind| matches!(kind, BlockKind::Medium(medium) if medium.member == "document"));
        if document && !any(|kind| matches!(kind, BlockKind::Text(_))) {
            losses.push(Loss::approximated("messages"));
            blocks.push(Block::text(FILLER));
        }
    }
}

fn is_valid(name: &str) -> bool {
    name.chars().all(is_valid_char)
        && !name.contains("  ")
        && name.chars().count() <= LONGEST
        && !name.trim().is_empty()
}

fn is_valid_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, ' ' | '-' | '(' | ')' | '[' | ']')
}

fn fitting(name: &str) -> String {
    let stem = match name.rsplit_once('.') {
        Some((stem, ending)) if ending.len() <= 5 && !stem.is_empty() => stem,
        _ => name,
    };
    let mut out = String::new();
    for c in stem.chars() {
        let c = match c {
            c if is_valid_char(c) => c,
            c if c.is_whitespace() => ' ',
            _ => '-',
        };
        let doubled = matches!(c, ' ' | '-') && out.ends_with(c);
        if !doubled && out.len() < LONGEST - 8 {
            out.push(c);
        }
    }
    out.trim_matches([' ', '-']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::Names;

    #[test]
    fn names_are_allowed_ones_and_no_two_the_same() {
        let mut names = Names::default();
        let mut check = |given: Option<&str>, expect: &str| {
            assert_eq!(names.of(given), expect);
        };
        check(Some("Report (final) [2]"), "Report (final) [2]");
        check(Some("report.pdf"), "report");
        check(Some("report.pdf"), "report 2");
        check(
            Some("q3_figures  für\tAnna.final.xlsx"),
            "q3-figures f-r Anna-final",
        );
        check(None, "document");
        check(Some("…"), "document 2");
        check(Some(" "), "document 3");
        let long = "a".repeat(500);
        assert_eq!(names.of(Some(&long)).len(), 192);
    }

    /// The search began with the first number for each, so that the time grew with the square of their count.
    #[test]
    fn a_name_given_without_number_is_not_searched_for_from_the_start() {
        let mut names = Names::default();
        check_last(&mut names, 200_000, "document 200000");
        check_last(&mut names, 1, "document 200001");
    }

    fn check_last(names: &mut Names, times: usize, expect: &str) {
        let last = (0..times).map(|_| names.of(None)).last();
        assert_eq!(last.as_deref(), Some(expect));
    }
}
