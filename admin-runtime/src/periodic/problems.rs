//! Checks of the linked periodic threads of a binary.

use super::descriptor::PeriodicDescriptor;
use super::identity::check_name;
use crate::registry::Problem;

/// Sorts the threads by name and place, and returns every mistake in them.
pub(crate) fn problems(threads: &mut [PeriodicDescriptor]) -> Vec<Problem> {
    threads.sort_by_key(|thread| (thread.name, thread.source));
    let twice = threads
        .windows(2)
        .filter(|pair| pair[0].name == pair[1].name);
    let twice = twice.map(|pair| Problem::PeriodicName {
        name: pair[0].name,
        first: pair[0].source,
        second: pair[1].source,
    });
    let invalid = threads.iter().filter_map(|thread| {
        let checked = check_name(thread.name).and_then(|()| thread.settings.check());
        let (name, at) = (thread.name, thread.source);
        checked
            .err()
            .map(|reason| Problem::Periodic { name, reason, at })
    });
    twice.chain(invalid).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::descriptor::PeriodicBody;
    use super::super::run_summary::RunSummary;
    use super::super::settings::Settings;
    use super::*;
    use crate::source::SourceLocation;

    fn thread(name: &'static str, line: u32) -> PeriodicDescriptor {
        PeriodicDescriptor {
            name,
            docs: "",
            settings: Settings::DEFAULT,
            required_state: &[],
            source: SourceLocation {
                crate_name: "engine",
                manifest_dir: "/ws/engine",
                module: "engine",
                function: "f",
                file: "engine/src/lib.rs",
                line,
                column: 1,
            },
            body: PeriodicBody::Sync(|_| Ok(RunSummary::default())),
        }
    }

    #[test]
    fn all_mistakes_are_returned_with_their_places() {
        let endless = Settings::DEFAULT.with_interval(Duration::MAX);
        let mut threads = [
            thread("b", 20),
            thread("b", 10),
            PeriodicDescriptor {
                settings: endless,
                ..thread("a", 30)
            },
            thread("x\ny", 40),
            thread("c/d", 50),
        ];
        let texts: Vec<_> = problems(&mut threads)
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(texts.len(), 3, "{texts:?}");
        for part in [
            "\"b\": one at crate engine, engine/src/lib.rs:10, one at crate engine, engine/src/lib.rs:20",
            "\"a\" at crate engine, engine/src/lib.rs:30: the interval",
            "\"x\\ny\" at crate engine, engine/src/lib.rs:40: the name contains",
        ] {
            assert!(
                texts.iter().any(|text| text.contains(part)),
                "{part} is not in {texts:?}"
            );
        }
    }
}
