//! The prices of one offering, where several lists give them: which is followed, what is added from others, what is left
//! out because it cannot be meant.

use super::found::Found;
use super::litellm;
use super::number::{is_less, is_rounding, is_zero, times};
use super::offering::Lines;
use super::renew::renewed;
use super::report::{Disagreement, Report};
use super::rules::Ways;
use super::{Prices, Prior, Renewal};
use crate::{Offered, OfferingFile, PeriodFile, RatesFile};
use std::collections::BTreeMap;

/// What is said of prices, where it is not a list that says it.
const CATALOGUE: &str = "catalogue";

/// Why an offering has no price.
const NOT_LISTED: &str = "no public list that is read gives a price";
const LISTED_AS_FREE: &str = "listed at no price, and nothing says that it is free";

impl Ways {
    fn apply(&self, period: &mut PeriodFile) {
        self.rates(&mut period.rates);
        for tier in &mut period.above {
            self.rates(&mut tier.rates);
            if self.tiers_begin && tier.tokens.is_multiple_of(1000) {
                tier.tokens -= 1;
            }
        }
        if let (true, Some(flex), Some(batch)) =
            (self.flex_is_batch, &mut period.flex, &period.batch)
            && flex.above.is_empty()
            && (&flex.rates.input, &flex.rates.output) == (&batch.rates.input, &batch.rates.output)
        {
            flex.above.clone_from(&batch.above);
        }
        let tiers = [&mut period.flex, &mut period.priority, &mut period.batch];
        for set in tiers.into_iter().flatten() {
            self.rates(&mut set.rates);
            for tier in &mut set.above {
                self.rates(&mut tier.rates);
            }
        }
    }

    fn rates(&self, rates: &mut RatesFile) {
        let says = |rate: &Option<String>| rate.as_deref().is_some_and(|rate| !is_zero(rate));
        // A model that only draws: all of its output is pictures, and lists give no other price for it.
        if !says(&rates.output) && says(&rates.image_output) {
            rates.output.clone_from(&rates.image_output);
        }
        if self.free_writes {
            rates.cache_write = None;
            rates.cache_write_1h = None;
        }
        let Some(input) = rates.input.clone() else {
            return;
        };
        if let Some(share) = &self.cached_share
            && rates.cache_read.is_none()
            // What has no output reads no prompt.
            && says(&rates.output)
        {
            rates.cache_read = times(&input, share);
        }
        if let Some(share) = &self.hour_writes
            && rates.cache_write.is_some()
            && rates.cache_write_1h.is_none()
        {
            rates.cache_write_1h = times(&input, share);
        }
    }
}

impl Lines<'_> {
    /// Gives the offering its prices, or the reason for none.
    pub(super) fn price(&self, offering: &mut OfferingFile, report: &mut Report) {
        let (known, is_known) = match self.prior {
            Prior::Stays => (Vec::new(), false),
            // Every known one has a price, or says why not.
            Prior::Yields(_) => {
                let is_known = !offering.price.is_empty() || offering.unpriced.is_some();
                (offering.price.clone(), is_known)
            }
        };
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
        let followed: Vec<&&Found> = match self.prior {
            Prior::Yields(Renewal {
                prices: Prices::OwnOnly,
                ..
            }) if !known.is_empty() => usable
                .iter()
                .copied()
                .filter(|line| Some(line.list) == offering.via.as_deref())
                .collect(),
            Prior::Stays | Prior::Yields(_) => usable.clone(),
        };
        if followed.is_empty() && !usable.is_empty() {
            self.stays(offering, usable, report);
            return;
        }
        offering.date.clone_from(&self.date);
        let Some((best, why)) = best(&followed) else {
            // What was known before is better than nothing.
            if is_known || !offering.price.is_empty() {
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
        self.reconcile(offering, best, why, usable, report);
        Self::changes(offering, best, usable);
        for period in &mut offering.price {
            self.ways.apply(period);
        }
        if is_known {
            let fresh = std::mem::take(&mut offering.price);
            let renewed = renewed(known, fresh, &self.date);
            offering.price = renewed.periods;
            report.mended += renewed.mended;
            report.followed.extend(renewed.followed.then(|| self.at()));
            return;
        }
        for period in &mut offering.price {
            report.mended += mend(period);
        }
    }

    /// Says where lists differ from a price that did not come from one of them, and stays.
    fn stays(&self, offering: &OfferingFile, usable: &[&&Found], report: &mut Report) {
        let holds = |period: &&PeriodFile| period.from.as_deref() <= Some(self.date.as_str());
        let Some(known) = offering.price.iter().rfind(holds) else {
            return;
        };
        for (rate, own) in known.rates.named() {
            let Some(own) = own else { continue };
            let said = usable.iter().filter_map(|line| {
                let rates = line.price.last()?.rates.named();
                let (_, rate) = rates.into_iter().find(|(name, _)| *name == rate)?;
                Some((line.list, rate.clone()?))
            });
            let mut said: BTreeMap<&'static str, String> = said.collect();
            if said.values().any(|other| other != own) {
                said.insert(CATALOGUE, own.clone());
                report.disagreements.push(Disagreement {
                    at: self.at(),
                    rate,
                    said,
                    taken: CATALOGUE,
                    why: match offering.via {
                        Some(_) => "it came from another list",
                        None => "somebody read it on the provider's page",
                    },
                });
            }
        }
    }

    fn at(&self) -> Offered {
        Offered {
            provider: self.provider.clone(),
            wire_id: self.wire_id.clone(),
            model: self.model.clone(),
        }
    }

    /// Says where lists differ, and takes what the best one does not say from those that agree with it otherwise.
    fn reconcile(
        &self,
        offering: &mut OfferingFile,
        best: &Found,
        why: &'static str,
        usable: &[&&Found],
        report: &mut Report,
    ) {
        let mut current: BTreeMap<&'static str, BTreeMap<&'static str, String>> = BTreeMap::new();
        for line in usable {
            for (name, rate) in line
                .price
                .last()
                .iter()
                .flat_map(|period| period.rates.named())
            {
                if let Some(rate) = rate {
                    current
                        .entry(name)
                        .or_default()
                        .insert(line.list, rate.clone());
                }
            }
        }
        for (rate, said) in &current {
            let Some(own) = said.get(best.list) else {
                continue;
            };
            if said.values().any(|other| other != own) {
                report.disagreements.push(Disagreement {
                    at: self.at(),
                    rate,
                    said: said.clone(),
                    taken: best.list,
                    why,
                });
            }
        }
        let Some(period) = offering.price.last_mut() else {
            return;
        };
        for other in usable.iter().filter(|other| agree(best, other)) {
            let Some(of_other) = other.price.last() else {
                continue;
            };
            for ((_, own), (_, rate)) in period
                .rates
                .named_mut()
                .into_iter()
                .zip(of_other.rates.named())
            {
                if own.is_none() {
                    own.clone_from(rate);
                }
            }
        }
    }

    /// Days of changes, from the list that knows them, where it agrees on what holds now.
    fn changes(offering: &mut OfferingFile, best: &Found, usable: &[&&Found]) {
        let dated = usable
            .iter()
            .find(|line| !line.history.is_empty() && agree(best, line));
        let (Some(dated), [now]) = (dated, offering.price.as_slice()) else {
            return;
        };
        let from = dated.price.first().and_then(|holding| holding.from.clone());
        let now = PeriodFile {
            from: from.clone(),
            ..now.clone()
        };
        let periods = dated.history.iter().map(|period| {
            if period.from == from {
                now.clone()
            } else {
                period.clone()
            }
        });
        offering.price = periods.collect();
    }
}

/// The line whose prices are taken, and why: of two that agree, the one that says more; else the one of which the others
/// are roundings; else the one that cites the provider's page and says most.
fn best<'a>(usable: &[&&'a Found]) -> Option<(&'a Found, &'static str)> {
    let rank = |line: &&&&Found| {
        (
            line.list == litellm::LIST && line.cites,
            line.offered,
            says(line),
            line.cites,
        )
    };
    let first = usable.iter().max_by_key(rank).map(|line| **line)?;
    let finer = usable.iter().find(|line| rounds(first, line));
    if let Some(finer) = finer {
        return Some((finer, "more digits"));
    }
    let others: Vec<&&&Found> = usable
        .iter()
        .filter(|line| line.list != first.list)
        .collect();
    if let [one, other] = others.as_slice()
        && agree(one, other)
        && !agree(first, one)
    {
        let more = if says(one) >= says(other) { one } else { other };
        return Some((more, "two of three say so"));
    }
    Some((first, "it cites the provider, or says most"))
}

/// How much a line says of prices.
fn says(line: &Found) -> usize {
    let of_period = |period: &PeriodFile| {
        let tiers = [&period.flex, &period.priority, &period.batch];
        let named = period.rates.named();
        named.iter().filter(|(_, rate)| rate.is_some()).count()
            + period.above.len()
            + period.per.len()
            + tiers.iter().filter(|tier| tier.is_some()).count()
    };
    line.price.iter().map(of_period).max().unwrap_or(0)
}

/// Whether two lines give the same ordinary prices of input and output.
fn agree(one: &Found, other: &Found) -> bool {
    let (Some(one), Some(other)) = (one.price.last(), other.price.last()) else {
        return false;
    };
    one.rates.input == other.rates.input && one.rates.output == other.rates.output
}

/// Whether all that differs between two lines is that one rounds.
fn rounds(coarse: &Found, fine: &Found) -> bool {
    let (Some(one), Some(other)) = (coarse.price.last(), fine.price.last()) else {
        return false;
    };
    let both = one.rates.named().into_iter().zip(other.rates.named());
    let both = both.filter_map(|((_, one), (_, other))| Some((one.as_ref()?, other.as_ref()?)));
    let differing: Vec<(&String, &String)> = both.filter(|(one, other)| one != other).collect();
    !differing.is_empty() && differing.iter().all(|(one, other)| is_rounding(one, other))
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

/// What follows from the prices themselves: both input and output are said; rates that differ in nothing from their
/// fallback are not; nor are those that cannot be meant (a cached token dearer than another; the storage of a cache as the
/// price of writing to it). Returns how many of the last kind there were.
pub(super) fn mend(period: &mut PeriodFile) -> usize {
    let rates = &mut period.rates;
    if rates.input.is_some() != rates.output.is_some() {
        rates.input.get_or_insert_with(|| "0".to_owned());
        rates.output.get_or_insert_with(|| "0".to_owned());
    }
    if rates.reasoning == rates.output {
        rates.reasoning = None;
    }
    if rates.cache_write == rates.input {
        rates.cache_write = None;
    }
    let input = rates.input.clone().unwrap_or_default();
    let dearer = rates
        .cache_read
        .as_deref()
        .is_some_and(|read| is_less(&input, read));
    let stored = rates
        .cache_write
        .as_deref()
        .is_some_and(|write| is_less(write, &input));
    if dearer {
        rates.cache_read = None;
    }
    if stored {
        rates.cache_write = None;
    }
    for tier in period.above.iter_mut() {
        let usual = tier
            .rates
            .cache_read
            .take()
            .or_else(|| period.rates.cache_read.clone());
        let input = tier.rates.input.as_deref().unwrap_or(&input);
        tier.rates.cache_read = usual.filter(|read| !is_less(input, read));
        if tier.rates.reasoning == tier.rates.output {
            tier.rates.reasoning = None;
        }
    }
    usize::from(dearer) + usize::from(stored)
}
