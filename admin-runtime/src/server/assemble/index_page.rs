//! More than one `index_page!` in a binary.

use crate::discover;
use crate::registry::Problem;

/// Two pages for `GET /`, one of which would be shown at random.
pub(crate) fn index_page_problem() -> Option<Problem> {
    let mut places: Vec<_> = discover::index_pages().map(|page| page.source).collect();
    places.sort();
    let [first, second, ..] = places[..] else {
        return None;
    };
    Some(Problem::Setting {
        setting: "index_page!(..)".to_owned(),
        reason: format!("is in {first} and in {second}: a program has one at most"),
    })
}
