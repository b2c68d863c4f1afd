//! The one file that knows which database it is.
