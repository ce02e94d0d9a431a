//! A map by name whose copies share their parts, so that one change copies a small part of it.

use std::hash::BuildHasher;
use std::sync::Arc;

use foldhash::HashMap;
use foldhash::fast::RandomState;

/// Up to this many entries are one part.
const MAX_SINGLE_PART_ENTRIES: usize = 64;

/// The number of parts of a larger map.
const PARTS: usize = 64;

/// Values by name. A clone takes time in proportion to the parts, and a change of it copies one.
#[derive(Clone, Debug)]
pub(super) struct SharedMap<V> {
    /// None, one, or [`PARTS`].
    parts: Vec<Arc<HashMap<Box<str>, V>>>,
    entries: usize,
    hasher: RandomState,
}

impl<V> Default for SharedMap<V> {
    fn default() -> Self {
        Self {
            parts: Vec::new(),
            entries: 0,
            hasher: RandomState::default(),
        }
    }
}

impl<V> SharedMap<V> {
    pub(super) fn is_empty(&self) -> bool {
        self.entries == 0
    }

    pub(super) fn get(&self, name: &str) -> Option<&V> {
        match &*self.parts {
            [] => None,
            [part] => part.get(name),
            parts => parts[self.part_of(name)].get(name),
        }
    }

    fn part_of(&self, name: &str) -> usize {
        let hash = self.hasher.hash_one(name) % PARTS as u64;
        usize::try_from(hash).unwrap_or(0)
    }
}

impl<V: Clone> SharedMap<V> {
    pub(super) fn get_mut(&mut self, name: &str) -> Option<&mut V> {
        self.get(name)?;
        self.part_mut(name).get_mut(name)
    }

    /// The value of a name, which is created if it is missing.
    pub(super) fn get_or_default(&mut self, name: &str) -> &mut V
    where
        V: Default,
    {
        if self.get(name).is_none() {
            self.insert(name, V::default());
        }
        self.part_mut(name).entry(name.into()).or_default()
    }

    /// Adds or replaces a value; returns the one before.
    pub(super) fn insert(&mut self, name: &str, value: V) -> Option<V> {
        if self.parts.is_empty() {
            self.parts.push(Arc::default());
        }
        let before = self.part_mut(name).insert(name.into(), value);
        self.entries += usize::from(before.is_none());
        if self.parts.len() == 1 && self.entries > MAX_SINGLE_PART_ENTRIES {
            self.split();
        }
        before
    }

    pub(super) fn remove(&mut self, name: &str) -> Option<V> {
        self.get(name)?;
        let removed = self.part_mut(name).remove(name);
        self.entries -= usize::from(removed.is_some());
        removed
    }

    fn part_mut(&mut self, name: &str) -> &mut HashMap<Box<str>, V> {
        let part = if self.parts.len() == 1 {
            0
        } else {
            self.part_of(name)
        };
        Arc::make_mut(&mut self.parts[part])
    }

    fn split(&mut self) {
        let single = std::mem::take(&mut self.parts);
        self.parts.resize_with(PARTS, Arc::default);
        for (name, value) in single.into_iter().flat_map(Arc::unwrap_or_clone) {
            self.part_mut(&name).insert(name, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap as Model;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn agrees_with_a_map_and_leaves_copies_alone(
            steps in prop::collection::vec((0..150_u8, any::<Option<u8>>()), 0..400),
        ) {
            let (mut map, mut model) = (SharedMap::default(), Model::new());
            let mut copy = (map.clone(), model.clone());
            for (step, (name, value)) in steps.into_iter().enumerate() {
                let name = name.to_string();
                match value {
                    Some(value) => {
                        prop_assert_eq!(map.insert(&name, value), model.insert(name, value));
                    }
                    None => prop_assert_eq!(map.remove(&name), model.remove(&name)),
                }
                if step % 50 == 0 {
                    copy = (map.clone(), model.clone());
                }
            }
            for (map, model) in [(&map, &model), (&copy.0, &copy.1)] {
                for name in (0..150).map(|name| name.to_string()) {
                    prop_assert_eq!(map.get(&name), model.get(&name));
                }
                prop_assert_eq!(map.is_empty(), model.is_empty());
            }
        }
    }

    #[test]
    fn a_change_copies_one_part_of_many() {
        let mut map = SharedMap::default();
        for name in 0..1000 {
            map.insert(&name.to_string(), name);
        }
        let before = map.clone();
        *map.get_mut("7").unwrap() = 8;
        let parts = map.parts.iter().zip(&before.parts);
        assert_eq!(parts.filter(|(a, b)| !Arc::ptr_eq(a, b)).count(), 1);
        assert_eq!((map.get("7"), before.get("7")), (Some(&8), Some(&7)));
    }
}
