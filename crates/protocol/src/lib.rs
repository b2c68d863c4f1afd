//! What is said on the wire: the canonical request and response, the dialects that read and write them, byte-exact
//! edits, framing, and the relay. Pure and synchronous: no IO, no clock, no randomness.

pub mod dialect;
pub mod ir;
pub mod relay;
pub mod splice;
pub mod sse;
