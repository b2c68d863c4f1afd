//! What differs between two listings: offerings that came and went, and prices that changed.

use crate::{Listing, OfferingFile, PeriodFile};
use std::collections::BTreeMap;
use std::fmt::{self, Display};

/// What differs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Diff {
    /// Offerings that are new: `groq qwen/qwen3-32b (qwen/qwen3-32b)`.
    pub added: Vec<String>,
    /// Offerings that are no more.
    pub removed: Vec<String>,
    /// Prices that changed: the offering, what it said, what it says.
    pub prices: Vec<(String, String, String)>,
    /// Offerings of which something else changed.
    pub facts: Vec<String>,
}

type Offered<'a> = BTreeMap<(&'a str, &'a str), (String, &'a OfferingFile)>;

impl Diff {
    /// What differs after from before.
    pub fn between(before: &Listing, after: &Listing) -> Self {
        let (old, new) = (offered(before), offered(after));
        let mut diff = Self::default();
        for (place, (model, offering)) in &new {
            let name = format!("{} {} ({model})", place.0, place.1);
            match old.get(place) {
                None => diff.added.push(name),
                Some((_, known)) if known.price != offering.price => {
                    diff.prices.push((name, prices(known), prices(offering)));
                }
                Some((of, known)) if of != model || *known != *offering => diff.facts.push(name),
                Some(_) => {}
            }
        }
        let gone = old.iter().filter(|(place, _)| !new.contains_key(*place));
        diff.removed = gone
            .map(|((provider, wire_id), (model, _))| format!("{provider} {wire_id} ({model})"))
            .collect();
        diff
    }

    /// Whether nothing does.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Display for Diff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} added, {} removed, {} prices changed, {} changed otherwise",
            self.added.len(),
            self.removed.len(),
            self.prices.len(),
            self.facts.len()
        )?;
        for name in &self.added {
            writeln!(f, "  + {name}")?;
        }
        for name in &self.removed {
            writeln!(f, "  - {name}")?;
        }
        for (name, before, after) in &self.prices {
            writeln!(f, "  $ {name}: {before} -> {after}")?;
        }
        for name in &self.facts {
            writeln!(f, "  ~ {name}")?;
        }
        Ok(())
    }
}

fn offered(listing: &Listing) -> Offered<'_> {
    let models = listing
        .authors
        .iter()
        .flat_map(|(author, file)| file.model.iter().map(move |model| (author, model)));
    models
        .flat_map(|(author, model)| {
            let id = format!("{author}/{}", model.slug);
            model.offering.iter().map(move |offering| {
                (
                    (offering.provider.as_str(), offering.wire_id.as_str()),
                    (id.clone(), offering),
                )
            })
        })
        .collect()
}

/// In a line: USD per million tokens.
fn prices(offering: &OfferingFile) -> String {
    let period = |period: &PeriodFile| {
        let named = period.rates.named().into_iter();
        let rates = named.filter_map(|(name, rate)| Some(format!("{name} {}", rate.as_deref()?)));
        let per = period
            .per
            .iter()
            .map(|(unit, amount)| format!("{unit} {amount}"));
        let above = period.above.iter().map(|tier| {
            let input = tier.rates.input.as_deref().unwrap_or("?");
            format!("above {}: input {input}", tier.tokens)
        });
        let from = period.from.iter().map(|day| format!("from {day}"));
        from.chain(rates)
            .chain(per)
            .chain(above)
            .collect::<Vec<_>>()
            .join(", ")
    };
    if offering.price.is_empty() {
        return "none".to_owned();
    }
    offering
        .price
        .iter()
        .map(period)
        .collect::<Vec<_>>()
        .join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listing(models: &str) -> Listing {
        Listing::read([("models/lab.toml", models)]).unwrap()
    }

    fn offering(wire_id: &str, input: &str) -> String {
        format!(
            "[[model.offering]]\nprovider = \"acme\"\nwire_id = \"{wire_id}\"\n[[model.offering.price]]\nrates = {{ input = \"{input}\", output = \"2\" }}\n"
        )
    }

    #[test]
    fn what_came_went_and_changed_is_told() {
        let head = "[[model]]\nslug = \"one\"\nname = \"One\"\n";
        let before = listing(&format!(
            "{head}{}{}",
            offering("a", "1"),
            offering("b", "1")
        ));
        let after = listing(&format!(
            "{head}{}{}",
            offering("b", "1.5"),
            offering("c", "1")
        ));
        let diff = Diff::between(&before, &after);
        assert_eq!(
            diff.to_string(),
            "1 added, 1 removed, 1 prices changed, 0 changed otherwise\n  + acme c (lab/one)\n  - acme a (lab/one)\n  $ acme b (lab/one): input 1, output 2 -> input 1.5, output 2\n"
        );
        assert!(Diff::between(&before, &before).is_empty());
    }
}
