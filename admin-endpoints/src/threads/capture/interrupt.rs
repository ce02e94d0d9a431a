//! Asks running threads for their stacks by signals, a batch at a time.

use std::io;
use std::time::Duration;

use super::sampler::StackSampler;
use super::signal::{NotSent, SignalHandler};
use super::slots::{SLOT_COUNT, SlotTicket};
use super::thread_capture::{CaptureState, DumpLimits, Notes, ThreadCapture};
use crate::threads::report::NoStack;

/// How long one batch may take.
const BATCH_TIMEOUT: Duration = Duration::from_secs(1);
/// Pauses between the readings of a running thread that blocks the signal.
const BLOCKED_SIGNAL_DELAYS: [Duration; 5] = [
    Duration::from_millis(2),
    Duration::from_millis(4),
    Duration::from_millis(8),
    Duration::from_millis(16),
    Duration::from_millis(32),
];
/// Without an answer for this long, the threads asked are read again. Doubles up to the maximum.
const FIRST_RECHECK_DELAY: Duration = Duration::from_millis(4);
const MAX_RECHECK_DELAY: Duration = Duration::from_millis(64);

/// Everything that a batch of signals needs, borrowed from the collector.
pub(super) struct Batch<'a> {
    pub(super) sampler: &'a mut StackSampler,
    pub(super) handler: &'a io::Result<SignalHandler>,
    pub(super) limits: &'a DumpLimits,
    pub(super) notes: &'a mut Notes,
}

impl Batch<'_> {
    /// How many threads one batch can ask.
    pub(super) const MAX_THREADS: usize = SLOT_COUNT;

    /// Asks up to [`MAX_THREADS`](Self::MAX_THREADS) threads, and returns when all have answered
    /// or the time is up.
    pub(super) fn capture(&mut self, threads: &mut [&mut ThreadCapture]) {
        self.wait_while_blocked(threads);
        let handler = match self.handler {
            Ok(handler) => *handler,
            Err(error) => {
                let reason = format!("the SIGURG handler could not be installed: {error}");
                for thread in threads {
                    thread.finish_without_signal(NoStack::Failed(reason.clone().into()));
                }
                return;
            }
        };
        let limits = self.limits.shortened(BATCH_TIMEOUT);
        let mut pending: Vec<(&mut ThreadCapture, SlotTicket)> = Vec::new();
        for thread in threads {
            // It may have blocked since it was read: then a signal would interrupt it.
            self.sampler.recheck(thread, self.limits, self.notes);
            if !thread.needs_signal() {
                continue;
            }
            if self.limits.is_exceeded() {
                thread.finish_without_signal(NoStack::DeadlineExceeded);
            } else if let Some(ticket) = send_signal(handler, thread) {
                pending.push((thread, ticket));
            }
        }
        self.wait_for_answers(handler, &mut pending, &limits);
        for (thread, ticket) in pending {
            handler.slots().disarm(ticket);
            thread.finish_without_signal(NoStack::Timeout);
        }
    }

    /// Removes every thread from `pending` that has answered, blocked or exited.
    fn wait_for_answers(
        &mut self,
        handler: SignalHandler,
        pending: &mut Vec<(&mut ThreadCapture, SlotTicket)>,
        limits: &DumpLimits,
    ) {
        let slots = handler.slots();
        let mut delay = FIRST_RECHECK_DELAY;
        loop {
            let finished_before = slots.finished_count();
            pending.retain_mut(|(thread, ticket)| {
                let Some(copy) = slots.take(*ticket) else {
                    return true;
                };
                thread.state = self.sampler.unwind_copy(&copy, limits.max_frames);
                false
            });
            if pending.is_empty() || limits.is_exceeded() {
                return;
            }
            slots.wait(finished_before, limits.time_left().min(delay));
            if slots.finished_count() == finished_before {
                delay = MAX_RECHECK_DELAY.min(2 * delay);
                pending.retain_mut(|(thread, ticket)| {
                    self.sampler.recheck(thread, self.limits, self.notes);
                    if !thread.needs_signal() {
                        slots.disarm(*ticket);
                    }
                    thread.needs_signal()
                });
            }
        }
    }

    /// Gives threads that block the signal some time to unblock it or to wait.
    ///
    /// A thread that answered a moment ago may still be returning from the signal handler.
    fn wait_while_blocked(&mut self, threads: &mut [&mut ThreadCapture]) {
        let mut blocking: Vec<&mut ThreadCapture> = threads
            .iter_mut()
            .filter(|thread| thread.blocks_signal)
            .map(|thread| &mut **thread)
            .collect();
        for delay in BLOCKED_SIGNAL_DELAYS {
            if blocking.is_empty() || self.limits.is_exceeded() {
                break;
            }
            std::thread::sleep(delay);
            blocking.retain_mut(|thread| {
                self.sampler.recheck(thread, self.limits, self.notes);
                thread.needs_signal() && thread.blocks_signal
            });
        }
        for thread in blocking {
            thread.finish_without_signal(NoStack::SignalBlocked);
        }
    }
}

/// Sends the signal. Without a ticket the thread's state says why it was not sent.
fn send_signal(handler: SignalHandler, thread: &mut ThreadCapture) -> Option<SlotTicket> {
    let Some(ticket) = handler.slots().arm() else {
        let reason = "every slot for stack copies is in use by a thread that has not finished its \
                      copy";
        thread.finish_without_signal(NoStack::Failed(reason.into()));
        return None;
    };
    let error = match handler.send(thread.info.tid, ticket) {
        Ok(()) => return Some(ticket),
        Err(error) => error,
    };
    handler.slots().disarm(ticket);
    match error {
        NotSent::ThreadExited => thread.state = CaptureState::Exited,
        NotSent::HandlerReplaced => thread.finish_without_signal(NoStack::HandlerReplaced),
        NotSent::Refused(error) => {
            let reason = format!("SIGURG could not be sent: {error}");
            thread.finish_without_signal(NoStack::Failed(reason.into()));
        }
    }
    None
}
