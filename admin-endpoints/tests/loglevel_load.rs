//! Eight threads change levels while eight log: no event is lost that both levels enable.

#![allow(clippy::unwrap_used)]

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use admin_endpoints::loglevel::{ConfiguredLevel, LogFacade, LogLevels, LoggerName};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Subscriber, debug, info};
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::prelude::*;

/// Counts events with a message.
struct CountingLayer(&'static AtomicU64);

impl<S: Subscriber> Layer<S> for CountingLayer {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut counts = false;
        event.record(
            &mut |field: &tracing::field::Field, _: &dyn std::fmt::Debug| {
                counts |= field.name() == "message";
            },
        );
        self.0.fetch_add(u64::from(counts), Ordering::Relaxed);
    }
}

static GLOBAL: AtomicU64 = AtomicU64::new(0);
static FILTERED: AtomicU64 = AtomicU64::new(0);

/// Logs the same statement from 64 callsites, most of which are first reached under load.
macro_rules! from_64_callsites {
    ($event:expr) => {
        from_64_callsites!(@4 from_64_callsites!(@4 from_64_callsites!(@4 $event)))
    };
    (@4 $event:expr) => {{
        $event;
        $event;
        $event;
        $event;
    }};
}

const LOGGING_THREADS: usize = 8;
const EVENTS_OF_EACH_KIND: usize = 4_000;
const CHANGERS_OF_EACH_LOGGER: usize = 4;

#[test]
fn no_event_is_lost_while_levels_change() {
    let levels = LogLevels::from_spec("warn,always=info,verbose=debug").unwrap();
    let subscriber = tracing_subscriber::registry()
        .with(CountingLayer(&FILTERED).with_filter(levels.filter()))
        .with(CountingLayer(&GLOBAL))
        .with(levels.filter());
    tracing::subscriber::set_global_default(subscriber).unwrap();
    assert_eq!(levels.install(), Ok(LogFacade::Bridged));

    let (begin, done) = (
        Barrier::new(LOGGING_THREADS + 2 * CHANGERS_OF_EACH_LOGGER),
        AtomicBool::new(false),
    );
    let emitted = thread::scope(|threads| {
        for (logger, allowed) in [
            ("always", [LevelFilter::INFO, LevelFilter::DEBUG]),
            ("verbose", [LevelFilter::DEBUG, LevelFilter::TRACE]),
        ] {
            for _ in 0..CHANGERS_OF_EACH_LOGGER {
                let (begin, done, levels) = (&begin, &done, &levels);
                let names: [LoggerName; 2] = [logger, "root"].map(|name| name.parse().unwrap());
                threads.spawn(move || {
                    begin.wait();
                    while !done.load(Ordering::Relaxed) {
                        for level in allowed {
                            for name in &names {
                                let level = ConfiguredLevel::Set(level);
                                levels.set(name, level, None, "test").unwrap();
                            }
                        }
                    }
                });
            }
        }
        let loggers: Vec<_> = (0..LOGGING_THREADS)
            .map(|_| {
                threads.spawn(|| {
                    begin.wait();
                    from_64_callsites!(info!(target: "always::fresh", "seen"));
                    from_64_callsites!(debug!(target: "verbose::fresh", "seen"));
                    for _ in 0..EVENTS_OF_EACH_KIND {
                        info!(target: "always::tracing", "seen");
                        debug!(target: "verbose::tracing", "seen");
                        log::info!(target: "always::log", "seen");
                        log::debug!(target: "verbose::log", "seen");
                    }
                    (2 * 64 + 4 * EVENTS_OF_EACH_KIND) as u64
                })
            })
            .collect();
        let ended: Vec<_> = loggers.into_iter().map(|logger| logger.join()).collect();
        done.store(true, Ordering::Relaxed);
        ended.into_iter().map(Result::unwrap).sum::<u64>()
    });

    assert_eq!(GLOBAL.load(Ordering::Relaxed), emitted);
    assert_eq!(FILTERED.load(Ordering::Relaxed), emitted);
}
