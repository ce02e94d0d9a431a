//! A finished profile, before it is written in one of the formats.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::call_tree::{CallTree, NodeId};
use crate::frames::Frame;

/// What a profile counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ProfileKind {
    /// CPU time.
    Cpu,
    /// Time, whether a thread runs or waits.
    WallClock,
    /// Threads.
    Threads,
    /// What Go records of the creation of threads.
    ThreadCreation,
    /// What Go records of blocking and of mutexes.
    Contention,
    /// Memory in use.
    #[cfg(feature = "heap-profile")]
    Heap,
}

/// The name and the unit of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ValueType {
    pub(super) name: &'static str,
    pub(super) unit: &'static str,
}

impl ValueType {
    const fn new(name: &'static str, unit: &'static str) -> Self {
        Self { name, unit }
    }
}

impl ProfileKind {
    /// The values of each sample: the first is a count, the second, if there is one, nanoseconds.
    pub(super) fn sample_types(self) -> &'static [ValueType] {
        const SAMPLES: ValueType = ValueType::new("samples", "count");
        const CPU: &[ValueType] = &[SAMPLES, ValueType::new("cpu", "nanoseconds")];
        const WALL: &[ValueType] = &[SAMPLES, ValueType::new("wall", "nanoseconds")];
        const THREADS: &[ValueType] = &[ValueType::new("goroutine", "count")];
        const CREATION: &[ValueType] = &[ValueType::new("threadcreate", "count")];
        const CONTENTION: &[ValueType] = &[
            ValueType::new("contentions", "count"),
            ValueType::new("delay", "nanoseconds"),
        ];
        match self {
            Self::Cpu => CPU,
            Self::WallClock => WALL,
            Self::Threads => THREADS,
            Self::ThreadCreation => CREATION,
            Self::Contention => CONTENTION,
            #[cfg(feature = "heap-profile")]
            Self::Heap => &[ValueType {
                name: "inuse_space",
                unit: "bytes",
            }],
        }
    }

    /// What `period` is measured in.
    pub(super) fn period_type(self) -> ValueType {
        let types = self.sample_types();
        match self {
            Self::Cpu | Self::WallClock => types[1],
            _ => types[0],
        }
    }
}

/// A thread, or a group of threads that are counted together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ProfiledThread {
    /// Never empty.
    pub(super) name: Arc<str>,
    /// `None` for a group.
    pub(super) tid: Option<u64>,
}

/// What a thread is called whose name is empty.
const NO_NAME: &str = "(no name)";

impl ProfiledThread {
    pub(super) fn new(name: &str, tid: Option<u64>) -> Self {
        let name = if name.is_empty() { NO_NAME } else { name };
        Self {
            name: name.into(),
            tid,
        }
    }

    /// The name without the number of the thread in its pool.
    pub(super) fn group(&self) -> &str {
        thread_group(&self.name)
    }
}

/// The name of a thread without the number at its end: `worker-3` and `worker-12` are `worker`.
pub(super) fn thread_group(name: &str) -> &str {
    let without_digits = name.trim_end_matches(|c: char| c.is_ascii_digit());
    if without_digits.len() == name.len() {
        return name;
    }
    let group = without_digits.trim_end_matches(['-', '_', '#', ':', '/', '.', ' ']);
    if group.is_empty() { name } else { group }
}

/// A loaded file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mapping {
    /// Where its code is in memory.
    pub(super) start: u64,
    pub(super) end: u64,
    /// Where in the file the code begins.
    pub(super) offset: u64,
    pub(super) file_name: String,
    pub(super) build_id: Option<Arc<str>>,
}

/// A loaded file, and the difference between an address in memory and the address in the file.
#[derive(Clone, Debug)]
pub(super) struct LoadedMapping {
    pub(super) mapping: Mapping,
    pub(super) bias: u64,
}

/// A code address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Location {
    pub(super) address: u64,
    /// An index into the mappings.
    pub(super) mapping: Option<u32>,
    /// Inlined functions first, the function itself last; never empty.
    pub(super) frames: Arc<[Arc<Frame>]>,
}

/// How often one stack of one thread was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct StackSample {
    /// An index into the threads.
    pub(super) thread: u32,
    pub(super) node: NodeId,
    pub(super) count: u64,
    pub(super) nanoseconds: u64,
}

/// Time of threads that no sample stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct UnsampledTime {
    pub(super) cause: String,
    pub(super) nanoseconds: u64,
}

impl UnsampledTime {
    /// What it is called where stacks are.
    pub(super) fn name(&self) -> String {
        format!("[not sampled: {}]", self.cause)
    }

    /// How many samples it would have been.
    pub(super) fn samples(&self, period: u64) -> u64 {
        self.nanoseconds.div_ceil(period.max(1))
    }
}

/// Samples and what their stacks mean.
#[derive(Debug)]
pub(super) struct Profile {
    pub(super) kind: ProfileKind,
    pub(super) began: SystemTime,
    pub(super) duration: Duration,
    /// Nanoseconds for time; 1 otherwise.
    pub(super) period: u64,
    pub(super) threads: Vec<ProfiledThread>,
    /// The executable is the first.
    pub(super) mappings: Vec<Mapping>,
    pub(super) locations: Vec<Location>,
    pub(super) tree: CallTree,
    pub(super) samples: Vec<StackSample>,
    /// For formats without comments.
    pub(super) unsampled: Vec<UnsampledTime>,
    /// What the profile lacks, as sentences.
    pub(super) comments: Vec<String>,
}

impl Profile {
    /// A profile without samples.
    pub(super) fn without_samples(kind: ProfileKind, began: SystemTime, comment: String) -> Self {
        Self {
            kind,
            began,
            duration: Duration::ZERO,
            period: 1,
            threads: Vec::new(),
            mappings: Vec::new(),
            locations: Vec::new(),
            tree: CallTree::new(0),
            samples: Vec::new(),
            unsampled: Vec::new(),
            comments: vec![comment],
        }
    }

    /// The frames of a stack, innermost first.
    pub(super) fn frames(&self, node: NodeId) -> impl Iterator<Item = &Frame> {
        self.tree.stack(node).flat_map(|location| {
            let location = self.locations.get(location as usize);
            let frames = location.map_or(&[][..], |location| &location.frames);
            frames.iter().map(Arc::as_ref)
        })
    }
}

/// The name of a frame in a text: the function, otherwise file and offset.
pub(super) fn frame_name(frame: &Frame) -> String {
    match (&frame.function, &frame.module) {
        (Some(function), _) => function.clone(),
        (None, Some(module)) => format!("{module}+{:#x}", frame.offset),
        (None, None) => format!("{:#x}", frame.offset),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_group_of_a_thread_has_no_number() {
        for (name, group) in [
            ("worker-3", "worker"),
            ("tokio-runtime-worker", "tokio-runtime-worker"),
            ("pool_1_thread-12", "pool_1_thread"),
            ("io #7", "io"),
            ("rayon 0", "rayon"),
            ("42", "42"),
            ("-7", "-7"),
            ("", ""),
            ("größe1", "größe"),
        ] {
            assert_eq!(thread_group(name), group, "{name}");
        }
    }
}
