//! Contexts far above what others give the same model, and longer outputs than a closed model's author allows: a list has
//! them by mistake.

use super::found::Found;
use super::model::Making;
use super::report::Report;
use crate::OfferingFile;
use std::collections::BTreeSet;

/// How many times the largest context of others one may be.
const LARGE: u64 = 4;
/// The same of a model whose weights cannot be had, where its author's own is among them.
const LARGE_CLOSED: u64 = 2;
/// So many other providers must give one.
const SEVERAL: usize = 3;

impl Making<'_> {
    /// Gives offerings whose context is far above all others' that of another list which is not, or none. What was known
    /// `before` stays.
    pub(super) fn leave_out_large(
        &self,
        id: &str,
        lines: &[&Found],
        before: &[OfferingFile],
        offerings: &mut [OfferingFile],
        report: &mut Report,
    ) {
        let given: Vec<(String, u64)> = offerings
            .iter()
            .filter_map(|one| Some((one.provider.clone(), one.context?)))
            .collect();
        for offering in offerings {
            let place = offering.place();
            let known = before.iter().find(|known| known.place() == place);
            let Some(own) = offering.context else {
                continue;
            };
            let others = given.iter().filter(|(other, _)| other != place.0);
            let Some(most) = self.most(id, others) else {
                continue;
            };
            if own <= most || known.is_some_and(|known| known.context.is_some()) {
                continue;
            }
            let mut said = (lines.iter())
                .filter(|line| line.place() == place)
                .filter_map(|line| line.context);
            let instead = said.find(|tokens| *tokens <= most);
            report.large.push(format!(
                "{id} at {} as {}: {own} tokens; believed up to {most}; taken {}",
                place.0,
                place.1,
                instead.map_or("none".to_owned(), |tokens| tokens.to_string())
            ));
            offering.context = instead;
        }
    }

    /// Lets go of outputs that are longer than the author's own offering allows, of a model whose weights cannot be had: who
    /// sells it passes on what the author does, and lists write the whole context there. What was known `before` stays.
    pub(super) fn leave_out_long(
        &self,
        id: &str,
        before: &[OfferingFile],
        offerings: &mut [OfferingFile],
        report: &mut Report,
    ) {
        let rules = self.sources.rules;
        let author = id.split('/').next().unwrap_or(id);
        let by_author = (offerings.iter())
            .filter(|one| rules.is_authors(&one.provider, author))
            .filter_map(|one| one.max_output)
            .max();
        let (Some(most), Some(false)) = (by_author, rules.is_open(id)) else {
            return;
        };
        for offering in offerings {
            let place = offering.place();
            let known = before.iter().find(|known| known.place() == place);
            let Some(own) = offering.max_output.filter(|own| *own > most) else {
                continue;
            };
            if known.is_some_and(|known| known.max_output.is_some()) {
                continue;
            }
            report.long.push(format!(
                "{id} at {} as {}: {own} tokens; its author's own gives {most}",
                place.0, place.1
            ));
            offering.max_output = None;
        }
    }

    /// The most that is believed, by what other providers give; `None` where too few do.
    fn most<'a>(&self, id: &str, others: impl Iterator<Item = &'a (String, u64)>) -> Option<u64> {
        let rules = self.sources.rules;
        let author = id.split('/').next().unwrap_or(id);
        let (mut providers, mut most, mut by_author) = (BTreeSet::new(), 0_u64, false);
        for (provider, tokens) in others {
            providers.insert(provider);
            most = most.max(*tokens);
            by_author |= rules.is_authors(provider, author);
        }
        // The author's own is among them.
        let is_closed = by_author && rules.is_open(id) == Some(false);
        let times = if is_closed { LARGE_CLOSED } else { LARGE };
        (providers.len() >= SEVERAL).then(|| most.saturating_mul(times))
    }
}
