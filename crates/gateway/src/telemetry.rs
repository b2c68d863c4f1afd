//! What the program says about itself: metrics for Prometheus and log lines. No secret and no content ever.

use domain::record::Record;
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;
use std::sync::atomic::AtomicU64;

/// The program's metrics, at `/metrics` in the OpenMetrics text format.
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    durations: Family<DoorLabels, Histogram, fn() -> Histogram>,
    first_tokens: Family<ProviderLabels, Histogram, fn() -> Histogram>,
    attempts: Family<AttemptLabels, Counter>,
    tokens: Family<TokenLabels, Counter>,
    cost: Family<ProviderLabels, Counter<f64, AtomicU64>>,
    unauthenticated: Family<ReasonLabels, Counter>,
    /// Exchanges that are running.
    pub(crate) in_flight: Gauge,
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
        let requests = Family::default();
        registry.register(
            "requests",
            "Exchanges by door and HTTP status",
            requests.clone(),
        );
        let durations = Family::new_with_constructor(seconds as fn() -> Histogram);
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
        Self {
            registry,
            requests,
            durations,
            first_tokens,
            attempts,
            tokens,
            cost,
            unauthenticated,
            in_flight,
        }
    }

    /// Counts a finished exchange.
    pub(crate) fn exchange(&self, record: &Record) {
        self.requests
            .get_or_create(&RequestLabels {
                door: record.door.clone(),
                status: record.status,
            })
            .inc();
        self.durations
            .get_or_create(&DoorLabels {
                door: record.door.clone(),
            })
            .observe(f64::from(record.duration_ms) / 1000.0);
        for attempt in &record.attempts {
            let labels = AttemptLabels {
                provider: attempt.provider.clone(),
                outcome: attempt.outcome.clone(),
            };
            self.attempts.get_or_create(&labels).inc();
        }
        if record.provider.is_empty() {
            return;
        }
        let provider = ProviderLabels {
            provider: record.provider.clone(),
        };
        if let Some(ms) = record.first_token_ms {
            self.first_tokens
                .get_or_create(&provider)
                .observe(f64::from(ms) / 1000.0);
        }
        for (kind, count) in [
            ("input", record.usage.input),
            ("cache_read", record.usage.cache_read),
            ("cache_write", record.usage.cache_write),
            ("output", record.usage.output),
        ] {
            if count > 0 {
                self.tokens
                    .get_or_create(&TokenLabels {
                        provider: record.provider.clone(),
                        kind,
                    })
                    .inc_by(count);
            }
        }
        if let Some(amount) = record.cost {
            self.cost
                .get_or_create(&provider)
                .inc_by(amount.0 as f64 / 1e12);
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

/// Log lines go to standard error; `TOLLGATE_LOG` selects them (`info`, `tollgate=debug`).
pub(crate) fn start_logging() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("TOLLGATE_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(false)
        .compact()
        .init();
}
