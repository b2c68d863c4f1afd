//! The thread that brings appended entries to the disk, one `fdatasync` for all that gathered.

use super::writer::{Unsynced, Writer};
use super::{Position, lock};
use crate::StoreError;
use crate::permissions::sync_folder;
use crate::signal::{Signal, Wake};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::watch;

/// How far the disk has got.
#[derive(Clone, Debug, Default)]
pub(crate) struct Synced {
    pub(crate) to: Position,
    /// Why the last try failed, where it did.
    pub(crate) error: Option<String>,
    /// How many tries failed.
    pub(crate) failures: u64,
    /// Whether the thread has ended.
    pub(crate) ended: bool,
}

/// What the thread works on.
#[derive(Debug)]
pub(crate) struct Syncer {
    pub(crate) folder: PathBuf,
    pub(crate) writer: Arc<Mutex<Writer>>,
    pub(crate) signal: Arc<Signal>,
    pub(crate) synced: watch::Sender<Synced>,
    pub(crate) interval: Duration,
}

impl Syncer {
    /// Runs until the signal says stop, and syncs once more then.
    pub(crate) fn run(self) {
        loop {
            let wake = self.signal.wait(self.interval, None);
            let done = self.sync();
            if wake == Wake::Stop {
                self.synced.send_modify(|state| state.ended = true);
                return;
            }
            if done.is_err() {
                // Appending goes on; only the promise about power cuts is broken, and said to be.
                self.signal.work();
            }
        }
    }

    fn sync(&self) -> Result<(), ()> {
        let unsynced = lock(&self.writer).take_unsynced();
        match self.sync_files(&unsynced) {
            Ok(()) => {
                self.synced.send_modify(|state| {
                    state.to = unsynced.head;
                    state.error = None;
                });
                Ok(())
            }
            Err(error) => {
                lock(&self.writer).put_back(unsynced);
                let text = error.to_string();
                self.synced.send_modify(|state| {
                    if state.error.is_none() {
                        tracing::error!(error = text, "the journal cannot be synced to disk");
                    }
                    state.error = Some(text);
                    state.failures += 1;
                });
                Err(())
            }
        }
    }

    fn sync_files(&self, unsynced: &Unsynced) -> Result<(), StoreError> {
        for (path, file) in &unsynced.files {
            file.sync_data().map_err(StoreError::io("sync", path))?;
        }
        if unsynced.new_name {
            sync_folder(&self.folder)?;
        }
        Ok(())
    }
}
