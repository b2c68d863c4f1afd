//! The one integration binary: the real program against fake providers. Folders mirror URLs.

#![expect(
    clippy::unwrap_used,
    reason = "in a test, what cannot go on should stop with its place"
)]

mod admin;
mod cli;
mod config;
mod hostile;
mod kill;
mod ledger;
mod load;
mod process;
mod scene;
mod tidy;
mod v1;
