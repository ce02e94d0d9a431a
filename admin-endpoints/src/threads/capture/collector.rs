//! One dump, step by step. Belongs to the one thread that takes them.

use super::clock;
use super::memory;
use super::modules::Modules;
use super::procfs::{TaskReader, task_ids};
use super::quiet::{Quiet, QuietReader, Reading};
use super::signal::{self, Signal};
use super::slots::SLOTS;
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

/// How long a dump may take.
const DUMP_LIMIT: Duration = Duration::from_secs(5);
/// How often a thread that runs while it is read is read again, before it is sent a signal.
const QUIET_TRIES: u32 = 2;

pub(in crate::threads) struct Collector {
    pub(super) tasks: TaskReader,
    quiet: QuietReader,
    pub(super) signal: io::Result<Signal>,
    pub(super) modules: Modules,
    pub(super) unwinder: StackUnwinder,
    symboliser: Symboliser,
    pub(super) own_tid: u64,
}

/// A thread on its way into the report.
pub(super) struct Subject {
    pub(super) facts: Facts,
    pub(super) blocks_signal: bool,
    pub(super) outcome: Outcome,
}

pub(super) enum Outcome {
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
    pub(super) fn look(
        &mut self,
        subject: &mut Subject,
        frames: usize,
        deadline: Instant,
        notes: &mut Notes,
    ) {
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

pub(super) type Notes = Vec<Cow<'static, str>>;

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

fn is_gone(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound || error.raw_os_error() == Some(libc::ESRCH)
}

#[expect(
    clippy::disallowed_methods,
    reason = "deadlines of the one thread that takes dumps"
)]
pub(super) fn now() -> Instant {
    Instant::now()
}
