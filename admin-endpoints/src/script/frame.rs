//! Length-prefixed JSON messages over a stream.

use std::cell::Cell;
use std::io::{self, Read, Write};

use admin_runtime::LargeBuffer;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The longest message: holds a result and printed output at their default limits, escaped.
pub(crate) const MAX_FRAME_BYTES: usize = 16 * 1024 * 1024;

/// Longer messages leave much free memory in the heap of their thread.
const MAX_SHORT_FRAME_BYTES: usize = 64 * 1024;

thread_local! {
    static HAD_LONG_FRAME: Cell<bool> = const { Cell::new(false) };
}

/// Whether the calling thread has read or written a long message since the last call.
pub(super) fn take_had_long_frame() -> bool {
    HAD_LONG_FRAME.take()
}

fn note_length(length: usize) {
    if length > MAX_SHORT_FRAME_BYTES {
        HAD_LONG_FRAME.set(true);
    }
}

/// Writes one message.
pub(crate) fn write<T: Serialize>(pipe: &mut impl Write, message: &T) -> io::Result<()> {
    pipe.write_all(&to_bytes(message)?)?;
    pipe.flush()
}

/// The bytes of the first message with its length, if these are there.
pub(super) fn first_length(received: &[u8]) -> Option<usize> {
    let length = received.first_chunk().copied()?;
    Some(u32::from_le_bytes(length) as usize + size_of::<u32>())
}

/// The bytes of one message with its length.
pub(super) fn to_bytes<T: Serialize>(message: &T) -> io::Result<LargeBuffer> {
    let mut frame = LargeBuffer::new();
    frame.extend_from_slice(&[0; size_of::<u32>()]);
    serde_json::to_writer(&mut frame, message)?;
    let length = frame.len() - size_of::<u32>();
    if length > MAX_FRAME_BYTES {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "the message is too long",
        ));
    }
    note_length(length);
    let length = u32::try_from(length).map_err(io::Error::other)?;
    frame[..size_of::<u32>()].copy_from_slice(&length.to_le_bytes());
    Ok(frame)
}

/// Reads one message; a length above [`MAX_FRAME_BYTES`] is an error.
pub(crate) fn read<T: DeserializeOwned>(pipe: &mut impl Read) -> io::Result<T> {
    let mut length = [0; 4];
    pipe.read_exact(&mut length)?;
    let length = u32::from_le_bytes(length) as usize;
    if length > MAX_FRAME_BYTES {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "the message is too long",
        ));
    }
    // Pages without received bytes are not touched, so a false length uses no memory.
    note_length(length);
    let mut frame = LargeBuffer::with_capacity(length);
    io::copy(&mut pipe.take(length as u64), &mut frame)?;
    if frame.len() < length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(serde_json::from_slice(&frame)?)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::script::wire::{SentValue, WorkerMessage};

    fn values() -> impl Strategy<Value = SentValue> {
        let leaf = prop_oneof![
            Just(SentValue::None),
            any::<bool>().prop_map(SentValue::Bool),
            any::<i128>().prop_map(SentValue::Int),
            any::<f64>().prop_map(SentValue::Float),
            ".*".prop_map(SentValue::Str),
            any::<Vec<u8>>().prop_map(SentValue::Bytes),
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(SentValue::List),
                prop::collection::vec(inner.clone(), 0..4).prop_map(SentValue::Tuple),
                prop::collection::vec((inner.clone(), inner), 0..4).prop_map(SentValue::Dict),
            ]
        })
    }

    proptest! {
        #[test]
        fn written_values_are_read_back(value in values()) {
            let mut pipe = Vec::new();
            write(&mut pipe, &value).unwrap();
            prop_assert_eq!(read::<SentValue>(&mut pipe.as_slice()).unwrap(), value);
        }

        #[test]
        fn reader_accepts_any_bytes_without_panic(bytes: Vec<u8>) {
            let _ = read::<WorkerMessage>(&mut bytes.as_slice());
        }
    }

    #[test]
    fn deeply_nested_message_is_an_error() {
        let deep = format!(
            "{}1{}",
            r#"{"List":["#.repeat(100_000),
            "]}".repeat(100_000)
        );
        let mut pipe = u32::try_from(deep.len()).unwrap().to_le_bytes().to_vec();
        pipe.extend(deep.as_bytes());
        let error = read::<SentValue>(&mut pipe.as_slice()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData, "{error}");
    }
}
