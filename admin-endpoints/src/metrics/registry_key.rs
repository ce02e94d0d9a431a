//! Keys as the registry compares them.

use std::hash::{Hash, Hasher};
use std::ptr;

use metrics::{Key, Label};
use metrics_util::{Hashable, KeyHasher};

/// A key that compares its labels in the order given first. `Key` sorts three labels and more each
/// time, although a call site always gives them in the same order.
#[derive(Clone, Debug, Eq)]
#[repr(transparent)]
pub(super) struct RegistryKey(Key);

impl RegistryKey {
    pub(super) fn of(key: &Key) -> &Self {
        // SAFETY: the struct is `repr(transparent)` over `Key`, so that both have the same layout, and
        // the reference has the lifetime of the one that is given.
        unsafe { &*ptr::from_ref(key).cast::<Self>() }
    }

    pub(super) fn key(&self) -> &Key {
        &self.0
    }
}

impl PartialEq for RegistryKey {
    fn eq(&self, other: &Self) -> bool {
        let (own, other) = (&self.0, &other.0);
        let is_same_text = own.get_hash() == other.get_hash()
            && is_same(own.name(), other.name())
            && own.labels().len() == other.labels().len()
            && own.labels().zip(other.labels()).all(is_same_label);
        is_same_text || own == other
    }
}

impl Hash for RegistryKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl Hashable for RegistryKey {
    type Hasher = KeyHasher;

    fn hashable(&self) -> u64 {
        self.0.get_hash()
    }
}

fn is_same_label((own, other): (&Label, &Label)) -> bool {
    is_same(own.key(), other.key()) && is_same(own.value(), other.value())
}

/// Most names are in the program itself, where one text has one address.
fn is_same(own: &str, other: &str) -> bool {
    ptr::eq(own, other) || own == other
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &'static str, labels: &[(&'static str, &'static str)]) -> RegistryKey {
        let labels: Vec<_> = labels.iter().map(Label::from).collect();
        RegistryKey(Key::from_parts(name, labels))
    }

    #[test]
    fn keys_compare_as_those_of_the_facade() {
        let (method, path, status) = (("method", "GET"), ("path", "/"), ("status", "200"));
        let keys = [
            key("a", &[]),
            key("b", &[]),
            key("a", &[method]),
            key("a", &[method, path]),
            key("a", &[path, method]),
            key("a", &[method, path, status]),
            key("a", &[status, method, path]),
            key("a", &[method, path, ("status", "500")]),
            key("b", &[method, path, status]),
        ];
        for one in &keys {
            for other in &keys {
                assert_eq!(one == other, one.key() == other.key(), "{one:?} {other:?}");
            }
        }
    }
}
