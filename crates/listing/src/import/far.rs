//! Prices that are far from what others ask for the same model: a list has them by mistake, unless a rule says otherwise.

use super::found::Found;
use super::model::Making;
use super::number::{is_zero, scaled};
use super::report::{Far, Report};
use super::{Prices, Prior};
use crate::{OfferingFile, PeriodFile};

/// How many times a price may be the median of others', or they it.
const FAR: u128 = 10;

/// Why such an offering has no price.
const REASON: &str = "its listed price is more than ten times off what others ask for the model";

/// Input and output, in 10⁻⁶ USD per million tokens; `None` for nothing.
type Asked = [Option<u128>; 2];

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
            let known = before.iter().filter(|_| renews).find(|known| {
                (&known.provider, &known.wire_id) == (&offering.provider, &offering.wire_id)
            });
            if known.is_some_and(|known| known.price == offering.price) {
                continue;
            }
            let others: Vec<Asked> = asked
                .iter()
                .filter(|(provider, _)| *provider != offering.provider)
                .map(|(_, asked)| *asked)
                .collect();
            let own_author = |provider: &str| {
                let of = rules.first_party.get(provider);
                of.is_some_and(|of| id.split('/').next() == Some(of))
            };
            let believed = |provider: &str| provider != offering.provider && own_author(provider);
            let enough = match others.iter().filter(|asked| asked[0].is_some()).count() {
                0 => false,
                1 => asked.iter().any(|(provider, _)| believed(provider)),
                _ => true,
            };
            let usual = [median(&others, 0), median(&others, 1)];
            let own = self.asked(&offering.price);
            if !enough || !is_far(own, usual) {
                continue;
            }
            let near: Vec<&Found> = lines
                .iter()
                .copied()
                .filter(|line| {
                    (&line.provider, &line.wire_id) == (&offering.provider, &offering.wire_id)
                        && self.asked(&line.price)[0].is_some()
                        && !is_far(self.asked(&line.price), usual)
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
                offering.unpriced = Some(REASON.to_owned());
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
                usual: usual.map(shown),
                instead,
            });
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

fn is_far(own: Asked, usual: Asked) -> bool {
    let both = own.into_iter().zip(usual);
    let mut both = both.filter_map(|(own, usual)| Some((own?, usual?)));
    both.any(|(own, usual)| own > usual * FAR || usual > own * FAR)
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
