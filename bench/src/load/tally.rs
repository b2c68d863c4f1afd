//! Counts and times of one drive.

use std::time::Duration;

use hdrhistogram::Histogram;
use serde::Serialize;

use crate::check::Fault;

/// Grows by one entry per exchange; bounded in memory.
pub(crate) struct Tally {
    latency: Histogram<u64>,
    first_chunk: Histogram<u64>,
    requests: u64,
    chunks: u64,
    errors: u64,
    first_error: Option<String>,
    open: u64,
    most_open: u64,
}

/// What a drive came to. Times in microseconds.
#[derive(Serialize)]
pub(crate) struct Summary {
    /// Right answers.
    pub(crate) requests: u64,
    /// Exchanges that failed or were answered wrongly.
    pub(crate) errors: u64,
    pub(crate) first_error: Option<String>,
    /// From the first request to the last answer.
    pub(crate) seconds: f64,
    /// Content chunks of all streams.
    pub(crate) chunks: u64,
    /// Streams between first chunk and end at one moment, at most.
    pub(crate) most_open_streams: u64,
    pub(crate) latency_us: Percentiles,
    /// Streams only, from the start of the request.
    pub(crate) first_chunk_us: Option<Percentiles>,
}

/// Percentiles of a histogram with three significant digits.
#[derive(Serialize)]
pub(crate) struct Percentiles {
    pub(crate) p50: f64,
    pub(crate) p90: f64,
    pub(crate) p99: f64,
    pub(crate) max: f64,
}

impl Tally {
    /// Nothing yet. Times up to ten minutes are told apart.
    pub(crate) fn new() -> anyhow::Result<Self> {
        let histogram = || Histogram::new_with_bounds(100, 600_000_000_000, 3);
        Ok(Self {
            latency: histogram()?,
            first_chunk: histogram()?,
            requests: 0,
            chunks: 0,
            errors: 0,
            first_error: None,
            open: 0,
            most_open: 0,
        })
    }

    /// A stream's first chunk came.
    pub(crate) fn stream_opened(&mut self) {
        self.open += 1;
        self.most_open = self.most_open.max(self.open);
    }

    /// A right answer.
    pub(crate) fn right(&mut self, latency: Duration, first_chunk: Option<Duration>, chunks: u64) {
        self.requests += 1;
        self.chunks += chunks;
        self.latency.saturating_record(nanoseconds(latency));
        if let Some(first_chunk) = first_chunk {
            self.open = self.open.saturating_sub(1);
            self.first_chunk.saturating_record(nanoseconds(first_chunk));
        }
    }

    /// A failed exchange.
    pub(crate) fn wrong(&mut self, fault: &Fault) {
        self.errors += 1;
        self.first_error.get_or_insert_with(|| fault.to_string());
    }

    /// Failed exchanges so far.
    pub(crate) fn errors(&self) -> u64 {
        self.errors
    }

    /// The sum of it after `elapsed`.
    pub(crate) fn summary(&self, elapsed: Duration) -> Summary {
        Summary {
            requests: self.requests,
            errors: self.errors,
            first_error: self.first_error.clone(),
            seconds: elapsed.as_secs_f64(),
            chunks: self.chunks,
            most_open_streams: self.most_open,
            latency_us: percentiles(&self.latency),
            first_chunk_us: (!self.first_chunk.is_empty()).then(|| percentiles(&self.first_chunk)),
        }
    }
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

fn percentiles(histogram: &Histogram<u64>) -> Percentiles {
    let at = |quantile| histogram.value_at_quantile(quantile) as f64 / 1000.0;
    Percentiles {
        p50: at(0.5),
        p90: at(0.9),
        p99: at(0.99),
        max: histogram.max() as f64 / 1000.0,
    }
}
