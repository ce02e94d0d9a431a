//! Another process of a case: this program again, with what it is told and what it prints.

use std::env;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use super::run::CASE_VARIABLE;

/// A running program; it is killed when this is dropped.
#[derive(Debug)]
pub struct Program {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Program {
    /// Starts one of the programs of this binary by its name.
    ///
    /// # Panics
    ///
    /// If no process can be started.
    #[must_use]
    pub fn start(name: &str) -> Self {
        let executable = env::current_exe().expect("this program has a file");
        let mut child = Command::new(executable)
            .env(CASE_VARIABLE, name)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("this program can be started again");
        let input = child.stdin.take();
        let output = BufReader::new(child.stdout.take().expect("it is a pipe"));
        Self {
            child,
            input,
            output,
        }
    }

    /// The next line that it prints; empty at the end.
    ///
    /// # Panics
    ///
    /// If the line is not UTF-8.
    pub fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("a line");
        line.trim_end().to_owned()
    }

    /// The address that it prints.
    ///
    /// # Panics
    ///
    /// If the next line is not an address.
    pub fn address(&mut self) -> SocketAddr {
        self.line().parse().expect("an address")
    }

    /// Sends a line, which it waits for.
    ///
    /// # Panics
    ///
    /// If it does not read its input any more.
    pub fn go_on(&mut self) {
        let input = self.input.as_mut().expect("the input is open");
        input.write_all(b"\n").expect("it reads its input");
    }

    /// Closes its input; all that it prints from now on.
    ///
    /// # Panics
    ///
    /// If that is not UTF-8.
    pub fn rest(&mut self) -> String {
        drop(self.input.take());
        let mut rest = String::new();
        self.output.read_to_string(&mut rest).expect("UTF-8");
        rest
    }

    /// Closes its input and waits for its end.
    ///
    /// # Panics
    ///
    /// If it fails.
    pub fn finish(mut self) {
        drop(self.input.take());
        let status = self.child.wait().expect("it is a child");
        assert!(status.success(), "the program ended with {status}");
    }

    /// The number of its process.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The processor time that it has used, in ticks of a hundredth of a second.
    ///
    /// # Panics
    ///
    /// If `/proc` is missing.
    #[must_use]
    pub fn ticks(&self) -> u64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.id())).expect("/proc");
        let (_, fields) = stat.rsplit_once(") ").expect("the name in brackets");
        let fields: Vec<&str> = fields.split(' ').collect();
        let [user, system] = [11, 12].map(|index| fields[index].parse::<u64>());
        user.expect("a number") + system.expect("a number")
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// In the program: waits for a line, or for the end of the input.
pub fn wait_for_input() {
    // Input that is not text ends the wait too.
    let _ = std::io::stdin().read_line(&mut String::new());
}
