use std::thread;

use tracing::Level;

use super::super::fields::CapturedFields;
use super::super::record::RecordOrigin;
use super::*;

const TIMEOUT: Duration = Duration::from_secs(60);

fn record(sequence: u64) -> Arc<LogRecord> {
    Arc::new(LogRecord {
        sequence,
        time: std::time::UNIX_EPOCH,
        level: Level::INFO,
        origin: RecordOrigin::LogRecord(Box::default()),
        fields: CapturedFields::default(),
        spans: Vec::new(),
        omitted_spans: 0,
        request_id: None,
        thread: None,
    })
}

fn shown(entries: &[BufferEntry]) -> Vec<String> {
    let texts = entries.iter().map(|entry| match entry {
        BufferEntry::Record(record) => record.sequence.to_string(),
        BufferEntry::Dropped(count) => format!("dropped {count}"),
    });
    texts.collect()
}

fn take(buffer: &RecordBuffer, max_bytes: usize) -> Vec<String> {
    match buffer.take(max_bytes, TIMEOUT) {
        Taken::Entries(entries) => shown(&entries),
        other => panic!("{other:?}"),
    }
}

#[test]
fn drops_are_reported_in_their_place() {
    let buffer = RecordBuffer::default();
    let half = MAX_BUFFER_BYTES / 2;
    for (sequence, size, fits) in [
        (1, half, true),
        (2, half, true),
        (3, 1, false),
        (4, 1, false),
    ] {
        assert_eq!(buffer.push(&record(sequence), size), fits, "{sequence}");
    }
    assert!(buffer.drop_if_full(), "it was full a moment ago");
    assert_eq!(take(&buffer, 1), ["1"]);
    assert!(!buffer.drop_if_full(), "there is room again");
    assert!(buffer.push(&record(5), half));
    assert!(!buffer.push(&record(6), half));
    assert_eq!(
        take(&buffer, usize::MAX),
        ["2", "dropped 3", "5", "dropped 1"]
    );
    assert!(matches!(buffer.take(1, Duration::ZERO), Taken::TimedOut));
    assert!(buffer.push(&record(7), MAX_BUFFER_BYTES), "all is free");
}

#[test]
fn a_closed_buffer_gives_what_it_has() {
    let buffer = RecordBuffer::default();
    buffer.push(&record(1), 1);
    buffer.push(&record(2), 1);
    buffer.close();
    let Taken::Closed(entries) = buffer.take(1, TIMEOUT) else {
        panic!("it is closed");
    };
    assert_eq!(shown(&entries), ["1", "2"]);
}

#[test]
fn records_and_the_end_wake_the_reader() {
    let buffer = Arc::new(RecordBuffer::default());
    let writer = Arc::clone(&buffer);
    let thread = thread::Builder::new();
    let thread = thread.spawn(move || {
        for sequence in 0..1000 {
            writer.push(&record(sequence), 1);
        }
        writer.close();
    });
    let thread = thread.unwrap();
    let mut read = Vec::new();
    loop {
        match buffer.take(16, TIMEOUT) {
            Taken::Entries(entries) => read.extend(shown(&entries)),
            Taken::TimedOut => panic!("nobody woke the reader"),
            Taken::Closed(entries) => {
                read.extend(shown(&entries));
                break;
            }
        }
    }
    thread.join().unwrap();
    let expected: Vec<_> = (0..1000)
        .map(|sequence: u64| sequence.to_string())
        .collect();
    assert_eq!(read, expected);
}
