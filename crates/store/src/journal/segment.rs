//! The journal's files: their names, and what is whole in them when a new process finds them.

use super::Position;
use super::format::{Fault, HEADER};
use super::reader::{FrameReader, Stop};
use crate::StoreError;
use crate::permissions::{new_private_file, sync_folder};
use std::fs::{self, File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// One file of the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Segment {
    pub(crate) number: u64,
    /// Its length.
    pub(crate) bytes: u64,
}

/// Where entries begin in a segment.
pub(crate) const FIRST_OFFSET: u64 = HEADER.len() as u64;

/// A segment's file.
pub(crate) fn path_of(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("{number:012}.journal"))
}

/// Makes an empty segment.
pub(crate) fn create(folder: &Path, number: u64) -> Result<File, StoreError> {
    let path = path_of(folder, number);
    let mut file = new_private_file(&path)?;
    match file.write_all(HEADER) {
        Ok(()) => Ok(file),
        Err(source) => {
            // A half-made file would be in the way of the next try.
            fs::remove_file(&path).ok();
            Err(StoreError::io("write", &path)(source))
        }
    }
}

/// All segments, oldest first.
pub(crate) fn list(folder: &Path) -> Result<Vec<Segment>, StoreError> {
    let fail = || StoreError::io("list", folder);
    let mut segments = Vec::new();
    for entry in fs::read_dir(folder).map_err(fail())? {
        let entry = entry.map_err(fail())?;
        let name = entry.file_name();
        let number = name
            .to_str()
            .and_then(|name| name.strip_suffix(".journal"))
            .and_then(|digits| digits.parse().ok());
        if let Some(number) = number {
            let bytes = entry.metadata().map_err(fail())?.len();
            segments.push(Segment { number, bytes });
        }
    }
    segments.sort_by_key(|segment| segment.number);
    Ok(segments)
}

/// Whether a position is one of these segments'. It is not where the journal was taken away, replaced by an older one,
/// or cut by a power failure before the position; then everything that is there is read again.
pub(crate) fn holds(folder: &Path, position: Position) -> Result<bool, StoreError> {
    Ok(list(folder)?
        .iter()
        .any(|one| one.number == position.segment && one.bytes >= position.offset))
}

/// Reads every segment from `from` on and cuts off what is not whole: the torn tail that a crash leaves in the last
/// one, without a word; anything else is damage, which is said loudly and kept in a `.corrupt` file beside it.
///
/// # Errors
/// [`StoreError::NewerJournal`], [`StoreError::Io`].
pub(crate) fn repair(folder: &Path, from: Position) -> Result<Vec<Segment>, StoreError> {
    let mut segments = list(folder)?;
    let last = segments.last().map(|segment| segment.number);
    for segment in &mut segments {
        if segment.number >= from.segment {
            let is_last = Some(segment.number) == last;
            segment.bytes = repair_one(folder, *segment, is_last)?;
        }
    }
    Ok(segments)
}

/// Returns the length that is whole.
fn repair_one(folder: &Path, segment: Segment, is_last: bool) -> Result<u64, StoreError> {
    let path = path_of(folder, segment.number);
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .open(&path)
        .map_err(StoreError::io("open", &path))?;
    let (whole, fault) = whole_length(&file, segment, &path)?;
    match fault {
        None => return Ok(whole),
        Some(Fault::Newer(version)) => return Err(StoreError::NewerJournal { path, version }),
        Some(Fault::Incomplete) if is_last => {
            tracing::info!(path = %path.display(), kept = whole, cut = segment.bytes - whole, "cut off the journal's torn tail");
        }
        Some(Fault::Incomplete) => {
            keep_damaged(&file, &path, whole, "an entry in it is not whole")?;
        }
        Some(Fault::Damaged(why)) => keep_damaged(&file, &path, whole, why)?,
    }
    file.set_len(whole)
        .and_then(|()| {
            if whole >= FIRST_OFFSET {
                return Ok(());
            }
            file.write_all_at(HEADER, 0)
        })
        .and_then(|()| file.sync_all())
        .map_err(StoreError::io("repair", &path))?;
    Ok(whole.max(FIRST_OFFSET))
}

/// How many bytes of a segment are whole entries, and what comes after them.
fn whole_length(
    file: &File,
    segment: Segment,
    path: &Path,
) -> Result<(u64, Option<Fault>), StoreError> {
    let mut header = [0; HEADER.len()];
    if segment.bytes < FIRST_OFFSET {
        return Ok((0, Some(Fault::Incomplete)));
    }
    file.read_exact_at(&mut header, 0)
        .map_err(StoreError::io("read", path))?;
    if &header != HEADER {
        let fault = Fault::Damaged("it does not begin like a journal");
        return Ok((0, Some(fault)));
    }
    let mut frames = FrameReader::open(path.to_owned(), FIRST_OFFSET)?;
    loop {
        match frames.next(segment.bytes) {
            Ok(_) => {}
            Err(Stop::End) => return Ok((frames.offset(), None)),
            Err(Stop::Fault(fault)) => return Ok((frames.offset(), Some(fault))),
            Err(Stop::Failed(error)) => return Err(error),
        }
    }
}

fn keep_damaged(file: &File, path: &Path, from: u64, why: &str) -> Result<(), StoreError> {
    let kept = free_name(path, from);
    let mut source = file;
    source
        .seek(SeekFrom::Start(from))
        .map_err(StoreError::io("read", path))?;
    let mut copy = new_private_file(&kept)?;
    std::io::copy(&mut source, &mut copy)
        .and_then(|_| copy.sync_all())
        .map_err(StoreError::io("write", &kept))?;
    if let Some(folder) = path.parent() {
        sync_folder(folder)?;
    }
    tracing::error!(
        path = %path.display(), offset = from, kept = %kept.display(), why,
        "the journal is damaged: entries from this offset to the segment's end are not applied"
    );
    Ok(())
}

/// Damage may be met at the same place twice, after a restored backup; neither find may replace the other.
fn free_name(path: &Path, offset: u64) -> PathBuf {
    let mut name = path.with_extension(format!("{offset}.corrupt"));
    let mut n = 2;
    while name.exists() {
        name = path.with_extension(format!("{offset}-{n}.corrupt"));
        n += 1;
    }
    name
}
