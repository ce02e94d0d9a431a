//! The process that runs one script.

use std::{
    io::{self, BufReader},
    os::unix::net::UnixStream,
    panic::{AssertUnwindSafe, catch_unwind},
};

use super::{
    control::Bounds,
    isolation::{self, SandboxBase},
};
use crate::script::{
    engine::{LookupHost, Monty, NoObjects, ScriptEngine},
    frame,
    limits::ScriptLimits,
    wire::{LookupReply, Report, ScriptEnd, Start, WorkerMessage},
};

/// Applies the isolation, reads a script from `stream`, runs it and sends its report.
pub(super) fn run(base: &SandboxBase, bounds: Bounds, stream: UnixStream) -> ! {
    let Ok(isolation) = isolation::apply(base, bounds, &stream) else {
        leave(3)
    };
    let mut server = Server(BufReader::new(stream));
    let Ok(start) = frame::read::<Start>(&mut server.0) else {
        leave(4)
    };
    let ran = catch_unwind(AssertUnwindSafe(|| Monty.run(&start, &mut server)));
    let report = match ran {
        Ok(Ok(report)) => report,
        Ok(Err(_)) => leave(5), // the server has gone
        Err(_) => Report {
            printed: String::new(),
            ended: ScriptEnd::Broken,
        },
    };
    let done = WorkerMessage::Done(report, isolation);
    let written = frame::write(server.0.get_mut(), &done);
    leave(if written.is_ok() { 0 } else { 6 })
}

/// Runs a script of our own, so that no child has to do for the first time what a script needs.
pub(super) fn warm_up() {
    // A panic is an answer; it has nobody to be shown to.
    std::panic::set_hook(Box::new(|_| {}));
    let start = Start {
        source: "result = [1 + 1, 'a%s' % 'b', {'c': None}]".to_owned(),
        imports: Vec::new(),
        limits: ScriptLimits::default(),
    };
    // Whatever comes of it, the next script is a child's.
    let _ = catch_unwind(|| Monty.run(&start, &mut NoObjects));
}

/// Ends without running anything of the program's: its destructors are not for this process.
pub(super) fn leave(code: i32) -> ! {
    // SAFETY: `_exit` takes any number, touches no memory of ours and does not return.
    unsafe { libc::_exit(code) }
}

/// The server, at the other end of the stream.
struct Server(BufReader<UnixStream>);

impl LookupHost for Server {
    fn ask(&mut self, question: &WorkerMessage) -> io::Result<LookupReply> {
        frame::write(self.0.get_mut(), question)?;
        frame::read(&mut self.0)
    }
}
