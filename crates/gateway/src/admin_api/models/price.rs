//! What an offering costs, in every dimension that its price list has. All prices are decimal text in USD: per million
//! tokens where nothing else is said.

use crate::admin_api::words::UnitWord;
use crate::view::timestamp;
use domain::money::{Amount, PerMillion};
use domain::pricing::{ContextTier, Period, Price, PriceSet, Rates, Unit};
use serde::Serialize;
use utoipa::ToSchema;

/// What an offering costs now, and what is known to come.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PriceView {
    /// What holds now; null where the known prices have ended.
    #[schema(required)]
    now: Option<PeriodView>,
    /// What is announced, in order.
    next: Vec<PeriodView>,
}

/// Prices that hold for some time.
#[derive(Debug, Serialize, ToSchema)]
struct PeriodView {
    /// From when: RFC 3339, UTC; null where the price list names no date.
    #[schema(required)]
    from: Option<String>,
    /// Until when, exclusive; null where no end is known.
    #[schema(required)]
    until: Option<String>,
    /// The ordinary prices.
    standard: PriceSetView,
    /// The ordinary prices at some hours.
    #[schema(required)]
    off_peak: Option<OffPeakView>,
    /// Slower and cheaper, where the provider sells it.
    #[schema(required)]
    flex: Option<PriceSetView>,
    /// Faster and dearer, where the provider sells it.
    #[schema(required)]
    priority: Option<PriceSetView>,
    /// Answered within a day, where the provider sells it.
    #[schema(required)]
    batch: Option<PriceSetView>,
    /// What is sold by the piece.
    per: Vec<PieceView>,
}

/// Other prices at some hours of the week.
#[derive(Debug, Serialize, ToSchema)]
struct OffPeakView {
    /// When, in UTC: `mon-fri 16:30-24:00`.
    windows: Vec<String>,
    /// The prices then.
    prices: PriceSetView,
}

/// The prices of one service tier.
#[derive(Debug, Serialize, ToSchema)]
struct PriceSetView {
    /// What holds up to the first context tier.
    rates: RatesView,
    /// Other prices for the whole request where it is large.
    context_tiers: Vec<ContextTierView>,
}

/// Prices for large requests.
#[derive(Debug, Serialize, ToSchema)]
struct ContextTierView {
    /// Holds where the input has more tokens than this, cached ones included.
    above: u64,
    /// The prices then, for all tokens of the request.
    rates: RatesView,
}

/// Prices in USD per million tokens; null where there is no separate price.
#[derive(Debug, Serialize, ToSchema)]
struct RatesView {
    /// Uncached input.
    input: String,
    /// Output.
    output: String,
    /// Input read from a prompt cache; else as `input`.
    #[schema(required)]
    cache_read: Option<String>,
    /// Input written to a prompt cache; else as `input`.
    #[schema(required)]
    cache_write: Option<String>,
    /// Input written to a prompt cache for an hour; else as `cache_write`.
    #[schema(required)]
    cache_write_1h: Option<String>,
    /// Reasoning; else as `output`.
    #[schema(required)]
    reasoning: Option<String>,
    /// Audio in the input; else as `input`.
    #[schema(required)]
    audio_input: Option<String>,
    /// Audio in the output; else as `output`.
    #[schema(required)]
    audio_output: Option<String>,
    /// Pictures in the input; else as `input`.
    #[schema(required)]
    image_input: Option<String>,
    /// Pictures in the output; else as `output`.
    #[schema(required)]
    image_output: Option<String>,
    /// USD per request; null where it costs nothing.
    #[schema(required)]
    per_request: Option<String>,
    /// USD per web search that the provider runs; null where it costs nothing.
    #[schema(required)]
    per_web_search: Option<String>,
}

/// What one of something costs that is not counted in tokens.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PieceView {
    /// What is counted.
    unit: UnitWord,
    /// USD for one.
    usd: String,
}

impl PriceView {
    /// As of a moment, in milliseconds since 1970.
    pub(crate) fn at(price: &Price, now_ms: i64) -> Self {
        let later = price.periods().iter().filter(|one| one.from_ms > now_ms);
        let now = price.at(now_ms).filter(|one| one.from_ms <= now_ms);
        Self {
            now: now.map(period),
            next: later.map(period).collect(),
        }
    }
}

fn period(period: &Period) -> PeriodView {
    PeriodView {
        from: (period.from_ms != i64::MIN).then(|| timestamp(period.from_ms)),
        until: (period.until_ms != i64::MAX).then(|| timestamp(period.until_ms)),
        standard: set(&period.standard),
        off_peak: period.off_peak.as_ref().map(|off_peak| OffPeakView {
            windows: off_peak.windows.iter().map(ToString::to_string).collect(),
            prices: set(&off_peak.prices),
        }),
        flex: period.flex.as_deref().map(set),
        priority: period.priority.as_deref().map(set),
        batch: period.batch.as_deref().map(set),
        per: period.per.iter().map(|one| piece(*one)).collect(),
    }
}

fn set(set: &PriceSet) -> PriceSetView {
    let tier = |tier: &ContextTier| ContextTierView {
        above: tier.above,
        rates: rates(&tier.rates),
    };
    PriceSetView {
        rates: rates(&set.base),
        context_tiers: set.context_tiers.iter().map(tier).collect(),
    }
}

fn rates(rates: &Rates) -> RatesView {
    let text = |rate: Option<PerMillion>| rate.map(|rate| rate.to_string());
    let some = |amount: Amount| (amount != Amount::default()).then(|| amount.to_string());
    RatesView {
        input: rates.input.to_string(),
        output: rates.output.to_string(),
        cache_read: text(rates.cache_read),
        cache_write: text(rates.cache_write),
        cache_write_1h: text(rates.cache_write_1h),
        reasoning: text(rates.reasoning),
        audio_input: text(rates.audio_input),
        audio_output: text(rates.audio_output),
        image_input: text(rates.image_input),
        image_output: text(rates.image_output),
        per_request: some(rates.per_request),
        per_web_search: some(rates.per_web_search),
    }
}

/// What one of something costs.
pub(crate) fn piece((unit, usd): (Unit, Amount)) -> PieceView {
    PieceView {
        unit: unit.into(),
        usd: usd.to_string(),
    }
}
