//! Opening all listeners of a server, and what the log says about them.

#[cfg(feature = "tls")]
use std::sync::Arc;

use super::StartError;
use crate::guard::Exposure;
#[cfg(feature = "tls")]
use crate::listener::{ListenError, TlsConfig, TlsFiles};
use crate::listener::{OpenListener, OpenedSocket, PlannedListener, open};
#[cfg(feature = "systemd")]
use crate::listener::{PlannedAddress, unclaimed_names};
use crate::log_queue;
use crate::registry::Problem;
use crate::server_context::{ServedListener, ServerContext};
use crate::text::one_line;

/// A socket, the listener that it belongs to, and its TLS.
pub(super) struct OpenedListener {
    pub(super) planned: PlannedListener,
    pub(super) opened: OpenedSocket,
    #[cfg(feature = "tls")]
    pub(super) tls: Option<Arc<TlsConfig>>,
}

/// What all listeners need.
#[derive(Default)]
pub(super) struct OpenedListeners {
    pub(super) sockets: Vec<OpenedListener>,
    #[cfg(feature = "tls")]
    pub(super) tls_files: Vec<TlsFiles>,
}

/// Opens the sockets and reads the files of all listeners, or reports all that cannot be used.
pub(super) fn open_all(
    planned: &[PlannedListener],
    #[cfg(feature = "tls")] is_certificate_optional: bool,
) -> Result<OpenedListeners, StartError> {
    let mut all = OpenedListeners::default();
    let mut problems = Vec::new();
    for listener in planned {
        let sockets = open(&listener.address, listener.is_ipv6_beside_ipv4(planned));
        #[cfg(feature = "tls")]
        let tls = {
            let name = listener_name(&sockets);
            match read_tls(listener, &name, is_certificate_optional) {
                Ok(None) => None,
                Ok(Some(files)) => {
                    let config = files.config();
                    all.tls_files.push(files);
                    Some(config)
                }
                Err(error) => {
                    problems.push(error);
                    None
                }
            }
        };
        match sockets {
            Ok(sockets) => all
                .sockets
                .extend(sockets.into_iter().map(|opened| OpenedListener {
                    planned: listener.clone(),
                    opened,
                    #[cfg(feature = "tls")]
                    tls: tls.clone(),
                })),
            Err(error) => problems.push(error),
        }
    }
    if problems.is_empty() {
        Ok(all)
    } else {
        Err(StartError::Listen { problems })
    }
}

/// Why these listeners could not listen, for a server that does not start anyway: whoever corrects its
/// settings sees everything at once.
pub(super) fn problems_of_listening(planned: &[PlannedListener]) -> Vec<Problem> {
    let opened = open_all(
        planned,
        #[cfg(feature = "tls")]
        true,
    );
    let Err(StartError::Listen { problems }) = opened else {
        return Vec::new();
    };
    let problems = problems.into_iter().map(|problem| Problem::Setting {
        setting: problem.listener().to_owned(),
        reason: problem.reason_and_advice(),
    });
    problems.collect()
}

/// Says which sockets of systemd no listener uses: its unit and the program may name them differently.
#[cfg(feature = "systemd")]
pub(super) fn log_unclaimed_sockets(planned: &[PlannedListener]) {
    let claimed = planned
        .iter()
        .filter_map(|listener| match &listener.address {
            PlannedAddress::Systemd(name) => Some(name.as_str()),
            PlannedAddress::Tcp(_) | PlannedAddress::Unix(..) => None,
        });
    let names = unclaimed_names(&claimed.collect::<Vec<_>>());
    if !names.is_empty() {
        let names = one_line(names.join(", "));
        log_queue::emit(move || {
            tracing::info!(
                names,
                "systemd has passed sockets that no listener of this server uses; they stay open"
            );
        });
    }
}

#[cfg(feature = "tls")]
fn listener_name(sockets: &Result<Vec<OpenedSocket>, ListenError>) -> String {
    match sockets {
        Ok(sockets) => sockets
            .first()
            .map(|socket| socket.public.name().to_owned()),
        Err(error) => Some(error.listener().to_owned()),
    }
    .unwrap_or_default()
}

#[cfg(feature = "tls")]
fn read_tls(
    listener: &PlannedListener,
    name: &str,
    is_certificate_optional: bool,
) -> Result<Option<TlsFiles>, ListenError> {
    let advice = "see the files of tls(..) and client_ca(..)";
    let Some(options) = &listener.tls else {
        return Ok(None);
    };
    TlsFiles::read(name, options, is_certificate_optional)
        .map(Some)
        .map_err(|reason| ListenError::new(name, reason, advice))
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
    let public = context.public_paths(served.listed().map(|listed| &**listed));
    let access = context.credentials.access_summary(&served.policy, &public);
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
