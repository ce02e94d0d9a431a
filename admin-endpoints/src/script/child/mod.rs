//! The zygote, the workers, and the server's connection to them.
//!
//! The zygote is the program's own executable, started again. It warms the interpreter up, never
//! reads a script, forks one worker for each script, in advance where it can, and reports how each
//! worker ended. With CPython it becomes the interpreter, whose program does the same.

mod capabilities;
mod command_line;
mod control;
mod descriptors;
mod empty_root;
mod executable;
mod exit_status;
mod init;
mod interpreter_zygote;
mod isolation;
mod landlock;
mod namespaces;
mod resource_limits;
mod seccomp;
mod signals;
mod threads;
mod worker;
mod zygote;

pub(super) use self::command_line::spawn_zygote;
pub(super) use self::control::{
    WorkerLimits, WorkerSettings, pair, recv_reply, recv_start_report, send_request,
};
pub(super) use self::executable::contains_this_code;
pub(super) use self::exit_status::ExitStatus;
pub use self::init::init;
pub(super) use self::init::is_initialised;
pub(super) use self::signals::{ALLOCATION_EXIT_CODE, PANIC_EXIT_CODE};
