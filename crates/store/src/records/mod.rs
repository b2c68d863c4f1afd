//! The records in the database: one file per UTC month, written from the journal alone.

mod filter;

pub use filter::{Dimension, FollowCursor, Page, RecordFilter, StatusClass, TimeRange, UsageRow};
