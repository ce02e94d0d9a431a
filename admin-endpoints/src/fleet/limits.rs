//! The limits of the directory and of its requests.

use std::time::Duration;

/// Most instances of one directory.
pub(super) const MAX_INSTANCES: usize = 10_000;

/// The shortest lease, in seconds.
pub(super) const MIN_TTL_SECONDS: u64 = 5;

/// The longest lease, in seconds.
pub(super) const MAX_TTL_SECONDS: u64 = 3600;

/// The lease of an announcement that names none, in seconds.
pub(super) const DEFAULT_TTL_SECONDS: u64 = 30;

/// How long an instance is listed after the end of its lease.
pub(super) const DEFAULT_KEPT_AFTER_END: Duration = Duration::from_secs(24 * 3600);

/// Longest name of an instance, in bytes.
pub(super) const MAX_NAME_BYTES: usize = 63;

/// Most labels of one instance.
pub(super) const MAX_LABELS: usize = 32;

/// Longest name of a label, in bytes.
pub(super) const MAX_LABEL_NAME_BYTES: usize = 128;

/// Longest value of a label, in bytes.
pub(super) const MAX_LABEL_VALUE_BYTES: usize = 256;

/// Longest `boot_id`, in bytes.
pub(super) const MAX_BOOT_ID_BYTES: usize = 64;

/// How much of a text an error message repeats, in characters.
pub(super) const MAX_QUOTED_CHARS: usize = 80;

/// Longest body that is read from another process, in bytes.
pub(super) const MAX_ANSWER_BYTES: usize = 64 << 10;

/// How much of an answer is repeated, in characters.
pub(super) const MAX_REPEATED_CHARS: usize = 2048;

/// Instances that are asked at a time.
pub(super) const MAX_CONCURRENT_INSTANCES: usize = 32;

/// Time for all requests to one instance.
pub(super) const INSTANCE_TIMEOUT: Duration = Duration::from_secs(1);

/// Time in which instances are asked: less than the timeout of the handlers that do it.
pub(super) const ASK_ALL_TIMEOUT: Duration = Duration::from_secs(20);

/// Time for one announcement.
pub(super) const ANNOUNCE_TIMEOUT: Duration = Duration::from_secs(5);

/// Time for the removal when a process stops.
pub(super) const DEREGISTER_TIMEOUT: Duration = Duration::from_secs(2);
