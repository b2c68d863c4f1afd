//! Many numbers in little room: quantiles with a known relative error, and sketches of parts add up to that of the whole.

use serde::{Deserialize, Serialize};
use sketches_ddsketch::{Config, DDSketch};

/// How far a quantile may be off, as a share of itself.
pub const RELATIVE_ERROR: f64 = 0.01;

/// Distinct magnitudes: with 1 % between them, 2048 reach from one to 10¹⁷.
const MOST_BINS: u32 = 2048;
const SMALLEST: f64 = 1e-3;

/// A sketch of positive numbers.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sketch(DDSketch);

impl Default for Sketch {
    fn default() -> Self {
        Self(DDSketch::new(Config::new(
            RELATIVE_ERROR,
            MOST_BINS,
            SMALLEST,
        )))
    }
}

impl std::fmt::Debug for Sketch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sketch({} values)", self.count())
    }
}

impl Sketch {
    /// Adds a number.
    pub fn add(&mut self, value: f64) {
        self.0.add(value);
    }

    /// Adds all numbers of another one.
    pub fn merge(&mut self, other: &Self) {
        // It refuses another error than ours, which an older version may have written: such numbers are left out.
        let _ = self.0.merge(&other.0);
    }

    /// How many numbers there are.
    pub fn count(&self) -> u64 {
        self.0.count() as u64
    }

    /// The smallest of the numbers that this share of all (0 to 1) are not above, within [`RELATIVE_ERROR`]; `None` where
    /// there is none.
    pub fn quantile(&self, share: f64) -> Option<f64> {
        let count = self.0.count();
        // The sketch takes ranks from 0 to the last, as shares of the last, and cuts off what is between two.
        let rank = nearest_rank(share, count).saturating_sub(1);
        let last = count.saturating_sub(1).max(1);
        let share = (rank as f64 + 0.5) / last as f64;
        self.0.quantile(share.min(1.0)).ok().flatten()
    }
}

/// How many of so many numbers are not above the one that this share of all are not above.
fn nearest_rank(share: f64, count: usize) -> usize {
    // Nine tenths of ten are nine, though their product may be a hair more.
    const HAIR: f64 = 1e-9;
    (share * count as f64 - HAIR).ceil() as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The quantile itself: the smallest value that enough of all are not above.
    fn exact(values: &[f64], share: f64) -> f64 {
        let mut values = values.to_vec();
        values.sort_by(f64::total_cmp);
        let enough = |at: &usize| (at + 1) as f64 >= share * values.len() as f64 - 1e-9;
        values[(0..values.len()).find(enough).unwrap()]
    }

    proptest! {
        #[test]
        fn quantiles_are_within_the_stated_error_however_the_values_come_together(
            values in prop::collection::vec(1.0..1e7_f64, 1..400),
            cut in 0..400_usize,
        ) {
            let (one, other) = values.split_at(cut.min(values.len()));
            let sketch = |values: &[f64]| {
                let mut sketch = Sketch::default();
                values.iter().for_each(|value| sketch.add(*value));
                sketch
            };
            let (mut merged, other) = (sketch(one), sketch(other));
            merged.merge(&other);
            prop_assert_eq!(merged.count(), values.len() as u64);
            for share in [0.5, 0.95, 0.99] {
                let (got, expect) = (merged.quantile(share).unwrap(), exact(&values, share));
                prop_assert!((got - expect).abs() <= expect * RELATIVE_ERROR * 1.000_001, "{} {}", got, expect);
            }
        }
    }

    #[test]
    fn the_slower_of_two_is_their_p95() {
        let mut sketch = Sketch::default();
        for value in [100.0, 2000.0] {
            sketch.add(value);
        }
        let near = |got: Option<f64>, expect: f64| {
            (got.unwrap() - expect).abs() <= expect * RELATIVE_ERROR
        };
        assert!(near(sketch.quantile(0.5), 100.0));
        assert!(near(sketch.quantile(0.95), 2000.0));
    }

    #[test]
    fn nothing_has_no_quantiles() {
        assert_eq!(Sketch::default().quantile(0.5), None);
    }
}
