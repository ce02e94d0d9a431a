//! What can be wrong with a server before it starts, reported all at once.

use std::fmt;

use crate::endpoint::{Method, PathError};
use crate::source::SourceLocation;

/// One mistake that `build()` found.
///
/// ```
/// use admin_runtime::AdminServer;
/// use admin_runtime::introspect::Problem;
///
/// let error = AdminServer::builder().bind("here").build().unwrap_err();
/// let Problem::Setting { setting, reason, .. } = &error.problems()[0] else { unreachable!() };
/// assert_eq!(setting, "bind(\"here\")");
/// assert_eq!(
///     reason,
///     "expected an IP address and a port such as 127.0.0.1:7000, or localhost:7000",
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// Two endpoints answer the same method and path, whatever the names of its parameters.
    #[non_exhaustive]
    Collision {
        /// The method of both.
        method: Method,
        /// The path and place of one.
        first: (&'static str, SourceLocation),
        /// The path and place of the other.
        second: (&'static str, SourceLocation),
    },
    /// A path that is invalid.
    #[non_exhaustive]
    MalformedPath {
        /// As written.
        path: &'static str,
        /// The mistake.
        error: PathError,
        /// Where.
        at: SourceLocation,
    },
    /// An argument that does not fit its path or its default.
    #[non_exhaustive]
    Argument {
        /// The endpoint's path.
        path: &'static str,
        /// What does not fit.
        reason: String,
        /// Where.
        at: SourceLocation,
    },
    /// Handlers or periodic threads take state that the builder was not given.
    #[non_exhaustive]
    MissingState {
        /// The type.
        type_name: &'static str,
        /// A similar type that the builder was given: `Store` where `Arc<Store>` is taken.
        given: Option<&'static str>,
        /// Who takes it: paths of endpoints and names of periodic threads, and where they are.
        users: Vec<(&'static str, SourceLocation)>,
    },
    /// Two periodic threads have one name.
    #[non_exhaustive]
    PeriodicName {
        /// The name.
        name: &'static str,
        /// Where one is.
        first: SourceLocation,
        /// Where the other is.
        second: SourceLocation,
    },
    /// A periodic thread whose name or settings cannot be used.
    #[non_exhaustive]
    Periodic {
        /// The name.
        name: &'static str,
        /// What is allowed.
        reason: String,
        /// Where.
        at: SourceLocation,
    },
    /// Two health checks of one kind have one name.
    #[non_exhaustive]
    HealthCheckName {
        /// `live` or `ready`.
        kind: &'static str,
        /// The name.
        name: &'static str,
        /// Where one is.
        first: SourceLocation,
        /// Where the other is.
        second: SourceLocation,
    },
    /// A crate named in `link!` registered nothing.
    #[non_exhaustive]
    Unlinked {
        /// The name in `link!`.
        crate_name: &'static str,
        /// A registered crate with a similar name.
        similar: Option<&'static str>,
        /// `file:line` of the `link!`.
        at: (&'static str, u32),
    },
    /// Nothing beyond the framework's own endpoints is linked.
    NothingLinked,
    /// A pattern of `exclude(..)` or `public(..)` that matches no endpoint.
    #[non_exhaustive]
    UnknownPattern {
        /// The setting, such as `exclude`.
        setting: &'static str,
        /// As given.
        pattern: String,
        /// The paths there are.
        paths: Vec<&'static str>,
    },
    /// A setting of the builder that cannot be used.
    #[non_exhaustive]
    Setting {
        /// The setting, with what was given.
        setting: String,
        /// What is allowed.
        reason: String,
    },
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Collision { method, first, second } => write!(
                f,
                "two endpoints answer {method} {}: one at {}, one at {}{}; change or `exclude` one",
                first.0,
                first.1,
                second.1,
                if first.0 == second.0 { String::new() } else { format!(" as {}", second.0) },
            ),
            Self::MalformedPath { path, error, at } => {
                write!(f, "the path {path:?} at {at} is malformed: {error}")
            }
            Self::Argument { path, reason, at } => write!(f, "endpoint {path} at {at}: {reason}"),
            Self::MissingState {
                type_name,
                given,
                users,
            } => {
                write!(f, "no value for State<{type_name}>: ")?;
                match given {
                    Some(given) if *type_name == format!("alloc::sync::Arc<{given}>") => write!(
                        f,
                        "{given} was given, write `.state(Arc::new(..))`"
                    )?,
                    Some(given) => write!(
                        f,
                        "{given} was given, add `.state(..)` of exactly the type that is taken"
                    )?,
                    None => f.write_str("add `.state(..)` of that type to the builder")?,
                }
                let mut separator = "; ";
                for (user, at) in users {
                    write!(f, "{separator}{user} at {at}")?;
                    separator = ", ";
                }
                f.write_str(if users.len() == 1 { " takes it" } else { " take it" })
            }
            Self::PeriodicName { name, first, second } => write!(
                f,
                "two periodic threads are named {name:?}: one at {first}, one at {second}; give one another `name = \"..\"`"
            ),
            Self::Periodic { name, reason, at } => {
                write!(f, "periodic thread {name:?} at {at}: {reason}")
            }
            Self::HealthCheckName { kind, name, first, second } => write!(
                f,
                "two {kind} checks are named {name:?}: one at {first}, one at {second}; give one another `name = \"..\"`"
            ),
            Self::Unlinked { crate_name, similar: Some(similar), at: (file, line) } => write!(
                f,
                "`{crate_name}`, named in link! at {file}:{line}, registered nothing; if it is the renamed crate `{similar}`, write `{crate_name} = \"{similar}\"`"
            ),
            Self::Unlinked { crate_name, similar: None, at: (file, line) } => write!(
                f,
                "`{crate_name}`, named in link! at {file}:{line}, registered nothing: it has no `#[admin_endpoint]`, `#[periodic]` or `#[health_check]` (or they are cfg'd out); if that is meant, write `optional {crate_name}`; if the dependency is renamed, `{crate_name} = \"its_own_name\"`"
            ),
            Self::NothingLinked => f.write_str(
                "nothing is linked beyond the framework itself: a dependency that is never named in code registers nothing; name the crates with endpoints in main: `admin_runtime::link!(admin_endpoints, your_crate);`",
            ),
            Self::UnknownPattern {
                setting,
                pattern,
                paths,
            } => {
                write!(f, "{setting}({pattern:?}) matches no endpoint; ")?;
                if let Some(meant) = meant(pattern, paths) {
                    write!(f, "write {setting}({meant:?}); ")?;
                }
                write!(f, "there are {}", paths.join(", "))
            }
            Self::Setting { setting, reason } => write!(f, "{setting}: {reason}"),
        }
    }
}

/// The pattern with a slash in front or none at the end, or with the most similar path.
fn meant(pattern: &str, paths: &[&'static str]) -> Option<String> {
    let (method, path) = match pattern.split_once(' ') {
        Some((method, path)) => (method.to_ascii_uppercase() + " ", path),
        None => (String::new(), pattern),
    };
    let path = path.trim_matches('/');
    if path.is_empty() {
        return None;
    }
    let path = format!("/{path}");
    let similar = paths
        .iter()
        .map(|known| (strsim::osa_distance(&path, known), *known))
        .filter(|(distance, known)| *distance <= known.len() / 4)
        .min();
    similar
        .map(|(_, known)| format!("{method}{known}"))
        .filter(|meant| meant != pattern)
}

/// Why a server cannot be built: all problems together.
///
/// ```standalone_crate
/// use admin_runtime::{AdminServer, State, admin_endpoint};
///
/// struct Cache;
///
/// #[admin_endpoint(path = "/cache")]
/// fn cache(cache: State<std::sync::Arc<Cache>>) {}
///
/// let error = AdminServer::builder().token("ops", "").exclude("/tiers").build().unwrap_err();
/// let problems: Vec<_> = error.problems().iter().map(ToString::to_string).collect();
/// assert_eq!(problems.len(), 3);
/// assert_eq!(problems[0], "token(..): the secret is empty: anybody could send it");
/// assert!(problems[1].starts_with("exclude(\"/tiers\") matches no endpoint; there are /"));
/// assert!(problems[2].contains("Cache>>: add `.state(..)` of that type to the builder; /cache at"));
/// assert!(error.to_string().starts_with("the admin server cannot be built, 3 problems:\n  - "));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct BuildError {
    problems: Vec<Problem>,
}

impl BuildError {
    pub(crate) fn new(problems: Vec<Problem>) -> Self {
        Self { problems }
    }

    pub(crate) fn unless_empty(problems: Vec<Problem>) -> Result<(), Self> {
        if problems.is_empty() {
            Ok(())
        } else {
            Err(Self { problems })
        }
    }

    /// The problems: of settings first, then of what is linked, at last of paths, in their order.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    pub(crate) fn into_problems(self) -> Vec<Problem> {
        self.problems
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.problems.len();
        write!(
            f,
            "the admin server cannot be built, {count} problem{}:",
            if count == 1 { "" } else { "s" }
        )?;
        self.problems
            .iter()
            .try_for_each(|problem| write!(f, "\n  - {problem}"))
    }
}

// `main` prints errors with Debug: show the text that helps.
impl fmt::Debug for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for BuildError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pattern_without_slash_is_corrected() {
        let paths = ["/env", "/threads"];
        for (pattern, written) in [
            ("env", Some("/env")),
            ("/env/", Some("/env")),
            ("get env", Some("GET /env")),
            ("get /env", Some("GET /env")),
            ("PUT /env", None), // the path is right, the method is not
            ("/envy", Some("/env")),
            ("/thread", Some("/threads")),
            ("/Threads", Some("/threads")),
            ("/cache", None),
            ("", None),
            ("/", None),
        ] {
            assert_eq!(meant(pattern, &paths).as_deref(), written, "{pattern}");
        }
        let problem = Problem::UnknownPattern {
            setting: "exclude",
            pattern: "env".to_owned(),
            paths: paths.to_vec(),
        };
        assert_eq!(
            problem.to_string(),
            "exclude(\"env\") matches no endpoint; write exclude(\"/env\"); there are /env, /threads"
        );
    }
}
