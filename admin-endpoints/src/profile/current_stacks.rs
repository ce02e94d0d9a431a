//! A dump of all threads as a profile: one sample for each thread.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::SystemTime;

use super::call_tree::{CallTree, LocationId};
use super::data::{LoadedMapping, Location, Profile, ProfileKind, ProfiledThread, StackSample};
use crate::frames::Frame;
use crate::threads::Report;

/// Frames of all different stacks.
const MAX_TREE_NODES: usize = 1_000_000;

/// The profile of a dump that was taken at `now`, of a process with these files.
pub(super) fn profile_of_dump(
    report: &Report,
    files: Vec<LoadedMapping>,
    now: SystemTime,
) -> Profile {
    let mut profile = Profile::without_samples(ProfileKind::Threads, now, String::new());
    profile.comments.clear();
    profile
        .comments
        .extend(report.notes.iter().map(|note| note.to_string()));
    profile.tree = CallTree::new(MAX_TREE_NODES);
    let mut ids: HashMap<&Frame, LocationId> = HashMap::new();
    for (number, thread) in (0..).zip(&report.threads) {
        let (name, tid) = (thread.info.name.as_str(), thread.info.tid);
        profile.threads.push(ProfiledThread::new(name, Some(tid)));
        let frames = match &thread.stack {
            Ok(stack) => &*stack.frames,
            Err(reason) => {
                let comment = format!("Thread {name} (tid {tid}) has no stack: {reason}.");
                profile.comments.push(comment);
                continue;
            }
        };
        let locations = &mut profile.locations;
        let stack: Vec<LocationId> = frames
            .iter()
            .rev()
            .map(|frame| {
                *ids.entry(frame).or_insert_with(|| {
                    locations.push(location(frame, &files));
                    locations.len() as LocationId - 1
                })
            })
            .collect();
        profile.samples.push(StackSample {
            thread: number,
            node: profile.tree.insert(stack).node,
            count: 1,
            nanoseconds: 0,
        });
    }
    let mappings = files.into_iter().map(|file| file.mapping);
    profile.mappings = mappings.collect();
    profile
}

fn location(frame: &Arc<Frame>, files: &[LoadedMapping]) -> Location {
    let is_file =
        |file: &LoadedMapping| frame.module.as_deref() == Some(file.mapping.file_name.as_str());
    let index = files.iter().position(is_file);
    let bias = index.map_or(0, |index| files[index].bias);
    Location {
        address: frame.offset.wrapping_add(bias),
        mapping: index.map(|index| index as u32),
        frames: Arc::new([Arc::clone(frame)]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::data::Mapping;
    use crate::threads::{CaptureMethod, NoStack, Stack, ThreadInfo, ThreadReport};

    #[test]
    fn each_thread_with_a_stack_is_a_sample() {
        let frame = |name: &str| {
            Arc::new(Frame {
                function: Some(name.to_owned()),
                module: Some("server".into()),
                offset: 0x40,
                ..Frame::default()
            })
        };
        let files = ["libc.so.6", "server"].map(|name| LoadedMapping {
            mapping: Mapping {
                start: 0x7001,
                end: 0x8000,
                offset: 1,
                file_name: name.to_owned(),
                build_id: None,
            },
            bias: 0x7000,
        });
        let stack = |names: [&str; 2]| {
            let frames = names.map(frame).into();
            Ok(Stack::new(frames, CaptureMethod::Passive))
        };
        let thread = |tid, stack| ThreadReport::new(ThreadInfo::new(tid, "worker-1"), stack);
        let report = Report {
            threads: vec![
                thread(7, stack(["wait", "main"])),
                thread(8, Err(NoStack::Exiting)),
                thread(9, stack(["wait", "main"])),
            ],
            notes: Vec::new(),
        };
        let profile = profile_of_dump(&report, files.into(), SystemTime::UNIX_EPOCH);
        assert_eq!(profile.samples.len(), 2);
        assert_eq!(profile.samples[0].node, profile.samples[1].node);
        assert_eq!(profile.locations.len(), 2);
        assert_eq!(profile.mappings.len(), 2);
        let location = &profile.locations[0];
        assert_eq!((location.address, location.mapping), (0x7040, Some(1)));
        assert_eq!(profile.samples[1].thread, 2);
        let names: Vec<_> = profile
            .frames(profile.samples[0].node)
            .map(|frame| frame.function.as_deref())
            .collect();
        assert_eq!(names, [Some("wait"), Some("main")]);
        assert_eq!(profile.comments.len(), 1);
    }
}
