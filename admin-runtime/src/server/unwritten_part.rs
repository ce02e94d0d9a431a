//! A part of a reply that the client has not been sent yet.

use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use futures_util::task::AtomicWaker;

/// hyper copies what it is given behind what is not written yet: a large reply waits with each part.
#[derive(Debug, Default)]
pub(super) struct UnwrittenPart {
    is_unwritten: AtomicBool,
    waits: AtomicWaker,
}

impl UnwrittenPart {
    /// hyper has been given one.
    pub(super) fn begin(&self) {
        self.is_unwritten.store(true, Ordering::SeqCst);
    }

    /// Everything that hyper has been given is written.
    pub(super) fn end(&self) {
        // Read first: this is called for each reply.
        if self.is_unwritten.load(Ordering::SeqCst) {
            self.is_unwritten.store(false, Ordering::SeqCst);
            self.waits.wake();
        }
    }

    /// Ready when none is unwritten.
    pub(super) fn poll_written(&self, context: &mut Context<'_>) -> Poll<()> {
        if !self.is_unwritten.load(Ordering::SeqCst) {
            return Poll::Ready(());
        }
        self.waits.register(context.waker());
        if self.is_unwritten.load(Ordering::SeqCst) {
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    }
}
