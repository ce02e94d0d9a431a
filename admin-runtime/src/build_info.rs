//! Which build of which program this is.

use crate::source::SourceLocation;

/// What [`build_info!`](crate::build_info!) registers.
#[doc(hidden)] // only `build_info!` makes them
#[derive(Clone, Copy, Debug)]
pub struct BuildRegistration {
    /// The name of the program.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
    /// `debug` or `release`, by the debug assertions of the program.
    pub profile: &'static str,
    /// `VERGEN_GIT_SHA` or `VERGEN_GIT_DESCRIBE`, where a build script set one.
    pub git: Option<&'static str>,
    /// Where the macro is.
    pub source: SourceLocation,
}

/// Which build of which program this is: what [`build_info!`](crate::build_info!) in the binary says,
/// and what the build script of this crate saw.
///
/// ```standalone_crate
/// use admin_runtime::build_info::BuildInfo;
///
/// admin_runtime::build_info!(); // in the binary
///
/// # fn main() {
/// let build = BuildInfo::linked();
/// assert_eq!(build.version, Some(env!("CARGO_PKG_VERSION")));
/// assert!(build.rustc.is_some_and(|rustc| rustc.starts_with("rustc 1.")));
/// assert!(build.target.is_some_and(|target| target.contains(std::env::consts::ARCH)));
/// assert!(build.profile.is_some());
/// assert_eq!(build.git, None); // without a build script that sets VERGEN_GIT_SHA
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BuildInfo {
    /// The name of the program; `None` without the macro.
    pub name: Option<&'static str>,
    /// Its version; `None` without the macro.
    pub version: Option<&'static str>,
    /// The commit, from `VERGEN_GIT_SHA` or `VERGEN_GIT_DESCRIBE` of the program's build script.
    pub git: Option<&'static str>,
    /// The compiler: `rustc 1.95.0 (59807616e 2026-04-14)`.
    pub rustc: Option<&'static str>,
    /// The target: `x86_64-unknown-linux-gnu`.
    pub target: Option<&'static str>,
    /// `release` or `debug`.
    pub profile: Option<&'static str>,
}

impl BuildInfo {
    /// The facts of a registration, if there is one.
    pub(crate) fn new(registration: Option<&BuildRegistration>) -> Self {
        let known = |text: &'static str| (!text.is_empty()).then_some(text);
        let profile = known(env!("ADMIN_BUILD_PROFILE"));
        Self {
            name: registration.map(|build| build.name),
            version: registration.map(|build| build.version),
            git: registration.and_then(|build| build.git.filter(|git| is_known(git))),
            rustc: known(env!("ADMIN_BUILD_RUSTC")),
            target: known(env!("ADMIN_BUILD_TARGET")),
            profile: profile.or(registration.map(|build| build.profile)),
        }
    }
}

/// vergen sets this text where it knows nothing.
fn is_known(git: &str) -> bool {
    !git.is_empty() && git != "VERGEN_IDEMPOTENT_OUTPUT"
}

/// Registers name, version and commit of the program, for `GET /build` and the metric `build_info`.
///
/// Once, in the binary: name and version are those of the package that it is in, the commit is
/// `VERGEN_GIT_SHA` or `VERGEN_GIT_DESCRIBE`, if a build script of the package sets one (`vergen`
/// does). A second one in a program is an error of [`build()`](crate::Builder::build).
///
/// ```standalone_crate
/// use admin_runtime::build_info::BuildInfo;
///
/// admin_runtime::build_info!();
///
/// # fn main() {
/// assert!(BuildInfo::linked().name.is_some());
/// # }
/// ```
#[macro_export]
macro_rules! build_info {
    () => {
        const _: () = {
            $crate::__private::submit! {
                $crate::__private::BuildRegistration {
                    name: match ::core::option_env!("CARGO_BIN_NAME") {
                        $crate::__private::Option::Some(name) => name,
                        $crate::__private::Option::None => ::core::env!("CARGO_PKG_NAME"),
                    },
                    version: ::core::env!("CARGO_PKG_VERSION"),
                    profile: if ::core::cfg!(debug_assertions) { "debug" } else { "release" },
                    git: match ::core::option_env!("VERGEN_GIT_SHA") {
                        $crate::__private::Option::Some(git) => {
                            $crate::__private::Option::Some(git)
                        }
                        $crate::__private::Option::None => {
                            ::core::option_env!("VERGEN_GIT_DESCRIBE")
                        }
                    },
                    source: $crate::__private::SourceLocation::new(
                        ::core::env!("CARGO_CRATE_NAME"),
                        ::core::module_path!(),
                        "build_info!",
                    )
                    .with_location(
                        ::core::env!("CARGO_MANIFEST_DIR"),
                        ::core::file!(),
                        ::core::line!(),
                        ::core::column!(),
                    ),
                }
            }
        };
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_commits_are_not_shown() {
        let git = |git: Option<&'static str>| {
            let registration = BuildRegistration {
                name: "worker",
                version: "1.2.3",
                profile: "debug",
                git,
                source: SourceLocation::new("worker", "worker", "build_info!"),
            };
            BuildInfo::new(Some(&registration)).git
        };
        assert_eq!(git(Some("1f40c2e")), Some("1f40c2e"));
        for unknown in [None, Some(""), Some("VERGEN_IDEMPOTENT_OUTPUT")] {
            assert_eq!(git(unknown), None);
        }
    }

    #[test]
    fn the_compiler_is_known_without_a_registration() {
        let build = BuildInfo::new(None);
        assert_eq!((build.name, build.version), (None, None));
        assert!(
            build
                .rustc
                .is_some_and(|rustc| rustc.starts_with("rustc 1."))
        );
        assert!(build.target.is_some() && build.profile.is_some());
    }
}
