//! Notifications to systemd: a server has started, is alive, stops.
//!
//! The socket of systemd may be full, and sending to it blocks: a thread of its own does it.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::Duration;

use sd_notify::NotifyState;
use tokio::runtime::Handle;

use crate::health::{CheckKind, HealthChecks};
use crate::log_queue;
use crate::text::one_line;

/// Whether a server of this process reports: the service is the process, not each of its servers.
static IS_CLAIMED: AtomicBool = AtomicBool::new(false);

/// How long a stop waits until systemd has been told.
const STOP_TIMEOUT: Duration = Duration::from_millis(500);

/// How long the runtime that answers probes may take for a task that does nothing.
const MAX_RESPONSE_TIME: Duration = Duration::from_secs(1);

/// The thread that reports. It ends when this is dropped.
#[derive(Debug)]
pub(super) struct ServiceNotifier {
    events: Sender<ServiceEvent>,
}

#[derive(Debug)]
enum ServiceEvent {
    /// Tells systemd that the service stops, then drops the sender.
    Stopping(Sender<()>),
}

struct Claim;

impl Claim {
    fn new() -> Option<Self> {
        let claimed = IS_CLAIMED.swap(true, Ordering::Relaxed);
        (!claimed).then_some(Self)
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        IS_CLAIMED.store(false, Ordering::Relaxed);
    }
}

impl ServiceNotifier {
    /// Reports that the service has started; from then on that it is alive, if systemd wants to know.
    /// `None` if systemd does not listen, if another server of the process reports, or if the system
    /// has no thread, which is logged.
    pub(super) fn start(checks: HealthChecks, admin: Handle) -> Option<Self> {
        std::env::var_os("NOTIFY_SOCKET")?;
        let claim = Claim::new()?;
        let (events, receiver) = mpsc::channel();
        let spawned = std::thread::Builder::new()
            .name("admin-systemd".to_owned())
            .spawn(move || {
                let _claim = claim;
                report(&checks, &admin, &receiver);
            });
        if let Err(error) = spawned {
            warn(error);
            return None;
        }
        Some(Self { events })
    }

    /// Reports that the service stops.
    pub(super) fn stopping(&self) {
        let (sent, is_sent) = mpsc::channel();
        if self.events.send(ServiceEvent::Stopping(sent)).is_ok() {
            let _ = is_sent.recv_timeout(STOP_TIMEOUT);
        }
    }
}

fn report(checks: &HealthChecks, admin: &Handle, events: &Receiver<ServiceEvent>) {
    let mut socket = NotifySocket::default();
    socket.send(NotifyState::Ready);
    // `WATCHDOG_USEC=0` is not a time: nothing is awaited.
    let watchdog = sd_notify::watchdog_enabled().filter(|watchdog| !watchdog.is_zero());
    let half = watchdog.map(|watchdog| watchdog / 2);
    loop {
        let event = match half {
            Some(half) => events.recv_timeout(half),
            None => events.recv().map_err(RecvTimeoutError::from),
        };
        match event {
            Ok(ServiceEvent::Stopping(sent)) => {
                socket.send(NotifyState::Stopping);
                drop(sent);
            }
            Err(RecvTimeoutError::Timeout) => {
                if is_alive(checks, admin) {
                    socket.send(NotifyState::Watchdog);
                }
            }
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

/// Whether `/livez` would be answered with 200.
fn is_alive(checks: &HealthChecks, admin: &Handle) -> bool {
    let (ran, has_run) = mpsc::channel();
    admin.spawn(async move {
        let _ = ran.send(());
    });
    has_run.recv_timeout(MAX_RESPONSE_TIME).is_ok() && checks.is_healthy(CheckKind::Live)
}

/// The socket that systemd listens on.
#[derive(Debug, Default)]
struct NotifySocket {
    /// Whether the last message was not sent: only the first of several failures is logged.
    is_failing: bool,
}

impl NotifySocket {
    fn send(&mut self, state: NotifyState<'_>) {
        let sent = match abstract_name() {
            Some(name) => send_to_abstract(&name, &state),
            None => sd_notify::notify(&[state]),
        };
        let was_failing = std::mem::replace(&mut self.is_failing, sent.is_err());
        if let Err(error) = sent
            && !was_failing
        {
            warn(error);
        }
    }
}

/// The name of a socket that is not a file, which container runtimes use: `@name`.
fn abstract_name() -> Option<Vec<u8>> {
    let socket = std::env::var_os("NOTIFY_SOCKET")?;
    let name = socket.as_encoded_bytes().strip_prefix(b"@")?;
    Some(name.to_owned())
}

#[cfg(target_os = "linux")]
fn send_to_abstract(name: &[u8], state: &NotifyState<'_>) -> io::Result<()> {
    use std::os::linux::net::SocketAddrExt;
    use std::os::unix::net::{SocketAddr, UnixDatagram};

    let address = SocketAddr::from_abstract_name(name)?;
    let socket = UnixDatagram::unbound()?;
    socket.send_to_addr(format!("{state}\n").as_bytes(), &address)?;
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn send_to_abstract(_: &[u8], _: &NotifyState<'_>) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

fn warn(error: io::Error) {
    let error = one_line(error);
    log_queue::emit(move || tracing::warn!(error, "cannot notify systemd"));
}
