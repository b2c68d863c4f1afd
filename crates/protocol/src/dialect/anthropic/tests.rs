//! Tests of the dialect by itself, over its fixtures and over requests and streams as other dialects make them.

mod fixtures;
mod requests;
mod streams;
