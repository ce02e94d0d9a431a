//! Folds the frames that every thread has: the standard library's at both ends of a stack, and
//! an async runtime's at the outer one.

use super::frame::Frame;
use std::sync::Arc;

/// One line of a folded stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Line<'a> {
    /// A frame, under the number it has in the whole stack.
    Frame(usize, &'a Frame),
    /// This many frames that are not shown.
    Folded(usize),
}

/// Every frame, nothing folded.
pub(super) fn unfolded(frames: &[Arc<Frame>]) -> Vec<Line<'_>> {
    frames
        .iter()
        .enumerate()
        .map(|(index, frame)| Line::Frame(index, frame))
        .collect()
}

/// Folds both ends.
///
/// Of the standard library's innermost frames two remain: where the thread is (`futex_wait`) and
/// what the application called (`Mutex::lock`). Of its outermost frames none remains. An idle
/// thread of an async runtime keeps the runtime's frames, which are all it has; a stack with
/// nothing but the standard library stays whole.
pub(super) fn folded(frames: &[Arc<Frame>]) -> Vec<Line<'_>> {
    let application = frames
        .iter()
        .any(|frame| !is_library(frame) && !is_async_runtime(frame));
    let is_outer = |frame: &Frame| is_library(frame) || application && is_async_runtime(frame);
    let inner = frames.iter().take_while(|frame| is_library(frame)).count();
    if inner == frames.len() {
        return unfolded(frames);
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
            lines.push(Line::Folded(hidden));
        }
        if index == 0 || index > hidden {
            lines.push(Line::Frame(index, frame));
        }
    }
    if outer > 0 {
        lines.push(Line::Folded(outer));
    }
    lines
}

fn is_library(frame: &Frame) -> bool {
    const PATHS: [&str; 3] = ["std::", "core::", "alloc::"];
    // What C runtimes and rustc put around the first function; the rest of libc is known by its file.
    const STARTS: [&str; 6] = [
        "main",
        "_start",
        "__libc_start",
        "start_thread",
        "clone",
        "__rust_try",
    ];
    const FILES: [&str; 4] = ["libc.so", "libpthread", "ld-linux", "[vdso]"];

    let in_library_source = frame
        .file
        .as_ref()
        .is_some_and(|file| file.starts_with("library/"));
    let named = frame.function.as_deref().is_some_and(|name| {
        let path = name.trim_start_matches(['<', '&', '*', '(']);
        PATHS.iter().any(|prefix| path.starts_with(prefix))
            || STARTS.iter().any(|start| match name.strip_prefix(start) {
                Some(rest) => rest.is_empty() || start.starts_with("__") || rest == "3",
                None => false,
            })
    });
    let in_libc = frame
        .module
        .as_ref()
        .is_some_and(|module| FILES.iter().any(|prefix| module.starts_with(prefix)));
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
        let text = |line: Line<'_>| match line {
            Line::Frame(index, frame) => {
                format!("{index} {}", frame.function.as_deref().unwrap_or("?"))
            }
            Line::Folded(count) => format!("... {count}"),
        };
        folded(&stack).into_iter().map(text).collect()
    }

    #[test]
    fn both_ends_are_folded_around_the_application() {
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
    fn an_idle_worker_keeps_its_runtimes_frames_and_a_busy_one_does_not() {
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
    fn a_stack_of_the_library_alone_stays_whole() {
        assert_eq!(shown(&["std::a", "std::b", "std::c"]).len(), 3);
        assert_eq!(shown(&[]).len(), 0);
    }

    #[test]
    fn an_applications_own_main_and_clone_stay() {
        assert_eq!(shown(&["app::main", "mainloop", "clone_tree"]).len(), 3);
    }

    proptest! {
        #[test]
        fn no_frame_is_lost_and_no_application_frame_folded(
            kinds in proptest::collection::vec(0_usize..3, 0..30),
        ) {
            let names = ["std::x", "tokio::runtime::y", "app::z"];
            let names: Vec<&str> = kinds.iter().map(|kind| names[*kind]).collect();
            let stack = stack(&names);
            let lines = folded(&stack);
            let mut next = 0;
            for line in lines {
                match line {
                    Line::Frame(index, _) => {
                        prop_assert_eq!(index, next);
                        next += 1;
                    }
                    Line::Folded(count) => {
                        prop_assert!(names[next..next + count].iter().all(|n| *n != "app::z"));
                        next += count;
                    }
                }
            }
            prop_assert_eq!(next, names.len());
        }
    }
}
