//! The process that runs one script.

use std::io::{self, BufReader};
use std::os::unix::net::UnixStream;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;

use rustix::net::{RecvFlags, recv};

use super::control::WorkerSettings;
use super::isolation::{self, SandboxBase};
use super::signals::{PANIC_EXIT_CODE, PANICKED};
use crate::script::engine::{LookupHost, Monty, NoObjects, ScriptEngine};
use crate::script::frame;
use crate::script::limits::ScriptLimits;
use crate::script::wire::{LookupReply, ScriptEnd, ScriptReport, StartMessage, WorkerMessage};

/// Isolates this process, reads a script from `stream`, runs it and sends its report.
pub(super) fn run(base: &SandboxBase, settings: WorkerSettings, stream: UnixStream) -> ! {
    let _ = rustix::thread::set_name(c"admin-script"); // for people who look at processes
    // SAFETY: this function does not return, so nothing uses or drops what the zygote had open.
    let isolation = unsafe { isolation::apply(base, settings.limits, &stream) };
    let mut server = Server(BufReader::new(stream));
    let report = isolation.map(|isolation| {
        server.send(&WorkerMessage::Isolated(isolation));
        if settings.in_advance && !server.has_message() {
            run_short_script(); // the memory that scripts write to is this process's own then
        }
        run_script(&mut server)
    });
    server.send(&match report {
        Ok(Some(report)) => WorkerMessage::Done(report),
        Ok(None) => exit(0), // the server has ended
        Err(failure) => WorkerMessage::SetupFailed(failure),
    });
    exit(0)
}

/// The script's report, or `None` when the server has ended.
fn run_script(server: &mut Server) -> Option<ScriptReport> {
    let start = frame::read::<StartMessage>(&mut server.0).ok()?;
    match catch_unwind(AssertUnwindSafe(|| Monty.run(&start, server))) {
        Ok(report) => report.ok(),
        Err(_) => Some(ScriptReport {
            printed: String::new(),
            end: ScriptEnd::EngineFailed,
        }),
    }
}

/// Runs a short script, so that no worker has to initialise what scripts need.
pub(super) fn warm_up() {
    // A panic is an answer; there is no terminal to print it to.
    std::panic::set_hook(Box::new(|_| {
        PANICKED.store(true, Ordering::Relaxed); // an abort would read as exhausted memory
        if cfg!(panic = "abort") {
            exit(PANIC_EXIT_CODE);
        }
    }));
    run_short_script();
}

fn run_short_script() {
    let start = StartMessage {
        source: "result = [1 + 1, 'a%s' % 'b', {'c': None}]".to_owned(),
        imports: Vec::new(),
        limits: ScriptLimits::default(),
    };
    // Whatever the result, the next script runs in a worker.
    let _ = catch_unwind(|| Monty.run(&start, &mut NoObjects));
}

/// Ends this process without running the program's exit handlers and destructors.
pub(super) fn exit(code: i32) -> ! {
    // SAFETY: `_exit` takes any number, touches no memory of this process and does not return.
    unsafe { libc::_exit(code) }
}

/// The server, at the other end of the stream.
struct Server(BufReader<UnixStream>);

impl Server {
    /// Whether a message, or the end of the server, waits to be read.
    fn has_message(&self) -> bool {
        let flags = RecvFlags::PEEK | RecvFlags::DONTWAIT;
        recv(self.0.get_ref(), &mut [0], flags).is_ok()
    }

    /// Sends a message that needs no answer, or ends this process.
    fn send(&mut self, message: &WorkerMessage) {
        if frame::write(self.0.get_mut(), message).is_err() {
            exit(1)
        }
    }
}

impl LookupHost for Server {
    fn ask(&mut self, question: &WorkerMessage) -> io::Result<LookupReply> {
        frame::write(self.0.get_mut(), question)?;
        frame::read(&mut self.0)
    }
}
