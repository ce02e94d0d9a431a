//! Renders a report as text: one block per thread, then a summary.

use std::fmt::Write as _;

use admin_runtime::text::excerpt;

use super::elide::{self, StackLine};
use super::group::{self, ThreadGroup};
use super::layout::Layout;
use crate::frames::Frame;
use crate::threads::info::ThreadInfo;
use crate::threads::report::{NoStack, Report, Stack};

/// How many thread IDs of a group are listed.
const MAX_LISTED_THREAD_IDS: usize = 20;
/// How much of a thread's name is shown. The kernel's names are shorter; registered ones may not be.
const MAX_NAME_CHARS: usize = 256;

impl Report {
    /// The text form, as `GET /threads` returns it.
    #[must_use]
    pub fn to_text(&self, layout: Layout) -> String {
        let mut text = String::with_capacity(1024 * self.threads.len() + 128);
        let groups = if layout.group {
            group::grouped(self)
        } else {
            group::separate(self)
        };
        for group in &groups {
            write_group(&mut text, group, layout.full);
            text.push('\n');
        }
        for note in &self.notes {
            let _ = writeln!(text, "Note: {note}");
        }
        if !text.is_empty() {
            text.push('\n');
        }
        let _ = write!(
            text,
            "=== Thread Summary ===\nTotal threads: {}",
            self.threads.len()
        );
        text
    }
}

fn write_group(text: &mut String, group: &ThreadGroup<'_>, full: bool) {
    let [first, others @ ..] = group.threads.as_slice() else {
        return;
    };
    write_info(text, &first.info);
    if !others.is_empty() {
        let _ = write!(text, "{} more with the same stack: tid", others.len());
        for (thread, separator) in others
            .iter()
            .take(MAX_LISTED_THREAD_IDS)
            .zip([" "].into_iter().chain(std::iter::repeat(", ")))
        {
            let _ = write!(text, "{separator}{}", thread.info.tid);
        }
        text.push_str(if others.len() > MAX_LISTED_THREAD_IDS {
            ", ...\n"
        } else {
            "\n"
        });
    }
    write_stack(text, &first.stack, full);
}

fn write_info(text: &mut String, info: &ThreadInfo) {
    let _ = write!(
        text,
        "Thread: {} (tid {}, {}",
        excerpt(&info.name, MAX_NAME_CHARS),
        info.tid,
        info.state.as_str()
    );
    if let Some(syscall) = &info.syscall {
        let _ = write!(text, ", in {syscall}");
    }
    if let Some(channel) = &info.wait_channel {
        let _ = write!(text, ", waits in {channel}");
    }
    if let Some(periodic) = &info.periodic {
        let _ = write!(text, ", {} periodic thread", periodic.level);
        if let Some(function) = &periodic.function {
            let _ = write!(text, " {function}");
        }
        let _ = write!(text, ", {}", periodic.state);
        if let Some(run) = periodic.run {
            let _ = write!(text, " for {:.3} s", run.as_secs_f64());
        }
    }
    let _ = write!(text, ", cpu {:.3} s", info.cpu.as_secs_f64());
    if let Some(wait) = info.cpu_wait {
        let _ = write!(text, ", {:.3} s waiting for one", wait.as_secs_f64());
    }
    if let Some(count) = info.context_switches {
        let plural = if count == 1 { "" } else { "es" };
        let _ = write!(text, ", {count} context switch{plural}");
    }
    let _ = writeln!(text, ", age {:.1} s)", info.age.as_secs_f64());
}

fn write_stack(text: &mut String, stack: &Result<Stack, NoStack>, full: bool) {
    let stack = match stack {
        Ok(stack) => stack,
        Err(reason) => {
            let _ = writeln!(text, "No stack trace available: {reason}");
            return;
        }
    };
    text.push_str("Stack trace:\n");
    let lines = if full {
        elide::all_lines(&stack.frames)
    } else {
        elide::application_lines(&stack.frames)
    };
    for line in lines {
        match line {
            StackLine::Frame(index, frame) => write_frame(text, index, frame),
            StackLine::Hidden(1) => text.push_str(" ...: 1 runtime frame\n"),
            StackLine::Hidden(count) => {
                let _ = writeln!(text, " ...: {count} runtime frames");
            }
        }
    }
    if let Some(truncation) = stack.truncation {
        let _ = writeln!(text, " ...: {}", truncation.as_str());
    }
}

fn write_frame(text: &mut String, index: usize, frame: &Frame) {
    let _ = write!(text, "{index:4}: ");
    match (&frame.function, &frame.module) {
        (Some(function), _) => text.push_str(function),
        (None, Some(module)) => {
            let _ = write!(text, "{module}+{:#x}", frame.offset);
        }
        (None, None) => {
            let _ = write!(text, "{:#x} (in no file)", frame.offset);
        }
    }
    if let Some(build_id) = &frame.build_id {
        let _ = write!(text, " (build ID {build_id})");
    }
    text.push('\n');
    match (&frame.file, frame.line) {
        (Some(file), Some(line)) => {
            let _ = writeln!(text, "             at {file}:{line}");
        }
        (Some(file), None) => {
            let _ = writeln!(text, "             at {file}");
        }
        (None, _) => {}
    }
}
