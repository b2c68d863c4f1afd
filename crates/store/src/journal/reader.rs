//! Reading entries back: those of one segment, and all that follow a position.

use super::format::{Fault, Frame};
use super::segment::{FIRST_OFFSET, list, path_of};
use super::{Entry, Position};
use crate::StoreError;
use crate::permissions::private_file;
use std::fs::File;
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// How much is asked of the file at once.
const CHUNK: usize = 1 << 18;

/// Reads the frames of one segment in order.
#[derive(Debug)]
pub(crate) struct FrameReader {
    path: PathBuf,
    file: File,
    /// Where `bytes` begins in the file.
    base: u64,
    bytes: Vec<u8>,
    /// How much of `bytes` has been handed out.
    begin: usize,
}

/// Why no frame was read.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The limit is reached.
    End,
    /// What comes next is not a whole entry.
    Fault(Fault),
    /// The file could not be read.
    Failed(StoreError),
}

impl FrameReader {
    /// Reads the file at `path` from `offset` on.
    pub(crate) fn open(path: PathBuf, offset: u64) -> Result<Self, StoreError> {
        let file = File::open(&path).map_err(StoreError::io("open", &path))?;
        Ok(Self {
            path,
            file,
            base: offset,
            bytes: Vec::new(),
            begin: 0,
        })
    }

    /// Where the next frame begins.
    pub(crate) fn offset(&self) -> u64 {
        self.base + self.begin as u64
    }

    /// The next frame, of those that end at or before `limit`.
    pub(crate) fn next(&mut self, limit: u64) -> Result<Frame<'_>, Stop> {
        if self.offset() >= limit {
            return Err(Stop::End);
        }
        self.fill(4, limit)?;
        let length = Frame::length(self.unread()).map_err(Stop::Fault)?;
        self.fill(length, limit)?;
        let at = self.begin;
        let bytes = self.bytes.get(at..).unwrap_or_default();
        let frame = Frame::parse(bytes).map_err(Stop::Fault)?;
        self.begin = at + frame.length;
        Ok(frame)
    }

    fn unread(&self) -> &[u8] {
        self.bytes.get(self.begin..).unwrap_or_default()
    }

    /// Reads until `needed` bytes are there, or the limit is.
    fn fill(&mut self, needed: usize, limit: u64) -> Result<(), Stop> {
        if self.unread().len() >= needed {
            return Ok(());
        }
        self.base = self.offset();
        self.bytes.drain(..self.begin);
        self.begin = 0;
        while self.bytes.len() < needed {
            let have = self.bytes.len();
            let from = self.base + have as u64;
            let left = usize::try_from(limit.saturating_sub(from)).unwrap_or(usize::MAX);
            let wanted = left.min(CHUNK.max(needed - have));
            self.bytes.resize(have + wanted, 0);
            let room = self.bytes.get_mut(have..).unwrap_or_default();
            let read = self.file.read_at(room, from);
            self.bytes.truncate(have + *read.as_ref().unwrap_or(&0));
            match read {
                Ok(0) => return Ok(()),
                Ok(_) => {}
                Err(source) if source.kind() == std::io::ErrorKind::Interrupted => {}
                Err(source) => {
                    return Err(Stop::Failed(StoreError::io("read", &self.path)(source)));
                }
            }
        }
        Ok(())
    }
}

/// Follows the journal across segments.
#[derive(Debug)]
pub(crate) struct Follower {
    folder: PathBuf,
    segment: u64,
    frames: FrameReader,
}

impl Follower {
    /// Reads from `position` on; from the oldest segment, where the position's is gone.
    pub(crate) fn open(folder: PathBuf, position: Position) -> Result<Self, StoreError> {
        let segments = list(&folder)?;
        let at = segments
            .iter()
            .find(|segment| segment.number == position.segment && segment.bytes >= position.offset)
            .map(|_| position)
            .or_else(|| {
                segments.first().map(|segment| Position {
                    segment: segment.number,
                    offset: FIRST_OFFSET,
                })
            })
            .unwrap_or(position);
        let offset = at.offset.max(FIRST_OFFSET);
        let frames = FrameReader::open(path_of(&folder, at.segment), offset)?;
        Ok(Self {
            folder,
            segment: at.segment,
            frames,
        })
    }

    /// Everything before this has been read.
    pub(crate) fn position(&self) -> Position {
        Position {
            segment: self.segment,
            offset: self.frames.offset(),
        }
    }

    /// The next entry before `head`, and where it begins.
    ///
    /// # Errors
    /// Where the file cannot be read, or is damaged: what was whole when the journal was opened is so no longer.
    pub(crate) fn next(
        &mut self,
        head: Position,
    ) -> Result<Option<(Position, Frame<'_>)>, StoreError> {
        let limit = loop {
            if self.segment >= head.segment {
                break head.offset;
            }
            let length = self.frames.file.metadata();
            let length = length
                .map_err(StoreError::io("read", &self.frames.path))?
                .len();
            if self.frames.offset() < length {
                break length;
            }
            self.go_to_next_segment(head)?;
        };
        let position = self.position();
        match self.frames.next(limit) {
            Ok(frame) => Ok(Some((position, frame))),
            Err(Stop::End) => Ok(None),
            Err(Stop::Failed(error)) => Err(error),
            Err(Stop::Fault(fault)) => {
                let path = path_of(&self.folder, position.segment);
                Err(damaged(path, position.offset, fault))
            }
        }
    }

    /// Numbers have gaps where a segment was taken away by hand.
    fn go_to_next_segment(&mut self, head: Position) -> Result<(), StoreError> {
        let segments = list(&self.folder)?;
        let next = segments
            .iter()
            .map(|segment| segment.number)
            .find(|number| *number > self.segment)
            .unwrap_or(head.segment);
        self.frames = FrameReader::open(path_of(&self.folder, next), FIRST_OFFSET)?;
        self.segment = next;
        Ok(())
    }
}

/// The one entry at a position; `None` where its payload cannot be understood, which is told and the entry set aside.
pub(crate) fn entry_at(folder: &Path, position: Position) -> Result<Option<Entry>, StoreError> {
    let path = path_of(folder, position.segment);
    let mut frames = FrameReader::open(path.clone(), position.offset)?;
    match frames.next(u64::MAX) {
        Ok(frame) => match frame.decode() {
            Ok(entry) => Ok(Some(entry)),
            Err(error) => set_aside(folder, position, &frame, &error).map(|()| None),
        },
        Err(Stop::End) => Err(damaged(path, position.offset, Fault::Incomplete)),
        Err(Stop::Failed(error)) => Err(error),
        Err(Stop::Fault(fault)) => Err(damaged(path, position.offset, fault)),
    }
}

/// Keeps an undamaged entry that cannot be understood, in a file of its own: one such defect must neither lose money
/// silently nor stop all records after it.
pub(crate) fn set_aside(
    folder: &Path,
    position: Position,
    frame: &Frame<'_>,
    error: &postcard::Error,
) -> Result<(), StoreError> {
    let segment = path_of(folder, position.segment);
    let path = segment.with_extension(format!("{}.unreadable", position.offset));
    private_file(&path)?
        .write_all(frame.payload)
        .map_err(StoreError::io("write", &path))?;
    tracing::error!(
        id = %frame.id, kept = %path.display(), %error,
        "a journal entry cannot be understood and is set aside; please report this"
    );
    Ok(())
}

fn damaged(path: PathBuf, offset: u64, fault: Fault) -> StoreError {
    match fault {
        Fault::Newer(version) => StoreError::NewerJournal { path, version },
        Fault::Incomplete => StoreError::DamagedJournal {
            path,
            offset,
            why: "it is not whole",
        },
        Fault::Damaged(why) => StoreError::DamagedJournal { path, offset, why },
    }
}
