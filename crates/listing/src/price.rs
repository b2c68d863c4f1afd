//! The shape of a price in a model file: `[[model.offering.price]]`. Amounts are decimal text.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What holds from a day on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PeriodFile {
    /// The first day (UTC) on which it holds; without it, it always did.
    pub from: Option<String>,
    /// The first day (UTC) on which it holds no more; without it, it holds until the next one does.
    pub until: Option<String>,
    /// The ordinary prices.
    pub rates: RatesFile,
    /// Those of large requests.
    pub above: Vec<AboveFile>,
    /// Those at other hours.
    pub off_peak: Option<OffPeakFile>,
    /// Slower and cheaper.
    pub flex: Option<SetFile>,
    /// Faster and dearer.
    pub priority: Option<SetFile>,
    /// Answered within a day.
    pub batch: Option<SetFile>,
    /// USD for one of what is not counted in tokens (`output_image`, `input_second`).
    pub per: BTreeMap<String, String>,
}

/// Prices of another service tier.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SetFile {
    /// Up to the first context tier.
    pub rates: RatesFile,
    /// Above it.
    pub above: Vec<AboveFile>,
}

/// Prices at other hours.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OffPeakFile {
    /// `mon-fri 16:30-24:00`, in UTC.
    pub windows: Vec<String>,
    /// Up to the first context tier.
    pub rates: RatesFile,
    /// Above it.
    pub above: Vec<AboveFile>,
}

/// Prices of requests with more than so many tokens of input.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AboveFile {
    /// Tokens of input, cached included.
    pub tokens: u64,
    /// The prices then.
    pub rates: RatesFile,
}

/// USD per million tokens; what is missing costs as its fallback.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RatesFile {
    /// Uncached input.
    pub input: Option<String>,
    /// Output.
    pub output: Option<String>,
    /// Input read from a prompt cache.
    pub cache_read: Option<String>,
    /// Input written to one.
    pub cache_write: Option<String>,
    /// Input written to one for an hour.
    pub cache_write_1h: Option<String>,
    /// Reasoning.
    pub reasoning: Option<String>,
    /// Sound in the input.
    pub audio_input: Option<String>,
    /// Sound in the output.
    pub audio_output: Option<String>,
    /// Pictures in the input.
    pub image_input: Option<String>,
    /// Pictures in the output.
    pub image_output: Option<String>,
    /// USD, once per request.
    pub per_request: Option<String>,
    /// USD, per web search.
    pub per_web_search: Option<String>,
}

impl RatesFile {
    /// Every rate with its name, in the order of files.
    pub fn named(&self) -> [(&'static str, &Option<String>); 12] {
        [
            ("input", &self.input),
            ("output", &self.output),
            ("cache_read", &self.cache_read),
            ("cache_write", &self.cache_write),
            ("cache_write_1h", &self.cache_write_1h),
            ("reasoning", &self.reasoning),
            ("audio_input", &self.audio_input),
            ("audio_output", &self.audio_output),
            ("image_input", &self.image_input),
            ("image_output", &self.image_output),
            ("per_request", &self.per_request),
            ("per_web_search", &self.per_web_search),
        ]
    }

    /// The same, to be changed.
    pub fn named_mut(&mut self) -> [(&'static str, &mut Option<String>); 12] {
        [
            ("input", &mut self.input),
            ("output", &mut self.output),
            ("cache_read", &mut self.cache_read),
            ("cache_write", &mut self.cache_write),
            ("cache_write_1h", &mut self.cache_write_1h),
            ("reasoning", &mut self.reasoning),
            ("audio_input", &mut self.audio_input),
            ("audio_output", &mut self.audio_output),
            ("image_input", &mut self.image_input),
            ("image_output", &mut self.image_output),
            ("per_request", &mut self.per_request),
            ("per_web_search", &mut self.per_web_search),
        ]
    }
}
