//! Prices that are far from what others ask for the same model: a list has them by mistake, unless a rule says otherwise.

use super::found::Found;
use super::model::Making;
use super::number::{is_zero, scaled};
use super::report::{Far, Report};
use super::{Prices, Prior};
use crate::{OfferingFile, PeriodFile};

/// How many tenths of the median of others' a price may be, or they of it.
const FAR: u128 = 100;
/// The same for the author's own price and the median of others', of a model that is its author's alone to sell.
const RESOLD: u128 = 25;
/// USD per million tokens that nobody asks for any model: the dearest is sold at 600 (2026-11).
const DEAREST: u128 = 1000;

/// Why such an offering has no price.
const OFF_OTHERS: &str =
    "its listed price is more than ten times off what others ask for the model";
const OFF_AUTHORS: &str = "its listed price is more than two and a half times off what the author and others ask for the model";
const BEYOND_ALL: &str = "its listed price is beyond what anybody asks for any model";

/// Input and output, in 10⁻⁶ USD per million tokens; `None` for nothing.
type Asked = [Option<u128>; 2];
/// One USD in that.
const UNIT: u128 = 1_000_000;

impl Making<'_> {
    /// Gives offerings whose price is far from others' that of another list which is near, or none. What is kept by hand
    /// stays, and so does the author's own price where only one other asks for the model. What was known `before` stays
    /// as it was, unless the operator has lists overrule that.
    pub(super) fn leave_out_far(
        &self,
        id: &str,
        lines: &[&Found],
        before: &[OfferingFile],
        offerings: &mut [OfferingFile],
        report: &mut Report,
    ) {
        let renews = match self.sources.prior {
            Prior::Stays => false,
            Prior::Yields(renewal) if renewal.prices == Prices::All => return,
            Prior::Yields(_) => true,
        };
        let asked: Vec<(String, Asked)> = offerings
            .iter()
            .map(|one| (one.provider.clone(), self.asked(&one.price)))
            .collect();
        for offering in offerings {
            let rules = self.sources.rules;
            if offering.via.is_none() || rules.may_be_far(&offering.provider, &offering.wire_id) {
                continue;
            }
            let mut known = before.iter().filter(|_| renews);
            let known = known.find(|known| known.place() == offering.place());
            if known.is_some_and(|known| known.price == offering.price) {
                continue;
            }
            let around = self.around(id, &offering.provider, &asked);
            let own = self.asked(&offering.price);
            let Some(doubt) = around.doubt(own) else {
                continue;
            };
            let near: Vec<&Found> = lines
                .iter()
                .copied()
                .filter(|line| {
                    line.place() == offering.place()
                        && self.asked(&line.price)[0].is_some()
                        && around.doubt(self.asked(&line.price)).is_none()
                })
                .collect();
            let list = offering.via.clone().unwrap_or_default();
            let instead = near
                .first()
                .filter(|_| known.is_none())
                .map(|line| line.list);
            if let Some(known) = known {
                offering.price.clone_from(&known.price);
                offering.unpriced.clone_from(&known.unpriced);
                offering.source.clone_from(&known.source);
                offering.via.clone_from(&known.via);
                offering.date.clone_from(&known.date);
            } else if near.is_empty() {
                offering.price.clear();
                offering.unpriced = Some(doubt.to_owned());
            } else {
                self.lines(
                    id,
                    &offering.provider.clone(),
                    &offering.wire_id.clone(),
                    &near,
                )
                .price(offering, report);
            }
            report.far.push(Far {
                place: format!("{id} at {} as {}", offering.provider, offering.wire_id),
                list,
                asked: own.map(shown),
                usual: around.usual.map(shown),
                instead,
            });
        }
    }

    /// What is asked for a model besides one provider's price.
    fn around(&self, id: &str, provider: &str, asked: &[(String, Asked)]) -> Around {
        let author = id.split('/').next().unwrap_or(id);
        let is_authors = |provider: &str| self.sources.rules.is_authors(provider, author);
        let others = asked.iter().filter(|(other, _)| other != provider);
        let (authors, all): (Vec<bool>, Vec<Asked>) = others
            .filter(|(_, asked)| asked[0].is_some())
            .map(|(other, asked)| (is_authors(other), *asked))
            .unzip();
        let resells =
            self.sources.rules.has_set_price(id) && !is_authors(provider) && all.len() > 1;
        let of_author = authors.iter().zip(&all).filter(|(is, _)| resells && **is);
        Around {
            usual: [median(&all, 0), median(&all, 1)],
            // Of one other alone only the author is believed.
            is_known: all.len() > 1 || authors.contains(&true),
            set: of_author.map(|(_, asked)| *asked).collect(),
        }
    }

    /// What is asked on the day on which the lists are read.
    fn asked(&self, periods: &[PeriodFile]) -> Asked {
        let begun = |period: &&PeriodFile| {
            let from = period.from.as_deref();
            from.is_none_or(|from| from <= self.sources.date)
        };
        let Some(now) = periods.iter().rfind(begun) else {
            return [None, None];
        };
        [&now.rates.input, &now.rates.output].map(|rate| {
            let rate = rate.as_deref().filter(|rate| !is_zero(rate))?;
            scaled(rate, 6, 0)?.parse().ok()
        })
    }
}

/// What others ask for a model.
struct Around {
    /// The median.
    usual: Asked,
    /// Whether enough ask something.
    is_known: bool,
    /// The author's own prices, where nobody sells it without paying them, and others do.
    set: Vec<Asked>,
}

impl Around {
    /// Why a price is taken for a mistake, if it is.
    fn doubt(&self, own: Asked) -> Option<&'static str> {
        if own.into_iter().flatten().any(|rate| rate > DEAREST * UNIT) {
            return Some(BEYOND_ALL);
        }
        if self.is_known && is_off(own, self.usual, FAR) {
            return Some(OFF_OTHERS);
        }
        // A list that is behind the author's new price, as others are, is old and no mistake.
        let mut set = self.set.iter().chain([&self.usual]);
        let resold = !self.set.is_empty() && set.all(|asked| is_off(own, *asked, RESOLD));
        resold.then_some(OFF_AUTHORS)
    }
}

/// Whether one is more than so many tenths of the other, either way.
fn is_off(own: Asked, usual: Asked, tenths: u128) -> bool {
    let both = own.into_iter().zip(usual);
    let mut both = both.filter_map(|(own, usual)| Some((own?, usual?)));
    both.any(|(own, usual)| own * 10 > usual * tenths || usual * 10 > own * tenths)
}

/// The middle of what is asked; between two, the middle of them.
fn median(others: &[Asked], which: usize) -> Option<u128> {
    let mut all: Vec<u128> = others
        .iter()
        .filter_map(|asked| *asked.get(which)?)
        .collect();
    all.sort_unstable();
    let upper = *all.get(all.len() / 2)?;
    let lower = *all.get((all.len() - 1) / 2)?;
    Some(u128::midpoint(lower, upper))
}

/// In USD per million tokens.
fn shown(units: Option<u128>) -> String {
    units
        .and_then(|units| scaled(&units.to_string(), -6, 6))
        .unwrap_or_else(|| "-".to_owned())
}
