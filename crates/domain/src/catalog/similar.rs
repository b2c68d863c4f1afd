//! Which models may stand in for another, by a rule that can be told in a sentence.

use super::{Capability, Catalog, Lifecycle, Modality, Model, ModelIdx, OfferingIdx};
use crate::pricing::{Rates, ServiceTier};
use protocol::dialect::Operation;
use std::collections::BTreeSet;

/// A model that may stand in for another.
#[derive(Clone, Debug, PartialEq)]
pub struct Similar {
    /// It.
    pub model: ModelIdx,
    /// What only one of the two can do, of what tells models apart.
    pub differs: Vec<Capability>,
    /// Its price over the other's; `None` where one of them is free.
    pub price_ratio: Option<f64>,
    /// Its context over the other's; `None` where one of them is unknown.
    pub context_ratio: Option<f64>,
}

/// The capabilities that tell models apart.
const TELLING: [Capability; 6] = [
    Capability::Tools,
    Capability::StructuredOutput,
    Capability::Vision,
    Capability::Audio,
    Capability::Reasoning,
    Capability::PromptCaching,
];

/// What a model amounts to over all its offerings.
struct Traits {
    operations: Vec<Operation>,
    output: Vec<Modality>,
    telling: Vec<Capability>,
    context: Option<u64>,
    /// Of three tokens in and one out.
    price: i64,
}

impl Catalog {
    /// The cheapest offering of a model by list price at this moment (milliseconds since 1970), for three tokens in and
    /// one out, and its prices; one past its end only where all are. What is not sold by the token has no place in this;
    /// what is free has one only where nothing else does, since beside offerings that cost something it is a limited trial.
    pub fn cheapest(&self, model: &Model, now_ms: i64) -> Option<(OfferingIdx, &Rates)> {
        let priced = self.by_token(model, now_ms);
        priced.min_by_key(|(idx, rates)| {
            let price = blended(rates);
            (self.retired(*idx, now_ms), price == 0, price)
        })
    }

    /// The offerings of a model that cost nothing at this moment (milliseconds since 1970), but for those past their end.
    pub fn free(&self, model: &Model, now_ms: i64) -> impl Iterator<Item = OfferingIdx> {
        let priced = self.by_token(model, now_ms);
        priced.filter_map(move |(idx, rates)| {
            (blended(rates) == 0 && !self.retired(idx, now_ms)).then_some(idx)
        })
    }

    fn retired(&self, offering: OfferingIdx, now_ms: i64) -> bool {
        self.offering(offering).lifecycle(now_ms) == Lifecycle::Retired
    }

    /// The offerings of a model that are sold by the token, with their prices; those for nothing too.
    fn by_token(&self, model: &Model, now_ms: i64) -> impl Iterator<Item = (OfferingIdx, &Rates)> {
        model.offerings.iter().filter_map(move |idx| {
            let price = self.offering(*idx).price.as_ref()?;
            let rates = price.rates(0, now_ms, ServiceTier::Standard)?;
            let by_piece = !price.at(now_ms)?.per.is_empty() || rates.per_request.0 > 0;
            (blended(rates) > 0 || !by_piece).then_some((*idx, rates))
        })
    }

    /// Models that may stand in for one: they do the same operations, give the same kinds of content, have a price and
    /// are not past their end. The nearest first: one that can do something else, or cannot do something, of tools,
    /// structured output, images, audio, reasoning and prompt caching is two steps off for each; twice the price is one
    /// step, twice the context half a step. At most `most`, and no more than `MOST_OFF` steps off.
    pub fn similar(&self, model: ModelIdx, now_ms: i64, most: usize) -> Vec<Similar> {
        let Some(own) = self.traits(self.model(model), now_ms) else {
            return Vec::new();
        };
        let others = self.models().filter(|(idx, _)| *idx != model);
        let mut near: Vec<(f64, Similar)> = others
            .filter_map(|(idx, other)| {
                let other = self.traits(other, now_ms)?;
                (other.operations == own.operations && other.output == own.output).then(|| {
                    let similar = own.beside(&other, idx);
                    (similar.steps(&own, &other), similar)
                })
            })
            .filter(|(steps, _)| *steps <= MOST_OFF)
            .collect();
        near.sort_by(|(a, one), (b, other)| a.total_cmp(b).then(one.model.cmp(&other.model)));
        near.into_iter().take(most).map(|(_, one)| one).collect()
    }

    fn traits(&self, model: &Model, now_ms: i64) -> Option<Traits> {
        let (_, rates) = self.cheapest(model, now_ms)?;
        let offerings = || model.offerings.iter().map(|idx| self.offering(*idx));
        if Lifecycle::of(offerings(), now_ms) == Lifecycle::Retired {
            return None;
        }
        let can = |capability: &Capability| {
            offerings().any(|one| one.capabilities.is_some_and(|all| all.has(*capability)))
        };
        let all_operations = [Operation::Chat, Operation::Embed].into_iter();
        let output: BTreeSet<&str> = offerings()
            .flat_map(|one| one.output.iter().map(|kind| kind.as_str()))
            .collect();
        Some(Traits {
            operations: all_operations
                .filter(|kind| offerings().any(|one| one.operations.contains(kind)))
                .collect(),
            output: Modality::ALL
                .into_iter()
                .filter(|kind| output.contains(kind.as_str()))
                .collect(),
            telling: TELLING.into_iter().filter(can).collect(),
            context: offerings().filter_map(|one| one.context).max(),
            price: blended(rates),
        })
    }
}

/// How far off a model may be and still be called similar.
const MOST_OFF: f64 = 6.0;

impl Traits {
    fn beside(&self, other: &Self, model: ModelIdx) -> Similar {
        let only_one = |one: &Capability| self.telling.contains(one) != other.telling.contains(one);
        let ratio =
            |own: u64, other: u64| (own > 0 && other > 0).then(|| other as f64 / own as f64);
        Similar {
            model,
            differs: TELLING.into_iter().filter(only_one).collect(),
            price_ratio: ratio(self.price.unsigned_abs(), other.price.unsigned_abs()),
            context_ratio: self
                .context
                .zip(other.context)
                .and_then(|(own, other)| ratio(own, other)),
        }
    }
}

impl Similar {
    fn steps(&self, own: &Traits, other: &Traits) -> f64 {
        // One that is free beside one that costs is as far off as a price can be.
        let price = match self.price_ratio {
            Some(ratio) => ratio.log2().abs(),
            None if own.price == other.price => 0.0,
            None => 4.0,
        };
        let context = self
            .context_ratio
            .map_or(1.0, |ratio| ratio.log2().abs() / 2.0);
        2.0 * self.differs.len() as f64 + price + context
    }
}

/// The price of three tokens in and one out, in 10⁻¹² USD.
fn blended(rates: &Rates) -> i64 {
    rates
        .input
        .pico_per_token()
        .saturating_mul(3)
        .saturating_add(rates.output.pico_per_token())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-21.
    const NOW: i64 = 1_795_219_200_000;

    fn catalog() -> Catalog {
        let model = |slug: &str, input: &str, context: u64, can: &str, more: &str| {
            format!(
                "[[model]]\nslug = \"{slug}\"\nname = \"{slug}\"\ninput = [\"text\"]\noutput = [\"text\"]\n\
                 capabilities = [{can}]\n[[model.offering]]\nprovider = \"p\"\nwire_id = \"{slug}\"\ncontext = {context}\n\
                 source = \"https://example.org\"\ndate = \"2026-11-21\"\n{more}\
                 [[model.offering.price]]\nrates = {{ input = \"{input}\", output = \"{input}\" }}\n\n"
            )
        };
        // A second offering of the model before it.
        let trial = "[[model.offering]]\nprovider = \"p\"\nwire_id = \"far-trial\"\nsource = \"https://example.org\"\n\
             date = \"2026-11-21\"\n[[model.offering.price]]\nrates = { input = \"0\", output = \"0\" }\n\n";
        let models = [
            model("one", "1", 1000, "\"tools\"", ""),
            model("twin", "1", 1000, "\"tools\"", ""),
            model("dear", "4", 1000, "\"tools\"", ""),
            model("wide", "1", 4000, "\"tools\"", ""),
            model("toolless", "1", 1000, "", ""),
            model("free", "0", 1000, "\"tools\"", ""),
            model("far", "500", 1000, "\"tools\"", ""),
            trial.to_owned(),
            model(
                "past",
                "1",
                1000,
                "\"tools\"",
                "deprecated = \"2026-01-01\"\n",
            ),
        ]
        .concat();
        let provider = "name = \"P\"\nbase_url = \"http://p/v1\"\nspeaks = [\"openai_chat\"]\n";
        Catalog::parse([
            ("providers/p.toml", provider),
            ("models/a.toml", models.as_str()),
        ])
        .unwrap()
    }

    #[test]
    fn the_nearest_come_first_and_the_far_not_at_all() {
        let catalog = catalog();
        let idx = |slug: &str| {
            let found = catalog.models().find(|(_, model)| model.slug() == slug);
            found.unwrap().0
        };
        let similar = catalog.similar(idx("one"), NOW, 10);
        let names: Vec<&str> = similar
            .iter()
            .map(|one| catalog.model(one.model).slug())
            .collect();
        assert_eq!(names, ["twin", "wide", "dear", "toolless", "free"]);
        assert_eq!(similar[2].price_ratio, Some(4.0));
        assert_eq!(similar[1].context_ratio, Some(4.0));
        assert_eq!(similar[3].differs, [Capability::Tools]);
        assert_eq!(similar[4].price_ratio, None);
        assert_eq!(catalog.similar(idx("one"), NOW, 2).len(), 2);
    }

    #[test]
    fn the_cheapest_is_found_over_all_offerings() {
        let catalog = catalog();
        let check = |slug: &str, input: &str, free: usize| {
            let mut models = catalog.models();
            let (_, model) = models.find(|(_, model)| model.slug() == slug).unwrap();
            let (_, rates) = catalog.cheapest(model, NOW).unwrap();
            assert_eq!(rates.input.to_string(), input, "{slug}");
            assert_eq!(catalog.free(model, NOW).count(), free, "{slug}");
        };
        check("dear", "4", 0);
        check("free", "0", 1);
        // A trial for nothing is not what the model costs.
        check("far", "500", 1);
    }
}
