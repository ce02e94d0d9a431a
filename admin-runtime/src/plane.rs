//! What all requests of one server share.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

use crate::dispatch::{Slots, Tally};
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

/// At most one value of each type.
#[derive(Default)]
pub(crate) struct TypeMap(HashMap<TypeId, Box<dyn Any + Send + Sync>>);

impl fmt::Debug for TypeMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TypeMap")
            .field("values", &self.0.len())
            .finish()
    }
}

impl TypeMap {
    /// Stores a value; whether it replaced one of its type.
    pub(crate) fn insert<T: Send + Sync + 'static>(&mut self, value: T) -> bool {
        self.0.insert(TypeId::of::<T>(), Box::new(value)).is_some()
    }

    pub(crate) fn get<T: 'static>(&self) -> Option<&T> {
        self.0.get(&TypeId::of::<T>())?.downcast_ref()
    }

    pub(crate) fn has(&self, type_id: TypeId) -> bool {
        self.0.contains_key(&type_id)
    }
}
