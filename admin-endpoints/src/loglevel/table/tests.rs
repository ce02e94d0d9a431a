//! The table against a model that keeps everything, and its limits.

use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::loglevel::moment::tests::at;
use crate::loglevel::name::LoggerName;

fn table(spec: &str) -> LevelTable {
    LevelTable::new(spec.parse().unwrap(), at(0))
}

fn seconds(n: u64) -> Option<Ttl> {
    Some(Duration::from_secs(n).try_into().unwrap())
}

fn minutes(n: u64) -> Option<Ttl> {
    seconds(60 * n)
}

const DEBUG: ConfiguredLevel = ConfiguredLevel::Set(LevelFilter::DEBUG);
const TRACE: ConfiguredLevel = ConfiguredLevel::Set(LevelFilter::TRACE);
const WARN: ConfiguredLevel = ConfiguredLevel::Set(LevelFilter::WARN);
const NOT_SET: ConfiguredLevel = ConfiguredLevel::NotSet;

impl LevelTable {
    fn try_put(
        &mut self,
        name: &str,
        level: ConfiguredLevel,
        ttl: Option<Ttl>,
        now: u64,
    ) -> Result<LevelChange, ChangeError> {
        let author = Author {
            actor: "test",
            now: at(now),
        };
        let logger: LoggerName = name.parse().unwrap();
        let key = LoggerKey {
            canonical: logger.canonical(),
            listed_as: name,
            is_discovered: !name.starts_with("unused"),
        };
        self.set(key, level, ttl, author)
    }

    fn put(
        &mut self,
        name: &str,
        level: ConfiguredLevel,
        ttl: Option<Ttl>,
        now: u64,
    ) -> LevelChange {
        self.try_put(name, level, ttl, now).unwrap()
    }

    fn level(&self, given: &str) -> LevelFilter {
        self.rules.level(given)
    }
}

#[test]
fn set_returns_the_levels_before() {
    let mut table = table("info");
    let applied = table.put("a::b", DEBUG, None, 1);
    assert_eq!(
        applied.before,
        LoggerLevels {
            configured: NOT_SET,
            effective: LevelFilter::INFO
        }
    );
    assert_eq!(
        applied.after,
        LoggerLevels {
            configured: DEBUG,
            effective: LevelFilter::DEBUG
        }
    );
    let cleared = table.put("a.b", NOT_SET, None, 2);
    assert_eq!(cleared.before, applied.after);
    assert_eq!(cleared.after, applied.before);
}

#[test]
fn cleared_root_returns_to_its_start_level() {
    let mut table = table("warn");
    table.put("root", DEBUG, None, 1);
    assert_eq!(table.level("anything"), LevelFilter::DEBUG);
    let cleared = table.put("root", NOT_SET, None, 2);
    assert_eq!(
        cleared.after,
        LoggerLevels {
            configured: WARN,
            effective: LevelFilter::WARN
        }
    );
    assert_eq!(table.level("anything"), LevelFilter::WARN);
}

#[test]
fn leases_nest_and_end_in_any_order() {
    let mut table = table("info");
    table.put("a", DEBUG, minutes(10), 0);
    table.put("a", TRACE, minutes(5), 0);
    table.put("a", WARN, minutes(7), 0);
    assert_eq!(table.level("a"), LevelFilter::WARN);
    // The lease below the top ends first, which changes nothing.
    assert_eq!(table.expire(at(300)).len(), 1);
    assert_eq!(table.level("a"), LevelFilter::WARN);
    assert_eq!(table.expire(at(420)).len(), 1);
    assert_eq!(table.level("a"), LevelFilter::DEBUG);
    assert_eq!(table.expire(at(599)).len(), 0);
    let ended = table.expire(at(600));
    assert_eq!((ended[0].before, ended[0].after), (DEBUG, NOT_SET));
    assert_eq!(table.level("a"), LevelFilter::INFO);
    assert_eq!(table.next_end(), None);
}

#[test]
fn permanent_level_ends_earlier_leases() {
    let mut table = table("info");
    table.put("a", DEBUG, minutes(10), 0);
    table.put("a", WARN, None, 60);
    assert_eq!(table.level("a"), LevelFilter::WARN);
    assert!(table.expire(at(600)).is_empty());
    assert_eq!(table.level("a"), LevelFilter::WARN);
}

#[test]
fn lease_can_clear_a_level() {
    let mut table = table("info,a=debug");
    table.put("a", NOT_SET, minutes(1), 0);
    assert_eq!(table.level("a"), LevelFilter::INFO);
    table.expire(at(60));
    assert_eq!(table.level("a"), LevelFilter::DEBUG);
}

#[test]
fn lease_ends_early_once() {
    let mut table = table("info");
    let (id, _) = table.put("a", DEBUG, minutes(10), 0).lease.unwrap();
    let author = Author {
        actor: "ops",
        now: at(1),
    };
    let ended = table.end_lease(id, author).unwrap();
    assert_eq!((&*ended.logger, ended.after), ("a", NOT_SET));
    assert_eq!(table.end_lease(id, author), None);
    assert_eq!(table.logger("a").unwrap().changed.actor, "ops".into());
}

#[test]
fn full_table_replaces_cleared_loggers_only() {
    let names: Vec<_> = (0..MAX_CONFIGURED_LOGGERS)
        .map(|n| format!("a{n}=debug"))
        .collect();
    let mut table = table(&names.join(","));
    let refused = table.try_put("b", DEBUG, None, 1).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "Too many loggers: at most 4096 can be configured, clear one first"
    );
    assert_eq!(table.level("b"), LevelFilter::INFO);
    table.put("root", DEBUG, None, 1);
    table.put("b", NOT_SET, None, 1);
    table.put("a7", NOT_SET, None, 1);
    assert!(table.logger("a7").is_some());
    table.put("b", DEBUG, None, 1);
    assert!(table.logger("a7").is_none());
    assert_eq!(table.loggers().count(), MAX_CONFIGURED_LOGGERS + 1);
}

#[test]
fn number_of_unused_loggers_is_bounded() {
    let mut table = table("info");
    for n in 0..MAX_UNUSED_LOGGERS {
        table.put(&format!("unused{n}"), DEBUG, None, 1);
    }
    let refused = table.try_put("unused", DEBUG, None, 1).unwrap_err();
    assert!(refused.to_string().contains("at most 1000 can be set"));
    table.put("used", DEBUG, None, 1);
    table.put("unused7", TRACE, None, 1);
    table.forget_unused("unused7");
    assert!(table.logger("unused7").is_some());

    // A cleared one makes room, and a deleted one, and one that something logs through now.
    table.put("unused7", NOT_SET, None, 1);
    table.put("unused", DEBUG, None, 1);
    assert!(table.logger("unused7").is_none());
    table.put("unused8", NOT_SET, None, 1);
    table.forget_unused("unused8");
    assert!(table.logger("unused8").is_none());
    table.put("unused7", DEBUG, None, 1);
    table.mark_discovered(|canonical| canonical == "unused9");
    table.put("unused8", DEBUG, None, 1);
    assert!(table.try_put("unused_more", DEBUG, None, 1).is_err());
}

#[test]
fn a_change_leaves_earlier_rules_alone() {
    let mut table = table("info,a=debug");
    let before = table.rules();
    table.put("a", WARN, None, 1);
    assert_eq!(before.level("a"), LevelFilter::DEBUG);
    assert_eq!(table.level("a"), LevelFilter::WARN);
}

#[test]
fn number_of_leases_is_bounded() {
    let mut table = table("info");
    for _ in 0..MAX_LEASES {
        table.put("a", DEBUG, minutes(1), 0);
    }
    let error = table.try_put("a", DEBUG, minutes(1), 0).unwrap_err();
    assert!(error.to_string().contains("at most 1024 can run"));
    table.put("a", DEBUG, None, 0);
    assert_eq!(table.next_end(), None);
}

#[test]
fn audit_log_cannot_be_less_verbose() {
    let mut table = table("off,admin_runtime=off");
    assert_eq!(table.level("admin_runtime::audit"), LevelFilter::INFO);
    assert_eq!(table.level("admin_runtime::dispatch"), LevelFilter::OFF);
    assert_eq!(table.rules().most_verbose(), LevelFilter::INFO);
    let refused = table.try_put("admin_runtime::audit", WARN, None, 1);
    assert!(refused.unwrap_err().to_string().contains("stays at INFO"));
    table.put("admin_runtime::audit", DEBUG, None, 1);
    assert_eq!(table.level("admin_runtime::audit"), LevelFilter::DEBUG);
    table.put(
        "admin_runtime*",
        ConfiguredLevel::Set(LevelFilter::OFF),
        None,
        1,
    );
    table.put("admin_runtime::audit", NOT_SET, None, 1);
    assert_eq!(table.level("admin_runtime::audit"), LevelFilter::INFO);
}

#[derive(Clone, Debug)]
enum Step {
    Set(usize, ConfiguredLevel, Option<u64>),
    End(usize),
    Pass(u64),
}

/// The model: it keeps everything that was set, in order. The last entry of a logger that has not
/// ended is effective.
#[derive(Default)]
struct Model {
    set: Vec<(usize, ConfiguredLevel, Option<u64>)>,
    granted: Vec<usize>,
    now: u64,
}

impl Model {
    fn own(&self, logger: usize) -> ConfiguredLevel {
        self.set
            .iter()
            .rfind(|(of, _, ends)| *of == logger && ends.is_none_or(|ends| ends > self.now))
            .map_or(NOT_SET, |(_, level, _)| *level)
    }
}

fn step() -> impl Strategy<Value = Step> {
    let level = prop::sample::select(vec![DEBUG, TRACE, WARN, NOT_SET]);
    prop_oneof![
        4 => (0..LOGGERS.len(), level, prop::option::of(1..50_u64))
            .prop_map(|(logger, level, ttl)| Step::Set(logger, level, ttl)),
        1 => (0..8_usize).prop_map(Step::End),
        2 => (1..30_u64).prop_map(Step::Pass),
    ]
}

const LOGGERS: [&str; 3] = ["a", "a.b", "c"];

proptest! {
    #[test]
    fn leases_agree_with_the_model(
        steps in prop::collection::vec(step(), 1..40),
    ) {
        let mut table = table("info");
        let mut model = Model::default();
        for step in steps {
            match step {
                Step::Set(logger, level, ttl) => {
                    let ends = ttl.map(|ttl| model.now + ttl);
                    if ttl.is_some() {
                        model.granted.push(model.set.len());
                    }
                    model.set.push((logger, level, ends));
                    table.put(LOGGERS[logger], level, ttl.and_then(seconds), model.now);
                }
                Step::End(which) => {
                    let author = Author {
                        actor: "test",
                        now: at(model.now),
                    };
                    table.end_lease(LeaseId(which as u64 + 1), author);
                    if let Some(&entry) = model.granted.get(which) {
                        model.set[entry].2 = Some(0);
                    }
                }
                Step::Pass(seconds) => model.now += seconds,
            }
            table.expire(at(model.now));
            for (index, logger) in LOGGERS.iter().enumerate() {
                prop_assert_eq!(table.levels(logger).configured, model.own(index), "{}", logger);
            }
        }
    }
}
