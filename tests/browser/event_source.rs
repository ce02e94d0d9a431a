//! Log records in a page, as an `EventSource` gets them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use admin_runtime::{Response, admin_endpoint};

use crate::chromium::open;
use crate::live_page::installed_levels;
use crate::started;

/// Shows the records of a stream, then how it ended.
const PAGE: &str = "<pre id=records></pre><script>
  const source = new EventSource('/logs?filter=off,browser=debug&limit=3&seconds=60');
  const ids = new Set();
  source.onmessage = event => {
    const record = JSON.parse(event.data);
    if (record.end) {
      source.close();
      document.title = `${ids.size} records, end: ${record.end}`;
      return;
    }
    ids.add(event.lastEventId);
    records.textContent += `${record.level} ${record.message} ${record.fields.text};`;
  };
  source.onerror = () => document.title = 'the connection failed';
</script>";

/// A page with an `EventSource`.
#[admin_endpoint(path = "/records-page")]
async fn records_page() -> Response {
    Response::bytes("text/html; charset=utf-8", PAGE)
}

#[test]
fn an_event_source_receives_records() {
    installed_levels();
    let (server, _) = started();
    let done = Arc::new(AtomicBool::new(false));
    let logging = {
        let done = Arc::clone(&done);
        let thread = thread::Builder::new();
        thread.spawn(move || {
            while !done.load(Ordering::Relaxed) {
                tracing::debug!(target: "browser", text = "größe", "two\nlines");
                thread::park_timeout(Duration::from_millis(50));
            }
        })
    };
    let page = open(&format!("http://{}/records-page", server.local_addr()));
    done.store(true, Ordering::Relaxed);
    logging.unwrap().join().unwrap();
    let title = "<title>3 records, end: limit</title>";
    assert!(page.dom.contains(title), "{page:?}");
    let records = "DEBUG two\nlines größe;".repeat(3);
    assert!(page.dom.contains(&records), "{}", page.dom);
}
