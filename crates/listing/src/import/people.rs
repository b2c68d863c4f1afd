//! Names as people write them, each of one model only.

use super::found::Found;
use super::report::Report;
use super::rules::Rules;
use crate::{ModelFile, squash};
use std::collections::{BTreeMap, BTreeSet};

/// A model's name: as its author's list entry has it, then as most do, else made of the slug.
pub(super) fn name(
    rules: &Rules,
    author: &str,
    lines: &[&Found],
    slug: &str,
    date: Option<&str>,
) -> String {
    let cleaned = |name: &str| Some(unsigned(rules, author, &cleaned(rules, name)?));
    let own = lines
        .iter()
        .filter(|line| rules.first_party.contains_key(&line.provider));
    let first = own.filter_map(|line| cleaned(line.name.as_deref()?)).next();
    let spelled = || {
        let mut spelled = lines
            .iter()
            .filter(|line| rules.spelled_by.contains(&line.provider));
        spelled.find_map(|line| cleaned(line.name.as_deref()?))
    };
    let named = first.or_else(spelled).or_else(|| {
        let mut votes: BTreeMap<String, usize> = BTreeMap::new();
        for name in lines
            .iter()
            .filter_map(|line| cleaned(line.name.as_deref()?))
        {
            *votes.entry(name).or_default() += 1;
        }
        let most = votes
            .into_iter()
            .max_by(|(a, x), (b, y)| x.cmp(y).then(b.cmp(a)));
        most.map(|(name, _)| name)
    });
    match (named, date) {
        (Some(name), Some(date)) if !digits(&name).contains(date) && date.len() == 8 => {
            format!("{name} ({}-{}-{})", &date[..4], &date[4..6], &date[6..])
        }
        (Some(name), _) => name,
        (None, _) => from_slug(rules, slug),
    }
}

/// Without the author's own name in front: `Cohere Command R` is `Command R`.
fn unsigned(rules: &Rules, author: &str, name: &str) -> String {
    let begins = rules.signed.get(author).into_iter().flatten();
    let rest = begins
        .filter_map(|begin| name.strip_prefix(begin.as_str())?.strip_prefix(' '))
        .find(|rest| rest.starts_with(char::is_alphabetic));
    rest.unwrap_or(name).to_owned()
}

fn digits(name: &str) -> String {
    name.chars().filter(char::is_ascii_digit).collect()
}

/// Without what says where or how it is served; `None` for an id: what is in lower case, or has a path.
fn cleaned(rules: &Rules, name: &str) -> Option<String> {
    let mut name = name.trim();
    if let Some((_, rest)) = name.split_once(": ") {
        name = rest;
    }
    while let Some((rest, note)) = name.rsplit_once(" (")
        && note.ends_with(')')
    {
        let note = note.trim_end_matches(')').to_lowercase();
        let served = [
            "latest", "free", "us", "eu", "global", "au", "jp", "apac", "exacto", "fp8", "turbo",
            "beta", "thinking", "fast",
        ];
        if !served.contains(&note.as_str()) {
            break;
        }
        name = rest.trim();
    }
    if name.contains(['/', '_']) || !name.chars().any(char::is_uppercase) {
        return None;
    }
    // The numbers that weights are kept in, and where it runs, are an offering's.
    while let Some((rest, last)) = name.rsplit_once([' ', '-'])
        && (["tee", "free"].contains(&last.to_lowercase().as_str())
            || rules.quantizations.contains(&last.to_lowercase()))
    {
        name = rest.trim_end();
    }
    // `Openai` is a word that a program made of an id; `openai` in a longer name may be meant.
    let is_made = |word: &str| {
        let mut letters = word.chars();
        letters.next().is_some_and(char::is_uppercase)
            && letters.all(|letter| !letter.is_uppercase())
    };
    let written = |word: &str| {
        let small = word.to_lowercase();
        if is_size(&small) {
            return size(&small);
        }
        match rules.words.get(&small) {
            Some(known) if is_made(word) => known.clone(),
            Some(_) | None => word.to_owned(),
        }
    };
    let words: Vec<String> = name.split(' ').map(written).collect();
    (!name.is_empty()).then(|| words.join(" "))
}

/// `gpt-4o-mini` is `GPT-4o mini`, as far as the rules know.
fn from_slug(rules: &Rules, slug: &str) -> String {
    let word = |word: &str| match rules.words.get(word) {
        Some(known) => known.clone(),
        None if is_size(word) => size(word),
        None => {
            let mut letters = word.chars();
            let first = letters
                .next()
                .map(|letter| letter.to_uppercase().to_string());
            format!("{}{}", first.unwrap_or_default(), letters.as_str())
        }
    };
    let words: Vec<String> = slug
        .split(['-', ':', '_'])
        .filter(|part| !part.is_empty())
        .map(word)
        .collect();
    let mut name = String::new();
    for (at, word) in words.iter().enumerate() {
        name.push_str(word);
        if at + 1 < words.len() {
            let joined = rules.hyphenated.contains(&word.to_lowercase());
            name.push(if joined { '-' } else { ' ' });
        }
    }
    name
}

/// `8x7B` of `8x7b`.
fn size(word: &str) -> String {
    word.to_uppercase().replace('X', "x")
}

/// `8b`, `a22b`, `e4b`, `0.6b`, `8x7b`
fn is_size(word: &str) -> bool {
    let digits = word
        .strip_suffix(['b', 'm', 'k', 't'])
        .map(|rest| rest.strip_prefix(['a', 'e']).unwrap_or(rest));
    digits.is_some_and(|digits| {
        digits.starts_with(|letter: char| letter.is_ascii_digit())
            && digits
                .chars()
                .all(|letter| letter.is_ascii_digit() || matches!(letter, '.' | 'x'))
    })
}

/// Sees to it that no two models share a name or an alias. Of two with one name, the one whose slug says it keeps it.
pub(super) fn tell_apart(rules: &Rules, models: &mut [(String, ModelFile)], report: &mut Report) {
    let count = |models: &[(String, ModelFile)]| {
        let mut names: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, (_, model)) in models.iter().enumerate() {
            names.entry(squash(&model.name)).or_default().push(at);
        }
        names
    };
    for (name, sharers) in count(models) {
        if sharers.len() < 2 {
            continue;
        }
        let keeper = sharers
            .iter()
            .copied()
            .find(|at| squash(&models[*at].1.slug) == name);
        for at in sharers {
            if Some(at) != keeper
                && !rules
                    .names
                    .contains_key(&format!("{}/{}", models[at].0, models[at].1.slug))
            {
                models[at].1.name = from_slug(rules, &models[at].1.slug);
            }
        }
    }
    for sharers in count(models)
        .into_values()
        .filter(|sharers| sharers.len() > 1)
    {
        for at in sharers.into_iter().skip(1) {
            let (author, model) = &mut models[at];
            model.name = format!("{} ({author})", model.name);
        }
    }
    for sharers in count(models)
        .into_values()
        .filter(|sharers| sharers.len() > 1)
    {
        for at in sharers.into_iter().skip(1) {
            let (author, model) = &mut models[at];
            model.name = format!("{author}/{}", model.slug);
        }
    }
    let mut claims: BTreeMap<String, usize> = BTreeMap::new();
    let ids: BTreeSet<String> = models
        .iter()
        .map(|(author, model)| squash(&format!("{author}/{}", model.slug)))
        .collect();
    for (_, model) in models.iter() {
        for alias in &model.aliases {
            *claims.entry(squash(alias)).or_default() += 1;
        }
    }
    for (author, model) in models.iter_mut() {
        let own = squash(&format!("{author}/{}", model.slug));
        model.aliases.retain(|alias| {
            let spelling = squash(alias);
            let free =
                claims.get(&spelling) == Some(&1) && (spelling == own || !ids.contains(&spelling));
            if !free {
                report.contested.push(alias.clone());
            }
            free
        });
    }
    report.contested.sort();
    report.contested.dedup();
}
