//! Tables of a page.

use super::text::escape;

/// A table's cell.
pub(super) enum Cell {
    /// A number or a word, to the right.
    Short(String),
    /// A sentence, to the left, which may break.
    Text(String),
    /// Good news.
    Good(String),
    /// Bad news.
    Bad(String),
}

/// A table in a card of its own; nothing without rows.
pub(super) fn table(head: &[&str], rows: impl IntoIterator<Item = Vec<Cell>>) -> String {
    let rows: Vec<Vec<Cell>> = rows.into_iter().collect();
    let Some(first) = rows.first() else { return String::new() };
    // A column's title stands where its texts begin.
    let title = |(name, below): (&&str, &Cell)| match below {
        Cell::Text(_) => format!("<th class=\"text\">{}</th>", escape(name)),
        _ => format!("<th>{}</th>", escape(name)),
    };
    let head: String = head.iter().zip(first).map(title).collect();
    let line = |cells: &Vec<Cell>| format!("<tr>{}</tr>\n", cells.iter().map(cell).collect::<String>());
    let body: String = rows.iter().map(line).collect();
    format!("<div class=\"card\"><table><thead><tr>{head}</tr></thead><tbody>\n{body}</tbody></table></div>\n")
}

fn cell(cell: &Cell) -> String {
    let (class, text) = match cell {
        Cell::Short(text) => ("", text),
        Cell::Text(text) => (" class=\"text\"", text),
        Cell::Good(text) => (" class=\"good\"", text),
        Cell::Bad(text) => (" class=\"bad\"", text),
    };
    format!("<td{class}>{}</td>", escape(text))
}
