//! Lists become listings.
