//! The thread of a server, which makes its runtimes and runs its accept loops.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{self, Sender};
use std::thread::{self, JoinHandle};

use tokio::runtime::Handle;

use super::accept_loop::{Accepting, Listening, serve};
use super::open_listeners::OpenedListener;
use super::runtimes::{Runtimes, START_THREADS};
use super::server_socket::{ServerSocket, own_uid};
use super::thread_check::check_threads;
#[cfg(feature = "tls")]
use crate::guard::HTTPS_PORT;
use crate::guard::{Exposure, HTTP_PORT, ListenerPolicy};
use crate::listener::OpenedSocket;
use crate::server_context::{ServedListener, ServerContext};

/// Where tasks of a server run.
pub(super) struct Handles {
    pub(super) users: Handle,
    /// Set if there are async live checks.
    pub(super) live_checks: Option<Handle>,
    #[cfg(feature = "systemd")]
    pub(super) admin: Handle,
}

/// The thread of a server. It ends when this is dropped before it serves.
pub(super) struct MainThread {
    pub(super) handles: Handles,
    /// The rules of each socket.
    pub(super) served: Vec<Arc<ServedListener>>,
    begin: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl MainThread {
    /// The thread makes the runtimes and drops them: the caller may be inside another one, where a
    /// runtime may not be dropped.
    pub(super) fn start(opened: Vec<OpenedListener>, accepting: Accepting) -> io::Result<Self> {
        check_threads(START_THREADS)?;
        let (made, receiver) = mpsc::channel();
        let (begin, begun) = mpsc::channel();
        let thread = thread::Builder::new()
            .name("admin-main".to_owned())
            .spawn(move || {
                let listens = Runtimes::start(&accepting.context).and_then(|runtimes| {
                    let _inside = runtimes.admin.enter();
                    Ok((listening(opened, &accepting.context)?, runtimes))
                });
                let (sockets, runtimes) = match listens {
                    Ok(listens) => listens,
                    Err(error) => return drop(made.send(Err(error))),
                };
                let handles = Handles {
                    users: runtimes.users.handle().clone(),
                    live_checks: runtimes
                        .live_checks
                        .as_ref()
                        .map(|runtime| runtime.handle().clone()),
                    #[cfg(feature = "systemd")]
                    admin: runtimes.admin.handle().clone(),
                };
                let served = sockets.iter();
                let served = served.map(|socket| Arc::clone(&socket.listener)).collect();
                let _ = made.send(Ok((handles, served)));
                let is_begun = begun.recv().is_ok();
                if is_begun {
                    // A task, whose panic does not end the thread before the runtimes stop.
                    let serving = runtimes.admin.spawn(serve(sockets, accepting));
                    let _ = runtimes.admin.block_on(serving);
                }
                runtimes.stop(is_begun);
            })?;
        match receiver.recv() {
            Ok(Ok((handles, served))) => Ok(Self {
                handles,
                served,
                begin: Some(begin),
                thread: Some(thread),
            }),
            ended => {
                let _ = thread.join();
                Err(ended
                    .ok()
                    .and_then(Result::err)
                    .unwrap_or_else(|| io::Error::other("the thread of the server ended")))
            }
        }
    }

    /// Lets the thread serve.
    pub(super) fn serve(mut self) -> Option<JoinHandle<()>> {
        let begin = self.begin.take()?;
        let _ = begin.send(());
        self.thread.take()
    }
}

/// The sockets of a server inside its runtime, each with its rules.
fn listening(opened: Vec<OpenedListener>, context: &ServerContext) -> io::Result<Vec<Listening>> {
    let is_unix = |one: &OpenedListener| one.opened.exposure == Exposure::UnixSocket;
    let own_uid = if opened.iter().any(is_unix) {
        Some(own_uid()?)
    } else {
        None
    };
    let sockets = opened.into_iter().map(|one| {
        let OpenedListener {
            planned, opened, ..
        } = one;
        let policy = ListenerPolicy {
            name: opened.public.name().to_owned(),
            exposure: opened.exposure,
            default_port: default_port(
                &opened,
                #[cfg(feature = "tls")]
                one.tls.is_some(),
            ),
            max_effect: planned.max_effect,
            client_names: planned.client_names(),
            trusted_uids: own_uid.into_iter().chain(planned.allowed_uids).collect(),
        };
        let listener = ServedListener::new(context, policy, planned.only.as_ref());
        Ok(Listening {
            socket: ServerSocket::new(opened.socket, opened.is_inherited)?,
            listener: Arc::new(listener),
            is_inherited: opened.is_inherited,
            file: opened.file,
            #[cfg(feature = "tls")]
            tls: one.tls,
        })
    });
    sockets.collect()
}

/// Over a Unix socket the name in a URL is not that of the server.
fn default_port(opened: &OpenedSocket, #[cfg(feature = "tls")] has_tls: bool) -> Option<u16> {
    if opened.exposure == Exposure::UnixSocket {
        return None;
    }
    #[cfg(feature = "tls")]
    if has_tls {
        return Some(HTTPS_PORT);
    }
    Some(HTTP_PORT)
}

impl Drop for MainThread {
    fn drop(&mut self) {
        drop(self.begin.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
