//! The live sets of the process: their metrics are told apart by the server's name alone.

use std::sync::{Mutex, PoisonError};

/// The names of the servers whose periodic threads run now.
static LIVE: Mutex<Vec<Option<String>>> = Mutex::new(Vec::new());

/// A name that is taken until this is dropped.
#[derive(Debug)]
pub(super) struct Claim(Option<String>);

impl Claim {
    /// Takes a name; `None` where it is taken, or where this is the second set and has none.
    pub(super) fn take(name: Option<&str>) -> Option<Self> {
        let mut live = LIVE.lock().unwrap_or_else(PoisonError::into_inner);
        let free = match name {
            None => live.is_empty(),
            Some(name) => !live.iter().flatten().any(|taken| taken == name),
        };
        free.then(|| {
            let name = name.map(str::to_owned);
            live.push(name.clone());
            Self(name)
        })
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        let mut live = LIVE.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(index) = live.iter().position(|name| *name == self.0) {
            live.swap_remove(index);
        }
    }
}
