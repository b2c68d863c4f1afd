//! What is said on the wire: the canonical request and response, the dialects that read and write them, byte-exact
//! edits, framing, and the relay. Pure and synchronous: no IO, no clock, no randomness.

pub mod dialect;
pub mod eventstream;
pub mod frame;
pub mod ir;
pub mod mend;
pub mod relay;
pub mod splice;
pub mod sse;

// So that unit tests share a file with the integration tests, where the crate has a name.
#[cfg(test)]
extern crate self as protocol;

#[cfg(test)]
#[path = "../tests/it/readable.rs"]
mod readable;
