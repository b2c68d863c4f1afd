//! Spans of time with some thousand records each: what is indexed by slice first is written to in one place at a time.

use crate::error::BoxError;
use domain::id::RequestId;
use rusqlite::Connection;

/// Records of a slice. Fewer make listings by key look into more slices, more make the part of the index that is being
/// written to larger: this is about 60 pages.
const RECORDS: u64 = 8_192;

/// The slices of a partition, as its one writer knows them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slices {
    /// The last one's begin, in milliseconds since 1970 as all times here, and that of the one before it.
    begin_ms: i64,
    before_ms: i64,
    /// How many records the last one has, and when the latest of them began.
    records: u64,
    latest_ms: i64,
}

impl Slices {
    /// Reads where an earlier writer stopped.
    pub(super) fn open(connection: &Connection) -> Result<Self, rusqlite::Error> {
        let begin_ms =
            connection.query_row("SELECT MAX(begin_ms) FROM slice", [], |row| row.get(0))?;
        let before_ms = begin_before(connection, begin_ms - 1)?;
        let (records, latest): (i64, Option<[u8; 16]>) = connection.query_row(
            "SELECT COUNT(*), MAX(id) FROM record WHERE id >= ?",
            [first_id(begin_ms)],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        Ok(Self {
            begin_ms,
            before_ms,
            records: u64::try_from(records).unwrap_or(0),
            latest_ms: latest.map_or(begin_ms, |id| RequestId::from_bytes(id).at_ms()),
        })
    }

    /// The slice of a record that is about to be written.
    pub(super) fn of(&mut self, connection: &Connection, id: RequestId) -> Result<i64, BoxError> {
        let at_ms = id.at_ms();
        if at_ms >= self.begin_ms {
            if self.records >= RECORDS && at_ms > self.latest_ms {
                self.begin(connection)?;
            }
            self.records += 1;
            self.latest_ms = self.latest_ms.max(at_ms);
            return Ok(self.begin_ms);
        }
        if at_ms >= self.before_ms {
            return Ok(self.before_ms);
        }
        Ok(begin_before(connection, at_ms)?)
    }

    /// Begins a slice behind everything that is in the last one.
    fn begin(&mut self, connection: &Connection) -> Result<(), rusqlite::Error> {
        let begin_ms = self.latest_ms + 1;
        connection.execute("INSERT INTO slice (begin_ms) VALUES (?)", [begin_ms])?;
        *self = Self {
            begin_ms,
            before_ms: self.begin_ms,
            records: 0,
            latest_ms: begin_ms,
        };
        Ok(())
    }
}

/// What no id of this moment or later is below.
pub(super) fn first_id(at_ms: i64) -> [u8; 16] {
    let mut bytes = [0; 16];
    let millis = at_ms.clamp(0, (1 << 48) - 1).to_be_bytes();
    for (to, from) in bytes.iter_mut().zip(millis.into_iter().skip(2)) {
        *to = from;
    }
    bytes
}

/// The begin of the slice that a moment falls into.
fn begin_before(connection: &Connection, at_ms: i64) -> Result<i64, rusqlite::Error> {
    let mut find =
        connection.prepare_cached("SELECT MAX(begin_ms) FROM slice WHERE begin_ms <= ?")?;
    let begin: Option<i64> = find.query_row([at_ms], |row| row.get(0))?;
    Ok(begin.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::records_in_memory;

    fn id(at_ms: i64) -> RequestId {
        RequestId::new(at_ms, [7; 10])
    }

    #[test]
    fn slices_follow_each_other_and_late_records_find_theirs() {
        let connection = records_in_memory();
        let mut slices = Slices::open(&connection).unwrap();
        let of = |slices: &mut Slices, at_ms| slices.of(&connection, id(at_ms)).unwrap();
        // Ten a millisecond, from 1,000 on: the first slice is full within this one.
        let full = 1_000 + i64::try_from(RECORDS).unwrap() / 10;
        for n in 0..i64::try_from(RECORDS).unwrap() {
            assert_eq!(of(&mut slices, 1_000 + n / 10), 0);
        }
        // What began together stays together, so that slices do not overlap.
        assert_eq!(of(&mut slices, full), 0);
        assert_eq!(of(&mut slices, full + 5), full + 1);
        assert_eq!(of(&mut slices, full), 0);
        let second = full + 1;
        // One is there already.
        let end = second + i64::try_from(RECORDS).unwrap() - 1;
        for at_ms in second..end {
            of(&mut slices, at_ms);
        }
        assert_eq!(of(&mut slices, end), end);
        // The last one, the one before it, and one that is not remembered.
        assert_eq!(of(&mut slices, end + 9), end);
        assert_eq!(of(&mut slices, end - 1), second);
        assert_eq!(of(&mut slices, 5), 0);
        let again = Slices::open(&connection).unwrap();
        assert_eq!((again.begin_ms, again.before_ms), (end, second));
    }
}
