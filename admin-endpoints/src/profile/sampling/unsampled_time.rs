//! CPU time that no sample stands for, and why.

use crate::profile::data::UnsampledTime;

/// Less than so many periods are not told, unless there is nothing else.
const MIN_PERIODS: u64 = 2;
/// Less than one part in so many of the CPU time is not told, unless there is nothing else.
const MIN_SHARE: u64 = 50;

/// CPU time in nanoseconds, by what is known of the threads that used it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct CpuTimeAccount {
    /// What all threads used, and what samples stand for.
    pub(super) used: u64,
    pub(super) sampled: u64,
    /// Without a sample: of threads that block the signal.
    pub(super) blocked: u64,
    /// Of threads for which the kernel refused a timer.
    pub(super) without_timer: u64,
    /// Of samples for which there was no memory.
    pub(super) lost: u64,
    /// Of threads that ended before they were found, or without a sample.
    pub(super) short_lived: u64,
}

impl CpuTimeAccount {
    /// The causes that are worth telling.
    pub(super) fn causes(self, period: u64, signal: i32, is_replaced: bool) -> Vec<UnsampledTime> {
        let known = self.blocked + self.without_timer + self.lost + self.short_lived;
        let rest = self.used.saturating_sub(self.sampled.saturating_add(known));
        let rest_cause = if is_replaced {
            format!("the program has replaced the handler of signal {signal}")
        } else {
            "between samples".to_owned()
        };
        let least = (MIN_PERIODS * period).max(self.used / MIN_SHARE);
        let causes = [
            (self.blocked, format!("threads that block signal {signal}")),
            (self.without_timer, "threads without a timer".to_owned()),
            (self.lost, "samples that were lost".to_owned()),
            (self.short_lived, "short-lived threads".to_owned()),
            (rest, rest_cause),
        ];
        let causes = causes.into_iter().filter(|(nanoseconds, _)| {
            *nanoseconds >= least || (self.sampled == 0 && *nanoseconds > 0)
        });
        causes
            .map(|(nanoseconds, cause)| UnsampledTime { cause, nanoseconds })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn causes(account: CpuTimeAccount) -> Vec<(String, u64)> {
        let causes = account.causes(10, 62, false).into_iter();
        causes.map(|time| (time.cause, time.nanoseconds)).collect()
    }

    #[test]
    fn time_without_samples_has_a_cause() {
        let account = CpuTimeAccount {
            used: 1000,
            sampled: 500,
            blocked: 300,
            short_lived: 100,
            lost: 10,
            without_timer: 0,
        };
        assert_eq!(
            causes(account),
            [
                ("threads that block signal 62".to_owned(), 300),
                ("short-lived threads".to_owned(), 100),
                ("between samples".to_owned(), 90),
            ]
        );
        let replaced = account.causes(10, 62, true);
        assert!(replaced[2].cause.contains("has replaced"), "{replaced:?}");
    }

    #[test]
    fn a_little_time_is_told_only_without_samples() {
        let account = CpuTimeAccount {
            used: 505,
            sampled: 495,
            ..CpuTimeAccount::default()
        };
        assert_eq!(causes(account), []);
        let account = CpuTimeAccount {
            used: 3,
            ..CpuTimeAccount::default()
        };
        assert_eq!(causes(account), [("between samples".to_owned(), 3)]);
    }
}
