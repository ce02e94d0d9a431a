//! What a write says about its change.

use std::fmt::Display;
use std::sync::{Arc, Mutex, PoisonError};

use super::{Call, Extractor};
use crate::endpoint::ArgumentDescriptor;
use crate::response::AdminError;

/// Lets a handler tell the audit line what it changed.
///
/// Every request with effect `write` or `dangerous` is one audit line (target
/// `admin_runtime::audit`, level INFO): who, what, before, after, outcome. Without a call to
/// [`change`](Self::change) before and after are `-`.
#[derive(Clone, Debug)]
pub struct Audit(pub(crate) Change);

/// Shared with the request's audit line, which is written when the request ends.
pub(crate) type Change = Arc<Mutex<Option<(String, String)>>>;

impl Audit {
    /// Records the change; of several the first `before` and the last `after` count.
    pub fn change(&self, before: impl Display, after: impl Display) {
        let mut change = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = change
            .take()
            .map_or_else(|| before.to_string(), |(first, _)| first);
        *change = Some((before, after.to_string()));
    }
}

impl Extractor for Audit {
    fn extract(call: &mut Call, _: &ArgumentDescriptor) -> Result<Self, AdminError> {
        Ok(Self(Arc::clone(call.audit())))
    }
}
