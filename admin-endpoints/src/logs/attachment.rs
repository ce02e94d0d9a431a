//! A client of the levels: while this exists, its events are enabled for it.

use std::collections::HashSet;
use std::sync::Arc;

use tracing::level_filters::LevelFilter;

use crate::log_records::{LogRecord, RecordReceiver};
use crate::loglevel::{ClientLevels, LogLevels};

/// Receives records until it is dropped.
#[derive(Debug)]
pub(super) struct Attachment {
    levels: LogLevels,
    receiver: Arc<RecordReceiver>,
}

/// What a stream begins with.
#[derive(Debug)]
pub(super) struct StreamStart {
    pub(super) receiver: Arc<RecordReceiver>,
    pub(super) note: Option<String>,
    pub(super) client: ClientLevels,
    /// Kept records, oldest first.
    pub(super) tail: Vec<Arc<LogRecord>>,
}

impl StreamStart {
    /// The numbers of the kept records, which may be in the buffer too.
    pub(super) fn tail_sequences(&self) -> HashSet<u64> {
        self.tail.iter().map(|record| record.sequence).collect()
    }
}

impl Attachment {
    /// From here on the client misses nothing.
    pub(super) fn start(
        levels: &LogLevels,
        client: ClientLevels,
        tail: usize,
    ) -> (Self, StreamStart) {
        let receiver = Arc::new(RecordReceiver::new(client.clone()));
        let attachment = Self {
            levels: levels.clone(),
            receiver: Arc::clone(&receiver),
        };
        levels.add_receiver(&receiver);
        let wants = |record: &LogRecord| receiver.wants(record.origin.target(), record.level);
        let tail = levels.hub().history().last(tail, wants);
        let note = hidden_note(&levels.hidden_from_client(&client));
        let start = StreamStart {
            receiver,
            note,
            client,
            tail,
        };
        (attachment, start)
    }

    /// Ends the stream with what it has.
    pub(super) fn close(&self) {
        self.receiver.buffer.close();
    }
}

impl Drop for Attachment {
    fn drop(&mut self) {
        self.levels.remove_receiver(&self.receiver);
        self.receiver.buffer.close();
    }
}

/// What keeps events of the program out of the stream.
fn hidden_note(hidden: &[(String, LevelFilter)]) -> Option<String> {
    if hidden.is_empty() {
        return None;
    }
    let named = hidden.iter().map(|(name, level)| match level.into_level() {
        Some(level) => format!("{name} below {level}"),
        None => name.clone(),
    });
    let named: Vec<_> = named.collect();
    Some(format!(
        "another filter of the subscriber hides {} from this stream too: put it on single layers, \
         fmt::layer().with_filter(..), beside .with(levels.filter())",
        named.join(", ")
    ))
}

/// What may be misspelled if a stream has no records.
pub(super) fn unknown_note(unknown: &[String]) -> Option<String> {
    (!unknown.is_empty()).then(|| {
        format!(
            "no logger of the program is called {} so far; GET /loglevel lists those that are known",
            unknown.join(", ")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_note_names_what_is_hidden() {
        assert_eq!(hidden_note(&[]), None);
        let hidden = [
            ("cache".to_owned(), LevelFilter::INFO),
            ("index".to_owned(), LevelFilter::OFF),
        ];
        let note = hidden_note(&hidden).unwrap();
        assert!(
            note.contains("hides cache below INFO, index from"),
            "{note}"
        );
    }
}
