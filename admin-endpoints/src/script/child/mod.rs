//! The code of the processes behind the route, and how the server reaches them.
//!
//! The zygote is the program's own executable, started again. It warms the interpreter up, never
//! reads a script, forks one worker for each script and reports how each worker ended.

mod capabilities;
mod command_line;
mod control;
mod descriptors;
mod empty_root;
mod executable;
mod exit_status;
mod init;
mod isolation;
mod landlock;
mod namespaces;
mod resource_limits;
mod seccomp;
mod setup;
mod signals;
mod threads;
mod worker;
mod zygote;

pub use self::init::init;
pub(super) use self::{
    command_line::spawn_zygote,
    control::{WorkerLimits, pair, recv_reply, recv_start_report, send_request},
    executable::contains_this_code,
    exit_status::{ExitStatus, PANIC_EXIT_CODE},
    init::is_initialised,
    isolation::Isolation,
    setup::SetupFailure,
};
