//! Talking to providers: one connection pool, the call made from a provider's data, its quirks, whose fault a failure
//! is, which offerings are cooling down, and the built-in simulator. Knows nothing of accounts, records or storage.

pub mod body;
pub mod client;
mod connect;
pub mod failure;
mod secret;

pub use body::Body;
pub use client::{Answer, Call, Client, NoClient, Settings, Timeouts};
pub use failure::{Blame, Failure, FailureKind, Retry};
pub use secret::Secret;
