//! One dump, step by step. Belongs to the one thread that takes them.

use super::clock;
use super::memory;
use super::modules::Modules;
use super::procfs::{TaskReader, task_ids};
use super::quiet::{Quiet, QuietReader, Reading, word_at};
use super::registers;
use super::signal::{self, NotSent, Signal};
use super::slots::{Copy, SLOTS, Ticket};
use super::symbolise::{self, Symboliser};
use super::syscall_names;
use super::unwind::{CodeAddress, End, StackUnwinder, Unwound};
use crate::threads::facts::{Facts, State};
use crate::threads::report::{Cut, Method, NoStack, Report, Stack, ThreadReport};
use admin_runtime::thread_names;
use std::borrow::Cow;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long a batch of signals may take.
const BATCH_LIMIT: Duration = Duration::from_secs(1);
/// How long a dump may take.
const DUMP_LIMIT: Duration = Duration::from_secs(5);
/// How long a running thread that blocks our signal is given to wait or to unblock it.
const SECOND_LOOKS: [Duration; 5] = [
    Duration::from_millis(2),
    Duration::from_millis(4),
    Duration::from_millis(8),
    Duration::from_millis(16),
    Duration::from_millis(32),
];
/// How often a thread that runs while it is read is read again, before it is sent a signal.
const QUIET_TRIES: u32 = 2;

pub(in crate::threads) struct Collector {
    tasks: TaskReader,
    quiet: QuietReader,
    signal: io::Result<Signal>,
    modules: Modules,
    unwinder: StackUnwinder,
    symboliser: Symboliser,
    own_tid: u64,
}

/// A thread on its way into the report.
struct Subject {
    facts: Facts,
    blocks_signal: bool,
    outcome: Outcome,
}

enum Outcome {
    Captured(Unwound, Method),
    None(NoStack),
    /// A signal is needed; what the quiet look saw, if it saw a part.
    Running(Option<Unwound>),
    /// The thread ended meanwhile.
    Gone,
}

impl Collector {
    /// Prepares to read memory, task files and stacks; installs the signal handler.
    ///
    /// # Errors
    /// When there is no memory for copies of stacks.
    pub(in crate::threads) fn new() -> io::Result<Self> {
        memory::prepare();
        let mut tasks = TaskReader::new()?;
        let own_tid = clock::own_tid();
        Ok(Self {
            own_tid,
            quiet: QuietReader::new(&mut tasks, own_tid)?,
            tasks,
            signal: Signal::install(),
            modules: Modules::default(),
            unwinder: StackUnwinder::default(),
            symboliser: Symboliser::default(),
        })
    }

    /// Keeps the application's signal handlers away from the calling thread.
    pub(in crate::threads) fn shield_this_thread() {
        signal::block_all_others();
    }

    /// Takes the stacks of the threads that `wanted` picks by id and name.
    ///
    /// # Errors
    /// When `/proc` cannot be read.
    pub(in crate::threads) fn collect(
        &mut self,
        wanted: &dyn Fn(u64, &str) -> bool,
        frames: usize,
    ) -> io::Result<Report> {
        let deadline = now() + DUMP_LIMIT;
        let mut notes = Vec::new();
        let mut subjects = self.subjects(wanted)?;
        if self.modules.refresh()? {
            self.unwinder.set_modules(&self.modules);
            self.symboliser.keep_only(&self.modules);
        }
        self.unwinder.forget_rules();
        for subject in &mut subjects {
            // To itself this thread looks blocked, in the call that asks.
            if matches!(subject.outcome, Outcome::Running(_)) && subject.facts.tid != self.own_tid {
                self.look(subject, frames, deadline, &mut notes);
            }
        }
        // What a quiet look guessed at must not serve a stack whose registers are known.
        self.unwinder.forget_rules();
        let mut running: Vec<&mut Subject> = subjects
            .iter_mut()
            .filter(|subject| matches!(subject.outcome, Outcome::Running(_)))
            .collect();
        for batch in running.chunks_mut(SLOTS) {
            self.interrupt(batch, frames, deadline, &mut notes);
        }
        self.wipe();
        let threads = subjects
            .into_iter()
            .filter_map(|subject| self.named(subject, deadline))
            .collect();
        Ok(Report { threads, notes })
    }

    /// Leaves these directories away from the paths of source files.
    pub(in crate::threads) fn hide_build_roots(&mut self, roots: &[String]) {
        self.symboliser.hide_build_roots(roots);
    }

    /// Lets go of unwind and symbol tables.
    pub(in crate::threads) fn release(&mut self) {
        self.modules = Modules::default();
        self.unwinder = StackUnwinder::default();
        self.symboliser.release();
    }

    /// Whether symbol tables are held in memory.
    pub(in crate::threads) fn holds_tables(&self) -> bool {
        self.symboliser.holds_tables()
    }

    fn subjects(&mut self, wanted: &dyn Fn(u64, &str) -> bool) -> io::Result<Vec<Subject>> {
        let names = thread_names::snapshot();
        let since_boot = clock::since_boot();
        let mut subjects = Vec::new();
        for tid in task_ids()? {
            // A thread may end at any moment: its files are gone then.
            let Ok(stat) = self.tasks.stat(tid) else {
                continue;
            };
            let name = names.get(&tid).map_or(stat.comm.as_str(), |name| name);
            if !wanted(tid, name) {
                continue;
            }
            let facts = Facts {
                tid,
                name: name.to_owned(),
                state: State::from_letter(stat.state),
                syscall: None,
                wait_channel: if stat.state == 'R' {
                    None
                } else {
                    self.tasks.wait_channel(tid)
                },
                cpu: clock::ticks(stat.cpu_ticks),
                cpu_wait: None,
                context_switches: None,
                age: since_boot.saturating_sub(clock::ticks(stat.start_ticks)),
                periodic: None,
            };
            let outcome = match stat.is_exiting() {
                true => Outcome::None(NoStack::Exiting),
                false => Outcome::Running(None),
            };
            subjects.push(Subject {
                facts,
                blocks_signal: stat.blocks(signal::SIGNAL),
                outcome,
            });
        }
        Ok(subjects)
    }

    /// The quiet look: leaves `Running` only if a signal is needed.
    fn look(&mut self, subject: &mut Subject, frames: usize, deadline: Instant, notes: &mut Notes) {
        if now() >= deadline {
            subject.outcome = Outcome::None(NoStack::OutOfTime);
            return;
        }
        for _ in 0..QUIET_TRIES {
            let tid = subject.facts.tid;
            let (unwinder, modules) = (&mut self.unwinder, &self.modules);
            let look = self
                .quiet
                .read(&mut self.tasks, unwinder, modules, tid, frames);
            subject.facts.syscall =
                look.system_call
                    .map(|number| match syscall_names::name(number) {
                        Some(name) => name.to_owned(),
                        None => format!("system call {number}"),
                    });
            book(&mut subject.facts, look.booked);
            subject.outcome = match look.outcome {
                Quiet::Captured(unwound) => Outcome::Captured(unwound, Method::Quiet),
                Quiet::Incomplete(partial) => Outcome::Running(Some(partial)),
                Quiet::Running => Outcome::Running(None),
                Quiet::Disturbed => continue,
                Quiet::Unreadable(error) if is_gone(&error) => Outcome::Gone,
                Quiet::Unreadable(error) => {
                    note(
                        notes,
                        format!(
                            "blocked threads were interrupted, and their system calls may have \
                         returned EINTR, because the kernel does not show where they wait \
                         (/proc/self/task/TID/syscall: {error})"
                        ),
                    );
                    Outcome::Running(None)
                }
            };
            break;
        }
    }

    /// Asks up to [`SLOTS`] threads for their stacks and waits until all have answered.
    fn interrupt(
        &mut self,
        batch: &mut [&mut Subject],
        frames: usize,
        deadline: Instant,
        notes: &mut Notes,
    ) {
        self.second_look(batch, frames, deadline, notes);
        let signal = match &self.signal {
            Ok(signal) => *signal,
            Err(error) => {
                let why = format!("SIGURG could not be taken: {error}");
                batch
                    .iter_mut()
                    .for_each(|subject| give_up(subject, NoStack::Refused(why.clone().into())));
                return;
            }
        };
        let slots = signal.slots();
        let limit = deadline.min(now() + BATCH_LIMIT);
        let mut asked: Vec<(usize, Ticket)> = Vec::new();
        for (index, subject) in batch.iter_mut().enumerate() {
            // It may have come to wait since it was looked at: a signal would interrupt it.
            if matches!(subject.outcome, Outcome::Running(_)) && subject.facts.tid != self.own_tid {
                self.look(subject, frames, deadline, notes);
            }
            if !matches!(subject.outcome, Outcome::Running(_)) {
                continue;
            }
            if now() >= deadline {
                give_up(subject, NoStack::OutOfTime);
                continue;
            }
            let Some(ticket) = slots.arm() else {
                give_up(subject, NoStack::Refused(NO_SLOT.into()));
                continue;
            };
            match signal.send(subject.facts.tid, ticket) {
                Ok(()) => asked.push((index, ticket)),
                Err(not_sent) => {
                    slots.disarm(ticket);
                    match not_sent {
                        NotSent::Gone => subject.outcome = Outcome::Gone,
                        NotSent::HandlerReplaced => give_up(subject, NoStack::HandlerReplaced),
                        NotSent::Refused(error) => {
                            let why = format!("SIGURG could not be sent: {error}");
                            give_up(subject, NoStack::Refused(why.into()));
                        }
                    }
                }
            }
        }
        loop {
            let seen = slots.finished();
            asked.retain(|(index, ticket)| {
                let Some(copy) = slots.take(*ticket) else {
                    return true;
                };
                batch[*index].outcome =
                    unwind_copy(&mut self.unwinder, &self.modules, &copy, frames);
                false
            });
            let left = limit.saturating_duration_since(now());
            if asked.is_empty() || left.is_zero() {
                break;
            }
            slots.wait(seen, left);
        }
        for (index, ticket) in asked {
            slots.disarm(ticket);
            let subject = &mut *batch[index];
            // It may have ended, or blocked with the signal masked, since it was asked.
            self.look(subject, frames, deadline, notes);
            if matches!(subject.outcome, Outcome::Running(_)) {
                let exiting = self
                    .tasks
                    .stat(subject.facts.tid)
                    .map(|stat| stat.is_exiting());
                match exiting {
                    Ok(true) => subject.outcome = Outcome::None(NoStack::Exiting),
                    Ok(false) => give_up(subject, NoStack::Timeout),
                    Err(_) => subject.outcome = Outcome::Gone,
                }
            }
        }
    }

    /// Whoever blocks our signal would not answer: looks again after a moment, a few times.
    ///
    /// A thread that was asked a moment ago may still be on its way out of our handler.
    fn second_look(
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
                self.look(subject, frames, deadline, notes);
                let needs_signal = matches!(subject.outcome, Outcome::Running(_));
                let stat = self.tasks.stat(subject.facts.tid);
                needs_signal && stat.is_ok_and(|stat| stat.blocks(signal::SIGNAL))
            });
        }
        for subject in blocking {
            give_up(subject, NoStack::SignalBlocked);
        }
    }

    fn named(&mut self, subject: Subject, deadline: Instant) -> Option<ThreadReport> {
        let stack = match subject.outcome {
            Outcome::Gone => return None,
            Outcome::None(reason) => Err(reason),
            // Every thread that needed a signal was asked or given up.
            Outcome::Running(_) => Err(NoStack::Timeout),
            Outcome::Captured(unwound, method) => {
                let addresses = unwound.frames.iter();
                let frames = addresses
                    .flat_map(|at| {
                        self.frames(*at, deadline)
                            .iter()
                            .cloned()
                            .collect::<Vec<_>>()
                    })
                    .collect();
                let cut = match unwound.end {
                    End::Outermost => None,
                    End::Cut(cut) => Some(cut),
                    End::UnknownRegister => Some(Cut::NoUnwindInfo),
                };
                Ok(Stack {
                    frames,
                    cut,
                    method,
                })
            }
        };
        Some(ThreadReport {
            facts: subject.facts,
            stack,
        })
    }

    fn frames(&mut self, at: CodeAddress, deadline: Instant) -> symbolise::Frames {
        if let Some(known) = self.symboliser.remembered(at) {
            return known;
        }
        if now() >= deadline {
            let module = self.modules.around(at.lookup());
            return Arc::new([Arc::new(symbolise::unnamed(at, module))]);
        }
        self.symboliser.frames(&self.modules, at)
    }

    fn wipe(&mut self) {
        self.quiet.wipe();
        if let Ok(signal) = &self.signal {
            signal.slots().wipe();
        }
    }
}

type Notes = Vec<Cow<'static, str>>;

const NO_SLOT: &str = "all places for copies of stacks are held by threads that began one and \
                       never finished";

fn note(notes: &mut Notes, text: String) {
    if !notes.iter().any(|known| *known == text) {
        notes.push(text.into());
    }
}

fn book(facts: &mut Facts, booked: Option<Reading>) {
    match booked {
        Some(Reading::Schedule(schedule)) => {
            facts.cpu = Duration::from_nanos(schedule.on_cpu);
            facts.cpu_wait = Some(Duration::from_nanos(schedule.waited));
            facts.context_switches = Some(schedule.runs);
        }
        Some(Reading::Switches(switches)) => facts.context_switches = Some(switches.total()),
        None => {}
    }
}

/// No signal for this thread: what a quiet look saw is shown, else the reason.
fn give_up(subject: &mut Subject, reason: NoStack) {
    let before = std::mem::replace(&mut subject.outcome, Outcome::None(reason));
    if let Outcome::Running(Some(partial)) = before {
        subject.outcome = Outcome::Captured(partial, Method::Quiet);
    }
}

fn is_gone(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound || error.raw_os_error() == Some(libc::ESRCH)
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

#[expect(
    clippy::disallowed_methods,
    reason = "deadlines of the one thread that takes dumps"
)]
fn now() -> Instant {
    Instant::now()
}
