//! What the simulator calls a token, and the only randomness it has: a hash of the request.

/// The longest token, in bytes.
const LONGEST: usize = 6;

/// Cuts text into tokens: a word with the white space before it is one; a longer one than six bytes is cut into
/// pieces of at most six (never inside a character). That comes out near four bytes a token for English prose, as
/// real tokenizers do. Joined, the tokens are the text.
pub(super) fn split(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (token, after) = rest.split_at_checked(token_len(rest))?;
        rest = after;
        (!token.is_empty()).then_some(token)
    })
}

/// How many tokens a text has.
pub(super) fn count(text: &str) -> u64 {
    split(text).fold(0, |sum, _| sum + 1)
}

/// The first `max` tokens of a text.
pub(super) fn first(text: &str, max: usize) -> &str {
    let bytes = split(text).take(max).map(str::len).sum();
    text.get(..bytes).unwrap_or(text)
}

fn token_len(text: &str) -> usize {
    let mut in_word = false;
    for (at, character) in text.char_indices() {
        let next_word = in_word && character.is_whitespace();
        let too_long = at > 0 && at + character.len_utf8() > LONGEST;
        if next_word || too_long {
            return at;
        }
        in_word = in_word || !character.is_whitespace();
    }
    text.len()
}

/// A stream of numbers that follows from its seed alone (splitmix64).
#[derive(Clone, Copy, Debug)]
pub(super) struct Chance(u64);

impl Chance {
    /// Seeded with the FNV-1a hash of some bytes.
    pub(super) fn from_bytes(bytes: &[u8]) -> Self {
        Self(bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        }))
    }

    /// The next number.
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`; 0 where that is 0.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound).unwrap_or(u64::MAX);
        self.next()
            .checked_rem(bound)
            .and_then(|number| usize::try_from(number).ok())
            .unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::{Chance, count, first, split};
    use proptest::prelude::*;

    #[test]
    fn words_carry_the_space_before_them_and_long_ones_are_cut() {
        let check = |text: &str, expect: &[&str]| {
            assert_eq!(split(text).collect::<Vec<_>>(), expect, "{text:?}");
        };
        check("", &[]);
        check("Hi there", &["Hi", " there"]);
        check("extraordinary", &["extrao", "rdinar", "y"]);
        check(" a  b\n", &[" a", "  b", "\n"]);
        check("日本語", &["日本", "語"]);
        check("           x", &["      ", "     x"]);
    }

    #[test]
    fn prose_has_about_four_bytes_a_token() {
        let prose = "The gateway keeps every budget under concurrency and counts each request exactly once.";
        let ratio = prose.len() as f64 / count(prose) as f64;
        assert!((3.5..5.0).contains(&ratio), "{ratio}");
    }

    #[test]
    fn chance_repeats_itself() {
        let numbers = |seed: &[u8]| {
            let mut chance = Chance::from_bytes(seed);
            [chance.next(), chance.next()]
        };
        assert_eq!(numbers(b"a"), numbers(b"a"));
        assert_ne!(numbers(b"a"), numbers(b"b"));
    }

    proptest! {
        #[test]
        fn tokens_join_to_the_text(text in "\\PC{0,60}") {
            prop_assert_eq!(split(&text).collect::<String>(), text.clone());
            prop_assert!(split(&text).all(|token| !token.is_empty() && token.len() <= 6));
            prop_assert_eq!(count(first(&text, 3)), count(&text).min(3));
        }
    }
}
