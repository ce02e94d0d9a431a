//! Opening all listeners of a server, and what the log says about them.

use super::StartError;
use crate::guard::Exposure;
use crate::listener::{OpenListener, OpenedSocket, PlannedListener, open};
use crate::log_queue;
use crate::server_context::{ServedListener, ServerContext};
use crate::text::one_line;

/// Opens the sockets of all listeners, or reports all that cannot be opened.
pub(super) fn open_all(
    planned: &[PlannedListener],
) -> Result<Vec<(PlannedListener, OpenedSocket)>, StartError> {
    let mut opened = Vec::new();
    let mut problems = Vec::new();
    for listener in planned {
        match open(&listener.address) {
            Ok(sockets) => {
                opened.extend(sockets.into_iter().map(|socket| (listener.clone(), socket)));
            }
            Err(error) => problems.push(error),
        }
    }
    if problems.is_empty() {
        Ok(opened)
    } else {
        Err(StartError::Listen { problems })
    }
}

/// That of requests that reach the server over none of its sockets: they are trusted only where
/// those of all its TCP sockets are.
pub(super) fn exposure_of(sockets: impl Iterator<Item = Exposure>) -> Exposure {
    let mut exposures: Vec<_> = sockets.collect();
    exposures.retain(|exposure| *exposure != Exposure::UnixSocket);
    match exposures.as_slice() {
        [] => Exposure::Mounted,
        exposures if exposures.contains(&Exposure::Network) => Exposure::Network,
        _ => Exposure::Loopback,
    }
}

pub(super) fn log_listening(
    context: &ServerContext,
    open: &OpenListener,
    served: &ServedListener,
    endpoints: usize,
) {
    let endpoints = served.listed().map_or(endpoints, |listed| listed.len());
    let access = context.credentials.access_summary(&served.policy);
    let listener = one_line(open.name());
    let address = match (open.local_addr(), open.path()) {
        (Some(address), _) => address.to_string(),
        (None, Some(path)) => one_line(path.display()),
        (None, None) => listener.clone(),
    };
    log_queue::emit(move || {
        if address == listener {
            tracing::info!(%address, endpoints, access, "admin server listens");
        } else {
            tracing::info!(%address, listener, endpoints, access, "admin server listens");
        }
    });
}
