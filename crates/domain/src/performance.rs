//! How well something is served, from records: counts by what became of requests, sketches of times and speeds, and the
//! figures that follow. Sums of these are sums of traffic, so that hours add up to days and offerings to models.

mod figures;
mod sketch;
mod verdict;

pub use figures::{Figures, Spread, Window};
pub use sketch::{RELATIVE_ERROR, Sketch};
pub use verdict::Verdict;

use crate::record::{Attempt, Record};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How long one [`Rollup`] lasts.
pub const HOUR_MS: i64 = 3_600_000;
const MINUTE_MS: i64 = 60_000;
const MINUTES: usize = 60;
/// The fewest tokens of an answer that its speed is measured by: shorter ones say more about rounding.
const TELLING_OUTPUT: u64 = 10;
/// The shortest time that a speed is measured over. What came at once was waiting somewhere on its way.
const TELLING_SPAN_MS: u32 = 100;
/// How many kinds of outcome are told apart; there are some twenty.
const MOST_OUTCOMES: usize = 40;

/// What happened in one hour, to exchanges or to calls of one kind.
#[derive(Clone, Debug, Default)]
pub struct Rollup {
    /// Sums.
    pub counts: Counts,
    /// What sums cannot say.
    pub detail: Detail,
}

/// Sums over exchanges or calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// All of them.
    pub requests: u64,
    /// [`Verdict::Served`].
    pub served: u64,
    /// [`Verdict::CallerFault`].
    pub caller_fault: u64,
    /// [`Verdict::RateLimited`].
    pub rate_limited: u64,
    /// [`Verdict::Abandoned`].
    pub abandoned: u64,
    /// [`Verdict::Failed`].
    pub failed: u64,
    /// Tokens in, cached ones too.
    pub input: u64,
    /// Of which read from a prompt cache.
    pub cache_read: u64,
    /// Tokens out, reasoning too.
    pub output: u64,
    /// 10⁻¹² USD; what has no price counts as nothing. Sums that do not fit stay at the largest number.
    pub cost: i64,
}

/// What sums cannot say.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Detail {
    /// How often each class of outcome came (`ok`, `rate_limited`, `cut` …).
    pub outcomes: BTreeMap<String, u64>,
    /// Served and failed ones by minute of the hour.
    minutes: Vec<Minute>,
    /// Milliseconds to the first content, of streams that were served.
    pub first_token: Sketch,
    /// Tokens a second after the first content, of streams that were served, went on for 100 ms and more, had 10 tokens or
    /// more, and whose usage the provider reported. With reasoning the time before counts too: who keeps its thoughts
    /// to itself makes those tokens before the first content.
    pub speed: Sketch,
    /// Milliseconds from begin to end, of all that were served.
    pub duration: Sketch,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Minute {
    served: u32,
    failed: u32,
}

impl Default for Detail {
    fn default() -> Self {
        Self {
            outcomes: BTreeMap::new(),
            minutes: vec![Minute::default(); MINUTES],
            first_token: Sketch::default(),
            speed: Sketch::default(),
            duration: Sketch::default(),
        }
    }
}

/// One exchange or call, as far as a roll-up counts it.
struct Event<'r> {
    record: &'r Record,
    verdict: Verdict,
    outcome: &'r str,
    /// Whether tokens and cost are its own.
    billed: bool,
    first_token_ms: Option<u32>,
    duration_ms: u32,
}

impl Rollup {
    /// Counts an exchange: what its client saw.
    pub fn add_exchange(&mut self, record: &Record) {
        let (verdict, outcome) = Verdict::of_exchange(record);
        self.add(&Event {
            record,
            verdict,
            outcome,
            billed: true,
            first_token_ms: record.first_token_ms,
            duration_ms: record.duration_ms,
        });
    }

    /// Counts a call of an exchange: what its provider did. Tokens and cost are those of the last one.
    pub fn add_attempt(&mut self, record: &Record, attempt: &Attempt, last: bool) {
        self.add(&Event {
            record,
            verdict: Verdict::of_attempt(&attempt.outcome),
            outcome: &attempt.outcome,
            billed: last,
            first_token_ms: attempt.first_token_ms,
            duration_ms: attempt.duration_ms,
        });
    }

    fn add(&mut self, event: &Event<'_>) {
        let counts = &mut self.counts;
        counts.add_verdict(event.verdict);
        if event.billed {
            let (usage, cost) = (&event.record.usage, event.record.cost);
            counts.input = counts.input.saturating_add(usage.total_input());
            counts.cache_read = counts.cache_read.saturating_add(usage.cache_read);
            counts.output = counts.output.saturating_add(usage.output);
            counts.cost = counts.cost.saturating_add(cost.map_or(0, |cost| cost.0));
        }
        self.detail.add(event);
    }
}

impl Counts {
    fn add_verdict(&mut self, verdict: Verdict) {
        self.requests += 1;
        match verdict {
            Verdict::Served => self.served += 1,
            Verdict::CallerFault => self.caller_fault += 1,
            Verdict::RateLimited => self.rate_limited += 1,
            Verdict::Abandoned => self.abandoned += 1,
            Verdict::Failed => self.failed += 1,
        }
    }

    /// Adds others.
    pub fn merge(&mut self, other: &Self) {
        let add = |to: &mut u64, more: u64| *to = to.saturating_add(more);
        add(&mut self.requests, other.requests);
        add(&mut self.served, other.served);
        add(&mut self.caller_fault, other.caller_fault);
        add(&mut self.rate_limited, other.rate_limited);
        add(&mut self.abandoned, other.abandoned);
        add(&mut self.failed, other.failed);
        add(&mut self.input, other.input);
        add(&mut self.cache_read, other.cache_read);
        add(&mut self.output, other.output);
        self.cost = self.cost.saturating_add(other.cost);
    }

    /// The share that was served of what was served or failed: callers' mistakes, rate limits and clients that left say
    /// nothing. `None` where there was neither.
    pub fn success(&self) -> Option<f64> {
        share(self.served, self.served.saturating_add(self.failed))
    }
}

impl Detail {
    fn add(&mut self, event: &Event<'_>) {
        let record = event.record;
        let room = self.outcomes.len() < MOST_OUTCOMES;
        match self.outcomes.get_mut(event.outcome) {
            Some(count) => *count += 1,
            None if room => {
                self.outcomes.insert(event.outcome.to_owned(), 1);
            }
            None => {}
        }
        let minute = record.id.at_ms().rem_euclid(HOUR_MS) / MINUTE_MS;
        if let Some(minute) = self.minutes.get_mut(minute.unsigned_abs() as usize) {
            match event.verdict {
                Verdict::Served => minute.served = minute.served.saturating_add(1),
                Verdict::Failed => minute.failed = minute.failed.saturating_add(1),
                Verdict::CallerFault | Verdict::RateLimited | Verdict::Abandoned => {}
            }
        }
        if event.verdict == Verdict::Served {
            self.duration.add(f64::from(event.duration_ms));
            if let Some(first) = event.first_token_ms.filter(|_| record.stream) {
                self.first_token.add(f64::from(first));
                let before = if record.usage.reasoning > 0 { 0 } else { first };
                self.add_speed(record, event.duration_ms.saturating_sub(before));
            }
        }
    }

    /// The speed of a stream whose output was made in this time.
    fn add_speed(&mut self, record: &Record, span_ms: u32) {
        let tokens = record.usage.output;
        if span_ms >= TELLING_SPAN_MS && tokens >= TELLING_OUTPUT && !record.estimate {
            self.speed.add(tokens as f64 * 1000.0 / f64::from(span_ms));
        }
    }
}

fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}
