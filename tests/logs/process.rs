//! The one subscriber of this process, with an `EnvFilter`, a console and a JSON file.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use admin_endpoints::loglevel::LogLevels;
use admin_runtime::{AdminServer, RunningServer, log_queue};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::{MakeWriter, layer};
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::prelude::*;
use tracing_subscriber::registry::LookupSpan;

pub(crate) struct Process {
    pub(crate) levels: LogLevels,
    pub(crate) console: Output,
    pub(crate) file: Output,
    pub(crate) server: RunningServer,
}

static PROCESS: LazyLock<Process> = LazyLock::new(|| {
    let (console, file) = (Output::default(), Output::default());
    let levels = LogLevels::from_spec("info").unwrap();
    levels.keep_history();
    let lines = layer()
        .with_ansi(false)
        .without_time()
        .with_writer(console.clone())
        .with_filter(EnvFilter::new("trace,quiet=warn"));
    tracing_subscriber::registry()
        .with(lines)
        .with(levels.filter())
        .with(LoggingLayer)
        .with(layer().json().without_time().with_writer(file.clone()))
        .init();
    levels.install().unwrap();
    let server = AdminServer::builder().bind("127.0.0.1:0").start().unwrap();
    // Its start line is in no test's output.
    assert!(log_queue::flush(Duration::from_secs(60)));
    Process {
        levels,
        console,
        file,
        server,
    }
});

/// One test at a time: four clients are all that there may be.
static TURN: Mutex<()> = Mutex::new(());

pub(crate) fn process() -> (MutexGuard<'static, ()>, &'static Process) {
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    (turn, &PROCESS)
}

impl Process {
    pub(crate) fn at(&self) -> SocketAddr {
        self.server.local_addr()
    }

    /// What console and file got since the last call.
    pub(crate) fn take_output(&self) -> (String, String) {
        (self.console.take(), self.file.take())
    }
}

/// What a layer writes.
#[derive(Clone, Default)]
pub(crate) struct Output(Arc<Mutex<Vec<u8>>>);

impl Output {
    fn take(&self) -> String {
        String::from_utf8(std::mem::take(&mut *self.0.lock().unwrap())).unwrap()
    }
}

impl io::Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Output {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// Logs from inside a layer, for events that ask for it.
struct LoggingLayer;

impl<S: Subscriber + for<'s> LookupSpan<'s>> Layer<S> for LoggingLayer {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() != "nested::outer" {
            return;
        }
        let mut number = Number(0);
        event.record(&mut number);
        tracing::debug!(target: "nested::debug", number = number.0, "from a layer at DEBUG");
        tracing::info!(target: "nested::info", number = number.0, "from a layer at INFO");
    }
}

struct Number(u64);

impl Visit for Number {
    fn record_u64(&mut self, _: &Field, value: u64) {
        self.0 = value;
    }

    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}
