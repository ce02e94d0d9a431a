//! What systemd is told, on the socket that it gives to a service.

use std::io::ErrorKind;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::path::PathBuf;
use std::time::Duration;

use admin_tests::{curl, poll_until};

use crate::process::{EVENT_TIMEOUT, Process, WORKER};

/// The socket of systemd; its file is removed at the end.
struct NotifySocket {
    socket: UnixDatagram,
    path: PathBuf,
}

impl NotifySocket {
    fn bind(name: &str) -> Self {
        let file = format!("admin-notify-{name}-{}", std::process::id());
        let path = std::env::temp_dir().join(file);
        let _ = std::fs::remove_file(&path);
        let socket = UnixDatagram::bind(&path).expect("a free path");
        Self { socket, path }
    }

    /// The next message within this time.
    fn receive(&self, timeout: Duration) -> Option<String> {
        self.socket
            .set_read_timeout(Some(timeout))
            .expect("a timeout");
        let mut message = [0; 256];
        match self.socket.recv(&mut message) {
            Ok(length) => Some(
                String::from_utf8_lossy(&message[..length])
                    .trim()
                    .to_owned(),
            ),
            Err(error) if [ErrorKind::WouldBlock, ErrorKind::TimedOut].contains(&error.kind()) => {
                None
            }
            Err(error) => panic!("{error}"),
        }
    }

    /// Reads until that message.
    fn wait_for(&self, wanted: &str) {
        loop {
            let message = self.receive(EVENT_TIMEOUT);
            assert!(message.is_some(), "no {wanted}");
            if message.as_deref() == Some(wanted) {
                return;
            }
        }
    }
}

impl Drop for NotifySocket {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

#[test]
fn socket_without_a_file_is_notified() {
    let name = format!("admin-notify-{}", std::process::id());
    let address = SocketAddr::from_abstract_name(&name).expect("a name");
    let systemd = NotifySocket {
        socket: UnixDatagram::bind_addr(&address).expect("a free name"),
        path: PathBuf::new(),
    };
    let name = format!("@{name}");
    let variables = [("NOTIFY_SOCKET", name.as_str()), ("WATCHDOG_USEC", "0")];
    let mut worker = Process::start_at("0", WORKER, &[], &variables);
    assert_eq!(systemd.receive(EVENT_TIMEOUT).as_deref(), Some("READY=1"));
    worker.signal("TERM");
    // Zero is not a time, so that nothing comes between.
    assert_eq!(
        systemd.receive(EVENT_TIMEOUT).as_deref(),
        Some("STOPPING=1")
    );
    assert_eq!(worker.ended().code(), Some(0));
}

#[test]
fn service_reports_start_life_and_stop() {
    let systemd = NotifySocket::bind("life");
    let path = systemd.path.to_str().expect("a path of ASCII");
    let variables = [("NOTIFY_SOCKET", path), ("WATCHDOG_USEC", "200000")];
    let args = ["--break", "heartbeat"];
    let mut worker = Process::start_at("0", WORKER, &args, &variables);
    assert_eq!(systemd.receive(EVENT_TIMEOUT).as_deref(), Some("READY=1"));
    systemd.wait_for("WATCHDOG=1");

    // The runs that would come every 10 s, requested at once.
    poll_until("/livez", || {
        let _ = curl(
            &["-X", "POST"],
            &worker.url("/periodic-threads/heartbeat/run"),
        );
        let reply = curl(&[], &worker.url("/livez"));
        (reply.status == 503).then_some(())
    });
    while systemd.receive(Duration::from_millis(1)).is_some() {}
    // Five times the period of the messages.
    assert_eq!(
        systemd.receive(Duration::from_millis(500)),
        None,
        "it is not alive"
    );
    let _ = curl(&["-X", "POST"], &worker.url("/heartbeat/repair"));
    systemd.wait_for("WATCHDOG=1");

    worker.signal("TERM");
    systemd.wait_for("STOPPING=1");
    assert_eq!(worker.ended().code(), Some(0));
}
