//! What was read last, for the time in which a file cannot be used.

use std::sync::Mutex;

use admin_runtime::log_queue;
use admin_runtime::text::one_line;

use crate::sync::lock;

/// The metric of the files of the server itself.
const FAILURES: &str = "admin_credentials_reload_failures_total";

/// Shows the metric, so that the first failure is seen as an increase.
pub(super) fn describe_failures() {
    metrics::describe_counter!(
        FAILURES,
        "How often new content of a file of credentials could not be used"
    );
    metrics::counter!(FAILURES).increment(0);
}

/// The last value of a file. A file that is replaced may be missing or empty for a moment.
pub(super) struct LastRead<T>(Mutex<KeptValue<T>>);

struct KeptValue<T> {
    value: Option<T>,
    /// Why the file cannot be used, once that is logged.
    logged: Option<String>,
}

impl<T: Clone> LastRead<T> {
    /// The value that was read now, else the last one.
    ///
    /// # Errors
    ///
    /// Nothing was read so far.
    pub(super) fn or_last(&self, read: Result<T, String>) -> Result<T, String> {
        let mut state = lock(&self.0);
        match read {
            Ok(value) => {
                state.value = Some(value.clone());
                state.logged = None;
                Ok(value)
            }
            Err(reason) => {
                let value = state.value.clone().ok_or_else(|| reason.clone())?;
                if state.logged.as_ref() != Some(&reason) {
                    metrics::counter!(FAILURES).increment(1);
                    let shown = one_line(&reason);
                    log_queue::emit(move || {
                        tracing::warn!(reason = shown, "what was read before stays in use");
                    });
                    state.logged = Some(reason);
                }
                Ok(value)
            }
        }
    }
}

impl<T> Default for LastRead<T> {
    fn default() -> Self {
        Self(Mutex::new(KeptValue {
            value: None,
            logged: None,
        }))
    }
}

#[cfg(test)]
mod tests {
    #[cfg(feature = "metrics")]
    use metrics_exporter_prometheus::PrometheusBuilder;

    use super::*;

    #[test]
    fn last_value_stays_in_use() {
        let last = LastRead::default();
        let failed = || Err("missing".to_owned());
        assert_eq!(last.or_last(failed()), failed());
        assert_eq!(last.or_last(Ok(1)), Ok(1));
        assert_eq!(last.or_last(failed()), Ok(1));
        assert_eq!(last.or_last(Ok(2)), Ok(2));
        assert_eq!(last.or_last(failed()), Ok(2));
    }

    #[cfg(feature = "metrics")]
    #[test]
    fn reason_is_logged_and_counted_once() {
        let last = LastRead::default();
        let logged = || lock(&last.0).logged.clone();
        let recorder = PrometheusBuilder::new().build_recorder();
        let failures = |count: u64| {
            let line = format!("\n{FAILURES} {count}\n");
            assert!(recorder.handle().render().contains(&line), "{count}");
        };
        metrics::with_local_recorder(&recorder, || {
            describe_failures();
            last.or_last(Ok(1)).unwrap();
            failures(0);
            for (reason, count) in [("missing", 1), ("missing", 1), ("empty", 2)] {
                last.or_last(Err(reason.to_owned())).unwrap();
                assert_eq!(logged().as_deref(), Some(reason));
                failures(count);
            }
        });
        last.or_last(Ok(1)).unwrap();
        assert_eq!(logged(), None);
    }
}
