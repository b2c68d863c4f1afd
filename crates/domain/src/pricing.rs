//! What an exchange costs by the catalogue's price: chosen by what was served and when. No budgets, no charges.

mod bill;
mod multiplier;
mod off_peak;
mod own;
mod unit;

pub use bill::Breakdown;
pub use multiplier::Multiplier;
pub use off_peak::{NotAWindow, OffPeak, Window};
pub use own::{Extent, OwnPrice};
pub use unit::Unit;

use crate::money::{Amount, Money, PerMillion};
use protocol::ir::Usage;

/// What one offering costs, over time.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Price {
    /// What holds from when on; never empty, ascending by `from_ms`.
    periods: Vec<Period>,
}

/// Prices that hold from a moment until the next period's, or until they end. There are thousands; what few have is
/// boxed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Period {
    /// Milliseconds since 1970; `i64::MIN` where the price list names no date.
    pub from_ms: i64,
    /// The first moment, in milliseconds since 1970, at which they hold no more; `i64::MAX` where no end is known.
    pub until_ms: i64,
    /// The ordinary prices.
    pub standard: PriceSet,
    /// The ordinary prices at some hours of the week, where they differ.
    pub off_peak: Option<Box<OffPeak>>,
    /// Where the provider sells it: slower and cheaper.
    pub flex: Option<Box<PriceSet>>,
    /// Where the provider sells it: faster and dearer.
    pub priority: Option<Box<PriceSet>>,
    /// Where the provider sells it: answered within a day.
    pub batch: Option<Box<PriceSet>>,
    /// What one of something costs that is not counted in tokens. Published, and no part of a cost while usage does not
    /// count it.
    pub per: Vec<(Unit, Amount)>,
}

/// The prices of one service tier.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct PriceSet {
    /// What holds up to the first context tier.
    pub base: Rates,
    /// Other prices for the whole request where it is large; ascending by `above`.
    pub context_tiers: Vec<ContextTier>,
}

/// Prices for large requests.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ContextTier {
    /// Holds where the total input (cached included) is more than this many tokens.
    pub above: u64,
    /// The prices then, for all tokens of the request.
    pub rates: Rates,
}

/// The prices of one request. What is `None` has no price of its own and costs as its fallback does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Rates {
    /// Uncached input.
    pub input: PerMillion,
    /// Output.
    pub output: PerMillion,
    /// Input read from a prompt cache; else as `input`.
    pub cache_read: Option<PerMillion>,
    /// Input written to a prompt cache (five minutes, where lifetimes differ); else as `input`.
    pub cache_write: Option<PerMillion>,
    /// Input written to a prompt cache for one hour; else as `cache_write`.
    pub cache_write_1h: Option<PerMillion>,
    /// Reasoning; else as `output`.
    pub reasoning: Option<PerMillion>,
    /// Audio in the input; else as `input`.
    pub audio_input: Option<PerMillion>,
    /// Audio in the output; else as `output`.
    pub audio_output: Option<PerMillion>,
    /// Pictures in the input; else as `input`.
    pub image_input: Option<PerMillion>,
    /// Pictures in the output; else as `output`.
    pub image_output: Option<PerMillion>,
    /// Once per request.
    pub per_request: Amount,
    /// Per web search that the provider ran.
    pub per_web_search: Amount,
}

/// What quality of service the provider says it gave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ServiceTier {
    /// The ordinary one.
    #[default]
    Standard,
    /// Slower and cheaper.
    Flex,
    /// Faster and dearer.
    Priority,
    /// Within a day.
    Batch,
}

impl ServiceTier {
    /// All, in the order of this list.
    pub const ALL: [Self; 4] = [Self::Standard, Self::Flex, Self::Priority, Self::Batch];

    /// The word in files and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Flex => "flex",
            Self::Priority => "priority",
            Self::Batch => "batch",
        }
    }

    /// The tier of that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == word)
    }

    /// The tier that a word on the wire stands for (OpenAI's and Anthropic's `service_tier` in an answer). Every other
    /// word (`default`, `auto`, `standard` …) means the ordinary one.
    pub fn from_wire(word: &str) -> Self {
        Self::parse(word).unwrap_or_default()
    }
}

impl Price {
    /// A price that changes at the given moments; `None` where there is no period. Sorts them.
    pub fn new(mut periods: Vec<Period>) -> Option<Self> {
        periods.sort_by_key(|period| period.from_ms);
        (!periods.is_empty()).then_some(Self { periods })
    }

    /// A price that always holds, for every tier and size.
    pub fn flat(rates: Rates) -> Self {
        Self {
            periods: vec![Period::always(PriceSet {
                base: rates,
                context_tiers: Vec::new(),
            })],
        }
    }

    /// All periods, ascending.
    pub fn periods(&self) -> &[Period] {
        &self.periods
    }

    /// What holds at a moment; before the first known period, that one; `None` once the last one has ended.
    pub fn at(&self, now_ms: i64) -> Option<&Period> {
        let begun = self
            .periods
            .partition_point(|period| period.from_ms <= now_ms);
        let period = self.periods.get(begun.saturating_sub(1))?;
        (now_ms < period.until_ms).then_some(period)
    }

    /// The prices for a request of `total_input` tokens that began at `now_ms` and was served in `tier`. A tier that the
    /// provider has no separate price for costs as the ordinary one. `None` where no price is known for that moment.
    pub fn rates(&self, total_input: u64, now_ms: i64, tier: ServiceTier) -> Option<&Rates> {
        let period = self.at(now_ms)?;
        let set = match tier {
            ServiceTier::Standard => None,
            ServiceTier::Flex => period.flex.as_deref(),
            ServiceTier::Priority => period.priority.as_deref(),
            ServiceTier::Batch => period.batch.as_deref(),
        };
        let set = set.unwrap_or_else(|| period.ordinary(now_ms));
        Some(set.rates(total_input))
    }
}

impl Period {
    /// Prices that always hold, whatever the hour and the tier.
    pub fn always(standard: PriceSet) -> Self {
        Self {
            from_ms: i64::MIN,
            until_ms: i64::MAX,
            standard,
            off_peak: None,
            flex: None,
            priority: None,
            batch: None,
            per: Vec::new(),
        }
    }

    fn ordinary(&self, now_ms: i64) -> &PriceSet {
        match &self.off_peak {
            Some(off_peak) if off_peak.covers(now_ms) => &off_peak.prices,
            Some(_) | None => &self.standard,
        }
    }
}

impl PriceSet {
    fn rates(&self, total_input: u64) -> &Rates {
        self.context_tiers
            .iter()
            .rev()
            .find(|tier| total_input > tier.above)
            .map_or(&self.base, |tier| &tier.rates)
    }
}

/// What an exchange costs: the total of [`breakdown`].
pub fn cost(price: &Price, usage: &Usage, now_ms: i64, tier: ServiceTier) -> Option<Money> {
    Some(breakdown(price, usage, now_ms, tier)?.total())
}

/// What an exchange costs, by component. `now_ms` is when it began, in milliseconds since 1970; `None` where no price is
/// known for that moment.
pub fn breakdown(
    price: &Price,
    usage: &Usage,
    now_ms: i64,
    tier: ServiceTier,
) -> Option<Breakdown> {
    let rates = price.rates(usage.total_input(), now_ms, tier)?;
    Some(Breakdown::of(rates, usage))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rates(input: &str, output: &str) -> Rates {
        Rates {
            input: input.parse().unwrap(),
            output: output.parse().unwrap(),
            ..Rates::default()
        }
    }

    fn set(input: &str, output: &str) -> PriceSet {
        PriceSet {
            base: rates(input, output),
            context_tiers: Vec::new(),
        }
    }

    /// 1 and 2 USD, 3 and 6 above 200,000 tokens; twice that from the moment 1000 on, with cheaper flex.
    fn price() -> Price {
        let period = |from_ms, [input, output, large_in, large_out]: [&str; 4]| Period {
            from_ms,
            ..Period::always(PriceSet {
                base: rates(input, output),
                context_tiers: vec![ContextTier {
                    above: 200_000,
                    rates: rates(large_in, large_out),
                }],
            })
        };
        let later = Period {
            flex: Some(Box::new(set("1", "2"))),
            ..period(1000, ["2", "4", "6", "12"])
        };
        Price::new(vec![later, period(0, ["1", "2", "3", "6"])]).unwrap()
    }

    fn check(usage: Usage, now_ms: i64, tier: ServiceTier, usd: &str) {
        assert_eq!(
            cost(&price(), &usage, now_ms, tier).unwrap().to_string(),
            usd
        );
    }

    #[test]
    fn the_price_is_chosen_by_time_size_and_tier() {
        let small = Usage {
            input: 200_000,
            output: 1,
            ..Usage::default()
        };
        let large = Usage {
            cache_read: 1,
            ..small
        };
        check(small, -5, ServiceTier::Standard, "0.200002");
        check(small, 999, ServiceTier::Standard, "0.200002");
        check(small, 1000, ServiceTier::Standard, "0.400004");
        check(large, 0, ServiceTier::Standard, "0.600009");
        check(small, 1000, ServiceTier::Flex, "0.200002");
        // No flex price at that time, no priority price at any.
        check(small, 0, ServiceTier::Flex, "0.200002");
        check(small, 1000, ServiceTier::Priority, "0.400004");
    }

    #[test]
    fn off_peak_prices_hold_at_their_hours_for_the_ordinary_tier() {
        let off_peak = OffPeak {
            windows: vec!["thu-thu 01:00-02:00".parse().unwrap()],
            prices: set("0.5", "1"),
        };
        let period = Period {
            off_peak: Some(Box::new(off_peak)),
            flex: Some(Box::new(set("0.1", "0.1"))),
            ..price().periods()[0].clone()
        };
        let price = Price::new(vec![period]).unwrap();
        let usage = Usage {
            input: 1_000_000,
            ..Usage::default()
        };
        let check = |now_ms, tier, usd: &str| {
            assert_eq!(cost(&price, &usage, now_ms, tier).unwrap().to_string(), usd);
        };
        check(3_599_999, ServiceTier::Standard, "3");
        check(3_600_000, ServiceTier::Standard, "0.5");
        check(3_600_000, ServiceTier::Flex, "0.1");
        check(7_200_000, ServiceTier::Standard, "3");
    }

    #[test]
    fn words_of_the_wire() {
        assert_eq!(ServiceTier::from_wire("flex"), ServiceTier::Flex);
        assert_eq!(ServiceTier::from_wire("priority"), ServiceTier::Priority);
        assert_eq!(ServiceTier::from_wire("batch"), ServiceTier::Batch);
        assert_eq!(ServiceTier::from_wire("default"), ServiceTier::Standard);
    }

    #[test]
    fn a_change_takes_effect_by_itself_and_what_was_stays_as_it_was() {
        let usage = Usage {
            input: 1_000_000,
            ..Usage::default()
        };
        let mut periods = price().periods().to_vec();
        periods[1].until_ms = 2000;
        let price = Price::new(periods).unwrap();
        let check = |now_ms, usd: Option<&str>| {
            let cost = cost(&price, &usage, now_ms, ServiceTier::Standard);
            assert_eq!(cost.map(|cost| cost.to_string()).as_deref(), usd);
        };
        check(999, Some("3"));
        check(1000, Some("6"));
        check(1999, Some("6"));
        // Nobody knows what it costs now: not what it cost during the trial.
        check(2000, None);
        check(999, Some("3"));
    }

    #[test]
    fn a_price_has_at_least_one_period() {
        assert_eq!(Price::new(Vec::new()), None);
    }
}
