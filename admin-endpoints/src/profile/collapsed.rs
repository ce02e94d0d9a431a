//! Writes a profile as text, one stack a line, as flame graph tools read it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::data::{Profile, frame_name};

/// The lines, sorted: thread, then functions from the outermost to the innermost, separated by
/// semicolons, and how often the stack was seen. Time that no sample stands for is a stack of its
/// own, by its cause.
pub(super) fn lines(profile: &Profile) -> String {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for sample in &profile.samples {
        let thread = profile.threads.get(sample.thread as usize);
        let mut line = thread.map_or_else(String::new, |thread| element(&thread.name));
        let frames: Vec<_> = profile.frames(sample.node).collect();
        for frame in frames.into_iter().rev() {
            line.push(';');
            line.push_str(&element(&frame_name(frame)));
        }
        *counts.entry(line).or_default() += sample.count;
    }
    for time in &profile.unsampled {
        *counts.entry(element(&time.name())).or_default() += time.samples(profile.period);
    }
    let mut text = String::new();
    for (line, count) in counts {
        let _ = writeln!(text, "{line} {count}");
    }
    text
}

/// A name in which no character separates elements or lines.
fn element(name: &str) -> String {
    let replaced = name.chars().map(|c| match c {
        ';' => ':',
        c if c.is_control() => ' ',
        c => c,
    });
    replaced.collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::SystemTime;

    use super::*;
    use crate::frames::Frame;
    use crate::profile::data::{Location, ProfileKind, ProfiledThread, StackSample, UnsampledTime};

    #[test]
    fn time_without_samples_is_a_line() {
        let now = SystemTime::UNIX_EPOCH;
        let mut profile = Profile::without_samples(ProfileKind::Cpu, now, String::new());
        profile.period = 1000;
        profile.unsampled = vec![UnsampledTime {
            cause: "threads that block signal 62".to_owned(),
            nanoseconds: 2001,
        }];
        assert_eq!(
            lines(&profile),
            "[not sampled: threads that block signal 62] 3\n"
        );
    }

    #[test]
    fn equal_stacks_of_one_name_are_added() {
        let location = |name: &str| Location {
            address: 0,
            mapping: None,
            frames: Arc::new([Arc::new(Frame {
                function: Some(name.to_owned()),
                ..Frame::default()
            })]),
        };
        let thread = |tid, name: &str| ProfiledThread::new(name, Some(tid));
        let now = SystemTime::UNIX_EPOCH;
        let mut profile = Profile::without_samples(ProfileKind::Cpu, now, String::new());
        profile.tree = crate::profile::call_tree::CallTree::new(9);
        profile.locations = ["main", "<T as a::B>::f; x\n"].map(location).into();
        profile.threads = vec![
            thread(7, "io"),
            thread(8, "io"),
            thread(9, "a;b\nc"),
            thread(10, ""),
        ];
        let (outer, inner) = (
            profile.tree.insert([0]).node,
            profile.tree.insert([0, 1]).node,
        );
        let sample = |thread, node, count| StackSample {
            thread,
            node,
            count,
            nanoseconds: 0,
        };
        profile.samples = vec![
            sample(0, inner, 2),
            sample(1, inner, 3),
            sample(2, outer, 1),
            sample(2, 0, 1),
            sample(3, outer, 1),
        ];
        assert_eq!(
            lines(&profile),
            "(no name);main 1\na:b c 1\na:b c;main 1\nio;main;<T as a::B>::f: x  5\n"
        );
    }
}
