//! What some usage would cost at each provider that serves a model: the same pricing function that records are priced by.
//! Nothing here asks a provider, and nothing is written down.

mod counts;

pub(crate) use counts::Counts;

use crate::moment;
use crate::view::timestamp;
use domain::catalog::{Catalog, ModelIdx, Offering, OfferingIdx, ProviderIdx, Suffix};
use domain::money::Money;
use domain::pricing::{self, Breakdown, ServiceTier};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What is to be priced.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    /// The model, by any of its names.
    pub(crate) model: String,
    /// Only at this provider; every one that serves the model where none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) provider: Option<String>,
    /// Counts by dimension, as in records: tokens, and `web_searches`.
    #[schema(value_type = std::collections::BTreeMap<String, u64>)]
    pub(crate) usage: Counts,
    /// When the request began (`2026-12-01T09:30:00Z`, or a day in UTC); now where it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) at: Option<String>,
    /// The service tier that the provider says it served (`flex`, `priority`, `batch`); else `standard`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) tier: Option<String>,
}

/// What it costs.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct Quote {
    /// `author/slug`
    pub(crate) model: String,
    /// The only provider that is asked about, by the name or by what was said; null where it is every one.
    #[schema(required)]
    pub(crate) only_provider: Option<String>,
    /// The moment: RFC 3339, UTC, milliseconds.
    pub(crate) at: String,
    /// `standard`, `flex`, `priority` or `batch`.
    pub(crate) tier: String,
    /// What was priced.
    #[schema(value_type = std::collections::BTreeMap<String, u64>)]
    pub(crate) usage: Counts,
    /// One for each offering, the cheapest first, those without a price last.
    pub(crate) offerings: Vec<Quoted>,
}

/// What it costs at one provider.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct Quoted {
    /// Provider id.
    pub(crate) provider: String,
    /// The provider's own name of the model.
    pub(crate) wire_id: String,
    /// USD as decimal text, exact; null where there is no price.
    pub(crate) cost_usd: Option<String>,
    /// USD by component, as decimal text; the parts sum to the cost. Null where there is no price.
    pub(crate) breakdown: Option<Parts>,
    /// Why there is no price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) unpriced: Option<String>,
    /// What is sold by the piece besides (`output_image`): it has a price, and is no part of the cost.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) not_counted: Vec<String>,
    /// The page that the price was taken from.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) source: String,
    /// The day on which it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) date: Option<String>,
}

/// The components of a cost that are not nothing, in USD as decimal text.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = std::collections::BTreeMap<String, String>)]
pub(crate) struct Parts(pub(crate) serde_json::Map<String, serde_json::Value>);

/// Something in a case that means nothing.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct NoCase {
    /// The member at fault.
    pub(crate) field: &'static str,
    /// A sentence for a person.
    pub(crate) message: String,
}

impl NoCase {
    fn of(field: &'static str, message: impl ToString) -> Self {
        Self {
            field,
            message: message.to_string(),
        }
    }
}

/// What a case is about.
struct Meant {
    model: ModelIdx,
    provider: Option<ProviderIdx>,
    offering: Option<OfferingIdx>,
    /// What stood behind the model's name.
    suffix: Option<Suffix>,
}

impl Meant {
    /// Why nobody is left.
    fn nobody(&self, catalog: &Catalog, at_ms: i64) -> NoCase {
        let model = catalog.model(self.model);
        let who = self.provider.map(|idx| catalog.provider(idx).id.as_str());
        match self.suffix {
            Some(Suffix::Free) => {
                let (id, at) = (&model.id, timestamp(at_ms));
                NoCase::of(
                    "model",
                    match who {
                        Some(who) => format!("{who} does not serve {id} free of charge at {at}"),
                        None => format!("no provider serves {id} free of charge at {at}"),
                    },
                )
            }
            Some(Suffix::Floor) | None => {
                let who = who.unwrap_or("nobody");
                NoCase::of("provider", format!("{} is not served by {who}", model.id))
            }
        }
    }
}

impl Case {
    /// Prices it; `now_ms` is milliseconds since 1970.
    ///
    /// # Errors
    /// Where a name, a moment or a tier means nothing, or no offering of the model is the named provider's.
    pub(crate) fn quote(&self, catalog: &Catalog, now_ms: i64) -> Result<Quote, NoCase> {
        let at_ms = self.at.as_deref().map_or(Ok(now_ms), moment::read);
        let at_ms = at_ms.map_err(|error| NoCase::of("at", format!("at: {error}")))?;
        let tier = self.tier.as_deref();
        let tier = tier.map_or(Ok(ServiceTier::default()), tier_of)?;
        let meant = self.meant(catalog)?;
        let model = catalog.model(meant.model);
        let mut quoted: Vec<(Option<Money>, Quoted)> = model
            .offerings
            .iter()
            .filter(|idx| meant.offering.is_none_or(|only| **idx == only))
            .map(|idx| catalog.offering(*idx))
            .filter(|offering| meant.provider.is_none_or(|only| offering.provider == only))
            .filter(|offering| match meant.suffix {
                Some(Suffix::Free) => offering.is_free(at_ms),
                // The cheapest is the first in any case.
                Some(Suffix::Floor) | None => true,
            })
            .map(|offering| self.at_provider(catalog, offering, at_ms, tier))
            .collect();
        if quoted.is_empty() {
            return Err(meant.nobody(catalog, at_ms));
        }
        quoted.sort_by_key(|(cost, _)| (cost.is_none(), *cost));
        Ok(Quote {
            model: model.id.clone(),
            only_provider: meant.provider.map(|idx| catalog.provider(idx).id.clone()),
            at: timestamp(at_ms),
            tier: tier.as_str().to_owned(),
            usage: self.usage,
            offerings: quoted.into_iter().map(|(_, quoted)| quoted).collect(),
        })
    }

    /// What is asked about: a model; its only provider, where one is named; and the only offering there, where the model
    /// is named as that provider itself names it, which may have several for one model, at several prices.
    fn meant(&self, catalog: &Catalog) -> Result<Meant, NoCase> {
        let provider = match self.provider.as_deref() {
            None => None,
            Some(name) => Some(catalog.find_provider(name).ok_or_else(|| {
                let meant = catalog.provider_like(name);
                let meant = meant.map_or_else(String::new, |id| format!("; did you mean {id}?"));
                NoCase::of("provider", format!("no provider is called '{name}'{meant}"))
            })?),
        };
        let own = |provider, name| {
            let offering = catalog.own_offering(provider, name)?;
            Some(Meant {
                model: catalog.offering(offering).model,
                provider: Some(provider),
                offering: Some(offering),
                suffix: None,
            })
        };
        if let Some(meant) = provider.and_then(|provider| own(provider, &self.model)) {
            return Ok(meant);
        }
        let found = catalog.resolve(&self.model);
        let found = found.map_err(|unknown| NoCase::of("model", unknown))?;
        let prefixed = || {
            let (_, rest) = self.model.split_once('/')?;
            let meant = own(provider.or(found.provider)?, rest)?;
            (meant.model == found.model && found.provider == meant.provider).then_some(meant)
        };
        Ok(prefixed().unwrap_or(Meant {
            model: found.model,
            provider: provider.or(found.provider),
            offering: None,
            suffix: found.suffix,
        }))
    }

    fn at_provider(
        &self,
        catalog: &Catalog,
        offering: &Offering,
        at_ms: i64,
        tier: ServiceTier,
    ) -> (Option<Money>, Quoted) {
        let price = offering.price.as_deref();
        let bill = price.and_then(|price| pricing::breakdown(price, &self.usage.0, at_ms, tier));
        // As a record holds it.
        let cost = bill.map(|bill| Money::from(bill.total().to_amount_saturating()));
        let period = price.and_then(|price| price.at(at_ms));
        let pieces = period.into_iter().flat_map(|period| &period.per);
        let unpriced = match (&bill, price) {
            (Some(_), _) => None,
            (None, Some(_)) => Some("no price is known for that moment".to_owned()),
            (None, None) if offering.facts.unpriced.is_empty() => {
                Some("whoever set it up said no price".to_owned())
            }
            (None, None) => Some(offering.facts.unpriced.clone()),
        };
        let quoted = Quoted {
            provider: catalog.provider(offering.provider).id.clone(),
            wire_id: offering.wire_id.clone(),
            cost_usd: cost.map(|cost| cost.to_string()),
            breakdown: bill.map(|bill| Parts::of(&bill)),
            unpriced,
            not_counted: pieces.map(|(unit, _)| unit.as_str().to_owned()).collect(),
            source: offering.facts.source.clone(),
            date: offering.facts.date.map(|date| date.to_string()),
        };
        (cost, quoted)
    }
}

fn tier_of(word: &str) -> Result<ServiceTier, NoCase> {
    ServiceTier::parse(word).ok_or_else(|| {
        let known = ServiceTier::ALL.map(ServiceTier::as_str).join(", ");
        NoCase::of("tier", format!("tier: must be one of {known}"))
    })
}

impl Parts {
    fn of(bill: &Breakdown) -> Self {
        let parts = bill.parts().into_iter();
        let paid = parts.filter(|(_, part)| *part != Money::ZERO);
        Self(
            paid.map(|(name, part)| (name.to_owned(), part.to_string().into()))
                .collect(),
        )
    }

    /// One component.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn provider(name: &str, more: &str) -> String {
        format!(
            "name = \"{name}\"\nbase_url = \"https://p.example\"\nspeaks = [\"openai_chat\"]\n{more}\n"
        )
    }

    /// A model by slug, with its offerings by provider, the provider's own name and the price.
    fn model(slug: &str, offerings: &[[&str; 3]]) -> String {
        let mut text = format!("[[model]]\nslug = \"{slug}\"\nname = \"{slug}\"\n");
        for [provider, wire_id, price] in offerings {
            text += &format!(
                "[[model.offering]]\nprovider = \"{provider}\"\nwire_id = \"{wire_id}\"\ndate = \"2026-11-21\"\n{price}\n"
            );
        }
        text
    }

    fn catalog() -> Catalog {
        let priced = |price: &str| format!("[[model.offering.price]]\n{price}");
        let until_december = priced(
            r#"until = "2026-12-01"
rates = { input = "2", output = "4" }
flex = { rates = { input = "1", output = "2" } }"#,
        );
        let with_pieces = priced(
            r#"rates = { input = "1", output = "8", reasoning = "9" }
per = { output_image = "0.04" }"#,
        );
        let flat = |usd: &str| {
            priced(&format!(
                "rates = {{ input = \"{usd}\", output = \"{usd}\" }}"
            ))
        };
        let models = [
            model(
                "m-1",
                &[
                    ["acme", "m1", &until_december],
                    ["bravo", "lab/m1", &with_pieces],
                    ["cargo", "m1", "unpriced = \"nobody asked\""],
                    ["cargo", "m1-old", &flat("3")],
                ],
            ),
            model(
                "gift",
                &[
                    ["acme", "gift", &flat("1")],
                    ["bravo", "vendor/gift:free", &flat("0")],
                ],
            ),
        ];
        let files = [
            (
                "providers/acme.toml",
                provider("Acme", "aliases = [\"acme-ai\"]"),
            ),
            ("providers/bravo.toml", provider("Bravo", "")),
            ("providers/cargo.toml", provider("Cargo", "")),
            ("models/lab.toml", models.concat()),
        ];
        Catalog::parse(files.iter().map(|(path, text)| (*path, &**text))).unwrap()
    }

    fn asked(json: &str) -> Result<Quote, String> {
        let case: Case = serde_json::from_str(json).map_err(|error| error.to_string())?;
        let now: jiff::Timestamp = "2026-11-21T00:00:00Z".parse().unwrap();
        let quote = case.quote(&catalog(), now.as_millisecond());
        quote.map_err(|error| format!("{}: {error}", error.field))
    }

    fn costs(json: &str) -> String {
        let quote = asked(json).unwrap();
        let said = quote.offerings.iter().map(|one| {
            let cost = one.cost_usd.as_deref();
            let cost = cost.or(one.unpriced.as_deref()).unwrap();
            format!("{} {cost}", one.provider)
        });
        said.collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn every_provider_is_priced_the_cheapest_first() {
        let usage = r#""usage": {"input": 1000, "output": 100}"#;
        let check = |rest: &str, expect: &str| {
            let case = format!(r#"{{"model": "lab/m-1", {usage}{rest}}}"#);
            assert_eq!(costs(&case), expect);
        };
        check(
            "",
            "bravo 0.0018, acme 0.0024, cargo 0.0033, cargo nobody asked",
        );
        check(
            r#", "tier": "flex""#,
            "acme 0.0012, bravo 0.0018, cargo 0.0033, cargo nobody asked",
        );
        check(r#", "provider": "acme-ai""#, "acme 0.0024");
        check(
            r#", "provider": "acme", "at": "2026-12-01""#,
            "acme no price is known for that moment",
        );
        check(
            r#", "provider": "acme", "at": "2026-11-30T23:59:59Z""#,
            "acme 0.0024",
        );
        assert_eq!(
            costs(r#"{"model": "bravo/lab/m1", "usage": {}}"#),
            "bravo 0"
        );
        // Its own name, where a provider has several for one model.
        assert_eq!(
            costs(r#"{"model": "cargo/m1-old", "usage": {}}"#),
            "cargo 0"
        );
        assert_eq!(
            costs(r#"{"model": "m1-old", "provider": "cargo", "usage": {}}"#),
            "cargo 0"
        );
        assert_eq!(
            costs(r#"{"model": "lab/m-1", "provider": "cargo", "usage": {}}"#),
            "cargo 0, cargo nobody asked"
        );
    }

    #[test]
    fn what_a_name_was_understood_to_mean_is_said() {
        let check = |rest: &str, expect: Option<&str>| {
            let quote = asked(&format!(r#"{{{rest}, "usage": {{}}}}"#)).unwrap();
            assert_eq!(quote.model, "lab/m-1");
            assert_eq!(quote.only_provider.as_deref(), expect);
        };
        check(r#""model": "M-1""#, None);
        check(r#""model": "acme-ai/m-1""#, Some("acme"));
        check(r#""model": "lab/m-1", "provider": "Acme-AI""#, Some("acme"));
        let heard = asked(r#"{"model": "m-1", "provider": "bravoo", "usage": {}}"#);
        assert_eq!(
            heard.unwrap_err(),
            "provider: no provider is called 'bravoo'; did you mean bravo?"
        );
    }

    #[test]
    fn parts_sum_to_the_cost_and_pieces_are_named() {
        let quote = asked(
            r#"{"model": "m-1", "provider": "bravo", "usage": {"input": 10, "output": 10, "reasoning": 4}}"#,
        );
        let one = quote.unwrap().offerings.remove(0);
        let parts = one.breakdown.unwrap();
        assert_eq!(parts.get("input"), Some("0.00001"));
        assert_eq!(parts.get("output"), Some("0.000048"));
        assert_eq!(parts.get("reasoning"), Some("0.000036"));
        assert_eq!(parts.get("cache_read"), None);
        assert_eq!(one.cost_usd.as_deref(), Some("0.000094"));
        assert_eq!(one.not_counted, ["output_image"]);
    }

    #[test]
    fn what_means_nothing_is_named() {
        let check = |json: &str, expect: &str| {
            let error = asked(json).unwrap_err();
            assert!(error.contains(expect), "{error}");
        };
        check(
            r#"{"model": "m-2", "usage": {}}"#,
            "model: no model is called 'm-2'",
        );
        check(
            r#"{"model": "m-1", "provider": "x", "usage": {}}"#,
            "no provider is called 'x'",
        );
        check(
            r#"{"model": "m-1", "at": "noon", "usage": {}}"#,
            "at: 'noon' is no moment",
        );
        check(
            r#"{"model": "m-1", "tier": "fast", "usage": {}}"#,
            "tier: must be one of standard, flex, priority, batch",
        );
        check(
            r#"{"model": "m-1", "usage": {"tokens": 1}}"#,
            "'tokens' is no dimension of usage; there are input, cache_read",
        );
        check(r#"{"model": "m-1", "colour": 1}"#, "unknown field `colour`");
    }

    /// Nothing costs nothing, but nobody asks for that by leaving it out.
    #[test]
    fn usage_must_be_said() {
        let error = asked(r#"{"model": "m-1"}"#).unwrap_err();
        assert!(error.contains("missing field `usage`"), "{error}");
        let twice = r#"{"model": "m-1", "usage": {"input": 1, "input": 2}}"#;
        let error = asked(twice).unwrap_err();
        assert!(error.contains("'input' is said twice"), "{error}");
    }

    #[test]
    fn a_suffix_means_what_it_means_in_a_request() {
        let check = |model: &str, rest: &str, expect: Result<&str, &str>| {
            let case = format!(r#"{{"model": "{model}", "usage": {{"input": 1000}}{rest}}}"#);
            match expect {
                Ok(expect) => assert_eq!(costs(&case), expect),
                Err(expect) => assert_eq!(asked(&case).unwrap_err(), expect),
            }
        };
        check("lab/gift", "", Ok("bravo 0, acme 0.001"));
        check("lab/gift:free", "", Ok("bravo 0"));
        check("lab/gift:floor", "", Ok("bravo 0, acme 0.001"));
        // One provider's own name of its free offering.
        check("vendor/gift:free", "", Ok("bravo 0"));
        check("bravo/vendor/gift:free", "", Ok("bravo 0"));
        check(
            "lab/m-1:free",
            "",
            Err("model: no provider serves lab/m-1 free of charge at 2026-11-21T00:00:00.000Z"),
        );
        check(
            "lab/gift:free",
            r#", "provider": "acme""#,
            Err("model: acme does not serve lab/gift free of charge at 2026-11-21T00:00:00.000Z"),
        );
        let error = asked(r#"{"model": "lab/gift:best", "usage": {}}"#).unwrap_err();
        assert!(
            error.contains("no model is called 'lab/gift:best'"),
            "{error}"
        );
    }
}
