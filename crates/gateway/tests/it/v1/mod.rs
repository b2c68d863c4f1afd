//! The doors below `/v1`.

mod pass_through;
mod streams;
