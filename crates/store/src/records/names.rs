//! Texts that come again and again, by number: as the one writer of a partition gives them out.

use super::columns::NAMED;
use crate::error::BoxError;
use domain::record::Record;
use rusqlite::{Connection, OptionalExtension};
use std::collections::HashMap;

/// How many are remembered, and how long one may be: together about 4 MB at most. Clients choose the names of models,
/// so that neither may be left to them.
const MOST_REMEMBERED: usize = 20_000;
const LONGEST_REMEMBERED: usize = 128;

/// The numbers of a partition's names.
#[derive(Debug, Default)]
pub(super) struct Names {
    remembered: HashMap<Box<str>, i64>,
}

impl Names {
    /// The numbers of a record's texts, in the order of [`NAMED`].
    pub(super) fn of(
        &mut self,
        connection: &Connection,
        record: &Record,
    ) -> Result<[i64; NAMED.len()], BoxError> {
        let texts = [
            &record.organization,
            &record.project,
            &record.key,
            &record.door,
            &record.operation,
            &record.requested_model,
            &record.model,
            &record.provider,
        ];
        let mut numbers = [0; NAMED.len()];
        for (number, text) in numbers.iter_mut().zip(texts) {
            *number = self.number(connection, text)?;
        }
        Ok(numbers)
    }

    /// The number of `text`, which gets one where it has none.
    pub(super) fn number(&mut self, connection: &Connection, text: &str) -> Result<i64, BoxError> {
        if let Some(number) = self.remembered.get(text) {
            return Ok(*number);
        }
        let mut find = connection.prepare_cached("SELECT id FROM name WHERE text = ?")?;
        let found = find.query_row([text], |row| row.get(0)).optional()?;
        let number = match found {
            Some(number) => number,
            None => {
                let mut add =
                    connection.prepare_cached("INSERT INTO name (id, text) SELECT COALESCE(MAX(id), 0) + 1, ? FROM name RETURNING id")?;
                add.query_row([text], |row| row.get(0))?
            }
        };
        if text.len() <= LONGEST_REMEMBERED {
            if self.remembered.len() >= MOST_REMEMBERED {
                self.remembered.clear();
            }
            self.remembered.insert(text.into(), number);
        }
        Ok(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::records_in_memory;

    #[test]
    fn a_text_keeps_its_number_however_many_there_are() {
        let connection = records_in_memory();
        let mut names = Names::default();
        let long = "m".repeat(LONGEST_REMEMBERED + 1);
        let first = names.number(&connection, "first").unwrap();
        let of_long = names.number(&connection, &long).unwrap();
        assert_ne!(first, of_long);
        for n in 0..MOST_REMEMBERED {
            names.number(&connection, &n.to_string()).unwrap();
            assert!(names.remembered.len() <= MOST_REMEMBERED);
        }
        assert!(!names.remembered.contains_key("first"));
        let mut later = Names::default();
        for names in [&mut names, &mut later] {
            assert_eq!(names.number(&connection, "first").unwrap(), first);
            assert_eq!(names.number(&connection, &long).unwrap(), of_long);
            assert_ne!(names.number(&connection, "").unwrap(), first);
        }
    }
}
