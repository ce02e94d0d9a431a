//! What a server gives to all of its requests.

use std::sync::Arc;

use crate::server_state::ServerState;
use crate::type_map::TypeMap;

/// State and settings, and values of modules above this one, by their types.
#[derive(Debug, Default)]
pub(crate) struct Services {
    state: Arc<ServerState>,
    values: TypeMap,
}

impl Services {
    pub(crate) fn new(state: Arc<ServerState>) -> Self {
        Self {
            state,
            values: TypeMap::default(),
        }
    }

    /// Adds a value that every server has.
    pub(crate) fn with<T: Send + Sync + 'static>(mut self, value: T) -> Self {
        self.values.insert(value);
        self
    }

    pub(crate) fn state(&self) -> &ServerState {
        &self.state
    }

    /// A value that was added while the server was built.
    ///
    /// # Panics
    ///
    /// If it was not: then the builder forgot it.
    pub(crate) fn get<T: 'static>(&self) -> &T {
        self.values.get().expect("the builder adds every service")
    }
}
