//! The safe position: everything before it is in the database and on disk there, so that it need not be read again.
//! One line of text beside the segments, because it belongs to them and not to any one partition.

use super::Position;
use crate::StoreError;
use crate::permissions::{private_file, sync_folder};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// The stored position. One that is missing or damaged is the begin: reading twice does no harm.
pub(crate) fn load(folder: &Path) -> Position {
    fs::read_to_string(file(folder))
        .ok()
        .and_then(|text| parse(&text))
        .unwrap_or_default()
}

/// Stores a position, so that a crash leaves either this or the one before.
pub(crate) fn save(folder: &Path, position: Position) -> Result<(), StoreError> {
    let path = file(folder);
    let draft = path.with_extension("draft");
    let mut out = private_file(&draft)?;
    out.set_len(0)
        .and_then(|()| out.write_all(text(position).as_bytes()))
        .and_then(|()| out.sync_all())
        .map_err(StoreError::io("write", &draft))?;
    fs::rename(&draft, &path).map_err(StoreError::io("replace", &path))?;
    sync_folder(folder)
}

fn file(folder: &Path) -> PathBuf {
    folder.join("position")
}

fn text(position: Position) -> String {
    let line = format!("1 {} {}", position.segment, position.offset);
    format!("{line} {:08x}\n", crc32fast::hash(line.as_bytes()))
}

fn parse(line: &str) -> Option<Position> {
    let mut words = line.split_whitespace().skip(1);
    let position = Position {
        segment: words.next()?.parse().ok()?,
        offset: words.next()?.parse().ok()?,
    };
    (text(position) == line).then_some(position)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comes_back_and_is_the_begin_where_damaged() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(load(folder.path()), Position::default());
        let position = Position {
            segment: 7,
            offset: 123_456,
        };
        save(folder.path(), position).unwrap();
        assert_eq!(load(folder.path()), position);

        let whole = text(position);
        for length in 0..whole.len() {
            fs::write(file(folder.path()), &whole[..length]).unwrap();
            assert_eq!(load(folder.path()), Position::default(), "{length}");
        }
        fs::write(file(folder.path()), whole.replace('7', "8")).unwrap();
        assert_eq!(load(folder.path()), Position::default());
    }
}
