//! What a wall-clock profile lacks: time of threads that nobody looked at.

use super::waiting::Missed;
use crate::profile::data::UnsampledTime;

/// Nanoseconds that are in no stack.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct WallClockLoss {
    /// CPU time of threads that ended before they were found, or without a sample.
    pub(super) short_lived: u64,
    pub(super) missed: Missed,
    /// Of threads that seemed to run, but had no processor.
    pub(super) seemed_to_run: u64,
    /// Of threads that could not be read.
    pub(super) unreadable: u64,
}

impl WallClockLoss {
    /// For formats without comments. Threads that have ended ran: they are told where running ones are.
    pub(super) fn causes(&self, period: u64, samples_running: bool) -> Vec<UnsampledTime> {
        let short_lived = if samples_running && self.has_short_lived(period) {
            self.short_lived
        } else {
            0
        };
        let causes = [
            (short_lived, "short-lived threads"),
            (
                self.missed.of_all_threads,
                "the process was stopped or had no processor",
            ),
            (self.seemed_to_run, "seemed to run without a processor"),
            (self.unreadable, "threads that could not be read"),
        ];
        let causes = causes
            .into_iter()
            .filter(|(nanoseconds, _)| *nanoseconds > 0);
        causes
            .map(|(nanoseconds, cause)| UnsampledTime {
                cause: cause.to_owned(),
                nanoseconds,
            })
            .collect()
    }

    /// The same as sentences. Why threads could not be read is told elsewhere.
    pub(super) fn comments(&self, period: u64) -> Vec<String> {
        let seconds = |nanoseconds: u64| nanoseconds as f64 / 1e9;
        let mut comments = Vec::new();
        if self.has_short_lived(period) {
            comments.push(format!(
                "Threads that ended before they were found, or while the profile was made, used \
                 {:.3} s of CPU time without a sample; how long they waited is not known.",
                seconds(self.short_lived)
            ));
        }
        if !self.missed.duration.is_zero() {
            comments.push(format!(
                "The threads were not looked at for {:.3} s, because the process was stopped or had \
                 no processor: that time is in no stack.",
                self.missed.duration.as_secs_f64()
            ));
        }
        if self.seemed_to_run > 0 {
            comments.push(format!(
                "Threads seemed to run for {:.3} s in which they had no processor and waited for none, \
                 as after a stop of the process: that time is in no stack.",
                seconds(self.seemed_to_run)
            ));
        }
        comments
    }

    /// Less is the CPU time of threads that live, which is read a moment later.
    fn has_short_lived(&self, period: u64) -> bool {
        self.short_lived >= 2 * period
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn every_loss_has_a_cause_and_a_sentence() {
        let loss = WallClockLoss {
            short_lived: 30,
            missed: Missed {
                duration: Duration::from_secs(2),
                of_all_threads: 40,
            },
            seemed_to_run: 50,
            unreadable: 60,
        };
        let times = |samples_running| -> Vec<u64> {
            let causes = loss.causes(10, samples_running).into_iter();
            causes.map(|cause| cause.nanoseconds).collect()
        };
        assert_eq!(times(true), [30, 40, 50, 60]);
        assert_eq!(times(false), [40, 50, 60]);
        assert_eq!(loss.comments(10).len(), 3);
        assert!(loss.comments(10)[1].contains("for 2.000 s"));
    }

    #[test]
    fn nothing_is_told_without_loss() {
        let loss = WallClockLoss {
            short_lived: 19,
            ..WallClockLoss::default()
        };
        assert!(loss.causes(10, true).is_empty() && loss.comments(10).is_empty());
    }
}
