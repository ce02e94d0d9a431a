//! What all requests of one server share.

mod slots;
mod tally;
mod type_map;

use std::fmt;
use std::sync::{Arc, OnceLock};

pub(crate) use self::slots::Slots;
pub(crate) use self::tally::{Tally, UNMATCHED, describe};
pub(crate) use self::type_map::TypeMap;

use crate::guard::{Authenticator, Hosts};
use crate::limits::Limits;
use crate::periodic::PeriodicThreads;
use crate::registry::Registry;
use crate::script::ScriptObjects;

/// One admin plane: endpoints, state, settings, guards. Two servers share nothing of it.
pub(crate) struct Plane {
    pub(crate) registry: Registry,
    pub(crate) state: Arc<TypeMap>,
    pub(crate) config: Arc<TypeMap>,
    pub(crate) scripts: ScriptObjects,
    pub(crate) hosts: Hosts,
    pub(crate) authenticator: Option<Arc<dyn Authenticator>>,
    pub(crate) limits: Limits,
    pub(crate) slots: Slots,
    pub(crate) tally: Tally,
    pub(crate) periodic: PeriodicThreads,
    /// The runtime for users' handlers, once the server has started.
    pub(crate) users: OnceLock<tokio::runtime::Handle>,
}

impl fmt::Debug for Plane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plane")
            .field("registry", &self.registry)
            .finish_non_exhaustive()
    }
}
