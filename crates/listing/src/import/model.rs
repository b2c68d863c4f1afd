//! One model from all lines about it.

use super::found::Found;
use super::gather::Gathered;
use super::identity::{Said, said, with_points};
use super::offering::{self, Lines};
use super::people;
use super::report::Report;
use super::{Missing, Named, Prior, Sources, slug_of};
use crate::{ModelFile, OfferingFile, squash};
use std::collections::BTreeMap;

/// What models are made of.
pub(super) struct Making<'a> {
    pub(super) sources: &'a Sources<'a>,
    pub(super) found: &'a [Found],
    pub(super) named: &'a Named,
}

impl Making<'_> {
    /// The model that the lines are about.
    pub(super) fn model(
        &self,
        author: &str,
        gathered: &Gathered,
        undated: Option<String>,
        report: &mut Report,
    ) -> ModelFile {
        let lines: Vec<&Found> = gathered
            .lines
            .iter()
            .map(|line| &self.found[*line])
            .collect();
        // What one provider means by a name is told of the name: it says nothing of the model to others.
        let rules = self.sources.rules;
        let own: Vec<&Found> = lines
            .iter()
            .copied()
            .filter(|line| rules.meant(&line.provider, &line.wire_id).is_none())
            .collect();
        let telling = if own.is_empty() { &lines } else { &own };
        let mut model = gathered.base.clone().unwrap_or_default();
        let made_by_hand = gathered.base.is_some();
        if !made_by_hand {
            model.slug = self.slug(author, &lines, undated, gathered.date.as_deref());
        }
        let id = format!("{author}/{}", model.slug);
        if let Some(name) = self.sources.rules.names.get(&id) {
            model.name.clone_from(name);
        } else if !made_by_hand {
            model.name = people::name(
                self.sources.rules,
                author,
                telling,
                &model.slug,
                gathered.date.as_deref(),
            );
        }
        self.facts(&mut model, author, telling, gathered.date.as_deref());
        let mut by_offering: BTreeMap<(&str, &str), Vec<&Found>> = BTreeMap::new();
        for line in lines.iter().copied() {
            by_offering
                .entry((&line.provider, &line.wire_id))
                .or_default()
                .push(line);
        }
        let before = std::mem::take(&mut model.offering);
        let mut offerings = self.known(&before, &mut by_offering, &id, report);
        for ((provider, wire_id), lines) in by_offering {
            let lines = self.lines(&id, provider, wire_id, &lines);
            // A list of prices alone does not say that something is to be had.
            if lines.lines.iter().any(|line| line.offered) {
                offerings.push(lines.offering(OfferingFile::default(), report));
            }
        }
        self.leave_out_far(&id, &lines, &before, &mut offerings, report);
        self.leave_out_large(&id, &lines, &before, &mut offerings, report);
        self.leave_out_long(&id, &before, &mut offerings, report);
        if let Some(does) = self.sources.rules.does(&id) {
            offering::only_do(&mut offerings, does);
            if made_by_hand {
                model.operations.get_or_insert_with(|| does.clone());
            }
        }
        offering::settle(&mut model, offerings, made_by_hand);
        self.aliases(&mut model, author, &lines);
        model
    }

    /// The offerings that were there before, with what the lists say of them.
    fn known<'k>(
        &'k self,
        before: &'k [OfferingFile],
        by_offering: &mut BTreeMap<(&'k str, &'k str), Vec<&'k Found>>,
        id: &str,
        report: &mut Report,
    ) -> Vec<OfferingFile> {
        let mut offerings = Vec::new();
        for known in before {
            let found = by_offering.remove(&(known.provider.as_str(), known.wire_id.as_str()));
            // What another name of the same says is not taken: it would be an offering twice.
            for also in &known.also {
                by_offering.remove(&(known.provider.as_str(), also.as_str()));
            }
            let lines = self.lines(
                id,
                &known.provider,
                &known.wire_id,
                &found.unwrap_or_default(),
            );
            if !self.is_gone(known, &lines, report) {
                offerings.push(lines.offering(known.clone(), report));
            }
        }
        offerings
    }

    /// Whether an offering came from a list that has it no more. A list that does not name a provider at all says nothing
    /// of it.
    fn is_gone(&self, known: &OfferingFile, lines: &Lines<'_>, report: &mut Report) -> bool {
        let via = known.via.as_deref().unwrap_or_default();
        let lists = self.sources.lists.iter().map(|(list, _)| list.as_str());
        let Prior::Yields(renewal) = self.sources.prior else {
            return false;
        };
        let named = |list: &&str| self.named.contains(&(list, known.provider.clone()));
        if !lists.filter(|list| *list == via).any(|list| named(&list)) {
            return false;
        }
        let missing = lines.lines.is_empty();
        let expected = report.expected.entry(known.provider.clone()).or_default();
        expected.known += 1;
        expected.missing += usize::from(missing);
        missing && renewal.missing == Missing::Goes
    }

    pub(super) fn lines<'l>(
        &'l self,
        id: &str,
        provider: &str,
        wire_id: &str,
        lines: &[&'l Found],
    ) -> Lines<'l> {
        let said = said(self.sources.rules, provider, wire_id);
        let provider_file = self.sources.base.providers.get(provider);
        Lines {
            model: id.to_owned(),
            provider: provider.to_owned(),
            wire_id: wire_id.to_owned(),
            lines: lines.to_vec(),
            ways: self.sources.rules.ways(
                id.split_once('/').map_or(id, |(author, _)| author),
                provider,
            ),
            free: provider_file.and_then(|file| file.free.clone()),
            speaks: provider_file
                .map(|file| file.speaks.clone())
                .unwrap_or_default(),
            quantization: said.quantization,
            region: said.region,
            prior: self.sources.prior,
            date: self.sources.date.to_owned(),
        }
    }

    /// The slug as the first ecosystem spells it that the rules name; else as its author does; else as most do.
    fn slug(
        &self,
        author: &str,
        lines: &[&Found],
        undated: Option<String>,
        date: Option<&str>,
    ) -> String {
        let rules = self.sources.rules;
        let all: Vec<(&Found, Said)> = lines
            .iter()
            .map(|line| (*line, said(rules, &line.provider, &line.wire_id)))
            .collect();
        // What is nowhere to be had without `-latest` is an alias of its author's, and says so.
        let newest = all.iter().all(|(_, said)| said.newest);
        let own_spelling = rules.spelled_by.len();
        let spelled = |(line, said): &(&Found, Said)| {
            let own = rules.first_party.contains_key(&line.provider);
            let mut ecosystems = rules.spelled_by.iter();
            let rank = ecosystems.position(|known| *known == line.provider);
            let rank = rank.unwrap_or(own_spelling + usize::from(!own));
            (rank, slug_of(&said.slug))
        };
        let mut votes: BTreeMap<(usize, String), usize> = BTreeMap::new();
        for one in &all {
            *votes.entry(spelled(one)).or_default() += 1;
        }
        let first = votes
            .iter()
            .min_by(|((rank, slug), count), ((other, than), more)| {
                rank.cmp(other).then(more.cmp(count)).then(slug.cmp(than))
            });
        let slug = undated.or_else(|| {
            let ((rank, slug), _) = first?;
            Some(match rank {
                rank if *rank < own_spelling => slug.clone(),
                _ => with_points(slug),
            })
        });
        let slug = slug.unwrap_or_default();
        let merged = rules.merge.get(&format!("{author}/{slug}"));
        let slug = match merged.and_then(|to| to.split_once('/')) {
            Some((_, to)) => to.to_owned(),
            None => slug,
        };
        match date.filter(|date| date.len() == 8) {
            Some(date) => format!("{slug}-{}-{}-{}", &date[..4], &date[4..6], &date[6..]),
            None if newest => format!("{slug}-latest"),
            None => slug,
        }
    }

    /// What is said of the model whoever serves it: by its author first, then by most.
    fn facts(&self, model: &mut ModelFile, author: &str, lines: &[&Found], date: Option<&str>) {
        let rules = self.sources.rules;
        let own = |line: &&&Found| {
            rules
                .first_party
                .get(&line.provider)
                .is_some_and(|of| of == author)
        };
        let most = |said: &dyn Fn(&Found) -> Option<String>| {
            let first = lines.iter().filter(own).find_map(|line| said(line));
            first.or_else(|| {
                let mut votes: BTreeMap<String, usize> = BTreeMap::new();
                for text in lines.iter().filter_map(|line| said(line)) {
                    *votes.entry(text).or_default() += 1;
                }
                let most = votes
                    .into_iter()
                    .max_by(|(a, x), (b, y)| x.cmp(y).then(b.cmp(a)));
                most.map(|(text, _)| text)
            })
        };
        let id = format!("{author}/{}", model.slug);
        model.released = model
            .released
            .take()
            .or_else(|| rules.released.get(&id).cloned())
            .or_else(|| date.map(day))
            .or_else(|| most(&|line| line.released.clone().filter(|day| !day.ends_with("-01-01"))))
            // Lists of prices name versions by the day on which they came.
            .or_else(|| {
                most(&|line| {
                    said(rules, &line.provider, &line.wire_id)
                        .date
                        .as_deref()
                        .map(day)
                })
            });
        model.knowledge = model
            .knowledge
            .take()
            .or_else(|| most(&|line| line.knowledge.clone()));
        model.tokenizer = model
            .tokenizer
            .take()
            .or_else(|| rules.tokenizer(&id).cloned());
        let open = most(&|line| line.open_weights.map(|open| open.to_string()));
        model.open_weights = model
            .open_weights
            .or_else(|| rules.is_open(&id))
            .or(open.map(|open| open == "true"));
    }

    /// The names with an author in front that others use. A bare name, and a name at one provider, mean the model anyway.
    fn aliases(&self, model: &mut ModelFile, author: &str, lines: &[&Found]) {
        let id = format!("{author}/{}", model.slug);
        for alias in self.sources.rules.aliases.get(&id).into_iter().flatten() {
            if !model.aliases.contains(alias) {
                model.aliases.push(alias.clone());
            }
        }
        let id = squash(&id);
        let mut taken: Vec<String> = model.aliases.iter().map(|alias| squash(alias)).collect();
        taken.push(id);
        let rules = self.sources.rules;
        // A name that means this model at one provider means it elsewhere only if that is the author's own.
        let names_it = |line: &&&Found| {
            rules.meant(&line.provider, &line.wire_id).is_none()
                || rules.is_authors(&line.provider, author)
        };
        let listed = lines
            .iter()
            .filter(names_it)
            .flat_map(|line| line.listed_as.iter().chain([&line.wire_id]));
        let mut names: Vec<String> = listed
            .filter(|name| name.matches('/').count() == 1 && !name.contains([':', '@', ' ']))
            .map(|name| name.to_lowercase())
            .collect();
        names.sort();
        for name in names {
            let spelling = squash(&name);
            if self.is_at_a_provider(author, &name) {
                continue;
            }
            if !taken.contains(&spelling) {
                taken.push(spelling);
                model.aliases.push(name);
            }
        }
    }

    /// Whether a name is understood without being listed: a provider's id, and its own name for the model.
    fn is_at_a_provider(&self, author: &str, name: &str) -> bool {
        let prefix = name.split('/').next().unwrap_or(name);
        let spells_author = self.sources.rules.author(prefix) == Some(author);
        !spells_author
            && self.sources.base.providers.iter().any(|(id, file)| {
                let known = file.known_as.values().flatten().chain(&file.aliases);
                id == prefix || known.into_iter().any(|alias| alias == prefix)
            })
    }
}

/// `2024-08-06` of `20240806`.
fn day(date: &str) -> String {
    match (date.get(..4), date.get(4..6), date.get(6..)) {
        (Some(year), Some(month), Some(day)) => format!("{year}-{month}-{day}"),
        _ => date.to_owned(),
    }
}
