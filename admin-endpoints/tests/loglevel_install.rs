//! When the levels cannot be installed, and the reply of the route until they are. This is one test
//! because the levels and the logger belong to the process.

#![allow(clippy::unwrap_used)]

use std::sync::atomic::{AtomicUsize, Ordering};

use admin_endpoints::loglevel::{InstallError, LogFacade, LogLevels};
use admin_runtime::AdminServer;
use serde_json::Value;
use tracing_subscriber::prelude::*;

/// The program's own logger for `log`, which does not use tracing.
struct ProgramLogger(AtomicUsize);

impl log::Log for ProgramLogger {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        self.0
            .fetch_add(usize::from(record.target() == "program"), Ordering::Relaxed);
    }

    fn flush(&self) {}
}

static PROGRAM_LOGGER: ProgramLogger = ProgramLogger(AtomicUsize::new(0));

#[tokio::test]
async fn levels_in_a_subscriber_are_installed_once() {
    let server = AdminServer::builder().build().unwrap();
    let reply = server.test_client().get("/loglevel").await;
    assert_eq!(reply.status().as_u16(), 501);
    for line in [
        "from_spec(\"info\")?;",
        ".with(levels.filter())",
        "levels.install()?;",
    ] {
        assert!(reply.text().contains(line), "{}", reply.text());
    }

    log::set_logger(&PROGRAM_LOGGER).unwrap();
    log::set_max_level(log::LevelFilter::Warn);
    let levels = LogLevels::from_spec("info").unwrap();
    assert_eq!(levels.install(), Err(InstallError::NotInSubscriber));
    assert_eq!(
        server
            .test_client()
            .get("/loglevel")
            .await
            .status()
            .as_u16(),
        501
    );

    let subscriber = tracing_subscriber::registry().with(levels.filter());
    tracing::subscriber::set_global_default(subscriber).unwrap();
    assert_eq!(levels.install(), Ok(LogFacade::Foreign));
    assert_eq!(levels.install(), Err(InstallError::AlreadyInstalled));

    let reply = server
        .test_client()
        .get("/loglevel?logger_name=root&level=TRACE")
        .await;
    assert_eq!(
        reply.text(),
        "Set root level to TRACE (including all handlers)"
    );
    let index: Value = server.test_client().get("/").await.json();
    let mut endpoints = index["endpoints"].as_array().unwrap().iter();
    let loglevel = endpoints.find(|endpoint| endpoint["path"] == "/loglevel");
    let log_facade = loglevel.unwrap()["status"]["log_facade"].as_str().unwrap();
    assert!(
        log_facade.starts_with("foreign: the program has its own logger"),
        "{log_facade}"
    );
    assert_eq!(
        log::max_level(),
        log::LevelFilter::Warn,
        "a foreign logger is not changed"
    );
    log::warn!(target: "program", "to the program's own logger");
    assert_eq!(PROGRAM_LOGGER.0.load(Ordering::Relaxed), 1);
}
