//! Hides the frames that every thread has: those of the standard library at both ends of a stack,
//! and those of an async runtime at the outer end.

use std::sync::Arc;

use crate::frames::Frame;

/// One line of a stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum StackLine<'a> {
    /// A frame with its index in the whole stack.
    Frame(usize, &'a Frame),
    /// A number of frames that are not shown.
    Hidden(usize),
}

/// Every frame.
pub(super) fn all_lines(frames: &[Arc<Frame>]) -> Vec<StackLine<'_>> {
    frames
        .iter()
        .enumerate()
        .map(|(index, frame)| StackLine::Frame(index, frame))
        .collect()
}

/// The frames of the application, with the hidden frames counted.
///
/// Two of the standard library's innermost frames are shown: where the thread is (`futex_wait`)
/// and what the application called (`Mutex::lock`). Its outermost frames are all hidden. An idle
/// thread of an async runtime keeps the runtime's frames, because it has no others. A stack
/// that consists of standard library frames only is shown whole.
pub(super) fn application_lines(frames: &[Arc<Frame>]) -> Vec<StackLine<'_>> {
    let application = frames
        .iter()
        .any(|frame| !is_library(frame) && !is_async_runtime(frame));
    let is_outer = |frame: &Frame| is_library(frame) || application && is_async_runtime(frame);
    let inner = frames.iter().take_while(|frame| is_library(frame)).count();
    if inner == frames.len() {
        return all_lines(frames);
    }
    let outer = frames
        .iter()
        .rev()
        .take_while(|frame| is_outer(frame))
        .count();
    let outer_start = frames.len() - outer;
    let mut lines = Vec::new();
    let hidden = inner.saturating_sub(2);
    for (index, frame) in frames[..outer_start].iter().enumerate() {
        if index == 1 && hidden > 0 {
            lines.push(StackLine::Hidden(hidden));
        }
        if index == 0 || index > hidden {
            lines.push(StackLine::Frame(index, frame));
        }
    }
    if outer > 0 {
        lines.push(StackLine::Hidden(outer));
    }
    lines
}

fn is_library(frame: &Frame) -> bool {
    const CRATE_PREFIXES: [&str; 3] = ["std::", "core::", "alloc::"];
    // Functions of the C runtime and rustc around the first one; others are found by their file.
    const START_FUNCTIONS: [&str; 6] = [
        "main",
        "_start",
        "__libc_start",
        "start_thread",
        "clone",
        "__rust_try",
    ];
    const FILE_PREFIXES: [&str; 4] = ["libc.so", "libpthread", "ld-linux", "[vdso]"];

    let in_library_source = frame
        .file
        .as_ref()
        .is_some_and(|file| file.starts_with("library/"));
    let named = frame.function.as_deref().is_some_and(|name| {
        let path = name.trim_start_matches(['<', '&', '*', '(']);
        CRATE_PREFIXES.iter().any(|prefix| path.starts_with(prefix))
            || START_FUNCTIONS
                .iter()
                .any(|start| match name.strip_prefix(start) {
                    Some(rest) => rest.is_empty() || start.starts_with("__") || rest == "3",
                    None => false,
                })
    });
    let in_libc = frame.module.as_ref().is_some_and(|module| {
        FILE_PREFIXES
            .iter()
            .any(|prefix| module.starts_with(prefix))
    });
    in_library_source || named || in_libc
}

fn is_async_runtime(frame: &Frame) -> bool {
    let named = frame
        .function
        .as_deref()
        .is_some_and(|name| name.trim_start_matches('<').starts_with("tokio::runtime::"));
    let from_file = frame
        .file
        .as_deref()
        .is_some_and(|file| file.starts_with("tokio-") && file.contains("/src/runtime/"));
    named || from_file
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn stack(names: &[&str]) -> Vec<Arc<Frame>> {
        let frame = |name: &&str| Frame {
            function: Some((*name).to_owned()),
            ..Frame::default()
        };
        names.iter().map(frame).map(Arc::new).collect()
    }

    fn shown(names: &[&str]) -> Vec<String> {
        let stack = stack(names);
        let text = |line: StackLine<'_>| match line {
            StackLine::Frame(index, frame) => {
                format!("{index} {}", frame.function.as_deref().unwrap_or("?"))
            }
            StackLine::Hidden(count) => format!("... {count}"),
        };
        application_lines(&stack).into_iter().map(text).collect()
    }

    #[test]
    fn hides_library_frames_at_both_ends() {
        let names = [
            "core::sync::wait",
            "std::sys::futex",
            "std::thread::park",
            "std::thread::sleep",
            "engine::heartbeat",
            "std::iter::fold",
            "engine::run",
            "std::sys::backtrace::__rust_begin_short_backtrace",
            "<alloc::boxed::Box<F,A> as core::ops::function::FnOnce<Args>>::call_once",
            "clone3",
        ];
        assert_eq!(
            shown(&names),
            [
                "0 core::sync::wait",
                "... 2",
                "3 std::thread::sleep",
                "4 engine::heartbeat",
                "5 std::iter::fold",
                "6 engine::run",
                "... 3"
            ]
        );
    }

    #[test]
    fn shows_runtime_frames_of_idle_workers_only() {
        let idle = [
            "std::park",
            "tokio::runtime::park",
            "tokio::runtime::worker::run",
            "std::x",
        ];
        assert_eq!(
            shown(&idle),
            [
                "0 std::park",
                "1 tokio::runtime::park",
                "2 tokio::runtime::worker::run",
                "... 1"
            ]
        );
        let busy = ["app::poll", "tokio::runtime::task::poll", "std::x"];
        assert_eq!(shown(&busy), ["0 app::poll", "... 2"]);
    }

    #[test]
    fn shows_a_stack_of_library_frames_whole() {
        assert_eq!(shown(&["std::a", "std::b", "std::c"]).len(), 3);
        assert_eq!(shown(&[]).len(), 0);
    }

    #[test]
    fn shows_application_functions_named_like_libc() {
        assert_eq!(shown(&["app::main", "mainloop", "clone_tree"]).len(), 3);
    }

    proptest! {
        #[test]
        fn every_frame_is_counted_and_application_frames_shown(
            kinds in proptest::collection::vec(0_usize..3, 0..30),
        ) {
            let names = ["std::x", "tokio::runtime::y", "app::z"];
            let names: Vec<&str> = kinds.iter().map(|kind| names[*kind]).collect();
            let stack = stack(&names);
            let lines = application_lines(&stack);
            let mut next = 0;
            for line in lines {
                match line {
                    StackLine::Frame(index, _) => {
                        prop_assert_eq!(index, next);
                        next += 1;
                    }
                    StackLine::Hidden(count) => {
                        prop_assert!(names[next..next + count].iter().all(|n| *n != "app::z"));
                        next += count;
                    }
                }
            }
            prop_assert_eq!(next, names.len());
        }
    }
}
