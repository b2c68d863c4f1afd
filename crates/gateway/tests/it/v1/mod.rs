//! The doors below `/v1`.

mod bad_input;
mod coding_agents;
mod failover;
mod files_by_url;
mod models;
mod pass_through;
mod responses;
mod streams;
mod tool_names;
