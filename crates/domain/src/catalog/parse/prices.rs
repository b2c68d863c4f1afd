//! What a price in a model file means: `[[model.offering.price]]`.

use crate::money::{Amount, NotDecimal, PerMillion};
use crate::pricing::{ContextTier, OffPeak, Period, PriceSet, Rates, Unit};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use listing::{AboveFile, OffPeakFile, PeriodFile, RatesFile, SetFile};

/// The word at fault, and what is wrong with it.
type Fault = (String, String);

/// A period's prices.
///
/// # Errors
/// When a number is none that can be kept exactly, a day is none, a window is malformed, or context tiers are out of
/// order.
pub(super) fn period(said: &PeriodFile) -> Result<Period, Fault> {
    let standard = price_set(&said.rates, &said.above, &Rates::default())?;
    if said.rates == RatesFile::default() && said.per.is_empty() {
        return Err((
            "rates".to_owned(),
            "a price says what something costs".to_owned(),
        ));
    }
    let tier = |said: Option<&SetFile>| {
        said.map(|file| price_set(&file.rates, &file.above, &standard.base).map(Box::new))
            .transpose()
    };
    let off_peak = |file: &OffPeakFile| {
        let window = |window: &String| {
            let parsed = window.parse();
            parsed.map_err(|error| (window.clone(), format!("windows: {error}")))
        };
        Ok::<_, Fault>(OffPeak {
            windows: file.windows.iter().map(window).collect::<Result<_, _>>()?,
            prices: price_set(&file.rates, &file.above, &standard.base)?,
        })
    };
    let from_ms = said.from.as_deref().map_or(Ok(i64::MIN), midnight)?;
    let until_ms = said.until.as_deref().map_or(Ok(i64::MAX), midnight)?;
    if until_ms <= from_ms {
        let word = said.until.clone().unwrap_or_default();
        return Err((word, "until: a price ends after it begins".to_owned()));
    }
    Ok(Period {
        from_ms,
        until_ms,
        off_peak: said
            .off_peak
            .as_ref()
            .map(off_peak)
            .transpose()?
            .map(Box::new),
        flex: tier(said.flex.as_ref())?,
        priority: tier(said.priority.as_ref())?,
        batch: tier(said.batch.as_ref())?,
        per: said.per.iter().map(piece).collect::<Result<_, _>>()?,
        standard,
    })
}

/// Rates as written; requests and searches cost as in `ordinary` where not said.
fn rates(said: &RatesFile, ordinary: &Rates) -> Result<Rates, Fault> {
    if said.input.is_some() != said.output.is_some() {
        return Err((
            "rates".to_owned(),
            "rates need both input and output".to_owned(),
        ));
    }
    Ok(Rates {
        input: per_million(&said.input)?.unwrap_or_default(),
        output: per_million(&said.output)?.unwrap_or_default(),
        cache_read: per_million(&said.cache_read)?,
        cache_write: per_million(&said.cache_write)?,
        cache_write_1h: per_million(&said.cache_write_1h)?,
        reasoning: per_million(&said.reasoning)?,
        audio_input: per_million(&said.audio_input)?,
        audio_output: per_million(&said.audio_output)?,
        image_input: per_million(&said.image_input)?,
        image_output: per_million(&said.image_output)?,
        per_request: usd(&said.per_request)?.unwrap_or(ordinary.per_request),
        per_web_search: usd(&said.per_web_search)?.unwrap_or(ordinary.per_web_search),
    })
}

fn price_set(base: &RatesFile, above: &[AboveFile], ordinary: &Rates) -> Result<PriceSet, Fault> {
    if !above.is_sorted_by(|a, b| a.tokens < b.tokens) {
        return Err((
            "above".to_owned(),
            "above: the token counts must ascend".to_owned(),
        ));
    }
    let base = rates(base, ordinary)?;
    let tier = |tier: &AboveFile| {
        Ok(ContextTier {
            above: tier.tokens,
            rates: rates(&tier.rates, &base)?,
        })
    };
    Ok(PriceSet {
        base,
        context_tiers: above.iter().map(tier).collect::<Result<_, Fault>>()?,
    })
}

fn piece((word, amount): (&String, &String)) -> Result<(Unit, Amount), Fault> {
    let unit = Unit::parse(word).ok_or_else(|| {
        let all = Unit::ALL.map(Unit::as_str);
        (word.clone(), super::words::unknown("unit", word, &all))
    })?;
    let amount = usd(&Some(amount.clone()))?.unwrap_or_default();
    Ok((unit, amount))
}

fn per_million(said: &Option<String>) -> Result<Option<PerMillion>, Fault> {
    let Some(text) = said else { return Ok(None) };
    text.parse().map(Some).map_err(|error| number(text, error))
}

fn usd(said: &Option<String>) -> Result<Option<Amount>, Fault> {
    let Some(text) = said else { return Ok(None) };
    let amount: Amount = text.parse().map_err(|error| number(text, error))?;
    if amount < Amount::ZERO {
        return Err(number(text, NotDecimal::Negative));
    }
    Ok(Some(amount))
}

fn number(text: &str, error: NotDecimal) -> Fault {
    (format!("\"{text}\""), format!("\"{text}\": {error}"))
}

fn midnight(day: &str) -> Result<i64, Fault> {
    let fault = |error: String| (day.to_owned(), format!("'{day}': {error}"));
    let date: Date = day
        .parse()
        .map_err(|_| fault("expected a day such as 2026-11-21".to_owned()))?;
    date.to_zoned(TimeZone::UTC)
        .map(|moment| moment.timestamp().as_millisecond())
        .map_err(|error| fault(error.to_string()))
}
