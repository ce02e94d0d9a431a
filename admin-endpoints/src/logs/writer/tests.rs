use std::time::{Duration, UNIX_EPOCH};

use tracing_subscriber::prelude::*;

use super::*;
use crate::log_records::{BufferEntry, RecordReceiver, Taken};
use crate::loglevel::LogLevels;

/// The records of what `log` logs.
fn records(log: impl FnOnce()) -> Vec<LogRecord> {
    let levels = LogLevels::from_spec("info").unwrap();
    let subscriber = tracing_subscriber::registry().with(levels.filter());
    let receiver = Arc::new(RecordReceiver::new(
        "trace".parse::<crate::loglevel::ClientLevels>().unwrap(),
    ));
    tracing::subscriber::with_default(subscriber, || {
        levels.add_receiver(&receiver);
        log();
        levels.remove_receiver(&receiver);
    });
    let Taken::Entries(entries) = receiver.buffer.take(usize::MAX, Duration::ZERO) else {
        return Vec::new();
    };
    let records = entries.into_iter().map(|entry| match entry {
        BufferEntry::Record(record) => LogRecord {
            time: UNIX_EPOCH + Duration::from_micros(1_500_000),
            sequence: 7,
            thread: None,
            ..LogRecord::clone(&record)
        },
        BufferEntry::Dropped(count) => panic!("{count} dropped"),
    });
    records.collect()
}

fn written(format: RecordFormat, write: impl FnOnce(&mut RecordWriter)) -> String {
    let mut writer = RecordWriter::new(format, Arc::default());
    write(&mut writer);
    String::from_utf8(writer.take()).unwrap()
}

#[test]
fn each_format_has_its_frame() {
    let log = || tracing::debug!(target: "writer", n = 1, "a\nb");
    let records = records(log);
    let all = |format| {
        written(format, |writer| {
            writer.begin();
            records.iter().for_each(|record| writer.record(record));
            writer.dropped(3);
            writer.filler();
            writer.end(StreamEnd::Shutdown);
        })
    };
    let line = records[0].origin.line().unwrap();
    let file = records[0].origin.file().unwrap();
    let json = format!(
        "{{\"time\":\"1970-01-01T00:00:01.500000Z\",\"level\":\"DEBUG\",\"target\":\"writer\",\
         \"message\":\"a\\nb\",\"fields\":{{\"n\":1}},\"spans\":[],\"thread\":null,\
         \"file\":\"{file}\",\"line\":{line}}}"
    );
    assert_eq!(
        all(RecordFormat::Ndjson),
        format!("{json}\n{{\"dropped\":3}}\n\n{{\"end\":\"shutdown\"}}\n")
    );
    assert_eq!(
        all(RecordFormat::EventStream),
        format!(
            "retry: 2000\n\nid: 7\ndata: {json}\n\ndata: {{\"dropped\":3}}\n\n:\n\n\
             data: {{\"end\":\"shutdown\"}}\n\n"
        )
    );
    assert_eq!(
        all(RecordFormat::Text),
        "1970-01-01T00:00:01.500000Z DEBUG writer: a\\nb n=1\n\
         {\"dropped\":3}\n\n{\"end\":\"shutdown\"}\n"
    );
}

#[test]
fn text_cannot_control_a_terminal() {
    let log =
        || tracing::info!(target: "writer", shown = %"\u{1b}[2J", text = "\u{1b}", "\r\u{7}x");
    let records = records(log);
    let text = written(RecordFormat::Text, |writer| writer.record(&records[0]));
    assert!(
        !text.trim_end_matches('\n').contains(char::is_control),
        "{text:?}"
    );
}
