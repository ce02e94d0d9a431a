//! Owns the zygotes of this process, one for each program: started on demand, stopped after
//! `keep_warm` without a script, or with the last server.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, TryLockError};
use std::time::Duration;

use admin_runtime::describe::ResourceContext;

use super::child::{WorkerLimits, WorkerSettings};
use super::descriptor_reserve;
use super::interpreter_file::InterpreterFile;
use super::limits::ScriptLimits;
use super::memory_return;
use super::sandbox_error::SandboxError;
use super::spawned_worker::{SpawnedWorker, WorkerStreams};
use super::zygote_process::{ZygoteProcess, ZygoteSlot};
use super::zygote_program::ZygoteProgram;
use crate::sync::lock;

/// The zygotes of this process. A slot stays when its zygote ends.
static SLOTS: Mutex<BTreeMap<ZygoteProgram, Arc<Mutex<ZygoteSlot>>>> = Mutex::new(BTreeMap::new());

/// Servers that run or are mounted, and serve scripts.
static SERVERS: AtomicUsize = AtomicUsize::new(0);

/// One server: the zygotes end with the last of them.
#[derive(Debug)]
pub(super) struct ZygoteUser(());

/// The resource of the route. It starts no process: most servers never run a script.
pub(super) fn use_zygote(_: &ResourceContext<'_>) -> Result<ZygoteUser, Infallible> {
    SERVERS.fetch_add(1, Ordering::AcqRel);
    descriptor_reserve::begin();
    memory_return::begin();
    Ok(ZygoteUser(()))
}

impl Drop for ZygoteUser {
    fn drop(&mut self) {
        memory_return::end();
        if SERVERS.fetch_sub(1, Ordering::AcqRel) > 1 {
            return;
        }
        descriptor_reserve::end();
        let slots = std::mem::take(&mut *lock(&SLOTS));
        for slot in slots.into_values() {
            let zygote = lock(&slot).zygote.take();
            if let Some(zygote) = zygote {
                zygote.stop();
            }
        }
    }
}

/// A worker that was prepared, or is forked now, from the zygote of a program, which stays for
/// `keep_warm` after the last one.
///
/// # Errors
///
/// When the zygote cannot be started or cannot fork.
pub(super) fn spawn_worker(
    program: &ZygoteProgram,
    limits: &ScriptLimits,
    keep_warm: Duration,
) -> Result<SpawnedWorker, SandboxError> {
    let settings = WorkerSettings {
        limits: worker_limits(limits),
        in_advance: false,
    };
    let slot = slot(program);
    let mut place = lock(&slot);
    let interpreter = program.engine.interpreter().map(InterpreterFile::find);
    let interpreter = interpreter.transpose().map_err(SandboxError::Interpreter)?;
    let replaced = place.retire_if_replaced(interpreter.as_ref());
    let requested = match &mut place.zygote {
        Some(zygote) => zygote.take_requested(settings.limits),
        None => Err(io::ErrorKind::NotFound.into()),
    };
    if let Ok(Some(worker)) = requested {
        if let Some(zygote) = &mut place.zygote {
            zygote.restart_timer(keep_warm);
        }
        return Ok(worker);
    }
    let _descriptors = descriptor_reserve::take();
    let pair = WorkerStreams::pair().map_err(SandboxError::not_provided("socket"))?;
    let (streams, zygote_streams) = pair;
    let forked = match (&place.zygote, requested) {
        (Some(zygote), Ok(_)) => zygote.fork(settings, &zygote_streams),
        (Some(_), Err(error)) => Err(error),
        (None, _) => Err(io::ErrorKind::NotFound.into()),
    };
    let process = match forked {
        Ok(process) => process,
        // The zygote did fork; the worker ends, because nobody has the other end of its stream.
        Err(error) if error.raw_os_error() == Some(libc::EMFILE) => {
            return Err(SandboxError::not_provided("descriptor")(error));
        }
        Err(error) => {
            place.kill_zygote(error);
            let started = ZygoteProcess::start(&slot, program, interpreter, keep_warm);
            let zygote = place.occupy(started, replaced)?;
            let forked = zygote.fork(settings, &zygote_streams);
            forked.map_err(|_| SandboxError::ZygoteTimeout)?
        }
    };
    let process = process.map_err(|error| {
        place.zygote = None; // it has the limits of the time when it was started
        SandboxError::Fork(error)
    })?;
    if let Some(zygote) = &mut place.zygote {
        zygote.restart_timer(keep_warm);
    }
    Ok(streams.into_worker(process))
}

/// The worker that was prepared for a program without an interpreter; `None` where that would take
/// time.
pub(super) fn take_ready_worker(
    program: &ZygoteProgram,
    limits: &ScriptLimits,
    keep_warm: Duration,
) -> Option<SpawnedWorker> {
    let slot = lock(&SLOTS).get(program).map(Arc::clone)?;
    let mut place = slot.try_lock().ok()?;
    let zygote = place.zygote.as_mut()?;
    let worker = zygote.take_ready(worker_limits(limits))?;
    zygote.restart_timer(keep_warm);
    Some(worker)
}

/// As [`request_worker`], unless another script uses the zygote.
pub(super) fn request_worker_without_waiting(
    program: &ZygoteProgram,
    limits: &ScriptLimits,
    keep_warm: Duration,
) {
    let slot = lock(&SLOTS).get(program).map(Arc::clone);
    if let Some(slot) = slot.filter(|_| !keep_warm.is_zero())
        && let Ok(mut place) = slot.try_lock()
        && let Some(zygote) = &mut place.zygote
    {
        let _ = zygote.request_worker(worker_limits(limits)); // the next script names what is missing
    }
}

/// Asks for the worker of the next script with these limits, unless the zygote does not stay for it.
pub(super) fn request_worker(program: &ZygoteProgram, limits: &ScriptLimits, keep_warm: Duration) {
    let slot = lock(&SLOTS).get(program).map(Arc::clone);
    let Some(slot) = slot.filter(|_| !keep_warm.is_zero()) else {
        return;
    };
    if let Some(zygote) = &mut lock(&slot).zygote {
        // Whatever is missing, the next script names it if it still is.
        let _ = zygote.request_worker(worker_limits(limits));
    }
}

fn worker_limits(limits: &ScriptLimits) -> WorkerLimits {
    WorkerLimits {
        memory_bytes: limits.max_memory_bytes as u64,
        cpu: limits.max_cpu_time,
    }
}

/// What the index says of the interpreter of a program; `None` for the embedded engine. It does not
/// wait for a zygote that is being started.
pub(super) fn interpreter_state(program: &ZygoteProgram) -> Option<String> {
    let file = match InterpreterFile::find(program.engine.interpreter()?) {
        Ok(file) => file,
        Err(error) => return Some(error.to_string()),
    };
    let slot = slot(program);
    let place = match slot.try_lock() {
        Ok(place) => place,
        Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
        Err(TryLockError::WouldBlock) => return Some("starting".to_owned()),
    };
    Some(match (&place.zygote, &place.failure) {
        (Some(zygote), _) => zygote.state(&file),
        (None, Some(failure)) => failure.clone(),
        (None, None) => "not started".to_owned(),
    })
}

fn slot(program: &ZygoteProgram) -> Arc<Mutex<ZygoteSlot>> {
    let mut slots = lock(&SLOTS);
    Arc::clone(slots.entry(program.clone()).or_default())
}
