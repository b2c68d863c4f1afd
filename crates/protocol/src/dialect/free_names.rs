//! Names that no two things of one request have, where clients' own are alike or not allowed. What a name is changed to
//! depends on the request alone, so that a provider's prompt cache knows it again.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

/// The names that are taken. However often one is asked for, finding a free one in its place takes no longer.
#[derive(Debug, Default)]
pub(in crate::dialect) struct FreeNames<'r> {
    taken: HashSet<Cow<'r, str>>,
    /// How often another was looked for in a name's place.
    rounds: HashMap<String, u32>,
}

impl<'r> FreeNames<'r> {
    /// All are free but these.
    pub(in crate::dialect) fn but(taken: impl IntoIterator<Item = Cow<'r, str>>) -> Self {
        Self {
            taken: taken.into_iter().collect(),
            rounds: HashMap::new(),
        }
    }

    /// Takes a name whether it is free or not.
    pub(in crate::dialect) fn add(&mut self, name: impl Into<Cow<'r, str>>) {
        self.taken.insert(name.into());
    }

    /// Takes this name, or the first free one that `another` makes of it and of a number from 1 on. No name is empty.
    pub(in crate::dialect) fn take(
        &mut self,
        name: String,
        another: impl Fn(&str, u32) -> String,
    ) -> String {
        let mut free = name.clone();
        while free.is_empty() || self.taken.contains(free.as_str()) {
            let round = self.rounds.entry(name.clone()).or_default();
            *round = round.saturating_add(1);
            free = another(&name, *round);
        }
        self.taken.insert(Cow::Owned(free.clone()));
        free
    }
}

/// FNV-1a, of 32 bits: it comes out the same on every machine and in every version, as it must where clients send names back.
/// Names that are alike in it can be made on purpose, so it alone tells nothing apart.
pub(in crate::dialect) fn digest(name: &str) -> u32 {
    let step = |hash: u32, byte: u8| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    name.bytes().fold(0x811c_9dc5, step)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[test]
    fn a_name_that_is_taken_becomes_another() {
        let mut names = FreeNames::but([Cow::Borrowed("a"), Cow::Borrowed("a2")]);
        let numbered = |name: &str, round: u32| format!("{name}{round}");
        names.add("b");
        for (asked, got) in [
            ("a", "a1"),
            ("a", "a3"),
            ("c", "c"),
            ("c", "c1"),
            ("b", "b1"),
            ("", "1"),
        ] {
            assert_eq!(names.take(asked.into(), numbered), got);
        }
    }

    /// Each began to count from 1: thousands of calls of one id held up the whole gateway.
    #[test]
    fn the_thousandth_of_one_name_is_found_as_the_first_is() {
        let made = Cell::new(0);
        let mut names = FreeNames::default();
        for _ in 0..1000 {
            names.take("a".into(), |name, round| {
                made.set(made.get() + 1);
                format!("{name}_{round}")
            });
        }
        assert_eq!(made.get(), 999);
    }
}
