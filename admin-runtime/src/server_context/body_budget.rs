//! The bytes of request bodies that one server keeps at a time.

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::limits::Limits;
use crate::response::AdminError;

/// A permit is for so many bytes.
const PERMIT_BYTES: usize = 1 << 10;

/// What a body of unknown length takes at a time.
const STEP_BYTES: usize = 64 << 10;

/// At most `Limits::max_buffered_body_bytes`, and room for one body of the longest kind.
#[derive(Debug)]
pub(crate) struct BodyBudget(Arc<Semaphore>);

/// The part of the budget that one body has.
#[derive(Debug)]
pub(crate) struct BodyReservation {
    budget: Arc<Semaphore>,
    max_body_bytes: usize,
    bytes: usize,
    permit: Option<OwnedSemaphorePermit>,
}

/// A body, and its part of the budget for as long as anything refers to it.
struct ReservedBody {
    body: Bytes,
    _permit: OwnedSemaphorePermit,
}

impl AsRef<[u8]> for ReservedBody {
    fn as_ref(&self) -> &[u8] {
        &self.body
    }
}

impl BodyBudget {
    pub(super) fn new(limits: &Limits) -> Self {
        let bytes = limits.max_buffered_body_bytes.max(limits.max_body_bytes);
        let permits = permits(bytes).saturating_add(permits(STEP_BYTES));
        Self(Arc::new(Semaphore::new(
            permits.min(Semaphore::MAX_PERMITS),
        )))
    }

    /// For a body of which nothing is read yet.
    pub(crate) fn reservation(&self, limits: &Limits) -> BodyReservation {
        BodyReservation {
            budget: Arc::clone(&self.0),
            max_body_bytes: limits.max_body_bytes,
            bytes: 0,
            permit: None,
        }
    }
}

fn permits(bytes: usize) -> usize {
    bytes.div_ceil(PERMIT_BYTES)
}

impl BodyReservation {
    /// Takes what a body of so many bytes needs.
    ///
    /// # Errors
    ///
    /// 503 if other bodies have it.
    pub(crate) fn grow_to(&mut self, bytes: usize) -> Result<(), AdminError> {
        if bytes <= self.bytes {
            return Ok(());
        }
        let more = permits(bytes) - permits(self.bytes);
        let permit = u32::try_from(more)
            .ok()
            .and_then(|more| Arc::clone(&self.budget).try_acquire_many_owned(more).ok());
        let permit = permit.ok_or_else(|| {
            AdminError::unavailable(
                "The bodies of other requests take all memory that the server has for bodies: try again later",
            )
        })?;
        self.bytes = bytes;
        match &mut self.permit {
            Some(own) => own.merge(permit),
            None => self.permit = Some(permit),
        }
        Ok(())
    }

    /// As [`grow_to`](Self::grow_to), in steps: for a body whose length is not known.
    ///
    /// # Errors
    ///
    /// 503 if other bodies have it.
    pub(crate) fn step_to(&mut self, bytes: usize) -> Result<(), AdminError> {
        let steps = bytes.div_ceil(STEP_BYTES).saturating_mul(STEP_BYTES);
        if bytes <= self.bytes {
            return Ok(());
        }
        self.grow_to(steps.min(self.max_body_bytes).max(bytes))
    }

    /// The body, which keeps its part of the budget.
    pub(crate) fn attach(self, body: Bytes) -> Bytes {
        match self.permit {
            Some(permit) if !body.is_empty() => Bytes::from_owner(ReservedBody {
                body,
                _permit: permit,
            }),
            _ => body,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn budget_is_shared_until_bodies_are_dropped() {
        let limits = Limits::default()
            .with_max_body_bytes(100 << 10)
            .with_max_buffered_body_bytes(200 << 10);
        let budget = BodyBudget::new(&limits);
        let mut one = budget.reservation(&limits);
        one.grow_to(100 << 10).unwrap();
        let mut two = budget.reservation(&limits);
        two.step_to(1).unwrap();
        two.step_to(100 << 10).unwrap();
        let mut three = budget.reservation(&limits);
        let refused = three.grow_to(100 << 10).unwrap_err();
        assert_eq!(refused.status(), http::StatusCode::SERVICE_UNAVAILABLE);
        let body = one.attach(Bytes::from_static(b"body"));
        let part = body.slice(1..2);
        drop(body);
        assert!(three.grow_to(100 << 10).is_err(), "a part of it is kept");
        drop(part);
        three.grow_to(100 << 10).unwrap();
        drop((two, three));
        assert_eq!(budget.0.available_permits(), 200 + 64);
    }

    #[test]
    fn one_body_of_the_longest_kind_fits() {
        let limits = Limits::default().with_max_buffered_body_bytes(0);
        let budget = BodyBudget::new(&limits);
        budget.reservation(&limits).grow_to(1 << 20).unwrap();
    }
}
