//! The shape of a price in a model file: `[[model.offering.price]]`.

use crate::money::{Amount, PerMillion};
use crate::pricing::{ContextTier, OffPeak, Period, PriceSet, Rates};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;

/// What holds from a day on.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PeriodFile {
    /// The first day (UTC) on which it holds; without it, it always did.
    from: Option<Date>,
    rates: RatesFile,
    #[serde(default)]
    above: Vec<AboveFile>,
    off_peak: Option<OffPeakFile>,
    flex: Option<SetFile>,
    priority: Option<SetFile>,
    batch: Option<SetFile>,
}

/// Prices of another service tier.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetFile {
    rates: RatesFile,
    #[serde(default)]
    above: Vec<AboveFile>,
}

/// Prices at other hours.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OffPeakFile {
    windows: Vec<String>,
    rates: RatesFile,
    #[serde(default)]
    above: Vec<AboveFile>,
}

/// Prices of requests with more than so many tokens of input.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AboveFile {
    tokens: u64,
    rates: RatesFile,
}

/// USD per million tokens as strings; what is missing costs as [`Rates`] says.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RatesFile {
    input: PerMillion,
    output: PerMillion,
    cache_read: Option<PerMillion>,
    cache_write: Option<PerMillion>,
    cache_write_1h: Option<PerMillion>,
    reasoning: Option<PerMillion>,
    audio_input: Option<PerMillion>,
    audio_output: Option<PerMillion>,
    /// USD. Where a tier does not say, as ordinarily.
    per_request: Option<Usd>,
    /// USD. Where a tier does not say, as ordinarily.
    per_web_search: Option<Usd>,
}

/// An amount written as a string.
#[derive(Clone, Copy)]
struct Usd(Amount);

impl<'de> Deserialize<'de> for Usd {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let amount: Amount = String::deserialize(from)?
            .parse()
            .map_err(serde::de::Error::custom)?;
        if amount < Amount::ZERO {
            return Err(serde::de::Error::custom("a price cannot be negative"));
        }
        Ok(Self(amount))
    }
}

impl PeriodFile {
    /// As a period.
    ///
    /// # Errors
    /// When the day is beyond what a timestamp can hold, a window is malformed, or context tiers are out of order.
    pub(super) fn period(&self) -> Result<Period, String> {
        let standard = price_set(&self.rates, &self.above, &Rates::default())?;
        let set = |file: &SetFile| price_set(&file.rates, &file.above, &standard.base);
        let off_peak = |file: &OffPeakFile| {
            Ok::<_, String>(OffPeak {
                windows: file
                    .windows
                    .iter()
                    .map(|window| window.parse().map_err(|error| format!("windows: {error}")))
                    .collect::<Result<_, _>>()?,
                prices: price_set(&file.rates, &file.above, &standard.base)?,
            })
        };
        Ok(Period {
            from_ms: self.from.map_or(Ok(i64::MIN), midnight)?,
            off_peak: self.off_peak.as_ref().map(off_peak).transpose()?,
            flex: self.flex.as_ref().map(set).transpose()?,
            priority: self.priority.as_ref().map(set).transpose()?,
            batch: self.batch.as_ref().map(set).transpose()?,
            standard,
        })
    }
}

impl RatesFile {
    /// As rates; requests and searches cost as in `ordinary` where not said.
    fn rates(&self, ordinary: &Rates) -> Rates {
        let usd = |said: Option<Usd>, ordinary| said.map_or(ordinary, |Usd(amount)| amount);
        Rates {
            input: self.input,
            output: self.output,
            cache_read: self.cache_read,
            cache_write: self.cache_write,
            cache_write_1h: self.cache_write_1h,
            reasoning: self.reasoning,
            audio_input: self.audio_input,
            audio_output: self.audio_output,
            per_request: usd(self.per_request, ordinary.per_request),
            per_web_search: usd(self.per_web_search, ordinary.per_web_search),
        }
    }
}

fn price_set(rates: &RatesFile, above: &[AboveFile], ordinary: &Rates) -> Result<PriceSet, String> {
    if !above.is_sorted_by(|a, b| a.tokens < b.tokens) {
        return Err("above: the token counts must ascend".to_owned());
    }
    let base = rates.rates(ordinary);
    let tier = |tier: &AboveFile| ContextTier {
        above: tier.tokens,
        rates: tier.rates.rates(&base),
    };
    Ok(PriceSet {
        base,
        context_tiers: above.iter().map(tier).collect(),
    })
}

fn midnight(day: Date) -> Result<i64, String> {
    day.to_zoned(TimeZone::UTC)
        .map(|moment| moment.timestamp().as_millisecond())
        .map_err(|error| format!("from: {error}"))
}
