//! For tests only: a fake provider that speaks the vendors' dialects as they document them, a small HTTP client that
//! can hang up, and the real gateway as a child process.
//!
//! Nothing here leans on `protocol`: the fake writes and reads the wire formats by itself, so that it is an honest
//! judge of what the gateway says and hears.

pub mod client;
pub mod fake_provider;
pub mod gateway;
