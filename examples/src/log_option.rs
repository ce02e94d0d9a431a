//! The option `--log`.

use admin_endpoints::loglevel::{LogLevels, SpecError};
use serde::Serialize;

/// What to log: as written, and the levels.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct LogOption {
    spec: String,
    #[serde(skip)]
    levels: LogLevels,
}

impl LogOption {
    /// Parses the notation of RUST_LOG.
    pub(crate) fn parse(spec: &str) -> Result<Self, SpecError> {
        let levels = LogLevels::from_spec(spec)?;
        let spec = spec.to_owned();
        Ok(Self { spec, levels })
    }

    pub(crate) fn levels(&self) -> &LogLevels {
        &self.levels
    }
}
