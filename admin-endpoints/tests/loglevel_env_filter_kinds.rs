//! Filters of all kinds beside the levels: what a set says is hidden is what events do not pass.

#![allow(clippy::unwrap_used)]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use admin_endpoints::loglevel::{ConfiguredLevel, LogLevels};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Subscriber};
use tracing_subscriber::filter::EnvFilter;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry;

/// The directives of the program's own filter.
const FILTERS: [&str; 18] = [
    "",
    "off",
    "error",
    "info",
    "trace",
    "warn,app=debug",
    "trace,app=off",
    "error,app::cache=trace",
    "app=info,app::cache=debug",
    "info,app::cache::deep=warn",
    "info,app::cache::deep=trace",
    "app_cache=trace",
    "debug,other=error,other=trace",
    "app[span]=debug",
    "info,app[{field}]=trace",
    "[span]=trace,warn",
    "app=warn,app::cache=info,app::cache::deep=debug",
    "other=trace,app=trace,off",
];

const LEVELS: [LevelFilter; 5] = [
    LevelFilter::ERROR,
    LevelFilter::WARN,
    LevelFilter::INFO,
    LevelFilter::DEBUG,
    LevelFilter::TRACE,
];

/// Counts events.
#[derive(Clone, Default)]
struct CountingLayer(Arc<AtomicUsize>);

impl<S: Subscriber> Layer<S> for CountingLayer {
    fn on_event(&self, _: &Event<'_>, _: Context<'_, S>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// Sends one event of each level, from the least verbose on.
macro_rules! send_all {
    ($target:literal) => {
        [
            || tracing::error!(target: $target, "sent"),
            || tracing::warn!(target: $target, "sent"),
            || tracing::info!(target: $target, "sent"),
            || tracing::debug!(target: $target, "sent"),
            || tracing::trace!(target: $target, "sent"),
        ]
    };
}

type Senders = [fn(); LEVELS.len()];

/// The most verbose level at which every event up to it is received.
fn received_up_to(senders: &Senders, received: &AtomicUsize) -> LevelFilter {
    let mut most_verbose = LevelFilter::OFF;
    for (send, level) in senders.iter().zip(LEVELS) {
        received.store(0, Ordering::Relaxed);
        send();
        if received.load(Ordering::Relaxed) == 0 {
            break;
        }
        most_verbose = level;
    }
    most_verbose
}

#[test]
fn hidden_levels_are_those_that_do_not_arrive() {
    let targets: [(&str, Senders); 5] = [
        ("app", send_all!("app")),
        ("app::cache", send_all!("app::cache")),
        ("app::cache::deep", send_all!("app::cache::deep")),
        ("app_cache", send_all!("app_cache")),
        ("other", send_all!("other")),
    ];
    let mut wrong = Vec::new();
    for filter in FILTERS {
        let levels = LogLevels::from_spec("info").unwrap();
        let counter = CountingLayer::default();
        let subscriber = registry()
            .with(levels.filter())
            .with(counter.clone())
            .with(EnvFilter::new(filter));
        tracing::subscriber::with_default(subscriber, || {
            for ((target, senders), level) in targets
                .iter()
                .flat_map(|target| LEVELS.map(|level| (target, level)))
            {
                let logger = target.parse().unwrap();
                let level_name: ConfiguredLevel = level.to_string().parse().unwrap();
                let change = levels.set(&logger, level_name, None, "test").unwrap();
                let received = received_up_to(senders, &counter.0);
                let expected = (received < level).then_some(received);
                if change.hidden_below != expected {
                    let said = change.hidden_below;
                    wrong.push(format!(
                        "{filter}: {target} {level}: {said:?}, not {expected:?}"
                    ));
                }
            }
        });
    }
    assert_eq!(wrong, Vec::<String>::new());
}
