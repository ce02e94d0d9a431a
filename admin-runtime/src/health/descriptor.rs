//! The constant that `#[health_check]` registers.

use std::time::Duration;

use super::kind::CheckKind;
use crate::periodic::Settings;
use crate::periodic::descriptor::PeriodicBody;
use crate::server_state::RequiredState;
use crate::source::SourceLocation;

/// One registered health check.
#[derive(Clone, Copy, Debug)]
pub struct HealthCheckDescriptor {
    /// Its name, unique in the binary among those of its kind.
    pub name: &'static str,
    /// The doc comment of the function.
    pub docs: &'static str,
    /// Its kind, and when it runs.
    pub settings: CheckSettings,
    /// The state that its arguments require.
    pub required_state: &'static [Option<RequiredState>],
    /// Where it was written.
    pub source: SourceLocation,
    /// The function.
    pub body: PeriodicBody,
}

/// The keys of the attribute.
#[derive(Clone, Copy, Debug)]
pub struct CheckSettings {
    /// Which probe asks it.
    pub kind: CheckKind,
    /// When it runs. The level and the failures of a periodic thread do not count.
    pub(super) schedule: Settings,
}

impl CheckSettings {
    /// The settings of an attribute without any key.
    pub const DEFAULT: Self = Self {
        kind: CheckKind::Ready,
        schedule: Settings::DEFAULT.with_timeout(Duration::from_secs(1)),
    };

    /// Sets which probe asks it.
    #[must_use]
    pub const fn with_kind(mut self, kind: CheckKind) -> Self {
        self.kind = kind;
        self
    }

    /// Sets the time from the end of a run to the beginning of the next.
    #[must_use]
    pub const fn with_interval(mut self, interval: Duration) -> Self {
        self.schedule = self.schedule.with_interval(interval);
        self
    }

    /// Sets the time after which a run has failed.
    #[must_use]
    pub const fn with_timeout(mut self, timeout: Duration) -> Self {
        self.schedule = self.schedule.with_timeout(timeout);
        self
    }
}
