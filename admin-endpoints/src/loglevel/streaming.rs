//! What `/logs` needs of the levels: each client has levels of its own beside those of the process.

use std::str::FromStr;
use std::sync::Arc;

use tracing::level_filters::LevelFilter;

use super::levels::LogLevels;
use super::name::{LoggerName, ROOT_LOGGER};
use super::rules::{LevelRule, LevelRules};
use super::spec::{LevelSpec, SpecError};
use super::visibility::VisibilityProbe;
use crate::log_records::{RecordFilter, RecordHub, RecordReceiver};

/// Directives of a client whose visibility is checked: each is asked of the subscriber.
const MAX_CHECKED_DIRECTIVES: usize = 32;

/// The levels of one client, in the notation of `RUST_LOG`.
#[derive(Clone, Debug)]
pub(crate) struct ClientLevels {
    rules: LevelRules,
    /// What the client wrote, the root first.
    directives: Vec<(LoggerName, LevelFilter)>,
}

impl FromStr for ClientLevels {
    type Err = SpecError;

    fn from_str(given: &str) -> Result<Self, SpecError> {
        let LevelSpec { root, loggers } = given.parse()?;
        let mut rules = LevelRules::new(root);
        for (logger, level) in &loggers {
            let (level, name) = (*level, logger.as_str().into());
            rules.set(logger.canonical(), Some(LevelRule { level, name }));
        }
        let root = ROOT_LOGGER.parse().ok().map(|name| (name, root));
        Ok(Self {
            rules,
            directives: root.into_iter().chain(loggers).collect(),
        })
    }
}

impl RecordFilter for ClientLevels {
    fn level(&self, target: &str) -> LevelFilter {
        self.rules.level(target)
    }

    fn most_verbose(&self) -> LevelFilter {
        self.rules.most_verbose()
    }
}

impl LogLevels {
    /// Keeps the last 1,000 log records at `INFO` and above that the levels enable, of at most 1 MiB,
    /// for `GET /logs?tail=N`. Without this call nothing is kept.
    ///
    /// ```
    /// use admin_endpoints::loglevel::LogLevels;
    ///
    /// let levels = LogLevels::from_spec("info")?;
    /// levels.keep_history(); // before the first event
    /// # Ok::<(), admin_endpoints::loglevel::SpecError>(())
    /// ```
    pub fn keep_history(&self) {
        self.republish(|active| active.hub.turn_history_on());
    }
}

#[cfg(feature = "logs")]
impl LogLevels {
    pub(crate) fn hub(&self) -> &RecordHub {
        &self.active().hub
    }

    /// Whether the filter is a layer of a subscriber, which sees every event.
    pub(crate) fn is_layer(&self) -> bool {
        self.active().is_layer()
    }

    /// Enables what a client wants, for it only.
    pub(crate) fn add_receiver(&self, receiver: &Arc<RecordReceiver>) {
        self.republish(|active| active.hub.add(receiver));
    }

    pub(crate) fn remove_receiver(&self, receiver: &Arc<RecordReceiver>) {
        self.republish(|active| active.hub.remove(receiver));
    }

    /// The names in the directives of a client that no logger of the program has had so far.
    pub(crate) fn unknown_to_program(&self, client: &ClientLevels) -> Vec<String> {
        let checked = client.directives.iter().take(MAX_CHECKED_DIRECTIVES);
        let unknown = checked.filter(|(logger, level)| {
            let name = logger.canonical();
            *level > LevelFilter::OFF && !name.is_empty() && !self.active().is_known(name)
        });
        unknown.map(|(logger, _)| logger.to_string()).collect()
    }

    /// The directives of a client whose events do not reach these levels, because another layer
    /// disables them for all, each with the most verbose level that does.
    pub(crate) fn hidden_from_client(&self, client: &ClientLevels) -> Vec<(String, LevelFilter)> {
        let probe = VisibilityProbe::new(self.active());
        let checked = client.directives.iter().take(MAX_CHECKED_DIRECTIVES);
        let hidden = checked.filter_map(|(logger, level)| {
            let target = self.active().typical_target(logger.canonical());
            let reached = probe.level_before_layers(&target);
            (*level > reached).then(|| (logger.to_string(), reached))
        });
        hidden.collect()
    }
}
