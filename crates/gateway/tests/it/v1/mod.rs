//! The doors below `/v1`.

mod bad_input;
mod pass_through;
mod streams;
