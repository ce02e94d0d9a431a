//! Writes a profile in the format of `profile.proto`, which `go tool pprof` reads.

use std::collections::HashMap;
use std::io::{self, Write};
use std::time::UNIX_EPOCH;

use super::data::{Location, Profile, ProfiledThread, ValueType};
use super::protobuf::Message;
use crate::frames::Frame;

// The numbers of the fields of each message.
mod profile_field {
    pub(super) const SAMPLE_TYPE: u64 = 1;
    pub(super) const SAMPLE: u64 = 2;
    pub(super) const MAPPING: u64 = 3;
    pub(super) const LOCATION: u64 = 4;
    pub(super) const FUNCTION: u64 = 5;
    pub(super) const STRING_TABLE: u64 = 6;
    pub(super) const TIME_NANOS: u64 = 9;
    pub(super) const DURATION_NANOS: u64 = 10;
    pub(super) const PERIOD_TYPE: u64 = 11;
    pub(super) const PERIOD: u64 = 12;
    pub(super) const COMMENT: u64 = 13;
    pub(super) const DEFAULT_SAMPLE_TYPE: u64 = 14;
}

mod value_type_field {
    pub(super) const TYPE: u64 = 1;
    pub(super) const UNIT: u64 = 2;
}

mod sample_field {
    pub(super) const LOCATION_ID: u64 = 1;
    pub(super) const VALUE: u64 = 2;
    pub(super) const LABEL: u64 = 3;
}

mod label_field {
    pub(super) const KEY: u64 = 1;
    pub(super) const STR: u64 = 2;
}

mod mapping_field {
    pub(super) const ID: u64 = 1;
    pub(super) const MEMORY_START: u64 = 2;
    pub(super) const MEMORY_LIMIT: u64 = 3;
    pub(super) const FILE_OFFSET: u64 = 4;
    pub(super) const FILENAME: u64 = 5;
    pub(super) const BUILD_ID: u64 = 6;
    pub(super) const HAS_FUNCTIONS: u64 = 7;
    pub(super) const HAS_FILENAMES: u64 = 8;
    pub(super) const HAS_LINE_NUMBERS: u64 = 9;
    pub(super) const HAS_INLINE_FRAMES: u64 = 10;
}

mod location_field {
    pub(super) const ID: u64 = 1;
    pub(super) const MAPPING_ID: u64 = 2;
    pub(super) const ADDRESS: u64 = 3;
    pub(super) const LINE: u64 = 4;
}

mod line_field {
    pub(super) const FUNCTION_ID: u64 = 1;
    pub(super) const LINE: u64 = 2;
}

mod function_field {
    pub(super) const ID: u64 = 1;
    pub(super) const NAME: u64 = 2;
    pub(super) const FILENAME: u64 = 4;
}

/// Every text once; texts are referred to by their index. The first is empty.
struct StringTable<'a> {
    indexes: HashMap<&'a str, u64>,
    texts: Vec<&'a str>,
}

impl<'a> StringTable<'a> {
    fn new() -> Self {
        Self {
            indexes: HashMap::from([("", 0)]),
            texts: vec![""],
        }
    }

    fn index(&mut self, text: &'a str) -> u64 {
        let next = self.texts.len() as u64;
        let index = *self.indexes.entry(text).or_insert(next);
        if index == next {
            self.texts.push(text);
        }
        index
    }
}

/// Functions by name and file.
#[derive(Default)]
struct FunctionTable<'a> {
    ids: HashMap<(&'a str, Option<&'a str>), u64>,
    functions: Vec<(&'a str, Option<&'a str>)>,
}

impl<'a> FunctionTable<'a> {
    /// The ID of a frame's function; `None` if it is not known.
    fn id(&mut self, frame: &'a Frame) -> Option<u64> {
        let function = (frame.function.as_deref()?, frame.file.as_deref());
        let next = self.functions.len() as u64 + 1;
        let id = *self.ids.entry(function).or_insert(next);
        if id == next {
            self.functions.push(function);
        }
        Some(id)
    }
}

/// What is known of the locations of a mapping.
#[derive(Clone, Copy, Default)]
struct MappingSymbols {
    functions: bool,
    files: bool,
    lines: bool,
    inlined: bool,
}

/// Writes a profile, not compressed.
///
/// # Errors
///
/// Those of `output`.
pub(super) fn write(profile: &Profile, output: &mut impl Write) -> io::Result<()> {
    let tids: Vec<Option<String>> = profile.threads.iter().map(tid_text).collect();
    let mut strings = StringTable::new();
    let mut functions = FunctionTable::default();
    let mut mappings = vec![MappingSymbols::default(); profile.mappings.len()];

    let mut head = Message::default();
    for value_type in profile.kind.sample_types() {
        head.message(
            profile_field::SAMPLE_TYPE,
            &value(*value_type, &mut strings),
        );
    }
    let period_type = profile.kind.period_type();
    head.message(
        profile_field::PERIOD_TYPE,
        &value(period_type, &mut strings),
    );
    head.integer(profile_field::PERIOD, profile.period);
    let began = profile.began.duration_since(UNIX_EPOCH).unwrap_or_default();
    head.integer(profile_field::TIME_NANOS, began.as_nanos() as u64);
    let duration = profile.duration.as_nanos() as u64;
    head.integer(profile_field::DURATION_NANOS, duration);
    let default_type = strings.index(period_type.name);
    head.integer(profile_field::DEFAULT_SAMPLE_TYPE, default_type);
    let comments = profile.comments.iter();
    let comments: Vec<u64> = comments.map(|text| strings.index(text)).collect();
    head.integers(profile_field::COMMENT, comments);
    output.write_all(head.as_bytes())?;

    let mut field = Message::default();
    let keys = ["thread", "tid", "group"].map(|key| strings.index(key));
    for sample in &profile.samples {
        let mut message = Message::default();
        let stack = profile.tree.stack(sample.node);
        message.integers(sample_field::LOCATION_ID, stack.map(location_id));
        let values = [sample.count, sample.nanoseconds];
        let count = profile.kind.sample_types().len();
        message.integers(sample_field::VALUE, values.into_iter().take(count));
        let index = sample.thread as usize;
        if let Some(thread) = profile.threads.get(index) {
            let tid = tids[index].as_deref();
            let texts = [Some(&*thread.name), tid, Some(thread.group())];
            for (key, text) in keys.into_iter().zip(texts) {
                let Some(text) = text else { continue };
                let mut label = Message::default();
                label.integer(label_field::KEY, key);
                label.integer(label_field::STR, strings.index(text));
                message.message(sample_field::LABEL, &label);
            }
        }
        write_field(profile_field::SAMPLE, &message, &mut field, output)?;
    }
    for (index, location) in (0..).zip(&profile.locations) {
        let message = location_message(index, location, &mut functions);
        write_field(profile_field::LOCATION, &message, &mut field, output)?;
        let mapping = location.mapping.map(|mapping| mapping as usize);
        if let Some(symbols) = mapping.and_then(|mapping| mappings.get_mut(mapping)) {
            for frame in &*location.frames {
                symbols.functions |= frame.function.is_some();
                symbols.files |= frame.file.is_some();
                symbols.lines |= frame.line.is_some();
                symbols.inlined |= frame.inlined;
            }
        }
    }
    for ((id, mapping), symbols) in (1..).zip(&profile.mappings).zip(mappings) {
        let mut message = Message::default();
        message.integer(mapping_field::ID, id);
        message.integer(mapping_field::MEMORY_START, mapping.start);
        message.integer(mapping_field::MEMORY_LIMIT, mapping.end);
        message.integer(mapping_field::FILE_OFFSET, mapping.offset);
        message.integer(mapping_field::FILENAME, strings.index(&mapping.file_name));
        let build_id = mapping.build_id.as_deref().unwrap_or_default();
        message.integer(mapping_field::BUILD_ID, strings.index(build_id));
        // Without functions, Go's tool looks for a copy of the file that has them.
        message.bool(mapping_field::HAS_FUNCTIONS, symbols.functions);
        message.bool(mapping_field::HAS_FILENAMES, symbols.files);
        message.bool(mapping_field::HAS_LINE_NUMBERS, symbols.lines);
        message.bool(mapping_field::HAS_INLINE_FRAMES, symbols.inlined);
        write_field(profile_field::MAPPING, &message, &mut field, output)?;
    }
    for (id, (name, file)) in (1..).zip(&functions.functions) {
        let mut message = Message::default();
        message.integer(function_field::ID, id);
        let name = strings.index(name);
        // Without a system name: pprof would take an equal one for C++ and cut what is between < and >.
        message.integer(function_field::NAME, name);
        message.integer(
            function_field::FILENAME,
            strings.index(file.unwrap_or_default()),
        );
        write_field(profile_field::FUNCTION, &message, &mut field, output)?;
    }
    for text in strings.texts {
        field.clear();
        field.bytes(profile_field::STRING_TABLE, text.as_bytes());
        output.write_all(field.as_bytes())?;
    }
    Ok(())
}

fn value(value_type: ValueType, strings: &mut StringTable<'_>) -> Message {
    let mut message = Message::default();
    message.integer(value_type_field::TYPE, strings.index(value_type.name));
    message.integer(value_type_field::UNIT, strings.index(value_type.unit));
    message
}

fn write_field(
    number: u64,
    message: &Message,
    field: &mut Message,
    output: &mut impl Write,
) -> io::Result<()> {
    field.clear();
    field.message(number, message);
    output.write_all(field.as_bytes())
}

/// IDs begin at 1.
fn location_id(index: u32) -> u64 {
    u64::from(index) + 1
}

fn location_message<'a>(
    index: u32,
    location: &'a Location,
    functions: &mut FunctionTable<'a>,
) -> Message {
    let mut message = Message::default();
    message.integer(location_field::ID, location_id(index));
    let mapping = location.mapping.map_or(0, |mapping| u64::from(mapping) + 1);
    message.integer(location_field::MAPPING_ID, mapping);
    message.integer(location_field::ADDRESS, location.address);
    for frame in &*location.frames {
        // Without a line the address is shown, which a kept copy of the program explains.
        let Some(function) = functions.id(frame) else {
            continue;
        };
        let mut line = Message::default();
        line.integer(line_field::FUNCTION_ID, function);
        line.integer(line_field::LINE, frame.line.unwrap_or(0).into());
        message.message(location_field::LINE, &line);
    }
    message
}

fn tid_text(thread: &ProfiledThread) -> Option<String> {
    thread.tid.map(|tid| tid.to_string())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::{Duration, SystemTime};

    use super::*;
    use crate::profile::call_tree::CallTree;
    use crate::profile::data::{Mapping, ProfileKind, StackSample};

    fn profile() -> Profile {
        let frame = |name: &str, inlined| {
            Arc::new(Frame {
                function: Some(name.to_owned()),
                file: Some("src/main.rs".to_owned()),
                line: Some(7),
                inlined,
                ..Frame::default()
            })
        };
        let location = |frames: Vec<Arc<Frame>>| Location {
            address: 0x1040,
            mapping: Some(0),
            frames: frames.into(),
        };
        let mut tree = CallTree::new(10);
        let node = tree.insert([0, 1]).node;
        Profile {
            kind: ProfileKind::Cpu,
            began: UNIX_EPOCH + Duration::from_secs(1),
            duration: Duration::from_secs(2),
            period: 10_101_010,
            threads: vec![ProfiledThread {
                name: "worker-7".into(),
                tid: Some(4711),
            }],
            mappings: vec![Mapping {
                start: 0x1000,
                end: 0x2000,
                offset: 0x400,
                file_name: "server".to_owned(),
                build_id: Some("c0ffee".into()),
            }],
            locations: vec![
                location(vec![frame("main", false)]),
                location(vec![frame("inner", true), frame("outer", false)]),
            ],
            tree,
            samples: vec![StackSample {
                thread: 0,
                node,
                count: 3,
                nanoseconds: 30_303_030,
            }],
            unsampled: Vec::new(),
            comments: vec!["nothing was lost".to_owned()],
        }
    }

    /// The fields of a message: number and value; a length-delimited one as its bytes.
    fn fields(mut bytes: &[u8]) -> Vec<(u64, Result<u64, &[u8]>)> {
        let varint = |bytes: &mut &[u8]| {
            let end = bytes.iter().position(|byte| *byte < 0x80).unwrap();
            let (this, rest) = bytes.split_at(end + 1);
            *bytes = rest;
            let digits = this.iter().rev();
            digits.fold(0_u64, |value, byte| value << 7 | u64::from(byte & 0x7f))
        };
        let mut fields = Vec::new();
        while !bytes.is_empty() {
            let key = varint(&mut bytes);
            let value = varint(&mut bytes);
            fields.push((
                key >> 3,
                match key & 7 {
                    0 => Ok(value),
                    _ => {
                        let (inner, rest) = bytes.split_at(value as usize);
                        bytes = rest;
                        Err(inner)
                    }
                },
            ));
        }
        fields
    }

    #[test]
    fn every_reference_leads_to_its_text() {
        let mut bytes = Vec::new();
        write(&profile(), &mut bytes).unwrap();
        let all = fields(&bytes);
        let strings: Vec<&str> = all
            .iter()
            .filter(|(number, _)| *number == profile_field::STRING_TABLE)
            .map(|(_, text)| std::str::from_utf8(text.unwrap_err()).unwrap())
            .collect();
        assert_eq!(strings[0], "");
        let texts = |message: &[u8], number| -> Vec<&str> {
            let of = fields(message).into_iter();
            of.filter(|(field, _)| *field == number)
                .map(|(_, index)| strings[index.unwrap() as usize])
                .collect()
        };
        let messages = |number| {
            let of = all.iter().filter(move |(field, _)| *field == number);
            of.map(|(_, message)| message.unwrap_err())
        };
        let sample = fields(messages(profile_field::SAMPLE).next().unwrap());
        assert_eq!(sample[0], (1, Err(&[2, 1][..])), "innermost first");
        let labels: Vec<_> = sample[2..]
            .iter()
            .map(|(_, label)| (texts(label.unwrap_err(), 1), texts(label.unwrap_err(), 2)))
            .collect();
        assert_eq!(
            labels,
            [
                (vec!["thread"], vec!["worker-7"]),
                (vec!["tid"], vec!["4711"]),
                (vec!["group"], vec!["worker"]),
            ]
        );
        let names: Vec<_> = messages(profile_field::FUNCTION)
            .flat_map(|function| texts(function, 2))
            .collect();
        assert_eq!(names, ["main", "inner", "outer"]);
        let mapping = messages(profile_field::MAPPING).next().unwrap();
        assert_eq!(texts(mapping, 5), ["server"]);
        assert_eq!(texts(mapping, 6), ["c0ffee"]);
        assert_eq!(fields(mapping).len(), 10, "all four are known");
        let integer = |wanted| all.iter().find(|(number, _)| *number == wanted).unwrap().1;
        assert_eq!(integer(profile_field::TIME_NANOS), Ok(1_000_000_000));
        assert_eq!(integer(profile_field::PERIOD), Ok(10_101_010));
    }

    #[test]
    fn profiles_without_samples_are_complete() {
        let now = SystemTime::UNIX_EPOCH;
        for kind in [ProfileKind::ThreadCreation, ProfileKind::Contention] {
            let empty = Profile::without_samples(kind, now, "not recorded".to_owned());
            let mut bytes = Vec::new();
            write(&empty, &mut bytes).unwrap();
            let types = fields(&bytes)
                .into_iter()
                .filter(|(number, _)| *number == profile_field::SAMPLE_TYPE);
            assert_eq!(types.count(), kind.sample_types().len());
        }
    }
}
