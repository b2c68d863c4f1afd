//! Folders and files that only their owner may read: what is kept here is private.

use crate::StoreError;
use std::fs::{DirBuilder, File, OpenOptions};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

/// Makes a folder (0700) and those above it, where missing; one that exists keeps the mode that its owner chose.
pub(crate) fn private_folder(path: &Path) -> Result<(), StoreError> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(StoreError::io("create the folder", path))
}

/// Opens a file for reading and writing; makes it (0600) where missing, never cuts it.
pub(crate) fn private_file(path: &Path) -> Result<File, StoreError> {
    options()
        .create(true)
        .truncate(false)
        .open(path)
        .map_err(StoreError::io("open", path))
}

/// Makes a file (0600) that must not exist yet.
pub(crate) fn new_private_file(path: &Path) -> Result<File, StoreError> {
    options()
        .create_new(true)
        .open(path)
        .map_err(StoreError::io("create", path))
}

/// Makes names in a folder (a new, renamed or deleted file) survive a power cut.
pub(crate) fn sync_folder(path: &Path) -> Result<(), StoreError> {
    File::open(path)
        .and_then(|folder| folder.sync_all())
        .map_err(StoreError::io("sync the folder", path))
}

fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).mode(0o600);
    options
}
