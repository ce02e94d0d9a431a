//! The text form: one block per thread, then a summary.

use super::facts::Facts;
use super::fold::{self, Line};
use super::frame::Frame;
use super::group::{self, Group};
use super::report::{NoStack, Report, Stack};
use std::fmt::Write as _;

/// How a report is laid out.
///
/// ```
/// use admin_endpoints::threads::Layout;
/// # use admin_endpoints::threads::{Facts, NoStack, Report, State, ThreadReport};
/// # use std::time::Duration;
/// # let facts = |tid| Facts { tid, name: "pool".into(), state: State::Sleeping, syscall: None, wait_channel: None,
/// #     cpu: Duration::ZERO, cpu_wait: None, context_switches: None, age: Duration::ZERO, periodic: None };
/// # let thread = |tid| ThreadReport { facts: facts(tid), stack: Err(NoStack::Timeout) };
/// # let report = Report { threads: vec![thread(7), thread(8)], notes: vec![] };
///
/// // `report` has two threads that do the same.
/// let apart = report.text(Layout::default());
/// assert_eq!(apart.matches("Thread: pool").count(), 2);
/// let together = report.text(Layout { group: true, full: false });
/// assert!(together.contains("1 more with the same stack: tid 8"));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// Show threads with identical stacks once, with their number.
    pub group: bool,
    /// Show the frames of the standard library and of the async runtime too.
    pub full: bool,
}

/// How many further thread ids a group lists.
const LISTED: usize = 20;

/// Renders a report as `GET /threads` answers it.
pub(super) fn render(report: &Report, layout: Layout) -> String {
    let mut text = String::with_capacity(1024 * report.threads.len() + 128);
    let groups = if layout.group {
        group::grouped(report)
    } else {
        group::apart(report)
    };
    for group in &groups {
        render_group(&mut text, group, layout.full);
        text.push('\n');
    }
    for note in &report.notes {
        let _ = writeln!(text, "Note: {note}");
    }
    if !text.is_empty() {
        text.push('\n');
    }
    let _ = write!(
        text,
        "=== Thread Summary ===\nTotal threads: {}",
        report.threads.len()
    );
    text
}

fn render_group(text: &mut String, group: &Group<'_>, full: bool) {
    let [first, others @ ..] = group.threads.as_slice() else {
        return;
    };
    render_facts(text, &first.facts);
    if !others.is_empty() {
        let _ = write!(text, "{} more with the same stack: tid", others.len());
        for (thread, separator) in others
            .iter()
            .take(LISTED)
            .zip([" "].into_iter().chain(std::iter::repeat(", ")))
        {
            let _ = write!(text, "{separator}{}", thread.facts.tid);
        }
        text.push_str(if others.len() > LISTED {
            ", ...\n"
        } else {
            "\n"
        });
    }
    render_stack(text, &first.stack, full);
}

fn render_facts(text: &mut String, facts: &Facts) {
    let name = facts.name.replace(char::is_control, "\u{fffd}");
    let _ = write!(
        text,
        "Thread: {name} (tid {}, {}",
        facts.tid,
        facts.state.words()
    );
    if let Some(syscall) = &facts.syscall {
        let _ = write!(text, ", in {syscall}");
    }
    if let Some(channel) = &facts.wait_channel {
        let _ = write!(text, ", waits in {channel}");
    }
    if let Some(periodic) = &facts.periodic {
        let _ = write!(text, ", {} periodic thread", periodic.level);
        if let Some(function) = &periodic.function {
            let _ = write!(text, " {function}");
        }
        let _ = write!(text, ", {}", periodic.state);
        if let Some(run) = periodic.run {
            let _ = write!(text, " for {:.3} s", run.as_secs_f64());
        }
    }
    let _ = write!(text, ", cpu {:.3} s", facts.cpu.as_secs_f64());
    if let Some(wait) = facts.cpu_wait {
        let _ = write!(text, ", {:.3} s waiting for one", wait.as_secs_f64());
    }
    if let Some(count) = facts.context_switches {
        let plural = if count == 1 { "" } else { "es" };
        let _ = write!(text, ", {count} context switch{plural}");
    }
    let _ = writeln!(text, ", age {:.1} s)", facts.age.as_secs_f64());
}

fn render_stack(text: &mut String, stack: &Result<Stack, NoStack>, full: bool) {
    let stack = match stack {
        Ok(stack) => stack,
        Err(reason) => {
            let _ = writeln!(text, "No stack trace available: {reason}");
            return;
        }
    };
    text.push_str("Stack trace:\n");
    // A stack that was cut has no outer end to fold; but its inner frames fold just the same.
    let lines = if full {
        fold::unfolded(&stack.frames)
    } else {
        fold::folded(&stack.frames)
    };
    for line in lines {
        match line {
            Line::Frame(index, frame) => render_frame(text, index, frame),
            Line::Folded(1) => text.push_str(" ...: 1 runtime frame\n"),
            Line::Folded(count) => {
                let _ = writeln!(text, " ...: {count} runtime frames");
            }
        }
    }
    if let Some(cut) = stack.cut {
        let _ = writeln!(text, " ...: {}", cut.words());
    }
}

fn render_frame(text: &mut String, index: usize, frame: &Frame) {
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
        let _ = write!(text, " (build-id {build_id})");
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
