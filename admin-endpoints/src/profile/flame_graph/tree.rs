//! The boxes of a flame graph: functions by their callers, with the share of each.

use std::collections::BTreeMap;

use crate::profile::data::{Profile, frame_name};

/// A function below its callers.
#[derive(Debug, Default)]
struct FlameNode {
    /// Its own samples and those of the functions that it called.
    count: u64,
    children: BTreeMap<String, FlameNode>,
}

/// One rectangle. Positions are in samples from the left edge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FlameBox {
    pub(super) name: String,
    pub(super) depth: usize,
    pub(super) start: u64,
    pub(super) count: u64,
}

/// All boxes of at least `min_count` samples, callers before those they called; the first is the
/// whole. The second level are threads, and time without samples by its cause.
pub(super) fn boxes(profile: &Profile, min_count: impl Fn(u64) -> u64) -> Vec<FlameBox> {
    let mut root = FlameNode::default();
    for sample in &profile.samples {
        root.count += sample.count;
        let mut node = &mut root;
        let thread = profile.threads.get(sample.thread as usize);
        let thread = thread.map_or_else(String::new, |thread| thread.name.to_string());
        let frames: Vec<_> = profile.frames(sample.node).map(frame_name).collect();
        for name in [thread].into_iter().chain(frames.into_iter().rev()) {
            node = node.children.entry(name).or_default();
            node.count += sample.count;
        }
    }
    for time in &profile.unsampled {
        let count = time.samples(profile.period);
        root.count += count;
        root.children.entry(time.name()).or_default().count += count;
    }
    let min_count = min_count(root.count).max(1);
    let mut boxes = Vec::new();
    // A stack of work instead of recursion: recursive programs have deep stacks.
    let mut open = vec![("all".to_owned(), root, 0, 0)];
    while let Some((name, node, depth, start)) = open.pop() {
        if node.count < min_count && depth > 0 {
            continue;
        }
        let mut child_start = start;
        let mut children = Vec::new();
        for (name, child) in node.children {
            let count = child.count;
            children.push((name, child, depth + 1, child_start));
            child_start += count;
        }
        open.extend(children.into_iter().rev());
        boxes.push(FlameBox {
            name,
            depth,
            start,
            count: node.count,
        });
    }
    boxes
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::SystemTime;

    use super::*;
    use crate::frames::Frame;
    use crate::profile::call_tree::CallTree;
    use crate::profile::data::{Location, ProfileKind, ProfiledThread, StackSample, UnsampledTime};

    #[test]
    fn children_lie_within_their_caller() {
        let mut profile =
            Profile::without_samples(ProfileKind::Cpu, SystemTime::UNIX_EPOCH, String::new());
        let location = |name: &str| Location {
            address: 0,
            mapping: None,
            frames: Arc::new([Arc::new(Frame {
                function: Some(name.to_owned()),
                ..Frame::default()
            })]),
        };
        profile.locations = ["main", "a", "b"].map(location).into();
        profile.tree = CallTree::new(9);
        profile.threads = ["t1", "t2"]
            .map(|name| ProfiledThread {
                name: name.into(),
                tid: None,
            })
            .into();
        let mut sample = |thread, stack: &[u32], count| StackSample {
            thread,
            node: profile.tree.insert(stack.iter().copied()).node,
            count,
            nanoseconds: 0,
        };
        let samples = vec![
            sample(0, &[0, 2], 3),
            sample(0, &[0, 1], 90),
            sample(0, &[0], 2),
            sample(1, &[0], 1),
        ];
        profile.samples = samples;
        profile.unsampled = vec![UnsampledTime {
            cause: "short-lived threads".to_owned(),
            nanoseconds: 4,
        }];
        let found: Vec<_> = boxes(&profile, |all| all / 48)
            .into_iter()
            .map(|found| (found.name, found.depth, found.start, found.count))
            .collect();
        let expected = [
            ("all", 0, 0, 100),
            ("[not sampled: short-lived threads]", 1, 0, 4),
            ("t1", 1, 4, 95),
            ("main", 2, 4, 95),
            ("a", 3, 4, 90),
            ("b", 3, 94, 3),
        ];
        assert_eq!(
            found,
            expected.map(|(name, a, b, c)| (name.to_owned(), a, b, c))
        );
    }
}
