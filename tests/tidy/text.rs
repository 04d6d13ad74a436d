//! Files as text, and the little parsing that the checks need.

use std::path::{Path, PathBuf};

/// A file of the repository.
pub(crate) struct File {
    /// From the repository's root, with slashes.
    pub(crate) path: String,
    pub(crate) text: String,
}

impl File {
    /// `path:line: text` of each line that is wanted.
    pub(crate) fn lines_with(&self, wanted: impl Fn(&str) -> bool) -> Vec<String> {
        let lines = self.text.lines().enumerate().filter(|(_, line)| wanted(line));
        lines.map(|(number, line)| format!("{}:{}: {}", self.path, number + 1, line.trim())).collect()
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A file's text; the file must be there.
pub(crate) fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// All files of a kind in these folders, or these files themselves, by path.
pub(crate) fn sources(places: &[&str], extension: &str) -> Vec<File> {
    let mut found = Vec::new();
    places.iter().for_each(|place| collect(&root().join(place), extension, &mut found));
    found.sort_by(|one: &File, other| one.path.cmp(&other.path));
    found
}

fn collect(place: &Path, extension: &str, found: &mut Vec<File>) {
    if let Ok(entries) = std::fs::read_dir(place) {
        entries.flatten().for_each(|entry| collect(&entry.path(), extension, found));
    } else if place.extension().is_some_and(|kind| kind == extension)
        && let Ok(text) = std::fs::read_to_string(place)
    {
        let path = place.strip_prefix(root()).unwrap_or(place).to_string_lossy().replace('\\', "/");
        found.push(File { path, text });
    }
}

/// The part of a Markdown page under `## heading`.
pub(crate) fn section(page: &str, heading: &str) -> String {
    let mut lines = page.lines().skip_while(|line| *line != format!("## {heading}"));
    assert!(lines.next().is_some(), "the page has no section {heading:?}");
    lines.take_while(|line| !line.starts_with("## ")).collect::<Vec<_>>().join("\n")
}

/// The rows of all tables in a piece of Markdown, as cells, without heads.
pub(crate) fn rows(markdown: &str) -> Vec<Vec<String>> {
    let lines: Vec<&str> = markdown.lines().collect();
    let is_rule = |line: &&str| line.starts_with("| ---");
    let is_head = |index: usize| lines.get(index + 1).is_some_and(is_rule);
    let cells = |line: &str| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
    let body =
        lines.iter().enumerate().filter(|(index, line)| line.starts_with('|') && !is_rule(line) && !is_head(*index));
    body.map(|(_, line)| cells(line)).collect()
}

/// What stands in backticks at a cell's beginning.
pub(crate) fn quoted(cell: &str) -> Option<&str> {
    cell.strip_prefix('`')?.split_once('`').map(|(name, _)| name)
}

/// Every name that is written `like_this` in a piece of Markdown.
pub(crate) fn all_quoted(markdown: &str) -> Vec<&str> {
    markdown.split('`').skip(1).step_by(2).collect()
}
