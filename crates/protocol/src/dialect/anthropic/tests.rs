//! Tests of the dialect by itself, over its fixtures and over requests and streams as other dialects make them.

mod arrangement;
mod fixtures;
mod parameters;
mod refusals;
mod requests;
mod streams;
