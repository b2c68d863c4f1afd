//! The appending end: one frame, one write, and never anything behind half a frame.

use super::Position;
use super::format::{self, Kind, MAX_FRAME};
use super::segment::{self, FIRST_OFFSET, Segment, path_of};
use crate::StoreError;
use domain::id::RequestId;
use serde::Serialize;
use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A buffer that one huge entry made larger than this is given back.
const KEPT_BUFFER: usize = 1 << 18;

/// The last segment, open for appending, and what is known of those before it.
#[derive(Debug)]
pub(crate) struct Writer {
    folder: PathBuf,
    segment_bytes: u64,
    number: u64,
    file: Arc<File>,
    /// Where the next frame goes; everything before is whole.
    offset: u64,
    /// Whether a failed write may have left bytes behind `offset` that could not be cut off yet.
    littered: bool,
    buffer: Vec<u8>,
    /// Closed segments, oldest first.
    closed: VecDeque<Segment>,
    safe: Position,
    /// Files with bytes that are not synced, oldest first.
    unsynced: Vec<(PathBuf, Arc<File>)>,
    /// Whether a segment was made since the folder was synced.
    new_name: bool,
    shut: bool,
}

/// What has to be synced for everything before `head` to be on disk.
#[derive(Debug)]
pub(crate) struct Unsynced {
    pub(crate) head: Position,
    pub(crate) files: Vec<(PathBuf, Arc<File>)>,
    pub(crate) new_name: bool,
}

impl Writer {
    /// Goes on in the last of these (repaired) segments, or in a new one.
    pub(crate) fn open(
        folder: &Path,
        segments: &[Segment],
        safe: Position,
        segment_bytes: u64,
    ) -> Result<Self, StoreError> {
        let usable = segments
            .last()
            .filter(|last| last.number >= safe.segment && last.bytes < segment_bytes);
        let (number, offset, file) = match usable {
            Some(last) => {
                let path = path_of(folder, last.number);
                let file = OpenOptions::new()
                    .read(true)
                    .write(true)
                    .open(&path)
                    .map_err(StoreError::io("open", &path))?;
                (last.number, last.bytes, file)
            }
            None => {
                let last = segments.last().map_or(0, |last| last.number);
                // A position left from a journal that somebody took away must not point into the new one.
                let number = last.max(safe.segment) + 1;
                (number, FIRST_OFFSET, segment::create(folder, number)?)
            }
        };
        let closed = segments.iter().filter(|old| old.number != number);
        Ok(Self {
            folder: folder.to_owned(),
            segment_bytes,
            number,
            file: Arc::new(file),
            offset,
            littered: false,
            buffer: Vec::new(),
            closed: closed.copied().collect(),
            safe,
            unsynced: Vec::new(),
            new_name: true,
            shut: false,
        })
    }

    /// Where the next entry will be.
    pub(crate) fn head(&self) -> Position {
        Position {
            segment: self.number,
            offset: self.offset,
        }
    }

    /// Bytes from the safe position on.
    pub(crate) fn waiting_bytes(&self) -> u64 {
        let closed = self.closed.iter();
        let older: u64 = closed
            .filter(|old| old.number >= self.safe.segment)
            .map(|old| old.bytes)
            .sum();
        let first_part = if self.safe.segment == 0 {
            0
        } else {
            self.safe.offset
        };
        (older + self.offset).saturating_sub(first_part)
    }

    /// Appends one entry, whole or not at all.
    pub(crate) fn append(
        &mut self,
        kind: Kind,
        id: RequestId,
        value: &impl Serialize,
    ) -> Result<(), StoreError> {
        if self.shut {
            return Err(StoreError::Closed);
        }
        self.buffer.clear();
        format::encode(&mut self.buffer, kind, id, value)?;
        let bytes = self.buffer.len();
        if bytes > MAX_FRAME {
            self.buffer = Vec::new();
            return Err(StoreError::EntryTooLarge {
                bytes,
                limit: MAX_FRAME,
            });
        }
        self.tidy()?;
        self.file
            .write_all_at(&self.buffer, self.offset)
            .map_err(|source| self.write_failed(source))?;
        self.offset += bytes as u64;
        if self.buffer.capacity() > KEPT_BUFFER {
            self.buffer = Vec::new();
        }
        if self.offset >= self.segment_bytes {
            self.rotate();
        }
        Ok(())
    }

    /// A write that failed part way leaves half a frame. The next goes to the same offset, but if it is shorter, or the
    /// process dies before it, a reader would meet the rest of this one: so cut it off now, or before anything else.
    fn write_failed(&mut self, source: std::io::Error) -> StoreError {
        self.littered = true;
        if let Err(error) = self.tidy() {
            tracing::error!(%error, "a failed write left half an entry; it is cut off before the next one is written");
        }
        StoreError::io("append to", &path_of(&self.folder, self.number))(source)
    }

    fn tidy(&mut self) -> Result<(), StoreError> {
        if self.littered {
            self.file.set_len(self.offset).map_err(StoreError::io(
                "repair",
                &path_of(&self.folder, self.number),
            ))?;
            self.littered = false;
        }
        Ok(())
    }

    /// Goes on in a new segment. Where none can be made, this one grows on: that is no reason to refuse an entry.
    fn rotate(&mut self) {
        match segment::create(&self.folder, self.number + 1) {
            Ok(file) => {
                let path = path_of(&self.folder, self.number);
                let old = std::mem::replace(&mut self.file, Arc::new(file));
                self.unsynced.push((path, old));
                self.closed.push_back(Segment {
                    number: self.number,
                    bytes: self.offset,
                });
                self.number += 1;
                self.offset = FIRST_OFFSET;
                self.new_name = true;
            }
            Err(error) => tracing::error!(%error, "the journal's next segment cannot be made"),
        }
    }

    /// What to sync now. The caller hands back what it could not sync.
    pub(crate) fn take_unsynced(&mut self) -> Unsynced {
        let mut files = std::mem::take(&mut self.unsynced);
        files.push((path_of(&self.folder, self.number), Arc::clone(&self.file)));
        Unsynced {
            head: self.head(),
            files,
            new_name: std::mem::take(&mut self.new_name),
        }
    }

    /// Takes back what could not be synced, to be tried again.
    pub(crate) fn put_back(&mut self, unsynced: Unsynced) {
        let mut files = unsynced.files;
        // The last one is that of the current segment at the time.
        files.retain(|(path, _)| *path != path_of(&self.folder, self.number));
        files.append(&mut self.unsynced);
        files.dedup_by(|one, other| one.0 == other.0);
        self.unsynced = files;
        self.new_name |= unsynced.new_name;
    }

    /// Everything before `safe` is in the database: returns the segments' files that are no longer needed.
    pub(crate) fn release(&mut self, safe: Position) -> Vec<PathBuf> {
        self.safe = safe;
        let mut gone = Vec::new();
        while let Some(old) = self.closed.pop_front_if(|old| old.number < safe.segment) {
            gone.push(path_of(&self.folder, old.number));
        }
        gone
    }

    /// Lets a test make writing fail.
    #[cfg(test)]
    pub(crate) fn replace_file(&mut self, file: Arc<File>) -> Arc<File> {
        std::mem::replace(&mut self.file, file)
    }

    /// Refuses whatever comes after.
    pub(crate) fn shut(&mut self) {
        self.shut = true;
    }
}
