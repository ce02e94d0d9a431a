//! This program in another process, with what it is told and what it says.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// One running case.
pub(crate) struct Program {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Program {
    /// Runs a case, asks it from outside and waits for its end; whether all went well.
    pub(crate) fn run(case: &str, ask: fn(&mut Self)) -> bool {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .env("SERVER_CASE", case)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let input = child.stdin.take();
        let output = BufReader::new(child.stdout.take().unwrap());
        let mut program = Self {
            child,
            input,
            output,
        };
        let asked = catch_unwind(AssertUnwindSafe(|| ask(&mut program)));
        drop(program.input.take());
        program.child.wait().unwrap().success() && asked.is_ok()
    }

    /// The next line that the program prints.
    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    /// The address that it prints.
    pub(crate) fn address(&mut self) -> SocketAddr {
        self.line().parse().expect("an address")
    }

    /// Tells it to go on.
    pub(crate) fn go_on(&mut self) {
        self.input.as_mut().unwrap().write_all(b"\n").unwrap();
    }

    /// Tells it to end; all that it prints from now on.
    pub(crate) fn rest(&mut self) -> String {
        drop(self.input.take());
        let mut rest = String::new();
        self.output.read_to_string(&mut rest).unwrap();
        rest
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The processor time that it has used, in ticks of a hundredth of a second.
    pub(crate) fn ticks(&self) -> u64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        let (_, fields) = stat.rsplit_once(") ").unwrap();
        let fields: Vec<&str> = fields.split(' ').collect();
        let [user, system] = [11, 12].map(|index| fields[index].parse::<u64>().unwrap());
        user + system
    }
}

/// In the program: waits for a line, or for the end of the input.
pub(crate) fn wait_for_input() {
    let _ = std::io::stdin().read_line(&mut String::new());
}

/// In the program: lowers a limit of this process.
pub(crate) fn set_limit(resource: libc::__rlimit_resource_t, current: u64) {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: `limit` is valid for both calls, which change this process only.
    unsafe {
        assert_eq!(libc::getrlimit(resource, &mut limit), 0);
        limit.rlim_cur = current;
        assert_eq!(libc::setrlimit(resource, &limit), 0);
    }
}

/// In the program: its threads.
pub(crate) fn threads() -> Vec<String> {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let name = |task: std::io::Result<std::fs::DirEntry>| {
        std::fs::read_to_string(task.ok()?.path().join("comm")).ok()
    };
    tasks
        .filter_map(name)
        .map(|name| name.trim().to_owned())
        .collect()
}
