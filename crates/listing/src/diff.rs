//! What differs between two listings: offerings that came and went, and prices that changed; by provider, for people.

use crate::import::{Disagreement, Report};
use crate::price::RatesFile;
use crate::{Listing, OfferingFile, PeriodFile};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Display};

/// What differs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Diff {
    /// Offerings that are new, with what they cost.
    pub added: Vec<(Offered, String)>,
    /// Prices that changed, and how.
    pub prices: Vec<(Offered, String)>,
    /// Offerings of which something else changed, and what.
    pub facts: Vec<(Offered, String)>,
    /// Offerings that are no more.
    pub removed: Vec<Offered>,
}

/// Which offering.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Offered {
    /// The provider's id.
    pub provider: String,
    /// The provider's own name of the model.
    pub wire_id: String,
    /// The model's id.
    pub model: String,
}

impl Display for Offered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.wire_id, self.model)
    }
}

type Known<'a> = BTreeMap<(&'a str, &'a str), (Offered, &'a OfferingFile)>;

impl Diff {
    /// What differs after from before. When somebody looked is no difference.
    pub fn between(before: &Listing, after: &Listing) -> Self {
        let (old, new) = (offered(before), offered(after));
        let mut diff = Self::default();
        for (place, (name, offering)) in &new {
            let Some((of, known)) = old.get(place) else {
                let price = offering.price.last().map_or("unpriced".to_owned(), flat);
                diff.added.push((name.clone(), price));
                continue;
            };
            if known.price != offering.price {
                diff.prices.push((name.clone(), changes(known, offering)));
            }
            let facts = facts(known, offering);
            let moved = of.model != name.model;
            let facts = moved.then_some("model").into_iter().chain(facts);
            let facts = facts.collect::<Vec<_>>().join(", ");
            if !facts.is_empty() {
                diff.facts.push((name.clone(), facts));
            }
        }
        let gone = old.iter().filter(|(place, _)| !new.contains_key(*place));
        diff.removed = gone.map(|(_, (name, _))| name.clone()).collect();
        diff
    }

    /// Whether nothing does.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// In words, by provider, with what the lists disagree on; the counts at the end.
    pub fn told(&self, report: &Report) -> String {
        let mut lines: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        let mut say = |provider, line| lines.entry(provider).or_default().push(line);
        for (name, price) in &self.added {
            say(name.provider.as_str(), format!("  + {name}: {price}"));
        }
        for (name, change) in &self.prices {
            let follow = match report.followed.contains(name) {
                true => "; its tiers of context follow in proportion, since the list names none",
                false => "",
            };
            say(&name.provider, format!("  $ {name}: {change}{follow}"));
        }
        for (name, facts) in &self.facts {
            say(&name.provider, format!("  ~ {name}: {facts}"));
        }
        for name in &self.removed {
            say(&name.provider, format!("  - {name}"));
        }
        let mut differing: Vec<&Disagreement> = report.disagreements.iter().collect();
        differing.sort_by_key(|one| (&one.at, one.rate));
        for one in differing {
            say(&one.at.provider, format!("  ? {one}"));
        }
        let mut text = String::new();
        for (provider, lines) in lines {
            text.push_str(provider);
            text.push('\n');
            for line in lines {
                text.push_str(&line);
                text.push('\n');
            }
        }
        text.push_str(&format!("{self}"));
        text.push_str(&format!(
            "{} disagreements; prices are USD per million tokens, others as named\n",
            report.disagreements.len()
        ));
        text
    }
}

/// The counts.
impl Display for Diff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} added, {} prices changed, {} changed otherwise, {} removed",
            self.added.len(),
            self.prices.len(),
            self.facts.len(),
            self.removed.len()
        )
    }
}

fn offered(listing: &Listing) -> Known<'_> {
    let models = listing
        .authors
        .iter()
        .flat_map(|(author, file)| file.model.iter().map(move |model| (author, model)));
    models
        .flat_map(|(author, model)| {
            let id = format!("{author}/{}", model.slug);
            model.offering.iter().map(move |offering| {
                let name = Offered {
                    provider: offering.provider.clone(),
                    wire_id: offering.wire_id.clone(),
                    model: id.clone(),
                };
                let place = (offering.provider.as_str(), offering.wire_id.as_str());
                (place, (name, offering))
            })
        })
        .collect()
}

/// What of an offering differs besides prices: the fields' names.
fn facts(before: &OfferingFile, after: &OfferingFile) -> Vec<&'static str> {
    let fields = [
        ("also", before.also != after.also),
        ("context", before.context != after.context),
        ("max_output", before.max_output != after.max_output),
        ("input", before.input != after.input),
        ("output", before.output != after.output),
        ("capabilities", before.capabilities != after.capabilities),
        ("operations", before.operations != after.operations),
        ("dialects", before.dialects != after.dialects),
        ("parameters", before.parameters != after.parameters),
        ("defaults", before.defaults != after.defaults),
        ("deprecated", before.deprecated != after.deprecated),
        ("quantization", before.quantization != after.quantization),
        ("regions", before.regions != after.regions),
        ("moderated", before.moderated != after.moderated),
        ("data", before.data != after.data),
        ("unpriced", before.unpriced != after.unpriced),
        ("source", before.source != after.source),
        ("via", before.via != after.via),
    ];
    let differ = fields.into_iter().filter(|(_, differs)| *differs);
    differ.map(|(name, _)| name).collect()
}

/// How the prices changed: each period that is new or another, beside the one before it.
fn changes(before: &OfferingFile, after: &OfferingFile) -> String {
    let mut told = Vec::new();
    for period in &after.price {
        if before.price.contains(period) {
            continue;
        }
        let same_day = before.price.iter().find(|one| one.from == period.from);
        let earlier = before.price.iter().rfind(|one| one.from < period.from);
        let from = period.from.as_ref().map(|day| format!("from {day}: "));
        let change = match same_day.or(earlier) {
            Some(known) => change(known, period),
            None => flat(period),
        };
        told.push(format!("{}{change}", from.unwrap_or_default()));
    }
    let days: BTreeSet<_> = after.price.iter().map(|one| &one.from).collect();
    let gone = before.price.iter().filter(|one| !days.contains(&one.from));
    told.extend(gone.map(|one| {
        let from = one.from.as_deref().unwrap_or("the beginning");
        format!("no longer from {from}: {}", flat(one))
    }));
    told.join("; ")
}

fn change(known: &PeriodFile, now: &PeriodFile) -> String {
    let (old, new) = (dimensions(known), dimensions(now));
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let (mut told, mut same) = (Vec::new(), Vec::new());
    for name in names {
        match (old.get(name), new.get(name)) {
            (Some(old), Some(new)) if old == new => same.push(name.as_str()),
            (old, new) => {
                let word =
                    |amount: Option<&String>| amount.map_or("none", String::as_str).to_owned();
                told.push(format!("{name} {} -> {}", word(old), word(new)));
            }
        }
    }
    if known.until != now.until {
        let until = now.until.as_deref().unwrap_or("further notice");
        told.push(format!("until {until}"));
    }
    if !same.is_empty() {
        told.push(format!("as before: {}", same.join(", ")));
    }
    told.join(", ")
}

/// A period in a line.
fn flat(period: &PeriodFile) -> String {
    let all = dimensions(period).into_iter();
    let all = all.map(|(name, amount)| format!("{name} {amount}"));
    all.collect::<Vec<_>>().join(", ")
}

/// Every amount of a period by what it is for: `input`, `input above 200000`, `batch output`.
fn dimensions(period: &PeriodFile) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    let mut add = |tier: &str, rates: &RatesFile, above: &[crate::AboveFile]| {
        let base = (rates, String::new());
        let tiers = above
            .iter()
            .map(|tier| (&tier.rates, format!(" above {}", tier.tokens)));
        for (rates, above) in std::iter::once(base).chain(tiers) {
            for (name, rate) in rates.named() {
                if let Some(rate) = rate {
                    all.insert(format!("{tier}{name}{above}"), rate.clone());
                }
            }
        }
    };
    add("", &period.rates, &period.above);
    let sets = [
        ("flex ", &period.flex),
        ("priority ", &period.priority),
        ("batch ", &period.batch),
    ];
    for (tier, set) in sets {
        if let Some(set) = set {
            add(tier, &set.rates, &set.above);
        }
    }
    if let Some(off_peak) = &period.off_peak {
        add("off-peak ", &off_peak.rates, &off_peak.above);
        all.insert("off-peak".to_owned(), off_peak.windows.join(", "));
    }
    all.extend(
        period
            .per
            .iter()
            .map(|(unit, amount)| (unit.clone(), amount.clone())),
    );
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listing(models: &str) -> Listing {
        Listing::read([("models/lab.toml", models)]).unwrap()
    }

    fn offering(provider: &str, wire_id: &str, price: &str) -> String {
        format!(
            "[[model.offering]]\nprovider = \"{provider}\"\nwire_id = \"{wire_id}\"\n[[model.offering.price]]\n{price}\n"
        )
    }

    fn flat_price(input: &str) -> String {
        format!("rates = {{ input = \"{input}\", output = \"2\" }}")
    }

    #[test]
    fn what_came_went_and_changed_is_told_by_provider() {
        let head = "[[model]]\nslug = \"one\"\nname = \"One\"\n";
        let tiers = "batch = { rates = { input = \"0.5\", output = \"1\" } }";
        let before = listing(
            &[
                head,
                &offering("acme", "a", &flat_price("1")),
                &offering("acme", "b", &format!("{}\n{tiers}", flat_price("1"))),
                &offering("bravo", "z", &flat_price("1")),
            ]
            .concat(),
        );
        let changed = format!(
            "{}\n{tiers}\n[[model.offering.price]]\nfrom = \"2026-11-21\"\n{}\n{tiers}",
            flat_price("1"),
            flat_price("1.5")
        );
        let after = listing(
            &[
                head,
                &offering("bravo", "z", &flat_price("3")),
                &offering("bravo", "y", &flat_price("7")),
                &offering("acme", "c", &flat_price("1")),
                &format!("{}\n", offering("acme", "b", &changed)),
            ]
            .concat(),
        );
        let diff = Diff::between(&before, &after);
        assert_eq!(
            diff.told(&Report::default()),
            "acme\n\
             \x20 + c (lab/one): input 1, output 2\n\
             \x20 $ b (lab/one): from 2026-11-21: input 1 -> 1.5, as before: batch input, batch output, output\n\
             \x20 - a (lab/one)\n\
             bravo\n\
             \x20 + y (lab/one): input 7, output 2\n\
             \x20 $ z (lab/one): input 1 -> 3, as before: output\n\
             2 added, 2 prices changed, 0 changed otherwise, 1 removed\n\
             0 disagreements; prices are USD per million tokens, others as named\n"
        );
        assert!(Diff::between(&before, &before).is_empty());
    }

    #[test]
    fn the_day_on_which_somebody_looked_is_no_difference() {
        let head = "[[model]]\nslug = \"one\"\nname = \"One\"\n";
        let of = |day: &str| {
            let offering = offering("acme", "a", &flat_price("1"));
            listing(&format!(
                "{head}{}",
                offering.replace(
                    "[[model.offering.price]]",
                    &format!("date = \"{day}\"\n[[model.offering.price]]")
                )
            ))
        };
        assert!(Diff::between(&of("2026-11-21"), &of("2026-11-22")).is_empty());
    }
}
