//! State and settings, by their types.

use std::any::{Any, TypeId, type_name};
use std::collections::HashMap;
use std::fmt;

/// At most one value of each type.
#[derive(Default)]
pub(crate) struct TypeMap(HashMap<TypeId, TypedValue>);

struct TypedValue {
    type_name: &'static str,
    value: Box<dyn Any + Send + Sync>,
}

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
        let value = TypedValue {
            type_name: type_name::<T>(),
            value: Box::new(value),
        };
        self.0.insert(TypeId::of::<T>(), value).is_some()
    }

    pub(crate) fn get<T: 'static>(&self) -> Option<&T> {
        self.0.get(&TypeId::of::<T>())?.value.downcast_ref()
    }

    /// The type and its name of every value, sorted by name.
    pub(crate) fn types(&self) -> Vec<(TypeId, &'static str)> {
        let types = self.0.iter();
        let mut types: Vec<_> = types.map(|(id, value)| (*id, value.type_name)).collect();
        types.sort_by_key(|(_, name)| *name);
        types
    }

    pub(crate) fn has(&self, type_id: TypeId) -> bool {
        self.0.contains_key(&type_id)
    }
}
