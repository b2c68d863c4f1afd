//! The one integration binary: the real program against fake providers. Folders mirror URLs.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "in a test, what cannot go on should stop with its place"
)]
#![expect(
    clippy::print_stdout,
    reason = "what a test found is shown when it fails, or by --nocapture"
)]

mod admin;
mod cli;
mod cohere;
mod config;
mod dialects;
mod hostile;
mod kill;
mod ledger;
mod load;
mod merge;
mod process;
mod scene;
mod tidy;
mod v1;
mod v1beta;
mod v4;
