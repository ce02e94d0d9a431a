//! The cost of the levels: a disabled and an enabled event against tracing's own filters, and the
//! duration of a change with 10,000 callsites.
//!
//! Both sides run the same loop over the same callsites in turns, each in its own subscriber; the
//! subscribers differ only in the filter. The ratios are of medians.

use std::hint::black_box;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use admin_endpoints::loglevel::{ConfiguredLevel, LogLevels, LoggerName};
use tracing::callsite::{Callsite, DefaultCallsite, Identifier};
use tracing::dispatcher::{self, Dispatch};
use tracing::field::FieldSet;
use tracing::level_filters::LevelFilter;
use tracing::metadata::Kind;
use tracing::subscriber::Interest;
use tracing::{Event, Level, Metadata, Subscriber, debug};
use tracing_subscriber::filter::{EnvFilter, Targets};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::Registry;

/// How much is measured.
struct Effort {
    rounds: usize,
    disabled_events: u64,
    enabled_events: u64,
    callsites: usize,
}

/// Enough to tell a ratio of 1.1 from 1.0.
const BENCHMARK_EFFORT: Effort = Effort {
    rounds: 301,
    disabled_events: 2_000_000,
    enabled_events: 100_000,
    callsites: 10_000,
};

/// Enough to see that it runs.
const TEST_EFFORT: Effort = Effort {
    rounds: 3,
    disabled_events: 1_000,
    enabled_events: 1_000,
    callsites: 100,
};

#[expect(
    clippy::print_stdout,
    reason = "the figures are what a benchmark is run for"
)]
fn main() {
    // Cargo says `--bench` when it benches and not when it tests.
    let effort = if std::env::args().any(|arg| arg == "--bench") {
        BENCHMARK_EFFORT
    } else {
        TEST_EFFORT
    };

    let idle = ratio(
        &effort,
        || {
            Dispatch::new(
                Registry::default()
                    .with(levels("info").filter())
                    .with(CountingLayer),
            )
        },
        || {
            Dispatch::new(
                Registry::default()
                    .with(LevelFilter::INFO)
                    .with(CountingLayer),
            )
        },
        |effort| emit_disabled(effort.disabled_events),
    );
    let other = ratio(
        &effort,
        || {
            Dispatch::new(
                Registry::default()
                    .with(levels("info,other=debug").filter())
                    .with(CountingLayer),
            )
        },
        || {
            let targets = Targets::new()
                .with_default(LevelFilter::INFO)
                .with_target("other", LevelFilter::DEBUG);
            Dispatch::new(Registry::default().with(targets).with(CountingLayer))
        },
        |effort| emit_disabled(effort.disabled_events),
    );
    let [ten, thousand] = [10, 1000].map(|directives| {
        let spec = spec(directives);
        ratio(
            &effort,
            || {
                Dispatch::new(
                    Registry::default()
                        .with(levels(&spec).filter())
                        .with(CountingLayer),
                )
            },
            || {
                Dispatch::new(
                    Registry::default()
                        .with(EnvFilter::new(&spec))
                        .with(CountingLayer),
                )
            },
            |effort| emit_enabled(effort.enabled_events),
        )
    });
    let change = change_ms(&effort);

    println!("disabled_idle_vs_static: {idle:.3}");
    println!("disabled_other_debug_vs_targets: {other:.3}");
    println!("enabled_vs_envfilter_10: {ten:.3}");
    println!("enabled_vs_envfilter_1000: {thousand:.3}");
    println!("set_10000_callsites_ms: {change:.3}");
}

fn levels(spec: &str) -> LogLevels {
    LogLevels::from_spec(spec).expect("a start value of this file")
}

/// `n` directives, of which the last enables the measured event.
fn spec(n: usize) -> String {
    let others = (1..n).map(|n| format!("service::module_{n}=warn,"));
    format!("{}bench::enabled=debug", others.collect::<String>())
}

/// Counts events: the cheapest layer that does anything.
struct CountingLayer;

static RECEIVED_EVENTS: AtomicU64 = AtomicU64::new(0);

impl<S: Subscriber> Layer<S> for CountingLayer {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        black_box(event);
        RECEIVED_EVENTS.fetch_add(1, Ordering::Relaxed);
    }
}

#[inline(never)]
fn emit_disabled(times: u64) {
    for n in 0..times {
        debug!(target: "bench::disabled", n = black_box(n), "disabled");
    }
}

#[inline(never)]
fn emit_enabled(times: u64) {
    for n in 0..times {
        debug!(target: "bench::enabled", n = black_box(n), "enabled");
    }
}

/// How many times longer `run` takes under `ours` than under `peer`.
fn ratio(
    effort: &Effort,
    ours: impl Fn() -> Dispatch,
    peer: impl Fn() -> Dispatch,
    run: impl Fn(&Effort),
) -> f64 {
    let timed = |dispatch: Dispatch| {
        dispatcher::with_default(&dispatch, || {
            run(&TEST_EFFORT);
            seconds(|| run(effort))
        })
    };
    let mut times = [Vec::new(), Vec::new()];
    for round in 0..effort.rounds {
        // The sides take turns in running first.
        for side in [round % 2, (round + 1) % 2] {
            times[side].push(timed(if side == 0 { ours() } else { peer() }));
        }
    }
    let [ours, peer] = times.map(median);
    ours / peer
}

/// Milliseconds of one change in a program with that many callsites, each in its own module.
fn change_ms(effort: &Effort) -> f64 {
    let levels = levels("info");
    let dispatch = Dispatch::new(
        Registry::default()
            .with(levels.filter())
            .with(CountingLayer)
            .with(CountingLayer),
    );
    dispatcher::with_default(&dispatch, || {
        for n in 0..effort.callsites {
            BenchCallsite::register(format!("service::part_{}::module_{n}", n % 100));
        }
        let logger: LoggerName = "service.part_7".parse().expect("a valid name");
        let times = (0..effort.rounds).map(|round| {
            let level = if round % 2 == 0 {
                LevelFilter::DEBUG
            } else {
                LevelFilter::INFO
            };
            let set = || levels.set(&logger, ConfiguredLevel::Set(level), None, "bench");
            1000.0 * seconds(|| drop(black_box(set())))
        });
        median(times.collect())
    })
}

/// A callsite as the macros make it, in the same list of tracing.
#[derive(Default)]
struct BenchCallsite(OnceLock<DefaultCallsite>);

impl BenchCallsite {
    fn register(target: String) {
        let callsite: &'static BenchCallsite = Box::leak(Box::default());
        let fields = FieldSet::new(&["message"], Identifier(callsite));
        let metadata = Metadata::new(
            "bench",
            target.leak(),
            Level::DEBUG,
            None,
            None,
            None,
            fields,
            Kind::EVENT,
        );
        let metadata: &'static Metadata<'static> = Box::leak(Box::new(metadata));
        callsite
            .0
            .get_or_init(|| DefaultCallsite::new(metadata))
            .register();
    }
}

impl Callsite for BenchCallsite {
    fn set_interest(&self, interest: Interest) {
        self.0
            .get()
            .expect("a registered callsite")
            .set_interest(interest);
    }

    fn metadata(&self) -> &Metadata<'_> {
        self.0.get().expect("a registered callsite").metadata()
    }
}

#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn seconds(run: impl FnOnce()) -> f64 {
    let begin = Instant::now();
    run();
    begin.elapsed().as_secs_f64()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
