//! One offering from all lines about it: each fact from the list that says it, prices from the one that says them best.

use super::found::Found;
use super::number::{is_rounding, is_zero};
use super::report::{Disagreement, Report};
use super::{Prior, genai_prices, litellm, models_dev};
use crate::{ModelFile, OfferingFile, PeriodFile};
use std::collections::BTreeMap;

/// Why an offering has no price.
const NOT_LISTED: &str = "no public list that is read gives a price";
const LISTED_AS_FREE: &str = "listed at no price, and nothing says that it is free";

/// All lines about one offering.
pub(super) struct Lines<'a> {
    pub(super) place: String,
    pub(super) provider: String,
    pub(super) wire_id: String,
    pub(super) lines: Vec<&'a Found>,
    /// Why the provider is free.
    pub(super) free: Option<String>,
    pub(super) quantization: Option<String>,
    pub(super) region: Option<String>,
    pub(super) prior: Prior,
    pub(super) date: String,
}

impl Lines<'_> {
    /// The offering as it was before, with what the lists say.
    pub(super) fn offering(&self, before: OfferingFile, report: &mut Report) -> OfferingFile {
        let mut offering = before;
        let is_new = offering.wire_id.is_empty();
        offering.provider.clone_from(&self.provider);
        offering.wire_id.clone_from(&self.wire_id);
        offering.context = offering.context.or_else(|| self.first(|line| line.context));
        offering.max_output = offering
            .max_output
            .or_else(|| self.first(|line| line.max_output));
        offering.input = offering
            .input
            .take()
            .or_else(|| self.first(|line| line.input.clone()));
        offering.output = offering
            .output
            .take()
            .or_else(|| self.first(|line| line.output.clone()));
        offering.deprecated = offering
            .deprecated
            .take()
            .or_else(|| self.first(|line| line.deprecated.clone()));
        offering.quantization = offering
            .quantization
            .take()
            .or_else(|| self.quantization.clone());
        if let Some(region) = self.region.as_ref().filter(|_| offering.regions.is_empty()) {
            offering.regions.push(region.clone());
        }
        if is_new {
            self.abilities(&mut offering);
        }
        if offering.parameters.is_empty() {
            self.parameters(&mut offering);
        }
        let keeps = self.prior == Prior::Stays
            && (!offering.price.is_empty() || offering.unpriced.is_some());
        if !keeps && !self.lines.is_empty() {
            self.price(&mut offering, report);
        }
        offering
    }

    /// The first that says it, in the order of trust.
    fn first<T>(&self, said: impl Fn(&Found) -> Option<T>) -> Option<T> {
        let order = [models_dev::LIST, litellm::LIST, genai_prices::LIST];
        order.iter().find_map(|list| {
            self.lines
                .iter()
                .filter(|line| line.list == *list)
                .find_map(|line| said(line))
        })
    }

    fn abilities(&self, offering: &mut OfferingFile) {
        let mut can: Vec<String> = Vec::new();
        for word in self.lines.iter().flat_map(|line| &line.capabilities) {
            if !can.contains(word) {
                can.push(word.clone());
            }
        }
        // LiteLLM says what a model does; models.dev leaves it to be guessed.
        let said = |list: &str| {
            let mut of_list = self.lines.iter().filter(|line| line.list == list);
            of_list.find_map(|line| (!line.operations.is_empty()).then(|| line.operations.clone()))
        };
        let does = said(litellm::LIST).or_else(|| said(models_dev::LIST));
        if does
            .as_ref()
            .is_none_or(|words| words.iter().any(|word| word == "chat"))
        {
            can.push("streaming".to_owned());
        }
        const ORDER: [&str; 8] = [
            "tools",
            "parallel_tools",
            "structured_output",
            "reasoning",
            "prompt_caching",
            "web_search",
            "computer_use",
            "streaming",
        ];
        can.sort_by_key(|word| ORDER.iter().position(|known| known == word));
        offering.capabilities = Some(can);
        offering.operations = does;
    }

    fn parameters(&self, offering: &mut OfferingFile) {
        let mut all: Vec<String> = Vec::new();
        for name in self.lines.iter().flat_map(|line| &line.parameters) {
            if !all.contains(name) {
                all.push(name.clone());
            }
        }
        all.sort();
        for line in &self.lines {
            for (name, default) in &line.defaults {
                if all.contains(name) {
                    offering.defaults.insert(name.clone(), default.clone());
                }
            }
        }
        offering.parameters = all;
    }

    fn price(&self, offering: &mut OfferingFile, report: &mut Report) {
        let priced: Vec<&&Found> = self
            .lines
            .iter()
            .filter(|line| !line.price.is_empty())
            .collect();
        let is_free = self.free.is_some() || self.wire_id.contains("free");
        let costs: Vec<&&Found> = priced
            .iter()
            .copied()
            .filter(|line| !all_zero(&line.price))
            .collect();
        let usable = if costs.is_empty() && is_free {
            &priced
        } else {
            &costs
        };
        offering.date.clone_from(&self.date);
        let Some(best) = best(usable) else {
            // What was known before is better than nothing.
            if !offering.price.is_empty() {
                return;
            }
            let line = self.lines.first();
            offering.source = line.map(|line| line.source.clone()).unwrap_or_default();
            offering.via = line.map(|line| line.list.to_owned());
            let why = if priced.is_empty() {
                NOT_LISTED
            } else {
                LISTED_AS_FREE
            };
            offering.unpriced = Some(why.to_owned());
            return;
        };
        offering.unpriced = None;
        offering.source.clone_from(&best.source);
        offering.via = Some(best.list.to_owned());
        offering.price = best.price.clone();
        self.reconcile(offering, best, usable, report);
        for period in &mut offering.price {
            mend(period);
        }
        self.changes(offering, usable);
    }

    /// The ordinary rates, one by one: what the best list does not say is taken from another; where they differ, what
    /// most say, and where one is the other rounded, the finer one.
    fn reconcile(
        &self,
        offering: &mut OfferingFile,
        best: &Found,
        usable: &[&&Found],
        report: &mut Report,
    ) {
        let Some(period) = offering.price.last_mut() else {
            return;
        };
        let mut current: BTreeMap<&'static str, BTreeMap<&'static str, String>> = BTreeMap::new();
        for line in usable {
            let Some(of_line) = line.price.last() else {
                continue;
            };
            for (name, rate) in of_line.rates.named() {
                if let Some(rate) = rate {
                    current
                        .entry(name)
                        .or_default()
                        .insert(line.list, rate.clone());
                }
            }
        }
        for (name, rate) in period.rates.named_mut() {
            let Some(said) = current.get(name) else {
                continue;
            };
            let Some((list, price, why)) = chosen(best.list, said) else {
                continue;
            };
            if said.values().any(|other| *other != price) {
                report.disagreements.push(Disagreement {
                    place: self.place.clone(),
                    rate: name,
                    said: said.clone(),
                    taken: list,
                    why,
                });
            }
            // Where its own list says more than others, a change of the ordinary rate would part it from its tiers.
            let moves =
                list == best.list || rate.is_none() || (why == FINER || period_is_plain(best));
            if moves {
                *rate = Some(price);
            }
        }
    }

    /// Dates of changes, which only one list knows: taken where it agrees on what holds now.
    fn changes(&self, offering: &mut OfferingFile, usable: &[&&Found]) {
        let dated = usable
            .iter()
            .find(|line| line.list == genai_prices::LIST && line.price.len() > 1);
        let (Some(dated), [now]) = (dated, offering.price.as_slice()) else {
            return;
        };
        let holds_now = dated.price.iter().rfind(|period| {
            period
                .from
                .as_deref()
                .is_none_or(|from| from <= self.date.as_str())
        });
        let agrees = |period: &PeriodFile| {
            period.rates.input == now.rates.input && period.rates.output == now.rates.output
        };
        let Some(holding) = holds_now.filter(|period| agrees(period)) else {
            return;
        };
        let current = PeriodFile {
            from: holding.from.clone(),
            ..now.clone()
        };
        let periods = dated.price.iter().map(|period| {
            if period.from == holding.from {
                current.clone()
            } else {
                period.clone()
            }
        });
        offering.price = periods.collect();
    }
}

const FINER: &str = "more digits";

/// The line whose prices are taken: that says most, of those that cite the provider's page.
fn best<'a>(usable: &[&&'a Found]) -> Option<&'a Found> {
    let rank = |line: &&&&Found| {
        let says: usize = line
            .price
            .iter()
            .map(|period| {
                let tiers = [&period.flex, &period.priority, &period.batch];
                let named = period.rates.named();
                named.iter().filter(|(_, rate)| rate.is_some()).count()
                    + period.above.len()
                    + period.per.len()
                    + tiers.iter().filter(|tier| tier.is_some()).count()
            })
            .max()
            .unwrap_or(0);
        (
            line.list == litellm::LIST && line.cites,
            line.list != genai_prices::LIST,
            says,
            line.cites,
            line.list == litellm::LIST,
        )
    };
    usable.iter().max_by_key(rank).map(|line| **line)
}

fn period_is_plain(best: &Found) -> bool {
    best.price.iter().all(|period| {
        period.above.is_empty()
            && period.off_peak.is_none()
            && [&period.flex, &period.priority, &period.batch]
                .iter()
                .all(|tier| tier.is_none())
    })
}

/// Which list is followed on one rate, its price, and why.
fn chosen(
    best: &'static str,
    said: &BTreeMap<&'static str, String>,
) -> Option<(&'static str, String, &'static str)> {
    let Some(own) = said.get(best) else {
        let (list, price) = said.iter().next()?;
        return Some((list, price.clone(), "the other says nothing"));
    };
    if let Some((list, finer)) = said.iter().find(|(_, other)| is_rounding(own, other)) {
        return Some((list, finer.clone(), FINER));
    }
    let others: Vec<(&&str, &String)> = said.iter().filter(|(list, _)| **list != best).collect();
    if let [(list, one), (_, other)] = others.as_slice()
        && one == other
        && *one != own
    {
        return Some((list, (*one).clone(), "two of three say so"));
    }
    Some((best, own.clone(), "it says more, or cites the provider"))
}

fn all_zero(periods: &[PeriodFile]) -> bool {
    periods.iter().all(|period| {
        period.per.is_empty()
            && period
                .rates
                .named()
                .iter()
                .all(|(_, rate)| rate.as_deref().is_none_or(is_zero))
    })
}

/// What follows from the prices themselves: rates that differ in nothing from their fallback are not said, and both input
/// and output are.
fn mend(period: &mut PeriodFile) {
    if period.rates.input.is_some() != period.rates.output.is_some() {
        period.rates.input.get_or_insert_with(|| "0".to_owned());
        period.rates.output.get_or_insert_with(|| "0".to_owned());
    }
    if period.rates.reasoning == period.rates.output {
        period.rates.reasoning = None;
    }
    if period.rates.cache_write == period.rates.input {
        period.rates.cache_write = None;
    }
    let base = period.rates.clone();
    for tier in period.above.iter_mut() {
        tier.rates.cache_read = tier
            .rates
            .cache_read
            .take()
            .or_else(|| base.cache_read.clone());
        if tier.rates.reasoning == tier.rates.output {
            tier.rates.reasoning = None;
        }
    }
}

/// Puts what most offerings say on the model, and leaves it out of those that say the same.
pub(super) fn settle(model: &mut ModelFile, mut offerings: Vec<OfferingFile>, by_hand: bool) {
    if !by_hand {
        model.input = most(offerings.iter().filter_map(|one| one.input.clone()));
        model.output = most(offerings.iter().filter_map(|one| one.output.clone()));
        model.operations = most(offerings.iter().filter_map(|one| one.operations.clone()));
        model.capabilities =
            most(offerings.iter().filter_map(|one| one.capabilities.clone())).unwrap_or_default();
    }
    let text = vec!["text".to_owned()];
    let chat = vec!["chat".to_owned()];
    for one in &mut offerings {
        let same =
            |said: &Option<Vec<String>>, of_model: &Option<Vec<String>>, else_: &Vec<String>| {
                said.as_ref()
                    .is_some_and(|said| said == of_model.as_ref().unwrap_or(else_))
            };
        if same(&one.input, &model.input, &text) {
            one.input = None;
        }
        if same(&one.output, &model.output, &text) {
            one.output = None;
        }
        if same(&one.operations, &model.operations, &chat) {
            one.operations = None;
        }
        if one
            .capabilities
            .as_ref()
            .is_some_and(|said| *said == model.capabilities)
        {
            one.capabilities = None;
        }
    }
    for (said, usual) in [
        (&mut model.input, &text),
        (&mut model.output, &text),
        (&mut model.operations, &chat),
    ] {
        if said.as_ref() == Some(usual) {
            *said = None;
        }
    }
    offerings.sort_by(|a, b| (&a.provider, &a.wire_id).cmp(&(&b.provider, &b.wire_id)));
    model.offering = offerings;
}

fn most(said: impl Iterator<Item = Vec<String>>) -> Option<Vec<String>> {
    let mut votes: BTreeMap<Vec<String>, usize> = BTreeMap::new();
    for one in said {
        *votes.entry(one).or_default() += 1;
    }
    votes
        .into_iter()
        .max_by(|(a, x), (b, y)| x.cmp(y).then(b.cmp(a)))
        .map(|(one, _)| one)
}
