//! Bytes that grow, in memory that the system gets back with them.

use std::fmt;
use std::io;
use std::ops::{Deref, DerefMut};

use bytes::Bytes;
use memmap2::{MmapMut, MmapOptions};

/// A longer buffer is a memory mapping.
const MAX_HEAP_BYTES: usize = 64 << 10;

/// The shortest mapping. Its pages take memory when they are written to, not before.
const MIN_MAPPING_BYTES: usize = 1 << 20;

/// Bytes that are collected, such as a body or a large answer.
///
/// More than 64 KiB are in a memory mapping of their own, which the system gets back as soon as the
/// buffer is dropped, and so are the [`Bytes`] that are made of it. An allocator may keep such a block
/// for the next one: the process then seems to use the memory of its largest requests.
///
/// ```
/// use std::io::Write;
///
/// use admin_runtime::{LargeBuffer, Response};
///
/// let mut rows = LargeBuffer::new();
/// for row in 0..20_000 {
///     writeln!(rows, "{row},{}", row * row)?;
/// }
/// assert!(rows.starts_with(b"0,0\n1,1\n2,4\n"));
/// let reply = Response::bytes("text/csv", rows);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Default)]
pub struct LargeBuffer {
    storage: Storage,
}

enum Storage {
    Heap(Vec<u8>),
    Mapping(MappedBytes),
}

struct MappedBytes {
    memory: MmapMut,
    length: usize,
}

impl LargeBuffer {
    /// An empty buffer, which allocates nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            storage: Storage::Heap(Vec::new()),
        }
    }

    /// An empty buffer with room for so many bytes, if that is known before and more than 64 KiB.
    ///
    /// ```
    /// use admin_runtime::LargeBuffer;
    ///
    /// assert!(LargeBuffer::with_capacity(1 << 20).is_empty());
    /// ```
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        let mapping = (capacity > MAX_HEAP_BYTES).then(|| MappedBytes::new(capacity));
        match mapping {
            Some(Ok(mapping)) => Self {
                storage: Storage::Mapping(mapping),
            },
            _ => Self::new(),
        }
    }

    /// Appends bytes.
    ///
    /// ```
    /// use admin_runtime::LargeBuffer;
    ///
    /// let mut buffer = LargeBuffer::new();
    /// buffer.extend_from_slice(b"ok");
    /// assert_eq!(&buffer[..], b"ok");
    /// ```
    #[inline]
    pub fn extend_from_slice(&mut self, bytes: &[u8]) {
        if self.capacity() - self.len() < bytes.len() {
            self.grow(bytes.len());
        }
        match &mut self.storage {
            Storage::Heap(heap) => heap.extend_from_slice(bytes),
            Storage::Mapping(mapping) => mapping.extend_from_slice(bytes),
        }
    }

    /// Removes all bytes, and keeps the memory.
    pub(crate) fn clear(&mut self) {
        match &mut self.storage {
            Storage::Heap(heap) => heap.clear(),
            Storage::Mapping(mapping) => mapping.length = 0,
        }
    }

    /// Whether the bytes are on the heap, where a short copy of them is cheap.
    pub(crate) fn is_on_heap(&self) -> bool {
        matches!(self.storage, Storage::Heap(_))
    }

    #[inline]
    fn capacity(&self) -> usize {
        match &self.storage {
            Storage::Heap(heap) => heap.capacity(),
            Storage::Mapping(mapping) => mapping.memory.len(),
        }
    }

    /// Makes room for at least so many bytes more. Where the system has no mapping, the heap serves.
    #[cold]
    fn grow(&mut self, additional: usize) {
        let needed = self.len().saturating_add(additional);
        let capacity = needed.max(self.capacity().saturating_mul(2));
        if capacity > MAX_HEAP_BYTES
            && let Ok(mut mapping) = MappedBytes::new(capacity.max(MIN_MAPPING_BYTES))
        {
            mapping.extend_from_slice(self);
            self.storage = Storage::Mapping(mapping);
            return;
        }
        match &mut self.storage {
            Storage::Heap(heap) => heap.reserve(additional),
            Storage::Mapping(mapping) => {
                let mut heap = Vec::with_capacity(capacity);
                heap.extend_from_slice(mapping.as_ref());
                self.storage = Storage::Heap(heap);
            }
        }
    }
}

impl Default for Storage {
    fn default() -> Self {
        Self::Heap(Vec::new())
    }
}

impl MappedBytes {
    fn new(capacity: usize) -> io::Result<Self> {
        let memory = MmapOptions::new().len(capacity).map_anon()?;
        Ok(Self { memory, length: 0 })
    }

    /// The caller has made room for them.
    #[inline]
    fn extend_from_slice(&mut self, bytes: &[u8]) {
        let end = self.length + bytes.len();
        self.memory[self.length..end].copy_from_slice(bytes);
        self.length = end;
    }
}

impl AsRef<[u8]> for MappedBytes {
    fn as_ref(&self) -> &[u8] {
        &self.memory[..self.length]
    }
}

impl Deref for LargeBuffer {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        match &self.storage {
            Storage::Heap(heap) => heap,
            Storage::Mapping(mapping) => mapping.as_ref(),
        }
    }
}

impl DerefMut for LargeBuffer {
    fn deref_mut(&mut self) -> &mut [u8] {
        match &mut self.storage {
            Storage::Heap(heap) => heap,
            Storage::Mapping(MappedBytes { memory, length }) => &mut memory[..*length],
        }
    }
}

impl AsRef<[u8]> for LargeBuffer {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl From<LargeBuffer> for Bytes {
    /// Without a copy.
    fn from(buffer: LargeBuffer) -> Self {
        match buffer.storage {
            Storage::Heap(heap) => heap.into(),
            Storage::Mapping(mapping) => Self::from_owner(mapping),
        }
    }
}

/// Does not fail.
impl io::Write for LargeBuffer {
    #[inline]
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    #[inline]
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.extend_from_slice(bytes);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl fmt::Debug for LargeBuffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LargeBuffer({})", self.len())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn appended_bytes_are_kept_at_every_size(
            capacity in 0_usize..3 << 20,
            chunks in prop::collection::vec((0_usize..300_000, any::<u8>()), 0..12),
        ) {
            let mut expected = Vec::new();
            let mut buffer = LargeBuffer::with_capacity(capacity);
            for (length, byte) in chunks {
                expected.resize(expected.len() + length, byte);
                buffer.extend_from_slice(&vec![byte; length]);
                prop_assert!(buffer[..] == expected[..]);
            }
            prop_assert!(Bytes::from(buffer)[..] == expected[..]);
        }
    }

    #[test]
    fn long_buffers_are_not_on_the_heap() {
        let mut buffer = LargeBuffer::new();
        for length in 1..=MAX_HEAP_BYTES + 1 {
            buffer.extend_from_slice(b"x");
            assert!(
                buffer.is_on_heap() || length > MAX_HEAP_BYTES / 2,
                "{length}"
            );
        }
        assert!(!buffer.is_on_heap());
        assert!(!LargeBuffer::with_capacity(MAX_HEAP_BYTES + 1).is_on_heap());
        assert!(LargeBuffer::with_capacity(MAX_HEAP_BYTES).is_on_heap());
    }

    #[test]
    fn the_heap_serves_where_there_is_no_mapping() {
        let mut buffer = LargeBuffer::with_capacity(usize::MAX);
        assert!(buffer.is_on_heap());
        buffer.extend_from_slice(b"ok");
        assert_eq!(&buffer[..], b"ok");
    }
}
