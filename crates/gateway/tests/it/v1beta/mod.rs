//! The doors below `/v1beta`: Gemini's.

mod models;
