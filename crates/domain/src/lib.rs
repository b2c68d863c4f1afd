//! What is decided: accounts, catalogue, routing, pricing, money, performance. Pure: values in, decisions out; time is an argument.

pub mod account;
pub mod caller;
pub mod catalog;
pub mod estimate;
pub mod id;
pub mod money;
pub mod performance;
pub mod pricing;
pub mod record;
pub mod routing;
#[cfg(test)]
mod samples;
pub mod snapshot;
