//! Tables for the terminal: columns as wide as their widest cell, numbers to the right.

/// On which side a column's cells stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Right,
}

/// Writes rows below a head. Wide characters count as one column.
pub(super) fn table(head: &[(&str, Align)], rows: &[Vec<String>]) -> String {
    let widths: Vec<usize> = head
        .iter()
        .enumerate()
        .map(|(column, (title, _))| {
            let cells = rows
                .iter()
                .filter_map(|row| row.get(column))
                .map(|cell| cell.chars().count());
            cells.chain([title.chars().count()]).max().unwrap_or(0)
        })
        .collect();
    let mut out = String::new();
    let titles: Vec<String> = head.iter().map(|(title, _)| (*title).to_owned()).collect();
    for row in std::iter::once(&titles).chain(rows) {
        let cells =
            row.iter()
                .zip(head)
                .zip(&widths)
                .map(|((cell, (_, align)), width)| match align {
                    Align::Left => format!("{cell:<width$}"),
                    Align::Right => format!("{cell:>width$}"),
                });
        let line = cells.collect::<Vec<_>>().join("  ");
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{Align, table};

    #[test]
    fn columns_line_up_and_numbers_stand_right() {
        let rows = [
            vec!["openai/gpt-4o".to_owned(), "12".to_owned()],
            vec!["a".to_owned(), "1234".to_owned()],
        ];
        let text = table(&[("Model", Align::Left), ("Requests", Align::Right)], &rows);
        assert_eq!(
            text,
            "Model          Requests\nopenai/gpt-4o        12\na                  1234\n"
        );
    }
}
