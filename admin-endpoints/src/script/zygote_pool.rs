//! Owns the zygotes of this process, one for each program: started on demand, stopped after
//! `keep_warm` without a script, or with the last server.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, TryLockError};
use std::time::Duration;

use admin_runtime::describe::ResourceContext;

use super::child::WorkerLimits;
use super::descriptor_reserve;
use super::interpreter_file::InterpreterFile;
use super::limits::ScriptLimits;
use super::memory_return;
use super::sandbox_error::SandboxError;
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

/// A worker that waits for its script.
#[derive(Debug)]
pub(super) struct SpawnedWorker {
    /// The process, which is signalled through this descriptor and never through its number.
    pub(super) process: OwnedFd,
    pub(super) stream: UnixStream,
    /// Where the zygote writes how the worker ended.
    pub(super) exit_status: UnixStream,
}

/// Forks a worker from the zygote of a program, which stays for `keep_warm` after the last one.
///
/// # Errors
///
/// When the zygote cannot be started or cannot fork.
pub(super) fn spawn_worker(
    program: &ZygoteProgram,
    limits: &ScriptLimits,
    keep_warm: Duration,
) -> Result<SpawnedWorker, SandboxError> {
    let limits = WorkerLimits {
        memory_bytes: limits.max_memory_bytes as u64,
        cpu: limits.max_cpu_time,
    };
    let slot = slot(program);
    let mut place = lock(&slot);
    let _descriptors = descriptor_reserve::take();
    let interpreter = program.engine.interpreter().map(InterpreterFile::find);
    let interpreter = interpreter.transpose().map_err(SandboxError::Interpreter)?;
    let pair = || UnixStream::pair().map_err(SandboxError::not_provided("socket"));
    let ((stream, worker_stream), (exit_status, worker_status)) = (pair()?, pair()?);
    let replaced = place.retire_if_replaced(interpreter.as_ref());
    let forked = match &place.zygote {
        Some(zygote) => zygote.fork(limits, &worker_stream, &worker_status),
        None => Err(io::ErrorKind::NotFound.into()),
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
            let forked = zygote.fork(limits, &worker_stream, &worker_status);
            forked.map_err(|_| SandboxError::ZygoteTimeout)?
        }
    };
    let process = process.map_err(|error| {
        place.zygote = None; // it has the limits of the time when it was started
        SandboxError::Fork(error)
    })?;
    if let Some(zygote) = &place.zygote {
        zygote.restart_timer(keep_warm);
    }
    Ok(SpawnedWorker {
        process,
        stream,
        exit_status,
    })
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
