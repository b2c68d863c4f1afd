//! The doors below `/v1`.

mod bad_input;
mod coding_agents;
mod essentials;
mod failover;
mod files_by_url;
mod model_endpoints;
mod model_lists;
mod models;
mod other_models_turns;
mod overlays;
mod pass_through;
mod responses;
mod streams;
mod threads;
mod tool_names;
