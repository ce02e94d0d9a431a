//! The probe under subscribers with other filters in every place.

use std::sync::Arc;

use tracing::level_filters::LevelFilter;
use tracing::{Dispatch, Event};
use tracing_subscriber::filter::{EnvFilter, FilterExt, filter_fn};
use tracing_subscriber::layer::{Context, Identity, Layer, SubscriberExt};
use tracing_subscriber::registry;

use super::*;
use crate::loglevel::filter::LevelsFilter;
use crate::loglevel::rules::LevelRules;

/// Levels whose filter is part of a subscriber.
struct Probed {
    levels: Arc<ActiveLevels>,
    _subscriber: Dispatch,
}

impl Probed {
    fn new<S>(subscriber: impl FnOnce(LevelsFilter) -> S) -> Self
    where
        S: Subscriber + Send + Sync + 'static,
    {
        let levels = Arc::new(ActiveLevels::new(Arc::new(LevelRules::new(
            LevelFilter::OFF,
        ))));
        let subscriber = Dispatch::new(subscriber(LevelsFilter::new(Arc::clone(&levels))));
        // A filter on a single layer is not told which subscriber it is part of.
        levels.register_subscriber(&subscriber);
        Self {
            levels,
            _subscriber: subscriber,
        }
    }

    fn visible_level(&self, target: &str) -> LevelFilter {
        VisibilityProbe::new(&self.levels).visible_level(target)
    }
}

fn env_filter() -> EnvFilter {
    EnvFilter::new("info,quiet=error,silent=off,loud::inner=trace")
}

/// A layer that receives events and does nothing.
struct OutputLayer;

impl<S: Subscriber> Layer<S> for OutputLayer {}

#[test]
fn levels_alone_hide_nothing() {
    let alone = Probed::new(|levels| registry().with(levels).with(OutputLayer));
    assert_eq!(alone.visible_level("a"), LevelFilter::TRACE);
    let single = Probed::new(|levels| registry().with(OutputLayer.with_filter(levels)));
    assert_eq!(single.visible_level("a"), LevelFilter::TRACE);
}

#[test]
fn global_filter_hides_before_and_after_the_levels() {
    let before = Probed::new(|levels| registry().with(env_filter()).with(levels));
    let after = Probed::new(|levels| registry().with(levels).with(env_filter()));
    for probed in [before, after] {
        for (target, expected) in [
            ("a", LevelFilter::INFO),
            ("quiet::part", LevelFilter::ERROR),
            ("silent", LevelFilter::OFF),
            ("loud", LevelFilter::INFO),
            ("loud::inner", LevelFilter::TRACE),
        ] {
            assert_eq!(probed.visible_level(target), expected, "{target}");
        }
    }
}

#[test]
fn filter_of_the_only_layer_hides() {
    let below = Probed::new(|levels| {
        registry()
            .with(OutputLayer.with_filter(env_filter()))
            .with(levels)
    });
    let above = Probed::new(|levels| {
        registry()
            .with(levels)
            .with(OutputLayer.with_filter(env_filter()))
    });
    let combined = Probed::new(|levels| {
        registry().with(OutputLayer.with_filter(levels.and(LevelFilter::INFO)))
    });
    for probed in [below, above, combined] {
        assert_eq!(probed.visible_level("a"), LevelFilter::INFO);
    }
}

#[test]
fn filter_of_one_layer_of_two_hides() {
    let probed = Probed::new(|levels| {
        registry()
            .with(OutputLayer.with_filter(LevelFilter::TRACE))
            .with(levels)
            .with(OutputLayer.with_filter(LevelFilter::WARN))
            .with(OutputLayer)
    });
    assert_eq!(probed.visible_level("a"), LevelFilter::WARN);
}

#[test]
fn layer_for_other_targets_does_not_count() {
    let probed = Probed::new(|levels| {
        let others = filter_fn(|metadata| metadata.target().starts_with("tokio"));
        registry()
            .with(OutputLayer.with_filter(others))
            .with(levels)
            .with(OutputLayer)
    });
    assert_eq!(probed.visible_level("a"), LevelFilter::TRACE);
}

#[test]
fn a_filter_sees_the_module_path() {
    let probed = Probed::new(|levels| {
        let app = filter_fn(|metadata| {
            metadata
                .module_path()
                .is_some_and(|path| path.starts_with("app"))
        });
        registry().with(levels).with(app)
    });
    assert_eq!(probed.visible_level("app::cache"), LevelFilter::TRACE);
    assert_eq!(probed.visible_level("lib"), LevelFilter::OFF);
}

#[test]
fn reloadable_filter_hides_what_it_hides_now() {
    let (filter, handle) = tracing_subscriber::reload::Layer::new(LevelFilter::WARN);
    let probed = Probed::new(|levels| registry().with(levels).with(filter));
    assert_eq!(probed.visible_level("a"), LevelFilter::WARN);
    handle.reload(LevelFilter::DEBUG).unwrap();
    assert_eq!(probed.visible_level("a"), LevelFilter::DEBUG);
}

#[test]
fn strictest_of_several_subscribers_decides() {
    let probed = Probed::new(|levels| registry().with(levels));
    let filter = LevelsFilter::new(Arc::clone(&probed.levels));
    let strict = Dispatch::new(registry().with(filter).with(LevelFilter::WARN));
    assert_eq!(probed.visible_level("a"), LevelFilter::WARN);
    drop(strict);
    assert_eq!(probed.visible_level("a"), LevelFilter::TRACE);
}

#[test]
fn levels_without_a_subscriber_are_not_hidden() {
    let levels = ActiveLevels::new(Arc::new(LevelRules::new(LevelFilter::INFO)));
    levels.register_subscriber(&Dispatch::none());
    let probe = VisibilityProbe::new(&levels);
    assert!(!probe.has_subscribers());
    assert_eq!(probe.visible_level("a"), STATIC_MAX_LEVEL);
}

#[test]
fn other_levels_are_another_filter() {
    let other = Arc::new(ActiveLevels::new(Arc::new(LevelRules::new(
        LevelFilter::ERROR,
    ))));
    let filter = LevelsFilter::new(other);
    let probed = Probed::new(|levels| registry().with(levels).with(filter));
    assert_eq!(probed.visible_level("a"), LevelFilter::ERROR);
}

#[test]
fn events_after_a_probe_reach_every_layer() {
    #[derive(Clone, Default)]
    struct CountingLayer(Arc<std::sync::atomic::AtomicUsize>);

    impl<S: Subscriber> Layer<S> for CountingLayer {
        fn on_event(&self, _: &Event<'_>, _: Context<'_, S>) {
            self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        }
    }

    let counter = CountingLayer::default();
    let levels = Arc::new(ActiveLevels::new(Arc::new(LevelRules::new(
        LevelFilter::INFO,
    ))));
    let subscriber = registry()
        .with(LevelsFilter::new(Arc::clone(&levels)))
        .with(counter.clone().with_filter(LevelFilter::INFO))
        .with(Identity::new().with_filter(LevelFilter::TRACE));
    tracing::subscriber::with_default(subscriber, || {
        // Both filters are always interested, so that no answer replaces one left by a probe.
        tracing::info!(target: "probed", "before");
        assert_eq!(
            VisibilityProbe::new(&levels).visible_level("probed"),
            LevelFilter::INFO
        );
        tracing::info!(target: "probed", "after");
    });
    assert_eq!(counter.0.load(std::sync::atomic::Ordering::Relaxed), 2);
}
