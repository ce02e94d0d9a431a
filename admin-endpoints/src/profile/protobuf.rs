//! The wire format of protocol buffers, as much of it as a profile needs.
//!
//! A message is a sequence of fields, each a key and a value. All fields of a profile are either
//! variable-length integers or length-delimited bytes; a field that is 0 or empty is left out.

const VARINT: u64 = 0;
const LENGTH_DELIMITED: u64 = 2;

/// A message that is being written.
#[derive(Debug, Default)]
pub(super) struct Message {
    bytes: Vec<u8>,
}

impl Message {
    /// An integer; signed ones as their two's complement.
    pub(super) fn integer(&mut self, field: u64, value: u64) {
        if value != 0 {
            self.varint(field << 3 | VARINT);
            self.varint(value);
        }
    }

    pub(super) fn bool(&mut self, field: u64, value: bool) {
        self.integer(field, value.into());
    }

    /// Repeated integers, packed.
    pub(super) fn integers(&mut self, field: u64, values: impl IntoIterator<Item = u64>) {
        let mut packed = Self::default();
        values.into_iter().for_each(|value| packed.varint(value));
        if !packed.bytes.is_empty() {
            self.bytes(field, &packed.bytes);
        }
    }

    /// An element of a repeated field, which may be empty.
    pub(super) fn message(&mut self, field: u64, message: &Self) {
        self.bytes(field, &message.bytes);
    }

    /// Bytes or text, as an element of a repeated field.
    pub(super) fn bytes(&mut self, field: u64, value: &[u8]) {
        self.varint(field << 3 | LENGTH_DELIMITED);
        self.varint(value.len() as u64);
        self.bytes.extend_from_slice(value);
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn clear(&mut self) {
        self.bytes.clear();
    }

    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.bytes.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.bytes.push(value as u8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_the_examples_of_the_specification() {
        let mut message = Message::default();
        message.integer(1, 150);
        assert_eq!(message.as_bytes(), [0x08, 0x96, 0x01]);
        message.clear();
        message.bytes(2, b"testing");
        assert_eq!(message.as_bytes(), b"\x12\x07testing");
        message.clear();
        message.integers(6, [3, 270, 86_942]);
        assert_eq!(
            message.as_bytes(),
            [0x32, 6, 0x03, 0x8e, 0x02, 0x9e, 0xa7, 0x05]
        );
        let mut outer = Message::default();
        outer.message(3, &message);
        assert_eq!(outer.as_bytes()[..2], [0x1a, 8]);
    }

    #[test]
    fn leaves_out_zeros_and_writes_negative_numbers() {
        let mut message = Message::default();
        message.integer(1, 0);
        message.bool(2, false);
        message.integers(3, []);
        assert!(message.as_bytes().is_empty());
        message.integer(1, -1_i64 as u64);
        assert_eq!(message.as_bytes().len(), 11);
    }
}
