//! How well every offering serves now, for pages that anybody may look at: read from the roll-ups once for all who ask
//! within some seconds, so that looking often costs the database nothing.

use crate::state::Gateway;
use domain::performance::{HOUR_MS, Sketch, Window};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use store::StoreError;
use store::records::{RollupFilter, RollupRow, RollupScope};
use tokio::sync::Mutex;

/// How old figures may be.
const FRESH_MS: i64 = 10_000;
/// How long one look may take: figures are missing rather than late.
const PATIENCE: Duration = Duration::from_secs(2);

/// The figures of offerings that were called in the last day.
#[derive(Debug, Default)]
pub(crate) struct Lately {
    read_at_ms: i64,
    /// By provider id and the provider's own name of the model.
    offerings: HashMap<String, HashMap<String, Served>>,
}

/// How one offering was served.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Served {
    /// The share (0 to 1) of minutes, of those in which something was served or failed, in which at least half was
    /// served; by the last so many minutes.
    pub(crate) uptime: Uptime,
    /// Milliseconds to the first content, in the hour that now is in and the one before.
    pub(crate) first_token_ms: Option<Percentiles>,
    /// Tokens a second after it, in the same time.
    pub(crate) tokens_per_second: Option<Percentiles>,
    /// Calls in the last day, whatever became of them.
    pub(crate) calls: u64,
}

/// By how far back.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Uptime {
    pub(crate) last_5m: Option<f64>,
    pub(crate) last_15m: Option<f64>,
    pub(crate) last_30m: Option<f64>,
    pub(crate) last_1h: Option<f64>,
    pub(crate) last_1d: Option<f64>,
}

/// How something is spread, within [`domain::performance::RELATIVE_ERROR`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Percentiles {
    pub(crate) p50: f64,
    pub(crate) p75: f64,
    pub(crate) p90: f64,
    pub(crate) p95: f64,
    pub(crate) p99: f64,
    /// How many were measured.
    pub(crate) samples: u64,
}

/// What was read last; whoever finds it too old reads it anew, and others wait for that.
pub(crate) type Kept = Mutex<Arc<Lately>>;

/// The figures of now, or of some seconds ago.
pub(crate) async fn lately(gateway: &Gateway, now_ms: i64) -> Arc<Lately> {
    let mut kept = gateway.lately.lock().await;
    if now_ms.saturating_sub(kept.read_at_ms) < FRESH_MS && kept.read_at_ms <= now_ms {
        return Arc::clone(&kept);
    }
    let read = tokio::time::timeout(PATIENCE, Lately::read(gateway, now_ms)).await;
    let offerings = match read {
        Ok(Ok(offerings)) => offerings,
        Ok(Err(error)) => {
            tracing::warn!(%error, "live figures cannot be read");
            HashMap::new()
        }
        Err(_) => {
            tracing::warn!("live figures took too long to read");
            HashMap::new()
        }
    };
    *kept = Arc::new(Lately {
        read_at_ms: now_ms,
        offerings,
    });
    Arc::clone(&kept)
}

#[derive(Default)]
struct Gathered {
    day: Window,
    recent: Window,
    calls: u64,
}

impl Lately {
    async fn read(
        gateway: &Gateway,
        now_ms: i64,
    ) -> Result<HashMap<String, HashMap<String, Served>>, StoreError> {
        let now = now_ms.div_euclid(HOUR_MS);
        let recently = speeds_since(now_ms).div_euclid(HOUR_MS);
        let filter = RollupFilter {
            scope: RollupScope::Calls,
            model: None,
            provider: None,
            // A day and what has passed of this hour, since a day is seen minute by minute.
            hours: now - 24..now + 1,
            detail: true,
        };
        let mut all: HashMap<String, HashMap<String, Gathered>> = HashMap::new();
        let mut add = |row: RollupRow| {
            let of_provider = all.entry(row.provider).or_default();
            let gathered = of_provider.entry(row.model).or_default();
            gathered.calls = gathered.calls.saturating_add(row.rollup.counts.requests);
            gathered.day.add(row.hour, &row.rollup);
            if row.hour >= recently {
                gathered.recent.add(row.hour, &row.rollup);
            }
        };
        gateway.store.each_rollup(&filter, &mut add).await?;
        let served = |all: HashMap<String, Gathered>| {
            let each = all.into_iter();
            each.map(|(wire_id, one)| (wire_id, one.served(now_ms)))
                .collect()
        };
        Ok(all
            .into_iter()
            .map(|(provider, all)| (provider, served(all)))
            .collect())
    }

    /// Those of an offering; `None` where nobody called it.
    pub(crate) fn of(&self, provider: &str, wire_id: &str) -> Option<&Served> {
        self.offerings.get(provider)?.get(wire_id)
    }
}

/// Since when times and speeds are counted: the begin of the hour before the one that now is in. Milliseconds since 1970.
pub(crate) fn speeds_since(now_ms: i64) -> i64 {
    let hour = now_ms.div_euclid(HOUR_MS).saturating_sub(1);
    hour.saturating_mul(HOUR_MS)
}

impl Gathered {
    fn served(&self, now_ms: i64) -> Served {
        let uptime = |minutes| self.day.uptime_of_last(minutes, now_ms);
        Served {
            uptime: Uptime {
                last_5m: uptime(5),
                last_15m: uptime(15),
                last_30m: uptime(30),
                last_1h: uptime(60),
                last_1d: uptime(24 * 60),
            },
            first_token_ms: Percentiles::of(self.recent.first_token()),
            tokens_per_second: Percentiles::of(self.recent.speed()),
            calls: self.calls,
        }
    }
}

impl Percentiles {
    fn of(sketch: &Sketch) -> Option<Self> {
        Some(Self {
            p50: sketch.quantile(0.5)?,
            p75: sketch.quantile(0.75)?,
            p90: sketch.quantile(0.9)?,
            p95: sketch.quantile(0.95)?,
            p99: sketch.quantile(0.99)?,
            samples: sketch.count(),
        })
    }
}
