//! `/merge/v1`: what clients of Merge Gateway find below its prefix.

mod models;
mod responses;
