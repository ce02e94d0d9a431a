//! How values of this module are written as JSON and in headers.

use std::fmt::Display;
use std::time::{Duration, SystemTime};

use serde::Serializer;
use tracing::level_filters::LevelFilter;

use super::level::level_name;
use crate::rfc3339;

/// A level by its name.
pub(super) fn level<S: Serializer>(level: &LevelFilter, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(level_name(*level))
}

/// A time as RFC 3339 in UTC, with seconds.
pub(super) fn rfc3339_text(time: SystemTime) -> impl Display {
    humantime::format_rfc3339_seconds(rfc3339::nearest(time))
}

/// See [`rfc3339_text`].
pub(super) fn time<S: Serializer>(time: &SystemTime, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(&rfc3339_text(*time))
}

/// An `Arc<str>`, which serde supports only with a feature.
pub(super) fn text<S: Serializer>(text: &str, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(text)
}

/// A duration in seconds, truncated to milliseconds.
pub(super) fn seconds<S: Serializer>(duration: &Duration, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_f64(duration.as_millis() as f64 / 1000.0)
}
