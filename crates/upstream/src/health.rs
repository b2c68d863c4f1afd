//! Which offerings failed lately and should be left alone for a while. Pure of clocks: the time comes in, in
//! milliseconds. What a failure means for the one request is `failure`'s business.
//!
//! A cool-down begins with the second failure that no success separates from the first, and doubles from one second to
//! two minutes; every success, and every five minutes without a failure, halves the count. When it is over, one request
//! at a time may probe. A throttle (429) cools until the provider's own `Retry-After` and counts as no failure.

use crate::failure::{Blame, Failure};
use domain::catalog::OfferingIdx;
use domain::routing::Cooling;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The first cool-down, in milliseconds.
const FIRST_MS: i64 = 1_000;

/// The longest cool-down after failures, in milliseconds.
const LONGEST_MS: i64 = 120_000;

/// The cool-down after a throttle that names none, in milliseconds.
const THROTTLED_MS: i64 = 1_000;

/// The longest throttle that is believed, in milliseconds.
const LONGEST_THROTTLE_MS: i64 = 600_000;

/// After so long without a failure, half of them are forgotten, in milliseconds.
const HALF_LIFE_MS: i64 = 300_000;

/// A probe that says nothing for so long is given up, in milliseconds.
const PROBE_MS: i64 = 30_000;

/// The state of every offering that failed lately. Usually none did, and then nothing is locked.
#[derive(Debug, Default)]
pub struct Health {
    ailing: Mutex<HashMap<OfferingIdx, Ailing>>,
    /// How many are in `ailing`.
    number: AtomicUsize,
}

/// What an attempt may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Go on.
    Free,
    /// Go on: this attempt is the one that finds out. Its outcome must be reported.
    Probe,
    /// Leave it alone, unless nothing else is left.
    Cooling {
        /// Until then, in milliseconds since 1970.
        until_ms: i64,
    },
}

/// What became of an attempt, for its offering.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It answered, be it that the request was wrong.
    Alive,
    /// It failed.
    Failed,
    /// It asks to be left alone for so many milliseconds; `None` where it does not say how long.
    Throttled {
        /// As long as it says.
        wait_ms: Option<i64>,
    },
    /// Nothing can be concluded: the client hung up, or the fault is ours.
    Unknown,
}

impl Outcome {
    /// What a failure says about the offering.
    pub fn of(failure: &Failure) -> Self {
        match failure.blame {
            Blame::Caller => Self::Alive,
            Blame::Throttle => Self::Throttled {
                wait_ms: failure
                    .retry_after
                    .map(|wait| i64::try_from(wait.as_millis()).unwrap_or(i64::MAX)),
            },
            Blame::Credential | Blame::Provider | Blame::Network => Self::Failed,
            Blame::Ourselves => Self::Unknown,
        }
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Ailing {
    /// Failures, less what was forgiven.
    failures: u32,
    /// When the last one was, or the last forgiving.
    since_ms: i64,
    /// To be left alone until then; 0 where it need not.
    until_ms: i64,
    /// A probe is under way and is given up then; 0 where none is.
    probe_until_ms: i64,
}

impl Health {
    /// All are well.
    pub fn new() -> Self {
        Self::default()
    }

    /// The offerings to be tried last, for the planner.
    pub fn cooling(&self, now_ms: i64) -> Vec<Cooling> {
        if self.all_well() {
            return Vec::new();
        }
        let ailing = self.lock();
        let cooling = ailing.iter().filter_map(|(offering, state)| {
            Some(Cooling {
                offering: *offering,
                until_ms: state.cooling_until(now_ms)?,
            })
        });
        cooling.collect()
    }

    /// Asks for a turn just before an attempt. Of the attempts that meet an offering whose cool-down is over, one is the
    /// probe and the others are told to go elsewhere.
    pub fn begin(&self, offering: OfferingIdx, now_ms: i64) -> Turn {
        if self.all_well() {
            return Turn::Free;
        }
        let mut ailing = self.lock();
        let Some(state) = ailing.get_mut(&offering) else {
            return Turn::Free;
        };
        match state.cooling_until(now_ms) {
            Some(until_ms) => Turn::Cooling { until_ms },
            None if state.until_ms == 0 => Turn::Free,
            None => {
                state.probe_until_ms = now_ms.saturating_add(PROBE_MS);
                Turn::Probe
            }
        }
    }

    /// Says what became of an attempt.
    pub fn end(&self, offering: OfferingIdx, outcome: Outcome, now_ms: i64) {
        let worsens = match outcome {
            Outcome::Failed | Outcome::Throttled { .. } => true,
            Outcome::Alive | Outcome::Unknown => false,
        };
        if !worsens && self.all_well() {
            return;
        }
        let mut ailing = self.lock();
        match ailing.entry(offering) {
            Entry::Vacant(well) if worsens => {
                well.insert(Ailing::default()).note(outcome, now_ms);
            }
            Entry::Vacant(_) => {}
            Entry::Occupied(mut state) => {
                state.get_mut().note(outcome, now_ms);
                if state.get().is_well(now_ms) {
                    state.remove();
                }
            }
        }
        self.number.store(ailing.len(), Ordering::Release);
    }

    /// Takes a new catalogue over: `moved` says where each offering stands in it. (An attempt under way may still report
    /// by its old index; since cooling only moves an offering to the end of plans, that is harmless.)
    pub fn follow(&self, moved: impl Fn(OfferingIdx) -> Option<OfferingIdx>) {
        let mut ailing = self.lock();
        let old = std::mem::take(&mut *ailing);
        ailing.extend(
            old.into_iter()
                .filter_map(|(offering, state)| Some((moved(offering)?, state))),
        );
        self.number.store(ailing.len(), Ordering::Release);
    }

    fn all_well(&self) -> bool {
        self.number.load(Ordering::Acquire) == 0
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<OfferingIdx, Ailing>> {
        // The states are valid between any two statements, so a panic elsewhere spoils nothing.
        self.ailing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ailing {
    fn note(&mut self, outcome: Outcome, now_ms: i64) {
        self.forget(now_ms);
        match outcome {
            Outcome::Unknown => {}
            Outcome::Alive => {
                self.failures /= 2;
                self.until_ms = 0;
            }
            Outcome::Failed => {
                self.failures = self.failures.saturating_add(1);
                self.since_ms = now_ms;
                let doublings = self.failures.saturating_sub(2).min(16);
                if self.failures > 1 {
                    let wait = (FIRST_MS << doublings).min(LONGEST_MS);
                    self.until_ms = self.until_ms.max(now_ms.saturating_add(wait));
                }
            }
            Outcome::Throttled { wait_ms } => {
                let wait = wait_ms.unwrap_or(THROTTLED_MS).min(LONGEST_THROTTLE_MS);
                self.until_ms = self.until_ms.max(now_ms.saturating_add(wait));
            }
        }
        self.probe_until_ms = 0;
    }

    /// Forgives half of the failures for each half-life that passed since the last one.
    fn forget(&mut self, now_ms: i64) {
        let lives = now_ms.saturating_sub(self.since_ms) / HALF_LIFE_MS;
        if lives > 0 {
            let shift = u32::try_from(lives).unwrap_or(u32::MAX);
            self.failures = self.failures.checked_shr(shift).unwrap_or(0);
            self.since_ms = now_ms;
        }
    }

    /// Until when it is to be left alone: its own cool-down, or a probe's result. No cool-down is longer than the longest
    /// throttle: what seems so was begun before the clock was set back, and is over.
    fn cooling_until(&self, now_ms: i64) -> Option<i64> {
        let until = self.until_ms.max(self.probe_until_ms);
        (now_ms + 1..=now_ms.saturating_add(LONGEST_THROTTLE_MS))
            .contains(&until)
            .then_some(until)
    }

    fn is_well(&self, now_ms: i64) -> bool {
        self.failures == 0 && self.cooling_until(now_ms).is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::{Health, LONGEST_MS, Outcome, PROBE_MS, Turn};
    use crate::{Failure, FailureKind};
    use domain::catalog::{Catalog, OfferingIdx};
    use std::time::Duration;

    /// A provider with two models.
    const FILES: [(&str, &str); 2] = [
        (
            "providers/acme.toml",
            "name = 'Acme'\nbase_url = 'http://127.0.0.1/v1'\nspeaks = ['openai_chat']",
        ),
        (
            "models/acme.toml",
            "[[model]]\nslug = 'one'\nname = 'One'\n[[model.offering]]\nprovider = 'acme'\nwire_id = 'one'\nsource = 'test'\ndate = '2026-01-01'\n\
             [[model]]\nslug = 'two'\nname = 'Two'\n[[model.offering]]\nprovider = 'acme'\nwire_id = 'two'\nsource = 'test'\ndate = '2026-01-01'",
        ),
    ];

    fn offerings() -> Vec<OfferingIdx> {
        let catalog = Catalog::parse(FILES).unwrap();
        catalog.offerings().map(|(idx, _)| idx).collect()
    }

    /// An offering whose state is reported as `cooling` would report it: until when, or well.
    fn until(health: &Health, offering: OfferingIdx, now_ms: i64) -> Option<i64> {
        let cooling = health.cooling(now_ms);
        let found = cooling.iter().find(|cooling| cooling.offering == offering);
        found.map(|cooling| cooling.until_ms)
    }

    #[test]
    fn one_failure_bans_nobody_and_each_further_one_doubles() {
        let [one, other] = offerings()[..] else {
            panic!("two offerings")
        };
        let health = Health::new();
        health.end(one, Outcome::Failed, 0);
        assert_eq!(until(&health, one, 0), None);
        assert_eq!(health.begin(one, 0), Turn::Free);
        let mut now = 1;
        for wait in [
            1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000, LONGEST_MS, LONGEST_MS,
        ] {
            health.end(one, Outcome::Failed, now);
            assert_eq!(until(&health, one, now), Some(now + wait));
            assert_eq!(until(&health, one, now + wait), None);
            assert_eq!(until(&health, other, now), None);
            now += wait;
        }
    }

    #[test]
    fn when_the_cool_down_is_over_one_attempt_probes() {
        let one = offerings()[0];
        let health = Health::new();
        health.end(one, Outcome::Failed, 0);
        health.end(one, Outcome::Failed, 0);
        assert_eq!(health.begin(one, 999), Turn::Cooling { until_ms: 1_000 });
        assert_eq!(health.begin(one, 1_000), Turn::Probe);
        let busy = 1_000 + PROBE_MS;
        assert_eq!(health.begin(one, 1_001), Turn::Cooling { until_ms: busy });
        assert_eq!(until(&health, one, 1_001), Some(busy));
        health.end(one, Outcome::Alive, 1_500);
        assert_eq!(health.begin(one, 1_501), Turn::Free);
    }

    #[test]
    fn a_probe_that_fails_cools_longer_and_one_that_vanishes_is_given_up() {
        let one = offerings()[0];
        let health = Health::new();
        health.end(one, Outcome::Failed, 0);
        health.end(one, Outcome::Failed, 0);
        assert_eq!(health.begin(one, 1_000), Turn::Probe);
        health.end(one, Outcome::Failed, 1_100);
        assert_eq!(until(&health, one, 1_100), Some(3_100));
        assert_eq!(health.begin(one, 3_100), Turn::Probe);
        assert_eq!(health.begin(one, 3_100 + PROBE_MS), Turn::Probe);
        health.end(one, Outcome::Unknown, 40_000);
        assert_eq!(health.begin(one, 40_000), Turn::Probe);
    }

    #[test]
    fn successes_and_time_forgive() {
        let one = offerings()[0];
        let health = Health::new();
        for _ in 0..4 {
            health.end(one, Outcome::Failed, 0);
        }
        assert_eq!(until(&health, one, 0), Some(4_000));
        health.end(one, Outcome::Alive, 5_000);
        health.end(one, Outcome::Failed, 5_000);
        assert_eq!(
            until(&health, one, 5_000),
            Some(7_000),
            "two of four were forgiven"
        );
        let later = 5_000 + 3 * super::HALF_LIFE_MS;
        health.end(one, Outcome::Failed, later);
        assert_eq!(until(&health, one, later), None, "time forgave them all");
        health.end(one, Outcome::Alive, later);
        assert!(health.all_well());
    }

    #[test]
    fn a_throttle_cools_as_long_as_it_says_and_is_no_failure() {
        let one = offerings()[0];
        let health = Health::new();
        let mut throttled = Failure::of(FailureKind::RateLimited, "slow down");
        throttled.retry_after = Some(Duration::from_millis(2_500));
        for _ in 0..5 {
            health.end(one, Outcome::of(&throttled), 0);
        }
        assert_eq!(until(&health, one, 0), Some(2_500));
        assert_eq!(until(&health, one, 2_500), None);
        health.end(one, Outcome::Failed, 3_000);
        assert_eq!(until(&health, one, 3_000), None, "the first failure");
    }

    #[test]
    fn a_clock_that_is_set_back_bans_nobody() {
        let one = offerings()[0];
        let health = Health::new();
        let hour = 3_600_000;
        for _ in 0..4 {
            health.end(one, Outcome::Failed, 10 * hour);
        }
        assert!(until(&health, one, 10 * hour).is_some());
        assert_eq!(until(&health, one, 9 * hour), None);
        assert_eq!(health.begin(one, 9 * hour), Turn::Probe);
        health.end(one, Outcome::Alive, 9 * hour);
        assert_eq!(health.begin(one, 9 * hour), Turn::Free);
    }

    #[test]
    fn only_what_speaks_against_the_offering_counts() {
        let check = |kind: FailureKind, expect: Outcome| {
            assert_eq!(Outcome::of(&Failure::of(kind, "")), expect, "{kind:?}");
        };
        check(FailureKind::InvalidRequest, Outcome::Alive);
        check(
            FailureKind::RateLimited,
            Outcome::Throttled { wait_ms: None },
        );
        check(FailureKind::Misconfigured, Outcome::Unknown);
        check(FailureKind::Credential, Outcome::Failed);
        check(FailureKind::Connect, Outcome::Failed);
        check(FailureKind::Server, Outcome::Failed);
    }

    #[test]
    fn a_new_catalogue_keeps_what_is_known() {
        let [one, other] = offerings()[..] else {
            panic!("two offerings")
        };
        let health = Health::new();
        health.end(one, Outcome::Failed, 0);
        health.end(one, Outcome::Failed, 0);
        health.follow(|old| (old == one).then_some(other));
        assert_eq!(until(&health, other, 0), Some(1_000));
        assert_eq!(until(&health, one, 0), None);
        health.follow(|_| None);
        assert!(health.all_well());
    }
}
