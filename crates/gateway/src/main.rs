//! The `tollgate` program: one endpoint for every model. Reads the command line and hands over; everything else lives
//! in the modules below.

mod admin_api;
mod assemble;
mod boot;
mod call;
mod cli;
mod client_api;
mod clock;
mod config;
mod console;
mod doors;
mod login;
mod moment;
mod performance;
mod pipeline;
mod quote;
mod random;
mod reply;
mod server;
mod state;
mod telemetry;
mod view;

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::run()
}
