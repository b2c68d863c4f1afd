//! The doors below `/v1`.

mod bad_input;
mod coding_agents;
mod essentials;
mod failover;
mod files_by_url;
mod model_endpoints;
mod model_lists;
mod models;
mod overlays;
mod pass_through;
mod responses;
mod streams;
mod tool_names;
