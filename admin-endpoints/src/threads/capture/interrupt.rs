//! Asks running threads for their stacks, a batch at a time.

use super::collector::{Collector, Notes, Outcome, Subject, now};
use super::modules::Modules;
use super::quiet::word_at;
use super::registers;
use super::signal::{self, NotSent, Signal};
use super::slots::{Copy, Slots, Ticket};
use super::unwind::StackUnwinder;
use crate::threads::report::{Method, NoStack};
use std::time::{Duration, Instant};

/// How long a batch of signals may take.
const BATCH_LIMIT: Duration = Duration::from_secs(1);
/// How long a running thread that blocks our signal is given to wait or to unblock it.
const SECOND_LOOKS: [Duration; 5] = [
    Duration::from_millis(2),
    Duration::from_millis(4),
    Duration::from_millis(8),
    Duration::from_millis(16),
    Duration::from_millis(32),
];
/// After how long without an answer those who still owe one are looked at, at first and at most.
const RECHECKS: (Duration, Duration) = (Duration::from_millis(4), Duration::from_millis(64));

const NO_SLOT: &str = "all places for copies of stacks are held by threads that began one and \
                       never finished";

impl Collector {
    /// Asks up to [`SLOTS`](super::slots::SLOTS) threads for their stacks, until all have answered
    /// or the time is up.
    pub(super) fn interrupt(
        &mut self,
        batch: &mut [&mut Subject],
        frames: usize,
        deadline: Instant,
        notes: &mut Notes,
    ) {
        self.look_while_blocked(batch, frames, deadline, notes);
        let signal = match &self.signal {
            Ok(signal) => *signal,
            Err(error) => {
                let why = format!("SIGURG could not be taken: {error}");
                for subject in batch {
                    give_up(subject, NoStack::Refused(why.clone().into()));
                }
                return;
            }
        };
        let limit = deadline.min(now() + BATCH_LIMIT);
        let mut asked: Vec<(&mut Subject, Ticket)> = Vec::new();
        for subject in batch {
            // It may have come to wait since it was looked at: a signal would interrupt it.
            if subject.facts.tid != self.own_tid {
                self.recheck(subject, frames, deadline, notes);
            }
            if !matches!(subject.outcome, Outcome::Running(_)) {
                continue;
            }
            if now() >= deadline {
                give_up(subject, NoStack::OutOfTime);
            } else if let Some(ticket) = ask(signal, subject) {
                asked.push((subject, ticket));
            }
        }
        let mut patience = RECHECKS.0;
        loop {
            let seen = signal.slots().finished();
            asked.retain_mut(|(subject, ticket)| {
                let Some(copy) = signal.slots().take(*ticket) else {
                    return true;
                };
                subject.outcome = unwind_copy(&mut self.unwinder, &self.modules, &copy, frames);
                false
            });
            let left = limit.saturating_duration_since(now());
            if asked.is_empty() || left.is_zero() {
                break;
            }
            signal.slots().wait(seen, left.min(patience));
            if signal.slots().finished() == seen {
                patience = RECHECKS.1.min(2 * patience);
                asked.retain_mut(|(subject, ticket)| {
                    self.still_owes(subject, *ticket, signal.slots(), frames, deadline, notes)
                });
            }
        }
        for (subject, ticket) in asked {
            signal.slots().disarm(ticket);
            give_up(subject, NoStack::Timeout);
        }
    }

    /// Whether an answer may still come; if not, the slot is given back.
    fn still_owes(
        &mut self,
        subject: &mut Subject,
        ticket: Ticket,
        slots: &Slots,
        frames: usize,
        deadline: Instant,
        notes: &mut Notes,
    ) -> bool {
        self.recheck(subject, frames, deadline, notes);
        let owes = matches!(subject.outcome, Outcome::Running(_));
        if !owes {
            slots.disarm(ticket);
        }
        owes
    }

    /// Looks at a thread that was running: it may have ended, or wait with our signal blocked.
    fn recheck(
        &mut self,
        subject: &mut Subject,
        frames: usize,
        deadline: Instant,
        notes: &mut Notes,
    ) {
        if !matches!(subject.outcome, Outcome::Running(_)) {
            return;
        }
        self.look(subject, frames, deadline, notes);
        if matches!(subject.outcome, Outcome::Running(_)) {
            match self.tasks.stat(subject.facts.tid) {
                Ok(stat) if stat.is_exiting() => {
                    subject.outcome = Outcome::None(NoStack::Exiting);
                }
                Ok(stat) => subject.blocks_signal = stat.blocks(signal::SIGNAL),
                Err(_) => subject.outcome = Outcome::Gone,
            }
        }
    }

    /// Whoever blocks our signal would not answer: looks again after a moment, a few times.
    ///
    /// A thread that was asked a moment ago may still be on its way out of our handler.
    fn look_while_blocked(
        &mut self,
        batch: &mut [&mut Subject],
        frames: usize,
        deadline: Instant,
        notes: &mut Notes,
    ) {
        let mut blocking: Vec<&mut Subject> = batch
            .iter_mut()
            .filter(|subject| subject.blocks_signal)
            .map(|subject| &mut **subject)
            .collect();
        for pause in SECOND_LOOKS {
            if blocking.is_empty() || now() >= deadline {
                break;
            }
            std::thread::sleep(pause);
            blocking.retain_mut(|subject| {
                self.recheck(subject, frames, deadline, notes);
                matches!(subject.outcome, Outcome::Running(_)) && subject.blocks_signal
            });
        }
        for subject in blocking {
            give_up(subject, NoStack::SignalBlocked);
        }
    }
}

/// Sends the signal; without a ticket the outcome says why it was not sent.
fn ask(signal: Signal, subject: &mut Subject) -> Option<Ticket> {
    let Some(ticket) = signal.slots().arm() else {
        give_up(subject, NoStack::Refused(NO_SLOT.into()));
        return None;
    };
    let not_sent = match signal.send(subject.facts.tid, ticket) {
        Ok(()) => return Some(ticket),
        Err(not_sent) => not_sent,
    };
    signal.slots().disarm(ticket);
    match not_sent {
        NotSent::Gone => subject.outcome = Outcome::Gone,
        NotSent::HandlerReplaced => give_up(subject, NoStack::HandlerReplaced),
        NotSent::Refused(error) => {
            let why = format!("SIGURG could not be sent: {error}");
            give_up(subject, NoStack::Refused(why.into()));
        }
    }
    None
}

/// No signal for this thread: what a quiet look saw is shown, else the reason.
fn give_up(subject: &mut Subject, reason: NoStack) {
    let before = std::mem::replace(&mut subject.outcome, Outcome::None(reason));
    if let Outcome::Running(Some(partial)) = before {
        subject.outcome = Outcome::Captured(partial, Method::Quiet);
    }
}

fn unwind_copy(
    unwinder: &mut StackUnwinder,
    modules: &Modules,
    copy: &Copy<'_>,
    frames: usize,
) -> Outcome {
    if copy.bytes.is_empty() {
        return Outcome::None(NoStack::Refused(
            "the kernel does not let the process read its own memory (process_vm_readv and \
             /proc/self/mem)"
                .into(),
        ));
    }
    let start = registers::from_saved(copy.registers);
    let read = &mut |address: u64| word_at(copy.bytes, address.wrapping_sub(copy.start)).ok_or(());
    Outcome::Captured(
        unwinder.unwind(modules, start, frames, read),
        Method::Signal,
    )
}
