//! Roll-ups of a span of time, put together, and the figures that they say.

use super::sketch::Sketch;
use super::{Counts, Detail, MINUTE_MS, MINUTES, Minute, Rollup, share};
use std::collections::BTreeMap;

/// Roll-ups put together.
#[derive(Clone, Debug, Default)]
pub struct Window {
    counts: Counts,
    outcomes: BTreeMap<String, u64>,
    /// By hour: whether a minute was up is asked of all that is put together.
    minutes: BTreeMap<i64, [Minute; MINUTES]>,
    first_token: Sketch,
    speed: Sketch,
    duration: Sketch,
}

/// What a window says.
#[derive(Clone, Debug, PartialEq)]
pub struct Figures {
    /// Sums.
    pub counts: Counts,
    /// How often each class of outcome came.
    pub outcomes: BTreeMap<String, u64>,
    /// The share that was served of what was served or failed.
    pub success: Option<f64>,
    /// The share of minutes, of those in which something was served or failed, in which at least half was served.
    pub uptime: Option<f64>,
    /// How many minutes that is a share of.
    pub minutes: u64,
    /// Milliseconds to the first content.
    pub first_token_ms: Spread,
    /// Tokens a second after it.
    pub tokens_per_second: Spread,
    /// Milliseconds from begin to end.
    pub duration_ms: Spread,
}

/// How something is spread; within [`super::RELATIVE_ERROR`].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Spread {
    /// Half are not above it.
    pub p50: Option<f64>,
    /// 95 of 100 are not above it.
    pub p95: Option<f64>,
    /// How many were measured.
    pub samples: u64,
}

impl Window {
    /// Adds what happened in an hour (hours since 1970).
    pub fn add(&mut self, hour: i64, rollup: &Rollup) {
        self.counts.merge(&rollup.counts);
        self.add_detail(hour, &rollup.detail);
    }

    fn add_detail(&mut self, hour: i64, detail: &Detail) {
        for (outcome, count) in &detail.outcomes {
            *self.outcomes.entry(outcome.clone()).or_default() += count;
        }
        let minutes = self
            .minutes
            .entry(hour)
            .or_insert([Minute::default(); MINUTES]);
        for (minute, more) in minutes.iter_mut().zip(&detail.minutes) {
            minute.served = minute.served.saturating_add(more.served);
            minute.failed = minute.failed.saturating_add(more.failed);
        }
        self.first_token.merge(&detail.first_token);
        self.speed.merge(&detail.speed);
        self.duration.merge(&detail.duration);
    }

    /// The share of the last so many minutes up to this moment (milliseconds since 1970), of those in which something was
    /// served or failed, in which at least half was served; `None` where there was none.
    pub fn uptime_of_last(&self, minutes: i64, now_ms: i64) -> Option<f64> {
        let now = now_ms.div_euclid(MINUTE_MS);
        let first = now.saturating_sub(minutes);
        let all = self.minutes.iter().flat_map(|(hour, all)| {
            let begin = hour.saturating_mul(MINUTES as i64);
            (begin..).zip(all)
        });
        let span = all.filter(|(at, _)| *at > first && *at <= now);
        let (up, active) = up_of(span.map(|(_, minute)| minute));
        share(up, active)
    }

    /// Milliseconds to the first content.
    pub fn first_token(&self) -> &Sketch {
        &self.first_token
    }

    /// Tokens a second after it.
    pub fn speed(&self) -> &Sketch {
        &self.speed
    }

    /// What it says.
    pub fn figures(&self) -> Figures {
        let (up, minutes) = up_of(self.minutes.values().flatten());
        Figures {
            counts: self.counts,
            outcomes: self.outcomes.clone(),
            success: self.counts.success(),
            uptime: share(up, minutes),
            minutes,
            first_token_ms: spread(&self.first_token),
            tokens_per_second: spread(&self.speed),
            duration_ms: spread(&self.duration),
        }
    }
}

/// How many minutes were up, and in how many anything was served or failed.
fn up_of<'m>(minutes: impl Iterator<Item = &'m Minute>) -> (u64, u64) {
    let active = minutes.filter(|minute| minute.served > 0 || minute.failed > 0);
    active.fold((0, 0), |(up, active), minute| {
        (up + u64::from(minute.served >= minute.failed), active + 1)
    })
}

fn spread(sketch: &Sketch) -> Spread {
    Spread {
        p50: sketch.quantile(0.5),
        p95: sketch.quantile(0.95),
        samples: sketch.count(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::RequestId;
    use crate::money::Amount;
    use crate::record::{Attempt, Record, RecordError};
    use protocol::ir::{ErrorKind, Usage};

    /// An exchange in this minute, whose calls ended so.
    fn record(minute: i64, outcomes: &[&str]) -> Record {
        let at_ms = minute * 60_000;
        let attempt = |outcome: &&str| Attempt {
            provider: "p".to_owned(),
            wire_model: "m".to_owned(),
            credential: "env".to_owned(),
            status: None,
            outcome: (*outcome).to_owned(),
            message: None,
            begin_ms: 0,
            first_token_ms: Some(200),
            duration_ms: 1_200,
        };
        let failed = outcomes.last().is_some_and(|last| *last != "ok");
        Record {
            id: RequestId::new(at_ms, [1; 10]),
            at_ms,
            organization: String::new(),
            project: String::new(),
            key: String::new(),
            door: String::new(),
            operation: "chat".to_owned(),
            requested_model: String::new(),
            model: "a/m".to_owned(),
            provider: "p".to_owned(),
            status: if failed { 502 } else { 200 },
            stream: true,
            attempts: outcomes.iter().map(attempt).collect(),
            excluded: Vec::new(),
            usage: Usage {
                input: 10,
                output: 50,
                ..Usage::default()
            },
            cost: Some(Amount(7)),
            estimate: false,
            interrupted: false,
            error: failed.then(|| RecordError {
                kind: ErrorKind::Server,
                message: String::new(),
                param: None,
                code: None,
            }),
            lost: Vec::new(),
            first_token_ms: Some(210),
            duration_ms: 1_300,
            client_request_id: None,
        }
    }

    fn of(records: &[Record]) -> Figures {
        let mut window = Window::default();
        for record in records {
            let mut rollup = Rollup::default();
            rollup.add_exchange(record);
            window.add(record.id.at_ms() / super::super::HOUR_MS, &rollup);
        }
        window.figures()
    }

    #[test]
    fn success_leaves_out_callers_limits_and_those_who_left() {
        let mut refused = record(0, &[]);
        refused.status = 400;
        refused.error = Some(RecordError {
            kind: ErrorKind::InvalidRequest,
            message: String::new(),
            param: None,
            code: None,
        });
        let mut limited = refused.clone();
        if let Some(error) = &mut limited.error {
            error.kind = ErrorKind::RateLimited;
        }
        // No such model: the client's mistake only where we know none.
        let mut unknown = refused.clone();
        if let Some(error) = &mut unknown.error {
            error.kind = ErrorKind::NotFound;
        }
        let mut unknown_there = record(0, &["model_not_found"]);
        unknown_there.error.clone_from(&unknown.error);
        let mut left = record(0, &["cancelled"]);
        left.error = None;
        let mut stopped = record(0, &["cancelled"]);
        stopped.interrupted = true;
        let good = record(0, &["connect", "ok"]);
        let bad = record(0, &["server_error"]);
        let figures = of(&[
            refused,
            limited,
            unknown,
            unknown_there,
            left,
            stopped,
            good.clone(),
            good.clone(),
            good,
            bad,
        ]);
        let counts = figures.counts;
        assert_eq!(
            (
                counts.requests,
                counts.served,
                counts.caller_fault,
                counts.rate_limited,
                counts.abandoned,
                counts.failed
            ),
            (10, 3, 2, 1, 2, 2)
        );
        assert_eq!(figures.success, Some(0.6));
        assert_eq!(figures.outcomes["not_found"], 2);
        assert_eq!(figures.outcomes["interrupted"], 1);
        assert_eq!(counts.cost, 70);
        assert_eq!((counts.input, counts.output), (100, 500));
    }

    #[test]
    fn uptime_of_a_span_looks_at_its_minutes_only() {
        let (ok, bad) = (&["ok"][..], &["cut"][..]);
        let mut window = Window::default();
        for (minute, outcomes) in [(59, bad), (118, bad), (121, ok), (123, ok)] {
            let record = record(minute, outcomes);
            let mut rollup = Rollup::default();
            rollup.add_exchange(&record);
            window.add(minute / 60, &rollup);
        }
        let now_ms = 123 * 60_000 + 59_999;
        for (minutes, expect) in [
            (1, Some(1.0)),
            (5, Some(1.0)),
            (6, Some(2.0 / 3.0)),
            (60, Some(2.0 / 3.0)),
            (1440, Some(0.5)),
        ] {
            assert_eq!(window.uptime_of_last(minutes, now_ms), expect, "{minutes}");
        }
        assert_eq!(window.uptime_of_last(5, now_ms + 600_000), None);
    }

    #[test]
    fn a_minute_is_up_when_half_is_served_whoever_served_it() {
        let (ok, bad) = (&["ok"][..], &["cut"][..]);
        let figures = of(&[
            record(0, ok),
            record(0, bad),
            record(1, bad),
            record(2, ok),
            record(61, ok),
            record(61, bad),
            record(61, bad),
        ]);
        assert_eq!((figures.uptime, figures.minutes), (Some(0.5), 4));
    }

    #[test]
    fn calls_are_judged_by_themselves_and_only_the_last_is_billed() {
        let record = record(0, &["rate_limited", "cut", "ok"]);
        let mut rollups = [(); 3].map(|()| Rollup::default());
        for (at, (rollup, attempt)) in rollups.iter_mut().zip(&record.attempts).enumerate() {
            rollup.add_attempt(&record, attempt, at == 2);
        }
        let counts = rollups.map(|rollup| rollup.counts);
        assert_eq!((counts[0].rate_limited, counts[0].output), (1, 0));
        assert_eq!((counts[1].failed, counts[1].cost), (1, 0));
        assert_eq!(
            (counts[2].served, counts[2].output, counts[2].cost),
            (1, 50, 7)
        );
    }

    #[test]
    fn speed_is_of_reported_streams_that_say_something() {
        let good = record(0, &["ok"]);
        let mut whole = good.clone();
        whole.stream = false;
        let mut short = good.clone();
        short.usage.output = 9;
        let mut estimated = good.clone();
        estimated.estimate = true;
        let mut at_once = good.clone();
        at_once.first_token_ms = Some(1_201);
        let figures = of(&[good, whole, short, estimated, at_once]);
        assert_eq!(figures.tokens_per_second.samples, 1);
        let speed = figures.tokens_per_second.p50.unwrap();
        assert!(
            (speed / (50_000.0 / 1_090.0) - 1.0).abs() <= 0.01,
            "{speed}"
        );
        assert_eq!(figures.first_token_ms.samples, 4);
        assert_eq!(figures.duration_ms.samples, 5);
    }

    /// Thoughts that nobody hears are made before the first content.
    #[test]
    fn hidden_reasoning_makes_no_stream_fast() {
        let mut thoughtful = record(0, &["ok"]);
        thoughtful.first_token_ms = Some(1_200);
        thoughtful.usage.output = 2_100;
        thoughtful.usage.reasoning = 2_000;
        thoughtful.duration_ms = 21_000;
        let speed = of(&[thoughtful]).tokens_per_second.p50.unwrap();
        assert!((speed / 100.0 - 1.0).abs() <= 0.01, "{speed}");
    }

    #[test]
    fn nothing_says_nothing() {
        let figures = of(&[]);
        assert_eq!(
            (figures.success, figures.uptime, figures.minutes),
            (None, None, 0)
        );
        assert_eq!(figures.duration_ms, Spread::default());
    }
}
