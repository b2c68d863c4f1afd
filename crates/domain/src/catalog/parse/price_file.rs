//! The shape of a price in a model file: `[[model.offering.price]]`.

use crate::money::{Amount, PerMillion};
use crate::pricing::{ContextTier, Period, PriceSet, Rates};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;

/// USD per million tokens as strings; what is missing costs as [`Rates`] says.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PeriodFile {
    /// The first day (UTC) on which it holds; without it, it always did.
    from: Option<Date>,
    input: PerMillion,
    output: PerMillion,
    cache_read: Option<PerMillion>,
    cache_write: Option<PerMillion>,
    cache_write_1h: Option<PerMillion>,
    reasoning: Option<PerMillion>,
    audio_input: Option<PerMillion>,
    audio_output: Option<PerMillion>,
    /// USD.
    per_request: Option<Usd>,
    /// USD.
    per_web_search: Option<Usd>,
    #[serde(default)]
    above: Vec<AboveFile>,
    flex: Option<SetFile>,
    priority: Option<SetFile>,
    batch: Option<SetFile>,
}

/// Prices of another service tier. Requests and searches cost as ordinarily where not given.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetFile {
    input: PerMillion,
    output: PerMillion,
    cache_read: Option<PerMillion>,
    cache_write: Option<PerMillion>,
    cache_write_1h: Option<PerMillion>,
    reasoning: Option<PerMillion>,
    audio_input: Option<PerMillion>,
    audio_output: Option<PerMillion>,
    #[serde(default)]
    above: Vec<AboveFile>,
}

/// Prices of requests with more than so many tokens of input.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AboveFile {
    tokens: u64,
    input: PerMillion,
    output: PerMillion,
    cache_read: Option<PerMillion>,
    cache_write: Option<PerMillion>,
    cache_write_1h: Option<PerMillion>,
    reasoning: Option<PerMillion>,
    audio_input: Option<PerMillion>,
    audio_output: Option<PerMillion>,
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
    /// When the day is beyond what a timestamp can hold, or the context tiers are out of order.
    pub(super) fn period(&self) -> Result<Period, String> {
        let rates = self.rates();
        let set = |file: &Option<SetFile>| file.as_ref().map(|set| set.set(&rates)).transpose();
        Ok(Period {
            from_ms: self.from.map_or(Ok(i64::MIN), midnight)?,
            standard: PriceSet {
                base: rates,
                context_tiers: context_tiers(&self.above, &rates)?,
            },
            flex: set(&self.flex)?,
            priority: set(&self.priority)?,
            batch: set(&self.batch)?,
        })
    }

    fn rates(&self) -> Rates {
        let usd = |price: Option<Usd>| price.map_or(Amount::ZERO, |Usd(amount)| amount);
        Rates {
            input: self.input,
            output: self.output,
            cache_read: self.cache_read,
            cache_write: self.cache_write,
            cache_write_1h: self.cache_write_1h,
            reasoning: self.reasoning,
            audio_input: self.audio_input,
            audio_output: self.audio_output,
            per_request: usd(self.per_request),
            per_web_search: usd(self.per_web_search),
        }
    }
}

impl SetFile {
    fn set(&self, standard: &Rates) -> Result<PriceSet, String> {
        let base = Rates {
            input: self.input,
            output: self.output,
            cache_read: self.cache_read,
            cache_write: self.cache_write,
            cache_write_1h: self.cache_write_1h,
            reasoning: self.reasoning,
            audio_input: self.audio_input,
            audio_output: self.audio_output,
            ..*standard
        };
        Ok(PriceSet {
            base,
            context_tiers: context_tiers(&self.above, &base)?,
        })
    }
}

fn context_tiers(above: &[AboveFile], base: &Rates) -> Result<Vec<ContextTier>, String> {
    if !above.is_sorted_by(|a, b| a.tokens < b.tokens) {
        return Err("above: the token counts must ascend".to_owned());
    }
    let tier = |tier: &AboveFile| ContextTier {
        above: tier.tokens,
        rates: Rates {
            input: tier.input,
            output: tier.output,
            cache_read: tier.cache_read,
            cache_write: tier.cache_write,
            cache_write_1h: tier.cache_write_1h,
            reasoning: tier.reasoning,
            audio_input: tier.audio_input,
            audio_output: tier.audio_output,
            ..*base
        },
    };
    Ok(above.iter().map(tier).collect())
}

fn midnight(day: Date) -> Result<i64, String> {
    day.to_zoned(TimeZone::UTC)
        .map(|moment| moment.timestamp().as_millisecond())
        .map_err(|error| format!("from: {error}"))
}
