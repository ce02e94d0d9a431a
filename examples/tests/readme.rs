//! The README's commands print what it says, asked of the real worker and the controller that lists it.
//!
//! In a ```` ```console ```` block a line `$ command` is run by a shell; what follows is its output, where
//! `...` matches anything within a line, and any number of lines if it is alone.

#![allow(clippy::unwrap_used)]

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use admin_tests::{curl, poll_until};

/// A program, ended when the test ends.
struct Started(Child);

impl Drop for Started {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn worker(more: &[&str]) -> (Started, String) {
    start(env!("CARGO_BIN_EXE_worker"), more)
}

/// Starts a program on a free port and waits for the line that names it.
fn start(program: &str, more: &[&str]) -> (Started, String) {
    let mut child = Command::new(program)
        .args(["--port", "0"])
        .args(more)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let address = lines
        .by_ref()
        .map_while(Result::ok)
        .find_map(|line| {
            line.split("address=")
                .nth(1)?
                .split(' ')
                .next()
                .map(str::to_owned)
        })
        .expect("the program names its address");
    // Its log must not fill the pipe.
    std::thread::Builder::new()
        .spawn(move || lines.map_while(Result::ok).for_each(drop))
        .unwrap();
    (Started(child), address)
}

/// The commands of the console blocks with their documented output.
fn commands(readme: &str) -> Vec<(String, Vec<String>)> {
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    let mut console = false;
    for line in readme.lines() {
        match line.strip_prefix("```") {
            Some(kind) => console = kind == "console",
            None if !console => {}
            None => match line.strip_prefix("$ ") {
                Some(command) => found.push((command.to_owned(), Vec::new())),
                None => found.last_mut().unwrap().1.push(line.to_owned()),
            },
        }
    }
    found
}

fn fits(pattern: &[String], lines: &[&str]) -> bool {
    match pattern.split_first() {
        None => lines.is_empty(),
        Some((first, rest)) if first == "..." => {
            (0..=lines.len()).any(|skipped| fits(rest, &lines[skipped..]))
        }
        Some((first, rest)) => {
            lines.first().is_some_and(|line| line_fits(first, line)) && fits(rest, &lines[1..])
        }
    }
}

fn line_fits(pattern: &str, line: &str) -> bool {
    let Some((head, rest)) = pattern.split_once("...") else {
        return pattern == line;
    };
    let Some(left) = line.strip_prefix(head) else {
        return false;
    };
    (0..=left.len()).any(|at| left.get(at..).is_some_and(|left| line_fits(rest, left)))
}

#[test]
fn its_commands_print_what_it_says() {
    let readme = include_str!("../../README.md");
    let (_controller, directory) = start(env!("CARGO_BIN_EXE_controller"), &["--load", "0"]);
    let url = format!("http://{directory}");
    let (_worker, address) = worker(&["--announce", &url, "--label", "role=worker"]);
    poll_until("the announcement", || {
        let targets = curl(&[], &format!("{url}/fleet/targets")).body;
        (targets != "[]").then_some(())
    });
    let commands = commands(readme);
    assert!(commands.len() >= 3, "the console blocks are there");
    for (command, expected) in commands {
        let real = command
            .replace("127.0.0.1:7000", &address)
            .replace("127.0.0.1:9000", &directory)
            .replacen("curl ", "curl -sS ", 1);
        let output = Command::new("sh")
            .args(["-c", &real])
            .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
            .output()
            .unwrap();
        let stdout = String::from_utf8_lossy(&output.stdout).replace(&address, "127.0.0.1:7000");
        let lines: Vec<_> = stdout.lines().collect();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(
            fits(&expected, &lines),
            "$ {command}\n{stdout}{errors}\nbut the README says\n{expected:#?}"
        );
    }
}

#[test]
fn the_table_lists_every_common_route() {
    let readme = include_str!("../../README.md");
    let (_worker, address) = worker(&[]);
    let index = ureq::get(format!("http://{address}/"))
        .call()
        .unwrap()
        .body_mut()
        .read_to_string()
        .unwrap();
    let index: serde_json::Value = serde_json::from_str(&index).unwrap();
    for entry in index["endpoints"].as_array().unwrap() {
        let krate = entry["crate"].as_str().unwrap();
        if krate == "admin_endpoints" || krate == "admin_runtime" {
            let row = format!(
                "| `{} {}` |",
                entry["method"].as_str().unwrap(),
                entry["path"].as_str().unwrap()
            );
            assert!(readme.contains(&row), "{row} is not in the README");
        }
    }
}
