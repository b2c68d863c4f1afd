//! The records in the database: one file per UTC month, written from the journal alone.

mod apply;
mod columns;
mod filter;
mod insert;
mod month;
mod names;
mod page;
mod partitions;
mod query;
mod recover;
mod rollups;
mod slices;
mod usage;

pub(crate) use apply::{Applied, Applier};
pub(crate) use month::Month;
pub(crate) use page::page;
pub(crate) use partitions::Partitions;
pub(crate) use query::{end, find, follow, keep_up};
pub(crate) use recover::recover;
pub(crate) use rollups::each as each_rollup;
pub(crate) use usage::usage;

pub use filter::{
    Bounds, Dimension, FollowCursor, Found, KeptUp, NotACursor, Page, RecordFilter, RollupFilter,
    RollupRow, RollupScope, StatusClass, TimeRange, UsageRow,
};
