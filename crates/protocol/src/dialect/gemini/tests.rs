//! Cases that need more than one file of the dialect.
