//! More than one `build_info!` in a binary.

use crate::discover;
use crate::registry::Problem;

/// Two registrations of the build, which would be shown at random.
pub(crate) fn build_info_problem() -> Option<Problem> {
    let mut places: Vec<_> = discover::build_registrations()
        .map(|build| build.source)
        .collect();
    places.sort();
    let [first, second, ..] = places[..] else {
        return None;
    };
    Some(Problem::Setting {
        setting: "build_info!()".to_owned(),
        reason: format!("is in {first} and in {second}: only the binary has one"),
    })
}
