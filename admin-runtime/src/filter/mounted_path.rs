//! The path of a request inside a mount, even where the request has none.

use std::cell::Cell;
use std::convert::Infallible;

use warp::Filter;
use warp::filters::log::Info;
use warp::filters::path::{FullPath, Peek};

/// The path of a mounted request.
pub(super) enum MountedPath {
    /// The target is an authority alone (`CONNECT localhost:80`).
    Missing,
    /// The mount has taken all of it.
    Consumed(String),
    /// Something is left of it.
    Remaining(FullPath, Peek),
}

impl MountedPath {
    /// The path as sent; `None` if the target has none, or is `*`.
    pub(super) fn full(&self) -> Option<&str> {
        let path = match self {
            Self::Missing => return None,
            Self::Consumed(path) => path,
            Self::Remaining(path, _) => path.as_str(),
        };
        (path != "*").then_some(path)
    }

    /// What the mount leaves of it, without the slash at its start.
    pub(super) fn remaining(&self) -> &str {
        match self {
            Self::Missing | Self::Consumed(_) => "",
            Self::Remaining(_, rest) => rest.as_str(),
        }
    }
}

/// `warp::path::full` and `warp::path::peek` panic if the target has no path. Its remaining path is
/// empty, so they are only called where something remains.
pub(super) fn mounted_path()
-> impl Filter<Extract = (MountedPath,), Error = Infallible> + Clone + Send + Sync + 'static {
    let consumed = warp::path::end().and(raw_path()).map(|path: String| {
        if path.is_empty() {
            MountedPath::Missing
        } else {
            MountedPath::Consumed(path)
        }
    });
    let remaining = warp::path::full()
        .and(warp::path::peek())
        .map(MountedPath::Remaining);
    consumed.or(remaining).unify()
}

thread_local! {
    static LOGGED_PATH: Cell<String> = const { Cell::new(String::new()) };
}

/// The path as a plain text, empty if there is none. Of warp's public filters only the log has it:
/// it writes the path right before the next step of the same poll takes it.
fn raw_path() -> impl Filter<Extract = (String,), Error = Infallible> + Clone + Send + Sync + 'static
{
    let log = warp::log::custom(|info: Info<'_>| LOGGED_PATH.set(info.path().to_owned()));
    warp::any()
        .map(warp::reply)
        .with(log)
        .map(|_| LOGGED_PATH.take())
}
