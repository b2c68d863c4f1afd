//! What the program says about itself: metrics for Prometheus and log lines. No secret and no content ever.

use crate::doors::DOORS;
use domain::record::Record;
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

/// What records call an attempt that answered.
pub(crate) const ANSWERED: &str = "ok";

/// The program's metrics, at `/metrics` in the OpenMetrics text format. What every request touches is resolved to handles
/// beforehand; looking a family up by its labels is for what is rare.
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    attempts: Family<AttemptLabels, Counter>,
    first_tokens: Family<ProviderLabels, Histogram, fn() -> Histogram>,
    tokens: Family<TokenLabels, Counter>,
    cost: Family<ProviderLabels, Counter<f64, AtomicU64>>,
    unauthenticated: Family<ReasonLabels, Counter>,
    doors: Vec<DoorMeters>,
    /// Exchanges that are running.
    pub(crate) in_flight: Gauge,
}

/// The handles of one door, in the order of the table of doors.
struct DoorMeters {
    name: String,
    answered: Counter,
    duration: Histogram,
}

/// The handles of one provider.
pub(crate) struct ProviderMeters {
    answered: Counter,
    first_token: Histogram,
    input: Counter,
    cache_read: Counter,
    cache_write: Counter,
    output: Counter,
    cost: Counter<f64, AtomicU64>,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RequestLabels {
    door: String,
    status: u16,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct DoorLabels {
    door: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ProviderLabels {
    provider: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct AttemptLabels {
    provider: String,
    outcome: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct TokenLabels {
    provider: String,
    kind: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ReasonLabels {
    reason: String,
}

fn seconds() -> Histogram {
    Histogram::new(exponential_buckets(0.005, 2.0, 16))
}

impl Metrics {
    /// All at zero.
    pub(crate) fn new() -> Self {
        let mut registry = Registry::with_prefix("tollgate");
        let requests = Family::<RequestLabels, Counter>::default();
        registry.register(
            "requests",
            "Exchanges by door and HTTP status",
            requests.clone(),
        );
        let durations =
            Family::<DoorLabels, _, _>::new_with_constructor(seconds as fn() -> Histogram);
        registry.register(
            "request_duration_seconds",
            "Begin to end of an exchange",
            durations.clone(),
        );
        let first_tokens = Family::new_with_constructor(seconds as fn() -> Histogram);
        registry.register(
            "first_token_seconds",
            "Begin to first content, by provider",
            first_tokens.clone(),
        );
        let attempts = Family::default();
        registry.register(
            "attempts",
            "Calls to providers by outcome",
            attempts.clone(),
        );
        let tokens = Family::default();
        registry.register("tokens", "Tokens by provider and kind", tokens.clone());
        let cost = Family::default();
        registry.register(
            "cost_usd",
            "What providers bill, in USD (rounded; records are exact)",
            cost.clone(),
        );
        let unauthenticated = Family::default();
        registry.register(
            "unauthenticated",
            "Requests without a valid key, by reason",
            unauthenticated.clone(),
        );
        let in_flight = Gauge::default();
        registry.register("in_flight", "Exchanges that are running", in_flight.clone());
        let doors = DOORS
            .iter()
            .map(|door| {
                let name = door.name();
                let labels = RequestLabels {
                    door: name.clone(),
                    status: 200,
                };
                DoorMeters {
                    answered: requests.get_or_create_owned(&labels),
                    duration: durations.get_or_create_owned(&DoorLabels { door: name.clone() }),
                    name,
                }
            })
            .collect();
        Self {
            registry,
            requests,
            attempts,
            first_tokens,
            tokens,
            cost,
            unauthenticated,
            doors,
            in_flight,
        }
    }

    /// The handles of a provider.
    pub(crate) fn provider(&self, id: &str) -> ProviderMeters {
        let labels = ProviderLabels {
            provider: id.to_owned(),
        };
        let tokens = |kind| {
            self.tokens.get_or_create_owned(&TokenLabels {
                provider: id.to_owned(),
                kind,
            })
        };
        let answered = AttemptLabels {
            provider: id.to_owned(),
            outcome: ANSWERED.to_owned(),
        };
        ProviderMeters {
            answered: self.attempts.get_or_create_owned(&answered),
            first_token: self.first_tokens.get_or_create_owned(&labels),
            input: tokens("input"),
            cache_read: tokens("cache_read"),
            cache_write: tokens("cache_write"),
            output: tokens("output"),
            cost: self.cost.get_or_create_owned(&labels),
        }
    }

    /// Counts a finished exchange; `serving` are the handles of the provider that was last at work, if any was.
    pub(crate) fn exchange(&self, record: &Record, serving: Option<&ProviderMeters>) {
        if let Some(door) = self.doors.iter().find(|door| door.name == record.door) {
            door.duration
                .observe(f64::from(record.duration_ms) / 1000.0);
            if record.status == 200 {
                door.answered.inc();
            } else {
                let labels = RequestLabels {
                    door: record.door.clone(),
                    status: record.status,
                };
                self.requests.get_or_create(&labels).inc();
            }
        }
        let mut failed = record.attempts.as_slice();
        if let (Some(meters), Some((last, before))) = (serving, failed.split_last())
            && last.outcome == ANSWERED
        {
            meters.answered.inc();
            failed = before;
        }
        for attempt in failed {
            let labels = AttemptLabels {
                provider: attempt.provider.clone(),
                outcome: attempt.outcome.clone(),
            };
            self.attempts.get_or_create(&labels).inc();
        }
        if let Some(meters) = serving {
            meters.count(record);
        }
    }

    /// Counts a request that had no valid key; there is no record of it.
    pub(crate) fn unauthenticated(&self, reason: &str) {
        self.unauthenticated
            .get_or_create(&ReasonLabels {
                reason: reason.to_owned(),
            })
            .inc();
    }

    /// The OpenMetrics text.
    pub(crate) fn text(&self) -> String {
        let mut out = String::new();
        // Writing into a String cannot fail.
        let _ = text::encode(&mut out, &self.registry);
        out
    }
}

impl ProviderMeters {
    fn count(&self, record: &Record) {
        if let Some(ms) = record.first_token_ms {
            self.first_token.observe(f64::from(ms) / 1000.0);
        }
        self.input.inc_by(record.usage.input);
        self.cache_read.inc_by(record.usage.cache_read);
        self.cache_write.inc_by(record.usage.cache_write);
        self.output.inc_by(record.usage.output);
        if let Some(amount) = record.cost {
            self.cost.inc_by(amount.0 as f64 / 1e12);
        }
    }
}

/// Lets one log line a second through, and counts those that it keeps back.
#[derive(Debug, Default)]
pub(crate) struct LineLimit {
    last_s: AtomicI64,
    left_out: AtomicU64,
}

impl LineLimit {
    /// Whether a line may be written at this moment (seconds since 1970), and how many were kept back before it.
    pub(crate) fn line_at(&self, now_s: i64) -> Option<u64> {
        let last_s = self.last_s.load(Ordering::Relaxed);
        let first = last_s != now_s
            && self
                .last_s
                .compare_exchange(last_s, now_s, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok();
        if first {
            return Some(self.left_out.swap(0, Ordering::Relaxed));
        }
        self.left_out.fetch_add(1, Ordering::Relaxed);
        None
    }
}

/// Log lines go to standard error; `TOLLGATE_LOG` selects them (`info`, `tollgate=debug`).
pub(crate) fn start_logging() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("TOLLGATE_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(crate::cli::paints(&std::io::stderr()))
        .with_target(false)
        .compact()
        .init();
}
