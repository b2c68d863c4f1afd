//! What an operator says of prices, laid over those of the catalogue.

use super::{Period, Price, PriceSet, Rates};
use crate::money::PerMillion;

/// What an operator pays, where that is not what the catalogue says. Figures are of the ordinary tier, for requests below
/// the first context tier, at ordinary hours; `None` stays as the catalogue has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OwnPrice {
    /// Uncached input.
    pub input: Option<PerMillion>,
    /// Output.
    pub output: Option<PerMillion>,
    /// Input read from a prompt cache.
    pub cache_read: Option<PerMillion>,
    /// Input written to a prompt cache.
    pub cache_write: Option<PerMillion>,
    /// Whether it stands alone or over the catalogue's.
    pub extent: Extent,
}

/// What becomes of prices that an operator says nothing of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Extent {
    /// They stay: larger requests, other hours and tiers, and what else the catalogue has figures for.
    #[default]
    Over,
    /// There are none: what is said holds for every request, whatever its size, hour and tier.
    Flat,
}

impl Extent {
    /// That of the word `flat`, said or not.
    pub fn of(flat: bool) -> Self {
        match flat {
            true => Self::Flat,
            false => Self::Over,
        }
    }
}

impl OwnPrice {
    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The price with this over what the catalogue lists, which may be nothing.
    ///
    /// # Errors
    /// Where a figure is missing that nothing else gives.
    pub fn over(&self, listed: Option<&Price>) -> Result<Price, String> {
        match (self.extent, listed) {
            (Extent::Over, Some(listed)) => Ok(self.laid_over(listed)),
            (Extent::Over, None) => self.alone("the catalogue has no price of it at this provider"),
            (Extent::Flat, _) => self.alone("a flat price is the whole price"),
        }
    }

    /// Why one of this and what stays of the catalogue's cannot be meant, in any period that has not ended at `now_ms`
    /// (milliseconds since 1970): a discount of the catalogue's would cost more than the own price, or a surcharge less.
    /// Where both hold all the same, each is as it is written.
    pub fn doubt(&self, listed: Option<&Price>, now_ms: i64) -> Option<String> {
        let (Extent::Over, Some(listed)) = (self.extent, listed) else {
            return None;
        };
        let periods = listed.periods.iter();
        let until = periods.map(|period| period.until_ms);
        let next = listed.periods.iter().skip(1).map(|period| period.from_ms);
        let ends = until
            .zip(next.chain([i64::MAX]))
            .map(|(until, next)| until.min(next));
        let mut lasting = listed
            .periods
            .iter()
            .zip(ends)
            .filter(|(_, end)| *end > now_ms);
        lasting.find_map(|(period, _)| {
            let before = period.standard.base;
            let ordered = Ordered {
                said: self,
                before: &before,
                own: &self.rates(&before),
            };
            ordered.check(period).err()
        })
    }

    fn alone(&self, because: &str) -> Result<Price, String> {
        let (Some(input), Some(output)) = (self.input, self.output) else {
            return Err(format!(
                "{because}: say both input and output (\"0\" where nothing is charged)"
            ));
        };
        Ok(Price::flat(Rates {
            input,
            output,
            cache_read: self.cache_read,
            cache_write: self.cache_write,
            ..Rates::default()
        }))
    }

    fn laid_over(&self, listed: &Price) -> Price {
        let mut price = listed.clone();
        for period in &mut price.periods {
            period.standard.base = self.rates(&period.standard.base);
        }
        // What an operator says ends with what the operator says, and not with a price list's trial.
        if let (Some(_), Some(_), Some(last)) = (self.input, self.output, price.periods.last_mut())
        {
            last.until_ms = i64::MAX;
        }
        price
    }

    fn rates(&self, listed: &Rates) -> Rates {
        Rates {
            input: self.input.unwrap_or(listed.input),
            output: self.output.unwrap_or(listed.output),
            cache_read: self.cache_read.or(listed.cache_read),
            cache_write: self.cache_write.or(listed.cache_write),
            ..*listed
        }
    }
}

/// An own price and what stays of the catalogue's around it: what cost less must not cost more now, nor the other way
/// round.
struct Ordered<'a> {
    said: &'a OwnPrice,
    before: &'a Rates,
    own: &'a Rates,
}

impl Ordered<'_> {
    fn check(&self, period: &Period) -> Result<(), String> {
        if let (Some(listed), None) = (self.before.cache_read, self.said.cache_read)
            && listed < self.before.input
            && listed > self.own.input
        {
            return Err(format!(
                "the catalogue's price of cached reads, {listed}, is above your input, {}: say cache_read too",
                self.own.input
            ));
        }
        let tiers = period.standard.context_tiers.iter();
        for tier in tiers {
            let what = format!("above {} tokens", tier.above);
            self.beside(&what, &tier.rates)?;
        }
        let off_peak = period.off_peak.as_ref().map(|off_peak| &off_peak.prices);
        let others: [(&str, Option<&PriceSet>); 4] = [
            ("off-peak", off_peak),
            ("of the tier flex", period.flex.as_deref()),
            ("of the tier priority", period.priority.as_deref()),
            ("of the tier batch", period.batch.as_deref()),
        ];
        for (what, set) in others {
            if let Some(set) = set {
                self.beside(what, &set.base)?;
            }
        }
        Ok(())
    }

    fn beside(&self, what: &str, other: &Rates) -> Result<(), String> {
        let kinds = [
            ("input", self.before.input, self.own.input, other.input),
            ("output", self.before.output, self.own.output, other.output),
        ];
        for (kind, before, own, other) in kinds {
            let turned = (other < before && other > own) || (other > before && other < own);
            if turned {
                return Err(format!(
                    "the catalogue's price of {kind} {what}, {other}, does not fit beside your {own} (the catalogue has {before}): \
                     say flat = true where yours holds for all requests, or use price_multiplier"
                ));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pricing::{ContextTier, ServiceTier, cost};
    use protocol::ir::Usage;

    fn per_million(usd: &str) -> PerMillion {
        usd.parse().unwrap()
    }

    fn rates(input: &str, output: &str) -> Rates {
        Rates {
            input: per_million(input),
            output: per_million(output),
            ..Rates::default()
        }
    }

    /// 2 and 8 USD, cached reads 0.5, cache writes 2.5; 4 and 12 above 1,000 tokens; flex 1 and 4.
    fn listed() -> Price {
        let base = Rates {
            cache_read: Some(per_million("0.5")),
            cache_write: Some(per_million("2.5")),
            ..rates("2", "8")
        };
        let standard = PriceSet {
            base,
            context_tiers: vec![ContextTier {
                above: 1000,
                rates: rates("4", "12"),
            }],
        };
        let flex = PriceSet {
            base: rates("1", "4"),
            context_tiers: Vec::new(),
        };
        let period = Period {
            flex: Some(Box::new(flex)),
            until_ms: 5000,
            ..Period::always(standard)
        };
        Price::new(vec![period]).unwrap()
    }

    fn own(said: &[(&str, &str)]) -> OwnPrice {
        let of = |field: &str| {
            let mut said = said.iter();
            said.find(|(name, _)| *name == field)
                .map(|(_, usd)| per_million(usd))
        };
        OwnPrice {
            input: of("input"),
            output: of("output"),
            cache_read: of("cache_read"),
            cache_write: of("cache_write"),
            extent: Extent::Over,
        }
    }

    /// What 100 tokens of input, 10 read from a cache, 10 written to it and 10 of output cost, in 10⁻¹² USD.
    fn small(price: &Price, tier: ServiceTier) -> i128 {
        let usage = Usage {
            input: 100,
            cache_read: 10,
            cache_write: 10,
            output: 10,
            ..Usage::default()
        };
        cost(price, &usage, 0, tier).unwrap().pico()
    }

    #[test]
    fn what_an_own_price_does_not_say_stays_as_the_catalogue_has_it() {
        let check = |said: &[(&str, &str)], pico: i128| {
            let price = own(said).over(Some(&listed())).unwrap();
            assert_eq!(small(&price, ServiceTier::Standard), pico, "{said:?}");
        };
        // 100 × 2 + 10 × 0.5 + 10 × 2.5 + 10 × 8 USD per million.
        check(&[], 310_000_000);
        check(&[("input", "1.5")], 260_000_000);
        check(&[("cache_read", "0.1")], 306_000_000);
        check(&[("output", "6")], 290_000_000);
        check(&[("cache_write", "0")], 285_000_000);
        check(
            &[("input", "1.5"), ("output", "6"), ("cache_read", "0")],
            235_000_000,
        );
    }

    #[test]
    fn context_tiers_and_service_tiers_stay_beside_an_own_price() {
        let price = own(&[("input", "1.5"), ("output", "6")])
            .over(Some(&listed()))
            .unwrap();
        assert_eq!(small(&price, ServiceTier::Flex), 160_000_000);
        let large = Usage {
            input: 1001,
            output: 1,
            ..Usage::default()
        };
        let of = |price: &Price| {
            cost(price, &large, 0, ServiceTier::Standard)
                .unwrap()
                .pico()
        };
        assert_eq!(of(&price), 1001 * 4_000_000 + 12_000_000);
        // A price list's end is not the operator's, where both figures are the operator's.
        assert!(cost(&price, &large, 5000, ServiceTier::Standard).is_some());
        let half = own(&[("input", "1.5")]).over(Some(&listed())).unwrap();
        assert!(cost(&half, &large, 5000, ServiceTier::Standard).is_none());
    }

    #[test]
    fn a_flat_price_is_the_whole_price() {
        let flat = |said| OwnPrice {
            extent: Extent::Flat,
            ..own(said)
        };
        let price = flat(&[("input", "0.1"), ("output", "6")])
            .over(Some(&listed()))
            .unwrap();
        assert_eq!(price, Price::flat(rates("0.1", "6")));
        let heard = flat(&[("input", "1")]).over(Some(&listed())).unwrap_err();
        assert!(
            heard.starts_with("a flat price is the whole price: say both"),
            "{heard}"
        );
    }

    #[test]
    fn an_own_price_that_leaves_open_what_is_meant_is_refused() {
        for said in [
            &[("cache_read", "1")],
            &[("input", "1")],
            &[("output", "1")],
        ] {
            let heard = own(said).over(None).unwrap_err();
            let expect = "the catalogue has no price of it at this provider: say both";
            assert!(heard.contains(expect), "{heard}");
        }
    }

    /// The next update of a catalogue stopped a server whose own price it came to contradict.
    #[test]
    fn an_own_price_that_the_catalogue_contradicts_is_doubted_and_holds() {
        let listed = listed();
        let check = |said: &[(&str, &str)], expect: &str| {
            let heard = own(said).doubt(Some(&listed), 0).unwrap();
            assert!(heard.contains(expect), "{heard}");
            let price = own(said).over(Some(&listed)).unwrap();
            let (is, was) = (&price.periods()[0], &listed.periods()[0]);
            assert_eq!(is.standard.base, own(said).rates(&was.standard.base));
            assert_eq!(is.flex, was.flex, "what is not said stays");
        };
        check(
            &[("input", "0.4")],
            "cached reads, 0.5, is above your input, 0.4: say cache_read too",
        );
        check(
            &[("input", "5")],
            "price of input above 1000 tokens, 4, does not fit beside your 5 (the catalogue has 2): say flat = true",
        );
        check(
            &[("output", "3")],
            "price of output of the tier flex, 4, does not fit beside your 3 (the catalogue has 8)",
        );
        assert_eq!(own(&[("input", "1.5")]).doubt(Some(&listed), 0), None);
        assert_eq!(own(&[("input", "0.4")]).doubt(None, 0), None);
    }

    /// Cached reads of a price that ended long ago made today's own price a contradiction.
    #[test]
    fn a_price_that_has_ended_contradicts_nothing() {
        let dear = listed().periods()[0].clone();
        let cheap = Period {
            from_ms: 3000,
            ..Period::always(PriceSet {
                base: rates("0.4", "8"),
                context_tiers: Vec::new(),
            })
        };
        let both = Price::new(vec![dear.clone(), cheap]).unwrap();
        let alone = Price::new(vec![dear]).unwrap();
        for (listed, now_ms, doubted) in [
            (&both, 2999, true),
            (&both, 3000, false),
            (&alone, 4999, true),
            (&alone, 5000, false),
        ] {
            let doubt = own(&[("input", "0.4")]).doubt(Some(listed), now_ms);
            assert_eq!(doubt.is_some(), doubted, "{now_ms}: {doubt:?}");
        }
    }
}
