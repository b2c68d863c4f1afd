//! What was probably meant by a name that means nothing: names of models, authors and providers that look like it.

use super::super::{Catalog, Model};
use listing::squash;
use std::cmp::Ordering;

/// Longer names are not compared: the comparison's cost grows with the square of the length.
const LONGEST_COMPARED: usize = 100;
/// How alike names must be to be mentioned, of 1.
const ALIKE: f64 = 0.7;
const MENTIONED: usize = 3;
/// A word with fewer letters begins too many others to be the begin of one.
const SHORTEST_BEGIN: usize = 3;

/// How a model's name looks like one that was said, the likeliest first.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
enum Likeness {
    /// It begins with what was said (`mixtral`).
    Continues,
    /// All words that were said stand in it (`sonnet 4.5`).
    HasWords,
    /// It is written nearly so: how far it is from that, up to 1.
    Nearly(f64),
    /// It begins with the same words, two at least: how many words of either follow.
    Begins(usize),
}

/// Ids of the models whose id, bare name or alias looks most like `name`: those of `authors` first; of what looks like it
/// alike, what is offered most often.
pub(super) fn models(catalog: &Catalog, name: &str, authors: &[Box<str>]) -> Vec<String> {
    if name.len() > LONGEST_COMPARED {
        return Vec::new();
    }
    let name = name.to_lowercase();
    let said = Said::of(&name);
    let models = catalog.models.iter();
    let mut like: Vec<(bool, Likeness, &Model)> = models
        .filter_map(|model| {
            let others = !authors.iter().any(|author| **author == *model.author);
            Some((others, said.likeness(model)?, model))
        })
        .collect();
    like.sort_by(
        |(others, likeness, model), (b_others, b_likeness, b_model)| {
            let likelier = likeness.partial_cmp(b_likeness).unwrap_or(Ordering::Equal);
            (others.cmp(b_others).then(likelier))
                .then_with(|| b_model.offerings.len().cmp(&model.offerings.len()))
                .then_with(|| model.id.cmp(&b_model.id))
        },
    );
    let ids = like.into_iter().map(|(_, _, model)| model.id.clone());
    ids.take(MENTIONED).collect()
}

/// The author whose name looks most like this one, if one's does.
pub(in super::super) fn author<'c>(catalog: &'c Catalog, name: &str) -> Option<&'c str> {
    let ids = catalog.models.iter();
    let authors = ids.filter_map(|model| Some(model.id.split_once('/')?.0));
    likest(authors.map(|author| (author, author)), name)
}

/// The id of the provider that has an id or alias most like this one, if one does.
pub(in super::super) fn provider<'c>(catalog: &'c Catalog, name: &str) -> Option<&'c str> {
    let named = catalog.providers.iter().flat_map(|provider| {
        let names = [&provider.id].into_iter().chain(&provider.aliases);
        names.map(|name| (name.as_str(), provider.id.as_str()))
    });
    likest(named, name)
}

/// What belongs to the name, of `(name, what)`, that is most like this one.
fn likest<'c>(named: impl Iterator<Item = (&'c str, &'c str)>, name: &str) -> Option<&'c str> {
    if name.len() > LONGEST_COMPARED {
        return None;
    }
    let name = name.to_lowercase();
    let scored = named.filter_map(|(known, what)| {
        Some((alike(known, &name), what)).filter(|(score, _)| *score >= ALIKE)
    });
    let best = scored.max_by(|(a, left), (b, right)| a.total_cmp(b).then(right.cmp(left)));
    best.map(|(_, what)| what)
}

/// A name that means nothing, in lower case, and its parts.
struct Said<'n> {
    whole: &'n str,
    /// What stands behind an author or a provider.
    bare: &'n str,
    /// Without separators.
    squashed: String,
    words: Vec<&'n str>,
}

impl<'n> Said<'n> {
    fn of(whole: &'n str) -> Self {
        let bare = bare(whole);
        Self {
            whole,
            bare,
            squashed: squash(bare),
            words: words(bare),
        }
    }

    /// That of the model's likeliest name; `None` where none looks like it.
    fn likeness(&self, model: &Model) -> Option<Likeness> {
        let aliases = model.aliases.iter().map(String::as_str);
        let names = [model.id.as_str()].into_iter().chain(aliases);
        let likeness = names.filter_map(|name| self.likeness_to(name));
        likeness.min_by(|a, b| a.partial_cmp(b).unwrap_or(Ordering::Equal))
    }

    fn likeness_to(&self, name: &str) -> Option<Likeness> {
        let own = bare(name);
        if self.squashed.len() >= SHORTEST_BEGIN && squash(own).starts_with(&self.squashed) {
            return Some(Likeness::Continues);
        }
        let own_words = words(own);
        let telling = self.words.iter().any(|word| word.len() >= SHORTEST_BEGIN);
        if telling && self.words.iter().all(|word| own_words.contains(word)) {
            return Some(Likeness::HasWords);
        }
        // Behind a provider or an unknown author the bare name alone can be alike.
        let alike = alike(name, self.whole)
            .max(alike(own, self.bare))
            .max(alike(name, self.bare));
        if alike >= ALIKE {
            return Some(Likeness::Nearly(1.0 - alike));
        }
        let pairs = own_words.iter().zip(&self.words);
        let same = pairs.take_while(|(own, said)| own == said).count();
        let rest = own_words.len() + self.words.len() - 2 * same;
        (same >= 2).then_some(Likeness::Begins(rest))
    }
}

/// A name without the author or provider in front.
pub(in super::super) fn bare(name: &str) -> &str {
    name.rsplit_once('/').map_or(name, |(_, bare)| bare)
}

/// Runs of letters, and numbers (`qwen2.5-72b`: `qwen`, `2.5`, `72`, `b`).
fn words(name: &str) -> Vec<&str> {
    let kind = |letter: char| match letter {
        '0'..='9' | '.' => Some(true),
        _ if letter.is_alphanumeric() => Some(false),
        _ => None,
    };
    let mut words = Vec::new();
    let mut begin = 0;
    let mut before = None;
    let ends = name.char_indices().map(|(at, letter)| (at, kind(letter)));
    for (at, now) in ends.chain([(name.len(), None)]) {
        if now != before {
            words.extend(before.map(|_| &name[begin..at]));
            (begin, before) = (at, now);
        }
    }
    words
}

/// How alike two names are, from 0 to 1; 0 for those whose lengths alone rule it out.
fn alike(known: &str, name: &str) -> f64 {
    let (shorter, longer) = (known.len().min(name.len()), known.len().max(name.len()));
    // Each byte more or less is an edit: seven of ten bytes must be there at least.
    if shorter * 10 < longer * 7 {
        return 0.0;
    }
    strsim::normalized_damerau_levenshtein(known, name)
}
