//! What the system knows about the process.

#[cfg(target_os = "linux")]
use std::time::{Duration, UNIX_EPOCH};

#[cfg(target_os = "linux")]
use crate::rfc3339;

/// Facts about this process; `None` for what could not be read.
#[derive(Debug, Default)]
pub(super) struct ProcessFacts {
    /// When it started: RFC 3339 in UTC.
    pub(super) started: Option<String>,
    /// For how long it runs, in seconds.
    pub(super) uptime_seconds: Option<u64>,
    /// The name of the machine.
    pub(super) hostname: Option<String>,
}

impl ProcessFacts {
    /// Reads four small files of `/proc`.
    #[cfg(target_os = "linux")]
    pub(super) fn read() -> Self {
        use procfs::Current;

        let process = procfs::process::Process::myself().ok();
        let stat = process.and_then(|process| process.stat().ok());
        let since_boot = stat.map(|stat| stat.starttime as f64 / procfs::ticks_per_second() as f64);
        let boot = procfs::boot_time_secs().ok();
        let uptime = procfs::Uptime::current().ok();
        let hostname = std::fs::read("/proc/sys/kernel/hostname").ok();
        Self {
            started: boot
                .zip(since_boot)
                .and_then(|(boot, start)| at(boot, start)),
            uptime_seconds: uptime
                .zip(since_boot)
                .map(|(uptime, start)| (uptime.uptime - start) as u64),
            hostname: hostname.map(|name| String::from_utf8_lossy(&name).trim_end().to_owned()),
        }
    }

    /// Other systems have no `/proc`.
    #[cfg(not(target_os = "linux"))]
    pub(super) fn read() -> Self {
        Self::default()
    }
}

/// A time by the seconds of the boot since 1970, and the seconds since the boot.
#[cfg(target_os = "linux")]
fn at(boot: u64, since_boot: f64) -> Option<String> {
    let since_boot = Duration::try_from_secs_f64(since_boot).ok()?;
    let since_epoch = Duration::from_secs(boot).checked_add(since_boot)?;
    let at = UNIX_EPOCH.checked_add(since_epoch)?;
    Some(humantime::format_rfc3339_seconds(rfc3339::nearest(at)).to_string())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn times_are_in_utc() {
        assert_eq!(at(0, 1.5).as_deref(), Some("1970-01-01T00:00:01Z"));
        assert_eq!(at(1_790_000_000, -1.0), None);
        assert_eq!(at(u64::MAX, 1.0), None);
    }

    #[test]
    fn this_process_is_known() {
        let process = ProcessFacts::read();
        assert!(process.started.is_some_and(|at| at.ends_with('Z')));
        assert!(
            process
                .uptime_seconds
                .is_some_and(|seconds| seconds < 86_400)
        );
        assert!(process.hostname.is_some_and(|name| !name.contains('\n')));
    }
}
