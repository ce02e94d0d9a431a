//! Checks that the crates which a binary should contain are linked.

use super::Problem;

/// What `link!` leaves in the binary for each crate it names.
#[doc(hidden)] // only `link!` makes them
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkExpectation {
    /// `CARGO_CRATE_NAME` of the crate that must have registered something.
    pub crate_name: &'static str,
    /// Whether it may have registered nothing.
    pub optional: bool,
    /// The file of the `link!`.
    pub file: &'static str,
    /// The line of the `link!`.
    pub line: u32,
}

/// The expectations that no registration meets.
pub(crate) fn unlinked(expected: &[LinkExpectation], registered: &[&'static str]) -> Vec<Problem> {
    let missing = expected
        .iter()
        .filter(|link| !link.optional && !registered.contains(&link.crate_name));
    missing
        .map(|link| Problem::Unlinked {
            crate_name: link.crate_name,
            similar: similar(link.crate_name, registered),
            at: (link.file, link.line),
        })
        .collect()
}

/// A registered name that contains the other or is contained in it: what a rename looks like.
fn similar(name: &str, registered: &[&'static str]) -> Option<&'static str> {
    registered
        .iter()
        .copied()
        .find(|other| other.contains(name) || name.contains(other))
}

/// Names the crates whose endpoints and periodic threads must be in this binary.
///
/// A dependency that is listed in `Cargo.toml` and never named in code registers **nothing**,
/// silently. `link!` names it, and the server does not build if it registered nothing nevertheless.
///
/// ```
/// # macro_rules! ignore { ($($tokens:tt)*) => {} } // these crates are not here
/// # ignore! {
/// admin_runtime::link!(admin_endpoints, cache_engine);
/// admin_runtime::link!(engine = "cache_engine"); // renamed in Cargo.toml
/// admin_runtime::link!(optional protocol);       // may register nothing
/// # }
/// ```
#[macro_export]
macro_rules! link {
    () => {};
    (optional $first:ident - $second:ident $($rest:tt)*) => {
        $crate::link!($first - $second $($rest)*);
    };
    ($first:ident - $second:ident $(- $more:ident)* $(, $($rest:tt)*)?) => {
        ::core::compile_error!(::core::concat!(
            "in code a crate is named with `_`: write `",
            ::core::stringify!($first),
            "_",
            ::core::stringify!($second),
            $("_", ::core::stringify!($more),)*
            "`"
        ));
    };
    (optional $name:ident $(, $($rest:tt)*)?) => {
        $crate::link!(@ $name, ::core::stringify!($name), true);
        $($crate::link!($($rest)*);)?
    };
    ($name:ident = $crate_name:literal $(, $($rest:tt)*)?) => {
        $crate::link!(@ $name, $crate_name, false);
        $($crate::link!($($rest)*);)?
    };
    ($name:ident $(, $($rest:tt)*)?) => {
        $crate::link!(@ $name, ::core::stringify!($name), false);
        $($crate::link!($($rest)*);)?
    };
    (@ $name:ident, $crate_name:expr, $optional:literal) => {
        const _: () = {
            #[allow(unused_imports)]
            use ::$name as _;
            $crate::__private::submit! {
                $crate::__private::LinkExpectation {
                    crate_name: $crate_name,
                    optional: $optional,
                    file: ::core::file!(),
                    line: ::core::line!(),
                }
            }
        };
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expect(crate_name: &'static str, optional: bool) -> LinkExpectation {
        LinkExpectation {
            crate_name,
            optional,
            file: "src/main.rs",
            line: 3,
        }
    }

    #[test]
    fn names_what_registered_nothing_and_suggests_a_rename() {
        let expected = [
            expect("admin_endpoints", false),
            expect("engine", false),
            expect("x", true),
        ];
        let problems = unlinked(&expected, &["admin_endpoints", "cache_engine"]);
        assert_eq!(problems.len(), 1);
        let text = problems[0].to_string();
        assert!(
            text.contains("`engine`") && text.contains("src/main.rs:3"),
            "{text}"
        );
        assert!(text.contains("engine = \"cache_engine\""), "{text}");
    }
}
