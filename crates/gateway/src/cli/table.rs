//! Tables for the terminal: columns as wide as their widest cell, numbers to the right. Cells hold what clients and
//! providers said; nothing of it reaches the terminal as a command.

/// Letters of a cell that are shown; `--json` has all of them.
const WIDEST: usize = 100;

/// On which side a column's cells stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Right,
    /// Decimal numbers, point below point.
    Point,
}

/// A table that is written piece by piece: its columns only grow.
#[derive(Debug)]
pub(super) struct Table {
    columns: Vec<Column>,
    /// Whether the head stands above with these widths.
    begun: bool,
}

#[derive(Debug)]
struct Column {
    title: &'static str,
    align: Align,
    /// Of the whole cell.
    width: usize,
    /// Of what stands before the point, and from the point on, where points stand below each other.
    around_point: (usize, usize),
}

/// Writes rows below a head. Wide characters count as one column.
pub(super) fn table(head: &[(&'static str, Align)], rows: &[Vec<String>]) -> String {
    Table::new(head).more(rows)
}

impl Table {
    /// An empty table.
    pub(super) fn new(head: &[(&'static str, Align)]) -> Self {
        let column = |(title, align): &(&'static str, Align)| Column {
            title,
            align: *align,
            width: title.chars().count(),
            around_point: (0, 0),
        };
        Self {
            columns: head.iter().map(column).collect(),
            begun: false,
        }
    }

    /// Writes further rows. The head stands above the first ones, and again where a column had to grow.
    pub(super) fn more(&mut self, rows: &[Vec<String>]) -> String {
        let legible = |row: &Vec<String>| row.iter().map(|cell| legible(cell)).collect();
        let rows: Vec<Vec<String>> = rows.iter().map(legible).collect();
        for row in &rows {
            for (column, cell) in self.columns.iter_mut().zip(row) {
                self.begun &= !column.grow(cell);
            }
        }
        let mut out = String::new();
        if !self.begun {
            self.begun = true;
            let titles = self.columns.iter().map(|column| match column.align {
                Align::Left => format!("{:<width$}", column.title, width = column.width),
                Align::Right | Align::Point => {
                    format!("{:>width$}", column.title, width = column.width)
                }
            });
            line(&mut out, titles);
        }
        for row in &rows {
            let cells = self.columns.iter().zip(row);
            line(&mut out, cells.map(|(column, cell)| column.cell(cell)));
        }
        out
    }
}

/// A cell in one line that is not too long, with what a terminal would obey (control characters, and those that turn
/// the direction of writing) written out.
fn legible(cell: &str) -> String {
    let obeyed = |letter: char| {
        letter.is_control()
            || matches!(letter, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let mut out = String::with_capacity(cell.len());
    for (nth, letter) in cell.chars().enumerate() {
        if nth == WIDEST {
            out.push('…');
            break;
        }
        if obeyed(letter) {
            out.extend(letter.escape_default());
        } else {
            out.push(letter);
        }
    }
    out
}

fn line(out: &mut String, cells: impl Iterator<Item = String>) {
    let cells: Vec<String> = cells.collect();
    out.push_str(cells.join("  ").trim_end());
    out.push('\n');
}

impl Column {
    /// Makes room for a cell; says whether the column grew.
    fn grow(&mut self, cell: &str) -> bool {
        let before = (self.width, self.around_point);
        self.width = self.width.max(cell.chars().count());
        if let (Align::Point, Some((whole, rest))) = (self.align, around_point(cell)) {
            self.around_point.0 = self.around_point.0.max(whole);
            self.around_point.1 = self.around_point.1.max(rest);
            self.width = self.width.max(self.around_point.0 + self.around_point.1);
        }
        before != (self.width, self.around_point)
    }

    fn cell(&self, cell: &str) -> String {
        let width = self.width;
        match self.align {
            Align::Left => format!("{cell:<width$}"),
            Align::Right => format!("{cell:>width$}"),
            Align::Point => {
                let own = around_point(cell).map_or(self.around_point.1, |(_, rest)| rest);
                let behind = self.around_point.1.saturating_sub(own);
                format!("{cell:>before$}{:behind$}", "", before = width - behind)
            }
        }
    }
}

/// How many characters of a number stand before its point, and from the point on; `None` of a word.
fn around_point(cell: &str) -> Option<(usize, usize)> {
    if !cell.starts_with(|first: char| first.is_ascii_digit() || first == '-') {
        return None;
    }
    let whole = cell.find('.').unwrap_or(cell.len());
    Some((whole, cell.len() - whole))
}

#[cfg(test)]
mod tests {
    use super::{Align, Table, table};

    fn cells(rows: &[&[&str]]) -> Vec<Vec<String>> {
        let row = |row: &&[&str]| row.iter().map(|cell| (*cell).to_owned()).collect();
        rows.iter().map(row).collect()
    }

    #[test]
    fn columns_line_up_and_numbers_stand_right() {
        let rows = cells(&[&["openai/gpt-4o", "12"], &["a", "1234"]]);
        let text = table(&[("Model", Align::Left), ("Requests", Align::Right)], &rows);
        assert_eq!(
            text,
            "Model          Requests\nopenai/gpt-4o        12\na                  1234\n"
        );
    }

    /// `tollgate logs` once wrote what clients called a model to the terminal as it was.
    #[test]
    fn nothing_in_a_cell_is_obeyed() {
        let head = [("Model", Align::Left)];
        assert_eq!(
            table(&head, &cells(&[&["evil\u{1b}[31m\nname\u{202e}"]])),
            "Model\nevil\\u{1b}[31m\\nname\\u{202e}\n"
        );
        let long = "m".repeat(300);
        let text = table(&head, &cells(&[&[&long]]));
        assert_eq!(text.chars().count(), "Model\n".len() + 100 + 2);
    }

    #[test]
    fn points_stand_below_each_other() {
        let rows = cells(&[
            &["0.00045"],
            &["12.5"],
            &["0"],
            &["unpriced"],
            &["0.0000012"],
        ]);
        assert_eq!(
            table(&[("USD", Align::Point)], &rows),
            "       USD\n 0.00045\n12.5\n 0\n  unpriced\n 0.0000012\n"
        );
    }

    #[test]
    fn the_head_comes_again_where_a_column_grows() {
        let mut table = Table::new(&[("A", Align::Left), ("B", Align::Right)]);
        assert_eq!(table.more(&cells(&[&["one", "1"]])), "A    B\none  1\n");
        assert_eq!(table.more(&cells(&[&["x", "2"]])), "x    2\n");
        assert_eq!(table.more(&cells(&[&["four", "3"]])), "A     B\nfour  3\n");
    }
}
