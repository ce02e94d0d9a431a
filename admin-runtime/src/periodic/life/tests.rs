//! The life cycle, step by step.

use super::*;

const SETTINGS: Settings = Settings::DEFAULT;

fn at(seconds: u64) -> Moment {
    Duration::from_secs(seconds)
}

fn started(settings: &Settings) -> LifeCycle {
    let mut life = LifeCycle::new(1);
    assert!(life.start(settings, at(100)));
    life
}

#[test]
fn runs_alternate_with_waiting() {
    let mut life = started(&SETTINGS);
    assert_eq!(life.next_step(at(100)), NextStep::Run);
    life.begin(at(100));
    life.finish(&SETTINGS, RunVerdict::Success, at(103));
    assert_eq!(life.next_step(at(104)), NextStep::SleepUntil(at(113)));
    assert_eq!(life.next_step(at(113)), NextStep::Run);
    assert_eq!((life.runs, life.failed_runs, life.overruns), (1, 0, 0));
}

#[test]
fn stop_ends_the_initial_wait_without_a_run() {
    let settings = SETTINGS.with_init_wait(at(60));
    let mut life = started(&settings);
    assert_eq!(life.next_step(at(100)), NextStep::SleepUntil(at(160)));
    assert!(life.request_stop());
    assert_eq!(life.next_step(at(101)), NextStep::End);
    life.end();
    assert_eq!((life.phase(), life.runs), (Phase::Stopped, 0));
    assert!(!life.request_stop(), "nothing is left to stop");
}

#[test]
fn run_now_during_a_run_adds_one_run() {
    let mut life = started(&SETTINGS);
    life.begin(at(100));
    assert!(life.run_now() && life.run_now());
    life.finish(&SETTINGS, RunVerdict::Success, at(101));
    assert_eq!(life.next_step(at(101)), NextStep::Run);
    life.begin(at(101));
    life.finish(&SETTINGS, RunVerdict::Success, at(102));
    assert_eq!(
        life.next_step(at(102)),
        NextStep::SleepUntil(at(112)),
        "and only one"
    );
}

#[test]
fn due_runs_wait_until_resumed() {
    let mut life = started(&SETTINGS);
    assert!(life.pause());
    assert_eq!(life.next_step(at(500)), NextStep::Sleep);
    assert!(life.run_now(), "an explicit run is not affected");
    assert_eq!(life.next_step(at(500)), NextStep::Run);
    life.begin(at(500));
    life.finish(&SETTINGS, RunVerdict::Success, at(501));
    assert_eq!(life.next_step(at(600)), NextStep::Sleep);
    assert!(life.resume(at(600)));
    assert_eq!(life.phase(), Phase::Waiting { due: at(600) });
    assert_eq!(life.next_step(at(600)), NextStep::Run);
}

#[test]
fn start_is_refused_while_a_loop_exists() {
    let mut life = started(&SETTINGS);
    life.begin(at(100));
    assert!(life.request_stop());
    assert!(!life.start(&SETTINGS, at(101)));
    assert!(
        life.stop_requested(),
        "the refused start did not cancel the stop"
    );
    life.finish(&SETTINGS, RunVerdict::Success, at(102));
    life.end();
    assert!(life.start(&SETTINGS, at(103)));
}

#[test]
fn fatal_error_means_dead_until_restarted() {
    let mut life = started(&SETTINGS);
    life.begin(at(100));
    life.finish(&SETTINGS, RunVerdict::Fatal, at(101));
    assert_eq!(life.next_step(at(101)), NextStep::End);
    life.end();
    assert_eq!(life.phase(), Phase::Dead);
    assert!(!life.run_now() && !life.pause() && !life.resume(at(102)));
    assert!(life.start(&SETTINGS, at(103)));
    assert_eq!((life.consecutive_failures, life.failed_runs), (0, 1));
}

#[test]
fn unrequested_end_means_dead() {
    let mut life = started(&SETTINGS);
    life.begin(at(100));
    life.end();
    assert_eq!(life.phase(), Phase::Dead);
}

#[test]
fn transitions_are_reported_once() {
    let mut life = started(&SETTINGS);
    let mut run = |verdict, seconds: u64| {
        life.begin(at(200));
        let change = life.finish(&SETTINGS, verdict, at(200 + seconds));
        (
            change.first_failure,
            change.recovered_after,
            change.overrun,
            change.first_overrun,
        )
    };
    assert_eq!(run(RunVerdict::Failure, 1), (true, None, false, false));
    assert_eq!(run(RunVerdict::Failure, 11), (false, None, true, true));
    assert_eq!(run(RunVerdict::Success, 11), (false, Some(2), true, false));
    assert_eq!(run(RunVerdict::Success, 10), (false, None, false, false));
}
