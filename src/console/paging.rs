//! Lists page by page: what a page looks like, and what a request for one of numbered rows says.

use actix_web::HttpRequest;
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::parameters::Parameters;
use crate::http::problem::Problem;

/// Rows of a page, unless the question says how many.
pub(super) const ROWS: u16 = 50;

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Page<T: ToSchema> {
    /// What is on it.
    pub(super) items: Vec<T>,
    /// The `cursor` of the next page; `null` on the last.
    pub(super) next_cursor: Option<String>,
}

/// A page of a list whose rows are numbered.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct NumberedPage<T: ToSchema> {
    /// What is on it.
    pub(super) items: Vec<T>,
    /// The `cursor` of the next page; `null` on the last.
    pub(super) next_cursor: Option<u64>,
}

impl<T: ToSchema> Page<T> {
    /// The first `limit` of these rows, of which one more was read where there are more.
    pub(super) fn of<R>(rows: Vec<R>, limit: usize, cursor: impl Fn(&R) -> String, view: impl Fn(R) -> T) -> Self {
        let next_cursor = last_shown(&rows, limit).map(cursor);
        Self { items: rows.into_iter().take(limit).map(view).collect(), next_cursor }
    }
}

impl<T: ToSchema> NumberedPage<T> {
    /// The first `limit` of these rows, of which one more was read where there are more.
    pub(super) fn of<R>(rows: Vec<R>, limit: usize, number: impl Fn(&R) -> u64, view: impl Fn(R) -> T) -> Self {
        let next_cursor = last_shown(&rows, limit).map(number);
        Self { items: rows.into_iter().take(limit).map(view).collect(), next_cursor }
    }
}

/// The last row of a page that others follow.
fn last_shown<R>(rows: &[R], limit: usize) -> Option<&R> {
    if rows.len() > limit { rows.get(limit.checked_sub(1)?) } else { None }
}

/// How many rows are asked for, and the number that the page before said.
///
/// # Errors
/// A parameter is wrong, or not known.
pub(super) fn asked(request: &HttpRequest) -> Result<(usize, Option<u64>), Problem> {
    let mut query = Parameters::of(request)?;
    let (limit, cursor) = (query.limit().unwrap_or(ROWS), query.cursor("cursor"));
    query.done()?;
    Ok((usize::from(limit), cursor))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_page_that_others_follow_says_where() {
        for (rows, limit, items, next_cursor) in [
            (vec![], 2, vec![], None),
            (vec![9, 8], 2, vec!["9", "8"], None),
            (vec![9, 8, 7], 2, vec!["9", "8"], Some(8)),
        ] {
            let page = NumberedPage::of(rows, limit, |row| *row, |row: u64| row.to_string());
            assert_eq!((page.items, page.next_cursor), (items.into_iter().map(str::to_owned).collect(), next_cursor));
        }
    }
}
