//! The table against a model that forgets nothing, and its limits.

use std::sync::LazyLock;

use proptest::prelude::*;

use std::time::SystemTime;

use super::*;
use crate::loglevel::spec;

/// The moment `seconds` after the tests began, when the wall clock said 1970.
pub(in crate::loglevel) fn at(seconds: u64) -> Moment {
    #[expect(
        clippy::disallowed_methods,
        reason = "any instant does, and there is no other way"
    )]
    static BEGIN: LazyLock<Instant> = LazyLock::new(Instant::now);
    let since = Duration::from_secs(seconds);
    Moment {
        steady: *BEGIN + since,
        wall: SystemTime::UNIX_EPOCH + since,
    }
}

fn table(spec: &str) -> Table {
    Table::new(spec::parse(spec).unwrap(), at(0))
}

fn name(given: &str) -> LoggerName {
    LoggerName::parse(given).unwrap()
}

const fn minutes(n: u64) -> Option<Duration> {
    Some(Duration::from_secs(60 * n))
}

const DEBUG: Setting = Setting::At(LevelFilter::DEBUG);
const TRACE: Setting = Setting::At(LevelFilter::TRACE);
const WARN: Setting = Setting::At(LevelFilter::WARN);

impl Table {
    fn put(&mut self, given: &str, setting: Setting, ttl: Option<Duration>, now: u64) -> Applied {
        self.set(&name(given), given, setting, ttl, "test", at(now))
            .unwrap()
    }

    fn level(&self, given: &str) -> LevelFilter {
        self.rules.level(given)
    }
}

#[test]
fn a_set_answers_what_held_before() {
    let mut table = table("info");
    let applied = table.put("a::b", DEBUG, None, 1);
    assert_eq!(
        applied.before,
        Levels {
            configured: Setting::NotSet,
            effective: LevelFilter::INFO
        }
    );
    assert_eq!(
        applied.after,
        Levels {
            configured: DEBUG,
            effective: LevelFilter::DEBUG
        }
    );
    let cleared = table.put("a.b", Setting::NotSet, None, 2);
    assert_eq!(cleared.before, applied.after);
    assert_eq!(cleared.after, applied.before);
}

#[test]
fn the_root_goes_back_to_its_start() {
    let mut table = table("warn");
    table.put("root", DEBUG, None, 1);
    assert_eq!(table.level("anything"), LevelFilter::DEBUG);
    let cleared = table.put("root", Setting::NotSet, None, 2);
    assert_eq!(
        cleared.after,
        Levels {
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
    // The one below the top ends first: nothing is to be seen of it.
    assert_eq!(table.expire(at(300)).len(), 1);
    assert_eq!(table.level("a"), LevelFilter::WARN);
    assert_eq!(table.expire(at(420)).len(), 1);
    assert_eq!(table.level("a"), LevelFilter::DEBUG);
    assert_eq!(table.expire(at(599)).len(), 0);
    let ended = table.expire(at(600));
    assert_eq!((ended[0].before, ended[0].after), (DEBUG, Setting::NotSet));
    assert_eq!(table.level("a"), LevelFilter::INFO);
    assert_eq!(table.next_end(), None);
}

#[test]
fn a_level_set_for_good_is_not_undone_by_a_lease_that_ends_later() {
    let mut table = table("info");
    table.put("a", DEBUG, minutes(10), 0);
    table.put("a", WARN, None, 60);
    assert_eq!(table.level("a"), LevelFilter::WARN);
    assert!(table.expire(at(600)).is_empty());
    assert_eq!(table.level("a"), LevelFilter::WARN);
}

#[test]
fn a_lease_may_clear_for_a_time() {
    let mut table = table("info,a=debug");
    table.put("a", Setting::NotSet, minutes(1), 0);
    assert_eq!(table.level("a"), LevelFilter::INFO);
    table.expire(at(60));
    assert_eq!(table.level("a"), LevelFilter::DEBUG);
}

#[test]
fn a_lease_ends_early_once() {
    let mut table = table("info");
    let (id, _) = table.put("a", DEBUG, minutes(10), 0).lease.unwrap();
    let ended = table.end_lease(id, "ops", at(1)).unwrap();
    assert_eq!((&*ended.logger, ended.after), ("a", Setting::NotSet));
    assert_eq!(table.end_lease(id, "ops", at(1)), None);
    assert_eq!(table.logger("a").unwrap().changed.by, "ops".into());
}

#[test]
fn a_full_table_refuses_and_lets_go_of_what_was_cleared() {
    let names: Vec<_> = (0..MAX_HAND_SET).map(|n| format!("a{n}=debug")).collect();
    let mut table = table(&names.join(","));
    let refused = table
        .set(&name("b"), "b", DEBUG, None, "test", at(1))
        .unwrap_err();
    assert_eq!(
        refused.to_string(),
        "Too many loggers: at most 4096 can be set by hand, clear one first"
    );
    assert_eq!(table.level("b"), LevelFilter::INFO);
    table.put("root", DEBUG, None, 1);
    table.put("b", Setting::NotSet, None, 1);
    table.put("a7", Setting::NotSet, None, 1);
    assert!(table.logger("a7").is_some());
    table.put("b", DEBUG, None, 1);
    assert!(table.logger("a7").is_none());
    assert_eq!(table.loggers().count(), MAX_HAND_SET + 1);
}

#[test]
fn leases_and_their_times_are_limited() {
    let mut table = table("info");
    for _ in 0..MAX_LEASES {
        table.put("a", DEBUG, minutes(1), 0);
    }
    let mut refuse = |ttl| {
        table
            .set(&name("a"), "a", DEBUG, ttl, "test", at(0))
            .unwrap_err()
    };
    assert!(
        refuse(minutes(1))
            .to_string()
            .contains("at most 1024 can run")
    );
    assert!(
        refuse(Some(Duration::ZERO))
            .to_string()
            .contains("more than 0")
    );
    assert!(
        refuse(Some(Duration::MAX))
            .to_string()
            .contains("at most 7 days")
    );
    assert_eq!(table.expire(at(60)).len(), MAX_LEASES);
}

#[test]
fn the_audit_log_cannot_be_turned_down() {
    let mut table = table("off,admin_runtime=off");
    assert_eq!(table.level("admin_runtime::audit"), LevelFilter::INFO);
    assert_eq!(table.level("admin_runtime::dispatch"), LevelFilter::OFF);
    assert_eq!(table.rules().most_verbose(), LevelFilter::INFO);
    let audit = name("admin_runtime::audit");
    let refused = table.set(&audit, "admin_runtime::audit", WARN, None, "test", at(1));
    assert!(refused.unwrap_err().to_string().contains("stays at INFO"));
    table.put("admin_runtime::audit", DEBUG, None, 1);
    assert_eq!(table.level("admin_runtime::audit"), LevelFilter::DEBUG);
    table.put("admin_runtime*", Setting::At(LevelFilter::OFF), None, 1);
    table.put("admin_runtime::audit", Setting::NotSet, None, 1);
    assert_eq!(table.level("admin_runtime::audit"), LevelFilter::INFO);
}

#[derive(Clone, Debug)]
enum Step {
    Set(usize, Setting, Option<u64>),
    End(usize),
    Pass(u64),
}

/// What the table must agree with: it keeps everything that was ever set, in order, and of a logger
/// the last that still lives counts.
#[derive(Default)]
struct Model {
    set: Vec<(usize, Setting, Option<u64>)>,
    granted: Vec<usize>,
    now: u64,
}

impl Model {
    fn own(&self, logger: usize) -> Setting {
        self.set
            .iter()
            .rfind(|(of, _, ends)| *of == logger && ends.is_none_or(|ends| ends > self.now))
            .map_or(Setting::NotSet, |(_, setting, _)| *setting)
    }
}

fn step() -> impl Strategy<Value = Step> {
    let setting = prop::sample::select(vec![DEBUG, TRACE, WARN, Setting::NotSet]);
    prop_oneof![
        4 => (0..LOGGERS.len(), setting, prop::option::of(1..50_u64))
            .prop_map(|(logger, setting, ttl)| Step::Set(logger, setting, ttl)),
        1 => (0..8_usize).prop_map(Step::End),
        2 => (1..30_u64).prop_map(Step::Pass),
    ]
}

const LOGGERS: [&str; 3] = ["a", "a.b", "c"];

proptest! {
    #[test]
    fn leases_agree_with_a_model_that_forgets_nothing(
        steps in prop::collection::vec(step(), 1..40),
    ) {
        let mut table = table("info");
        let mut model = Model::default();
        for step in steps {
            match step {
                Step::Set(logger, setting, ttl) => {
                    let ends = ttl.map(|ttl| model.now + ttl);
                    if ttl.is_some() {
                        model.granted.push(model.set.len());
                    }
                    model.set.push((logger, setting, ends));
                    table.put(LOGGERS[logger], setting, ttl.map(Duration::from_secs), model.now);
                }
                Step::End(which) => {
                    table.end_lease(LeaseId(which as u64 + 1), "test", at(model.now));
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
