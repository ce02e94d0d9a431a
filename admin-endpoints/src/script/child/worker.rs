//! The line in `main` that hands over, and both ends of starting a child.

use std::{
    ffi::OsString,
    io::{self, Read, Write},
    os::unix::process::CommandExt,
    panic::{AssertUnwindSafe, catch_unwind},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use super::walls::{self, Bounds};
use crate::script::{
    engine::{Host, Monty, ScriptEngine},
    frame,
    limits::ScriptLimits,
    wire::{Ended, FromSandbox, Reply, Report, Start},
};

/// The first argument of a child; no program has a reason to pass it.
const MARKER: &str = "--admin-endpoints-script-worker";

/// Whether `main` has the line. There is one `main` in a process.
static HANDED_OVER: AtomicBool = AtomicBool::new(false);

/// Hands the process over if it was started to run a script; returns at once otherwise.
///
/// `POST /run_script` starts the same executable again, with an empty environment, to run the
/// script in it. That only works if this is the first line of `main`:
///
/// ```
/// # #[expect(clippy::needless_doctest_main)]
/// fn main() {
///     admin_endpoints::script::worker();
///     // the program
/// }
/// ```
///
/// Without it the route answers 501 and says so. In a child it never returns: it builds the walls,
/// reads the script from its standard input and exits with its answer.
pub fn worker() {
    match bounds(std::env::args_os()) {
        None => HANDED_OVER.store(true, Ordering::Relaxed),
        Some(bounds) => serve(&bounds),
    }
}

/// Whether [`worker`] was called in this process.
pub(in crate::script) fn handed_over() -> bool {
    HANDED_OVER.load(Ordering::Relaxed)
}

/// Starts a child, which waits for the first message on its standard input.
pub(in crate::script) fn spawn(limits: &ScriptLimits) -> io::Result<Child> {
    // A link to the file that runs, even if it was replaced or deleted since.
    Command::new("/proc/self/exe")
        .arg0("admin-script")
        .args([MARKER, &std::process::id().to_string()])
        .args([
            limits.memory_bytes.to_string(),
            whole_seconds(limits.cpu).to_string(),
        ])
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
}

/// The kernel counts CPU time in seconds; rounded up, so that it never comes first.
fn whole_seconds(time: Duration) -> u64 {
    time.as_secs().saturating_add(1)
}

fn bounds(mut args: impl Iterator<Item = OsString>) -> Option<Bounds> {
    let mut next = || args.next()?.into_string().ok();
    let _program = next()?;
    if next()? != MARKER {
        return None;
    }
    // A child whose arguments cannot be read gets nothing.
    let mut number = || next().and_then(|text| text.parse().ok()).unwrap_or(0);
    Some(Bounds {
        parent: number(),
        memory_bytes: number(),
        cpu_seconds: number(),
    })
}

fn serve(bounds: &Bounds) -> ! {
    let Ok(walls) = walls::build(bounds) else {
        leave(3)
    };
    // A panic is an answer; it has nobody to be shown to.
    std::panic::set_hook(Box::new(|_| {}));
    let mut parent = Parent {
        input: io::stdin().lock(),
        output: io::stdout().lock(),
    };
    let Ok(start) = frame::read::<Start>(&mut parent.input) else {
        leave(4)
    };
    let ran = catch_unwind(AssertUnwindSafe(|| Monty.run(&start, &mut parent)));
    let report = match ran {
        Ok(Ok(report)) => report,
        Ok(Err(_)) => leave(5), // the server has gone
        Err(_) => Report {
            printed: String::new(),
            ended: Ended::Broken,
        },
    };
    let done = FromSandbox::Done(report, walls);
    let written = frame::write(&mut parent.output, &done);
    leave(if written.is_ok() { 0 } else { 6 })
}

/// Ends without running anything of the program's: its destructors are not for this process.
fn leave(code: i32) -> ! {
    // SAFETY: `_exit` takes any number, touches no memory of ours and does not return.
    unsafe { libc::_exit(code) }
}

/// The server, at the other end of both pipes.
struct Parent<R, W> {
    input: R,
    output: W,
}

impl<R: Read, W: Write> Host for Parent<R, W> {
    fn ask(&mut self, question: &FromSandbox) -> io::Result<Reply> {
        frame::write(&mut self.output, question)?;
        frame::read(&mut self.input)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(args: &[&str]) -> Option<Bounds> {
        bounds(args.iter().map(OsString::from))
    }

    #[test]
    fn only_the_marker_hands_over() {
        assert!(parsed(&["program"]).is_none());
        assert!(parsed(&["program", "--help"]).is_none());
        assert!(parsed(&["program", "x", MARKER]).is_none());
        let bounds = parsed(&["program", MARKER, "7", "1024", "3"]).unwrap();
        assert_eq!(
            (bounds.parent, bounds.memory_bytes, bounds.cpu_seconds),
            (7, 1024, 3)
        );
    }

    #[test]
    fn unreadable_arguments_leave_no_room() {
        let bounds = parsed(&["program", MARKER, "x"]).unwrap();
        assert_eq!(
            (bounds.parent, bounds.memory_bytes, bounds.cpu_seconds),
            (0, 0, 0)
        );
    }
}
