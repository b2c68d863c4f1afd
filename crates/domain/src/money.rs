//! Exact money.

use serde::{Deserialize, Serialize};

/// An amount in 10⁻¹² USD, checked 64-bit (up to about 9.2 million USD): what a record holds.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Amount(pub i64);
