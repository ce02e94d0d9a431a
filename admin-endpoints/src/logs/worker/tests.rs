use tokio::sync::mpsc::{Receiver, channel};

use super::*;
use crate::loglevel::ClientLevels;

/// A worker without records, and what it sends.
fn worker(format: RecordFormat) -> (StreamWorker, StreamStart, Receiver<io::Result<Bytes>>) {
    let levels = LogLevels::from_spec("info").unwrap();
    let client: ClientLevels = "off,dbug=debug".parse().unwrap();
    let start = StreamStart {
        receiver: Arc::new(RecordReceiver::new(client.clone())),
        note: None,
        client,
        tail: Vec::new(),
    };
    let settings = StreamSettings {
        levels,
        format,
        duration: Duration::from_secs(3600),
        limit: None,
        config: Arc::default(),
    };
    let (sender, chunks) = channel(1);
    (StreamWorker::new(settings, &start, sender), start, chunks)
}

#[test]
fn silence_is_filled_at_the_interval() {
    for (format, filler) in [
        (RecordFormat::Ndjson, "\n"),
        (RecordFormat::Text, "\n"),
        (RecordFormat::EventStream, ":\n\n"),
    ] {
        let (mut worker, start, mut chunks) = worker(format);
        assert_eq!(worker.filler_interval, Duration::from_secs(15));
        worker.filler_interval = Duration::from_millis(1);
        let receiver = Arc::clone(&start.receiver);
        let thread = Builder::new().spawn(move || worker.run(&start).is_ok());
        let thread = thread.unwrap();
        let mut sent = String::new();
        while sent.matches(filler).count() < 3 {
            let chunk = chunks.blocking_recv().unwrap().unwrap();
            sent += str::from_utf8(&chunk).unwrap();
        }
        receiver.buffer.close();
        while let Some(chunk) = chunks.blocking_recv() {
            sent += str::from_utf8(&chunk.unwrap()).unwrap();
        }
        assert!(thread.join().unwrap());
        assert!(sent.contains("shutdown"), "{format:?}: {sent:?}");
        let note = "no logger of the program is called dbug so far";
        assert_eq!(sent.matches(note).count(), 1, "{format:?}: {sent:?}");
    }
}
