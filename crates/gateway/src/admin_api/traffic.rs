//! `/admin/v1/traffic`: how much goes through models and providers, from the roll-ups of recorded traffic.

use super::Shared;
use super::error::{AdminError, QueryOf};
use super::performance::{Bucket, SumsView, Window, hour, sums};
use crate::clock::now_ms;
use crate::state::Gateway;
use axum::Json;
use axum::extract::State;
use domain::performance::Counts;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use store::records::{RollupFilter, RollupRow, RollupScope};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// How many groups a series has, besides the rest together, where nothing is said.
const DEFAULT_GROUPS: usize = 10;
const MOST_GROUPS: usize = 100;

/// What to group traffic by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum TrafficBy {
    /// All together.
    #[default]
    All,
    /// The model that served it.
    Model,
    /// The provider that served it.
    Provider,
}

#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct TrafficQuery {
    /// How far back; a day where nothing is said.
    #[serde(default)]
    #[param(inline, required = false)]
    window: Window,
    /// What to group by; all together where nothing is said.
    #[serde(default)]
    #[param(inline, required = false)]
    by: TrafficBy,
    /// Only this model (`author/slug`).
    model: Option<String>,
    /// Only this provider (id).
    provider: Option<String>,
    /// How long a point is: hours for a day, else days, where nothing is said.
    #[param(inline)]
    bucket: Option<Bucket>,
    /// How many groups have a series of their own (1 to 100); ten where nothing is said.
    groups: Option<usize>,
}

/// How much goes through.
#[derive(Debug, Serialize, ToSchema)]
struct Traffic {
    /// From when: RFC 3339, UTC; a whole hour.
    from: String,
    /// Until when, exclusive: the end of the hour that now is in.
    until: String,
    /// How much time a point covers.
    bucket: Bucket,
    /// All together.
    total: TrafficGroup,
    /// The dearest first; those that are too many are together in `rest`. Empty where nothing was grouped by.
    groups: Vec<TrafficGroup>,
    /// What has no group of its own; null where everything has.
    #[schema(required)]
    rest: Option<TrafficGroup>,
}

/// The traffic of a group.
#[derive(Debug, Serialize, ToSchema)]
struct TrafficGroup {
    /// Model or provider id; empty for what no provider was asked for, null for several together.
    #[schema(required)]
    name: Option<String>,
    /// Over all the time.
    sums: SumsView,
    /// In each bucket that had traffic, in order.
    series: Vec<TrafficPoint>,
}

/// The traffic of a bucket.
#[derive(Debug, Serialize, ToSchema)]
struct TrafficPoint {
    /// Its begin: RFC 3339, UTC.
    at: String,
    /// The sums.
    sums: SumsView,
}

pub(super) fn routes() -> OpenApiRouter<Arc<Gateway>> {
    OpenApiRouter::new().routes(routes!(traffic))
}

/// How much goes through: requests, tokens and cost over time, from recorded traffic.
#[utoipa::path(get, path = "/admin/v1/traffic", tag = "performance", params(TrafficQuery),
    responses((status = 200, body = Traffic)))]
async fn traffic(
    State(gateway): Shared,
    QueryOf(query): QueryOf<TrafficQuery>,
) -> Result<Json<Traffic>, AdminError> {
    let most = query.groups.unwrap_or(DEFAULT_GROUPS);
    if !(1..=MOST_GROUPS).contains(&most) {
        let message = format!("groups: must be from 1 to {MOST_GROUPS}");
        return Err(AdminError::field("groups", message));
    }
    let hours = query.window.hours(now_ms());
    let bucket = query.bucket.unwrap_or(match query.window {
        Window::Day => Bucket::Hour,
        Window::Week | Window::Month => Bucket::Day,
    });
    let mut groups: BTreeMap<String, Sums> = BTreeMap::new();
    let mut total = Sums::default();
    let filter = RollupFilter {
        scope: RollupScope::Exchanges,
        model: query.model,
        provider: query.provider,
        hours: hours.clone(),
        detail: false,
    };
    gateway.store.flush().await?;
    let mut add = |row: RollupRow| {
        let at = row.hour.div_euclid(bucket.hours()) * bucket.hours();
        total.add(at, &row.rollup.counts);
        let name = match query.by {
            TrafficBy::All => return,
            TrafficBy::Model => row.model,
            TrafficBy::Provider => row.provider,
        };
        groups.entry(name).or_default().add(at, &row.rollup.counts);
    };
    gateway.store.each_rollup(&filter, &mut add).await?;
    let mut groups: Vec<(String, Sums)> = groups.into_iter().collect();
    groups.sort_by_key(|(_, sums)| std::cmp::Reverse((sums.all.cost, sums.all.requests)));
    let rest = groups.split_off(most.min(groups.len()));
    let rest = (!rest.is_empty()).then(|| {
        let mut together = Sums::default();
        rest.iter().for_each(|(_, sums)| together.merge(sums));
        together.view(None)
    });
    Ok(Json(Traffic {
        from: hour(hours.start),
        until: hour(hours.end),
        bucket,
        total: total.view(None),
        groups: groups
            .into_iter()
            .map(|(name, sums)| sums.view(Some(name)))
            .collect(),
        rest,
    }))
}

/// Sums over time.
#[derive(Default)]
struct Sums {
    all: Counts,
    buckets: BTreeMap<i64, Counts>,
}

impl Sums {
    fn add(&mut self, at: i64, counts: &Counts) {
        self.all.merge(counts);
        self.buckets.entry(at).or_default().merge(counts);
    }

    fn merge(&mut self, other: &Self) {
        for (at, counts) in &other.buckets {
            self.add(*at, counts);
        }
    }

    fn view(self, name: Option<String>) -> TrafficGroup {
        let points = self.buckets.iter().map(|(at, counts)| TrafficPoint {
            at: hour(*at),
            sums: sums(counts),
        });
        TrafficGroup {
            name,
            sums: sums(&self.all),
            series: points.collect(),
        }
    }
}
