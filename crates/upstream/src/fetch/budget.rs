//! What all fetches of one request may take together, and whose they are.

use super::error::FetchError;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Bytes and files left for one request. Shared by fetches that run at once; what a failed fetch took stays taken.
#[derive(Debug)]
pub struct Budget {
    project: String,
    max_bytes: usize,
    max_files: usize,
    bytes_left: AtomicUsize,
    files_left: AtomicUsize,
}

impl Budget {
    /// For a request of this project (its id) that may fetch so many bytes in so many files.
    #[must_use]
    pub fn new(project: &str, max_bytes: usize, max_files: usize) -> Self {
        Self {
            project: project.to_owned(),
            max_bytes,
            max_files,
            bytes_left: AtomicUsize::new(max_bytes),
            files_left: AtomicUsize::new(max_files),
        }
    }

    pub(super) fn project(&self) -> &str {
        &self.project
    }

    pub(super) fn take_file(&self) -> Result<(), FetchError> {
        take(&self.files_left, 1).ok_or(FetchError::TooMany {
            max: self.max_files,
        })
    }

    pub(super) fn take_bytes(&self, bytes: usize) -> Result<(), FetchError> {
        take(&self.bytes_left, bytes).ok_or(self.exceeded())
    }

    /// Whether a file of this size would still fit.
    pub(super) fn has_room(&self, bytes: usize) -> Result<(), FetchError> {
        match bytes <= self.bytes_left.load(Ordering::Relaxed) {
            true => Ok(()),
            false => Err(self.exceeded()),
        }
    }

    fn exceeded(&self) -> FetchError {
        FetchError::TogetherTooLarge {
            max: self.max_bytes,
        }
    }
}

fn take(left: &AtomicUsize, wanted: usize) -> Option<()> {
    left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
        left.checked_sub(wanted)
    })
    .ok()
    .map(|_| ())
}
