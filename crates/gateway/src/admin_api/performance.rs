//! `/admin/v1/performance`: how well models and providers serve, from the roll-ups of recorded traffic.

use super::Shared;
use super::error::{AdminError, QueryOf};
use crate::clock::now_ms;
use crate::performance::{Asked, Group, Measured, measured};
use crate::state::Gateway;
use crate::view::{timestamp, usd};
use axum::Json;
use axum::extract::State;
use domain::performance::{Counts, Figures, HOUR_MS, RELATIVE_ERROR, Spread};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// How far back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
pub(super) enum Window {
    /// The hour that it is and the 23 before.
    #[default]
    #[serde(rename = "24h")]
    Day,
    /// Today, in UTC, and the six days before.
    #[serde(rename = "7d")]
    Week,
    /// Today, in UTC, and the 29 days before.
    #[serde(rename = "30d")]
    Month,
}

/// What to group figures by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum PerformanceBy {
    /// All together: what clients saw, after all attempts.
    #[default]
    All,
    /// By model: what clients saw, after all attempts.
    Model,
    /// By provider: what became of each call to it.
    Provider,
    /// By provider and its own name of the model: what became of each call.
    Offering,
}

/// How much time a point of a series covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Bucket {
    /// An hour.
    Hour,
    /// A day in UTC.
    Day,
}

#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct PerformanceQuery {
    /// How far back; a day where nothing is said.
    #[serde(default)]
    #[param(inline, required = false)]
    window: Window,
    /// What to group by; all together where nothing is said.
    #[serde(default)]
    #[param(inline, required = false)]
    by: PerformanceBy,
    /// Only this model (`author/slug`); by provider or offering: only calls to its offerings.
    model: Option<String>,
    /// Only this provider (id).
    provider: Option<String>,
    /// Gives each group a series of points of this length too.
    #[param(inline)]
    bucket: Option<Bucket>,
}

/// How well models and providers serve.
#[derive(Debug, Serialize, ToSchema)]
struct Performance {
    /// From when: RFC 3339, UTC; a whole hour.
    from: String,
    /// Until when, exclusive: the end of the hour that now is in.
    until: String,
    /// How far quantiles may be off, as a share of themselves.
    relative_error: f64,
    /// Those with traffic, the most requests first.
    groups: Vec<PerformanceGroup>,
}

/// The figures of a group; what was not grouped by is null.
#[derive(Debug, Serialize, ToSchema)]
struct PerformanceGroup {
    /// Model id; of an offering that of the model in the catalogue. Null where there is none, and for exchanges that no
    /// provider was asked for.
    #[schema(required)]
    model: Option<String>,
    /// Provider id.
    #[schema(required)]
    provider: Option<String>,
    /// The provider's own name of the model.
    #[schema(required)]
    wire_id: Option<String>,
    /// Over all the time.
    figures: FiguresView,
    /// In each bucket that had traffic, in order; empty where none was asked for.
    series: Vec<PerformancePoint>,
}

/// Figures of a bucket.
#[derive(Debug, Serialize, ToSchema)]
struct PerformancePoint {
    /// Its begin: RFC 3339, UTC.
    at: String,
    /// The figures.
    figures: FiguresView,
}

/// What traffic says.
#[derive(Debug, Serialize, ToSchema)]
struct FiguresView {
    /// Sums.
    sums: SumsView,
    /// The share (0 to 1) that was served of what was served or failed: callers' mistakes, rate limits and clients that
    /// left do not count. Null where there was neither.
    #[schema(required)]
    success: Option<f64>,
    /// The share (0 to 1) of minutes, of those in which something was served or failed, in which at least half was served.
    #[schema(required)]
    uptime: Option<f64>,
    /// How many minutes that is a share of.
    minutes: u64,
    /// Milliseconds to the first content, of streams that were served.
    first_token_ms: SpreadView,
    /// Tokens a second after the first content, of streams that were served and had ten tokens or more.
    tokens_per_second: SpreadView,
    /// Milliseconds from begin to end, of all that were served.
    duration_ms: SpreadView,
    /// How often each class of outcome came (`ok`, `rate_limited`, `server_error` …).
    outcomes: BTreeMap<String, u64>,
}

/// How something is spread.
#[derive(Debug, Serialize, ToSchema)]
struct SpreadView {
    /// Half are not above it; null where nothing was measured.
    #[schema(required)]
    p50: Option<f64>,
    /// 95 of 100 are not above it; null where nothing was measured.
    #[schema(required)]
    p95: Option<f64>,
    /// How many were measured.
    samples: u64,
}

/// Sums over exchanges or calls.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SumsView {
    /// All of them.
    requests: u64,
    /// Answered.
    served: u64,
    /// Refused for the caller's mistake.
    caller_fault: u64,
    /// Too many.
    rate_limited: u64,
    /// The client left, or the gateway stopped.
    abandoned: u64,
    /// Everything else.
    failed: u64,
    /// Tokens in, cached ones too.
    input: u64,
    /// Of which read from a prompt cache.
    cache_read: u64,
    /// Tokens out, reasoning too.
    output: u64,
    /// USD as decimal text; what has no price counts as nothing.
    cost_usd: String,
}

pub(super) fn routes() -> OpenApiRouter<Arc<Gateway>> {
    OpenApiRouter::new().routes(routes!(performance))
}

/// How well models and providers serve: success, uptime, times and speeds, from recorded traffic.
#[utoipa::path(get, path = "/admin/v1/performance", tag = "performance", params(PerformanceQuery),
    responses((status = 200, body = Performance)))]
async fn performance(
    State(gateway): Shared,
    QueryOf(query): QueryOf<PerformanceQuery>,
) -> Result<Json<Performance>, AdminError> {
    let hours = query.window.hours(now_ms());
    let asked = Asked {
        by: match query.by {
            PerformanceBy::All => Group::All,
            PerformanceBy::Model => Group::Model,
            PerformanceBy::Provider => Group::Provider,
            PerformanceBy::Offering => Group::Offering,
        },
        model: query.model,
        provider: query.provider,
        hours: hours.clone(),
        step: query.bucket.map(Bucket::hours),
    };
    let groups = measured(&gateway, &asked).await?;
    Ok(Json(Performance {
        from: hour(hours.start),
        until: hour(hours.end),
        relative_error: RELATIVE_ERROR,
        groups: groups.into_iter().map(group).collect(),
    }))
}

impl Window {
    /// Its hours since 1970, at a moment: never more than its name says, and whole days where it is of days.
    pub(super) fn hours(self, now_ms: i64) -> Range<i64> {
        let now = now_ms.div_euclid(HOUR_MS);
        let today = now.div_euclid(24) * 24;
        let first = match self {
            Self::Day => now - 23,
            Self::Week => today - 6 * 24,
            Self::Month => today - 29 * 24,
        };
        first..now + 1
    }
}

impl Bucket {
    pub(super) fn hours(self) -> i64 {
        match self {
            Self::Hour => 1,
            Self::Day => 24,
        }
    }
}

/// The begin of an hour since 1970.
pub(super) fn hour(hour: i64) -> String {
    timestamp(hour.saturating_mul(HOUR_MS))
}

fn group(measured: Measured) -> PerformanceGroup {
    let some = |text: String| (!text.is_empty()).then_some(text);
    let points = measured.series.iter().map(|(at, one)| PerformancePoint {
        at: hour(*at),
        figures: figures(one),
    });
    PerformanceGroup {
        series: points.collect(),
        model: some(measured.name.model),
        provider: some(measured.name.provider),
        wire_id: some(measured.name.wire_id),
        figures: figures(&measured.figures),
    }
}

fn figures(figures: &Figures) -> FiguresView {
    FiguresView {
        sums: sums(&figures.counts),
        success: figures.success,
        uptime: figures.uptime,
        minutes: figures.minutes,
        first_token_ms: spread(figures.first_token_ms),
        tokens_per_second: spread(figures.tokens_per_second),
        duration_ms: spread(figures.duration_ms),
        outcomes: figures.outcomes.clone(),
    }
}

fn spread(spread: Spread) -> SpreadView {
    SpreadView {
        p50: spread.p50,
        p95: spread.p95,
        samples: spread.samples,
    }
}

pub(super) fn sums(counts: &Counts) -> SumsView {
    SumsView {
        requests: counts.requests,
        served: counts.served,
        caller_fault: counts.caller_fault,
        rate_limited: counts.rate_limited,
        abandoned: counts.abandoned,
        failed: counts.failed,
        input: counts.input,
        cache_read: counts.cache_read,
        output: counts.output,
        cost_usd: usd(i128::from(counts.cost)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_never_longer_than_its_name_says() {
        // The fourteenth hour of the hundredth day.
        let now = 100 * 24 + 14;
        let check = |window: Window, first: i64| {
            for ms in [0, HOUR_MS - 1] {
                assert_eq!(window.hours(now * HOUR_MS + ms), first..now + 1);
            }
        };
        check(Window::Day, 99 * 24 + 15);
        check(Window::Week, 94 * 24);
        check(Window::Month, 71 * 24);
    }
}
