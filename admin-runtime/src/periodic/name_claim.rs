//! Names of the servers whose periodic threads run: their metrics differ by that name alone.

use std::sync::Mutex;

use crate::sync::lock;

/// The names in use in this process.
static CLAIMED_NAMES: Mutex<Vec<Option<String>>> = Mutex::new(Vec::new());

/// A name in use until this is dropped.
#[derive(Debug)]
pub(super) struct NameClaim(Option<String>);

impl NameClaim {
    /// Claims a name; `None` if it is in use, or if another server runs and this one has no name.
    pub(super) fn claim(name: Option<&str>) -> Option<Self> {
        let mut claimed = lock(&CLAIMED_NAMES);
        let free = match name {
            None => claimed.is_empty(),
            Some(name) => !claimed.iter().flatten().any(|taken| taken == name),
        };
        free.then(|| {
            let name = name.map(str::to_owned);
            claimed.push(name.clone());
            Self(name)
        })
    }
}

impl Drop for NameClaim {
    fn drop(&mut self) {
        let mut claimed = lock(&CLAIMED_NAMES);
        if let Some(index) = claimed.iter().position(|name| *name == self.0) {
            claimed.swap_remove(index);
        }
    }
}
