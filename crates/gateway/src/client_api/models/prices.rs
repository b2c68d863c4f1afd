//! Prices as OpenRouter's and the AI SDK's clients read them: decimal texts, in USD per token.

use super::shown::Sale;
use domain::money::{Amount, PerMillion};
use domain::pricing::{ContextTier, Period, PriceSet, Rates, Unit, Window};
use serde::Serialize;
use std::collections::BTreeMap;

/// The package `openrouter` 1.3.84 (2026-11), `PublicPricing`; `input`, `output` and their tiers as Vercel's list has
/// them.
#[derive(Debug, Default, Serialize)]
pub(super) struct Prices {
    prompt: String,
    completion: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image_output: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    audio: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    audio_output: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    input_cache_read: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    input_cache_write: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    input_cache_write_1h: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    internal_reasoning: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    web_search: Option<String>,
    /// USD for one of what is not counted in tokens, in our words: nobody else has any for a second or a page.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    per: BTreeMap<&'static str, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    overrides: Vec<Override>,
    #[serde(skip_serializing_if = "Option::is_none")]
    input: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    input_tiers: Vec<Tier>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    output_tiers: Vec<Tier>,
}

/// Other prices for some requests; of several that apply, a later one wins. `PricingOverride` of the same package.
#[derive(Debug, Default, Serialize)]
struct Override {
    /// Strictly more input tokens than this.
    #[serde(skip_serializing_if = "Option::is_none")]
    min_prompt_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    utc_days: Option<Vec<&'static str>>,
    /// The clock as a number: 1030 is 10:30.
    #[serde(skip_serializing_if = "Option::is_none")]
    utc_start: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    utc_end: Option<u16>,
    prompt: String,
    completion: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    audio: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    input_cache_read: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    input_cache_write: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    input_cache_write_1h: Option<String>,
}

/// A price from one count of tokens up to another.
#[derive(Debug, Serialize)]
struct Tier {
    cost: String,
    min: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    max: Option<u64>,
}

/// USD per token.
pub(super) fn per_token(rate: PerMillion) -> String {
    rate.of(1).to_string()
}

impl Prices {
    /// All of them, the ordinary ones by default. Where a token has none that is known, the two that clients cannot do
    /// without are what OpenRouter writes for a price that it does not know beforehand: nothing would be free.
    pub(super) fn of(sale: Sale<'_>) -> Self {
        let no_token_price = || Self {
            prompt: "-1".to_owned(),
            completion: "-1".to_owned(),
            ..Self::default()
        };
        match sale {
            Sale::Unknown => no_token_price(),
            Sale::ByPiece(period) => Self {
                request: Some(period.standard.base.per_request.to_string()),
                ..no_token_price()
            }
            .with_pieces(period),
            Sale::ByToken(period) => {
                let mut prices = Self::of_set(&period.standard).with_pieces(period);
                prices.overrides.extend(at_other_hours(period));
                prices
            }
        }
    }

    fn with_pieces(mut self, period: &Period) -> Self {
        let per = period.per.iter();
        self.per = (per.map(|(unit, amount)| (unit.as_str(), amount.to_string()))).collect();
        let of = |unit: Unit| self.per.get(unit.as_str()).cloned();
        (self.image, self.image_output) = (of(Unit::InputImage), of(Unit::OutputImage));
        self
    }

    /// Those of one service tier.
    pub(super) fn of_set(set: &PriceSet) -> Self {
        let rates = &set.base;
        let optional = |rate: Option<PerMillion>| rate.map(per_token);
        let prompt = per_token(rates.input);
        let completion = per_token(rates.output);
        let nonzero = |amount: Amount| (amount != Amount::ZERO).then(|| amount.to_string());
        Self {
            request: Some(rates.per_request.to_string()),
            image: None,
            image_token: optional(rates.image_input),
            image_output: None,
            audio: optional(rates.audio_input),
            audio_output: optional(rates.audio_output),
            input_cache_read: optional(rates.cache_read),
            input_cache_write: optional(rates.cache_write),
            input_cache_write_1h: optional(rates.cache_write_1h),
            internal_reasoning: optional(rates.reasoning),
            web_search: nonzero(rates.per_web_search),
            per: BTreeMap::new(),
            overrides: set.context_tiers.iter().map(Override::of_tier).collect(),
            input: Some(prompt.clone()),
            output: Some(completion.clone()),
            input_tiers: tiers(set, |rates| rates.input),
            output_tiers: tiers(set, |rates| rates.output),
            prompt,
            completion,
        }
    }
}

fn at_other_hours(period: &Period) -> Vec<Override> {
    let Some(off_peak) = &period.off_peak else {
        return Vec::new();
    };
    let during = |window: &Window| {
        let tiers = off_peak.prices.context_tiers.iter().map(Override::of_tier);
        let all = [Override::of(&off_peak.prices.base)]
            .into_iter()
            .chain(tiers);
        all.map(|it| it.during(*window)).collect::<Vec<_>>()
    };
    off_peak.windows.iter().flat_map(during).collect()
}

impl Override {
    fn of(rates: &Rates) -> Self {
        Self {
            prompt: per_token(rates.input),
            completion: per_token(rates.output),
            audio: rates.audio_input.map(per_token),
            input_cache_read: rates.cache_read.map(per_token),
            input_cache_write: rates.cache_write.map(per_token),
            input_cache_write_1h: rates.cache_write_1h.map(per_token),
            ..Self::default()
        }
    }

    fn of_tier(tier: &ContextTier) -> Self {
        Self {
            min_prompt_tokens: Some(tier.above),
            ..Self::of(&tier.rates)
        }
    }

    fn during(mut self, window: Window) -> Self {
        const DAYS: [&str; 7] = [
            "monday",
            "tuesday",
            "wednesday",
            "thursday",
            "friday",
            "saturday",
            "sunday",
        ];
        let (first, last) = window.days();
        let (from, to) = window.minutes();
        if (first, last) != (0, 6) {
            let days = DAYS.get(usize::from(first)..=usize::from(last));
            self.utc_days = days.map(<[_]>::to_vec);
        }
        if (from, to) != (0, 1440) {
            // The end of the day is the next one's beginning: a window may pass midnight.
            let clock = |minute: u16| minute / 60 % 24 * 100 + minute % 60;
            self.utc_start = Some(clock(from));
            self.utc_end = Some(clock(to));
        }
        self
    }
}

/// Vercel's way to say context tiers: from `min` on, below `max`.
fn tiers(set: &PriceSet, rate: impl Fn(&Rates) -> PerMillion) -> Vec<Tier> {
    if set.context_tiers.is_empty() {
        return Vec::new();
    }
    let starts = set.context_tiers.iter().map(|tier| tier.above + 1);
    let ends = starts.clone().map(Some).chain([None]);
    let rates = std::iter::once(&set.base).chain(set.context_tiers.iter().map(|it| &it.rates));
    let tier = |((min, max), rates)| Tier {
        cost: per_token(rate(rates)),
        min,
        max,
    };
    let bounds = std::iter::once(0).chain(starts).zip(ends);
    bounds.zip(rates).map(tier).collect()
}

#[cfg(test)]
mod tests {
    use super::{Prices, Sale};
    use domain::pricing::{ContextTier, OffPeak, Period, PriceSet, Rates, Unit};
    use serde_json::json;

    fn rates(input: &str, output: &str) -> Rates {
        Rates {
            input: input.parse().unwrap(),
            output: output.parse().unwrap(),
            ..Rates::default()
        }
    }

    #[test]
    fn conditions_of_prices_are_overrides() {
        let night = PriceSet {
            base: rates("0.5", "1"),
            context_tiers: Vec::new(),
        };
        let windows = ["mon-fri 16:30-24:00", "mon-sun 00:00-24:00"];
        let period = Period {
            off_peak: Some(Box::new(OffPeak {
                windows: windows.map(|it| it.parse().unwrap()).to_vec(),
                prices: night,
            })),
            per: vec![(Unit::InputImage, "0.01".parse().unwrap())],
            ..Period::always(PriceSet {
                base: Rates {
                    cache_read: Some("0.1".parse().unwrap()),
                    ..rates("1", "2")
                },
                context_tiers: vec![ContextTier {
                    above: 200_000,
                    rates: rates("3", "6"),
                }],
            })
        };
        let got = serde_json::to_value(Prices::of(Sale::ByToken(&period))).unwrap();
        let (one, two, half) = ("0.000001", "0.000002", "0.0000005");
        let (three, six) = ("0.000003", "0.000006");
        let workdays = ["monday", "tuesday", "wednesday", "thursday", "friday"];
        assert_eq!(
            got,
            json!({
                "prompt": one, "completion": two, "request": "0", "image": "0.01", "per": {"input_image": "0.01"}, "input_cache_read": "0.0000001",
                "overrides": [
                    {"min_prompt_tokens": 200_000, "prompt": three, "completion": six},
                    {"utc_days": workdays, "utc_start": 1630, "utc_end": 0, "prompt": half, "completion": one},
                    {"prompt": half, "completion": one},
                ],
                "input": one, "output": two,
                "input_tiers": [{"cost": one, "min": 0, "max": 200_001}, {"cost": three, "min": 200_001}],
                "output_tiers": [{"cost": two, "min": 0, "max": 200_001}, {"cost": six, "min": 200_001}],
            })
        );
    }

    #[test]
    fn what_nobody_knows_or_is_sold_by_the_piece_is_not_free() {
        let by_the_second = Period {
            per: vec![(Unit::OutputSecond, "0.4".parse().unwrap())],
            ..Period::always(PriceSet::default())
        };
        for (sale, expect) in [
            (Sale::Unknown, json!({"prompt": "-1", "completion": "-1"})),
            (
                Sale::ByPiece(&by_the_second),
                json!({"prompt": "-1", "completion": "-1", "request": "0", "per": {"output_second": "0.4"}}),
            ),
        ] {
            assert_eq!(serde_json::to_value(Prices::of(sale)).unwrap(), expect);
        }
    }
}
