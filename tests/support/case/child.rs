//! The process of a case: its output, its end, and the time until then.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use libtest_mimic::Failed;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{MemfdFlags, memfd_create};
use rustix::process::{Pid, PidfdFlags, pidfd_open};

/// Runs a process to its end, or kills it.
///
/// # Errors
///
/// If it fails or takes too long: why, and what it has printed if `is_captured`.
pub(super) fn run(
    mut command: Command,
    is_captured: bool,
    timeout: Duration,
) -> Result<(), Failed> {
    command.stdin(Stdio::null());
    let output = is_captured.then(output_file).transpose()?;
    if let Some(output) = &output {
        command
            .stdout(output.try_clone()?)
            .stderr(output.try_clone()?);
    }
    let mut child = command.spawn()?;
    let has_ended = wait_at_most(&child, timeout)?;
    if !has_ended {
        child.kill()?;
    }
    let status = child.wait()?;
    if has_ended && status.success() {
        return Ok(());
    }
    let printed = output.as_ref().map(read).transpose()?.unwrap_or_default();
    let cause = if has_ended {
        format!("the process of the case ended with {status}")
    } else {
        format!("the process of the case was killed after {timeout:?}")
    };
    Err(format!("{cause}\n{printed}").into())
}

/// A file and not a pipe: a forked child of the case may keep it open.
fn output_file() -> io::Result<File> {
    Ok(memfd_create("output", MemfdFlags::CLOEXEC)?.into())
}

/// Its position is also that of processes that may still write.
fn read(output: &File) -> io::Result<String> {
    let mut bytes = vec![0; output.metadata()?.len() as usize];
    output.read_exact_at(&mut bytes, 0)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Whether the process has ended in time.
fn wait_at_most(child: &Child, timeout: Duration) -> io::Result<bool> {
    let process = pidfd_open(Pid::from_child(child), PidfdFlags::empty())?;
    let timeout = Timespec::try_from(timeout).map_err(io::Error::other)?;
    let mut ends = [PollFd::new(&process, PollFlags::IN)];
    Ok(poll(&mut ends, Some(&timeout))? > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    fn shell(script: &str, timeout: Duration) -> Result<(), Failed> {
        let mut shell = Command::new("sh");
        shell.args(["-c", script]);
        run(shell, true, timeout)
    }

    #[test]
    fn a_failure_shows_the_output() {
        assert!(shell("echo printed", LONG).is_ok());
        let failed = shell("echo one; echo two >&2; exit 3", LONG).expect_err("it fails");
        let expected = "the process of the case ended with exit status: 3\none\ntwo\n";
        assert_eq!(failed.message(), Some(expected));
    }

    #[test]
    fn a_process_that_hangs_is_killed() {
        let failed = shell("exec sleep 600", Duration::from_millis(1)).expect_err("it is killed");
        let expected = "the process of the case was killed after 1ms\n";
        assert_eq!(failed.message(), Some(expected));
    }

    #[test]
    fn open_outputs_of_others_are_not_awaited() {
        assert!(shell("sleep 90 & exit 0", LONG).is_ok());
    }
}
