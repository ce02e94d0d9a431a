//! The one subscriber of this process, with an `EnvFilter`, a console and a JSON file.

use std::net::SocketAddr;
use std::sync::LazyLock;
use std::time::Duration;

use admin_endpoints::loglevel::LogLevels;
use admin_runtime::{AdminServer, RunningServer, log_queue};
use admin_tests::CapturedLog;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::layer;
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::prelude::*;
use tracing_subscriber::registry::LookupSpan;

pub(crate) struct Process {
    pub(crate) levels: LogLevels,
    pub(crate) console: CapturedLog,
    pub(crate) file: CapturedLog,
    pub(crate) server: RunningServer,
}

static PROCESS: LazyLock<Process> = LazyLock::new(|| {
    let (console, file) = (CapturedLog::default(), CapturedLog::default());
    let (console_writer, file_writer) = (console.clone(), file.clone());
    let levels = LogLevels::from_spec("info").unwrap();
    levels.keep_history();
    let lines = layer()
        .with_ansi(false)
        .without_time()
        .with_writer(move || console_writer.clone())
        .with_filter(EnvFilter::new("trace,quiet=warn"));
    tracing_subscriber::registry()
        .with(lines)
        .with(levels.filter())
        .with(LoggingLayer)
        .with(
            layer()
                .json()
                .without_time()
                .with_writer(move || file_writer.clone()),
        )
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

pub(crate) fn process() -> &'static Process {
    &PROCESS
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
