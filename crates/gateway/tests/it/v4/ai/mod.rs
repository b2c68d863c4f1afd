//! Below `/v4/ai`.

mod config;
mod language_model;
