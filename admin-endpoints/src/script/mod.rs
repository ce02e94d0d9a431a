//! `POST /run_script`: Python against the live process, in a sandbox.
//!
//! Each script runs in its own process, the worker. For the first script the route starts the
//! program's own executable again, with an empty environment. This second process, the zygote, runs
//! the code of this module before `main` and never enters `main`. It warms the interpreter up,
//! never reads a script, and forks one worker for each script; the worker drops every privilege that
//! it can drop. After a script, the worker for the next one is forked and isolated, and waits. Zygote
//! and worker end some time after the last script ([`ScriptConfig::keep_warm`]). `main` needs one line, and objects for scripts are registered like this:
//!
//! ```standalone_crate
//! use admin_endpoints::script::ScriptConfig;
//! use admin_runtime::{AdminServer, script::script_object};
//!
//! struct Metadata { kv_shape: (u32, u32, u32, u32, u32) }
//!
//! #[script_object]
//! impl Metadata {
//!     #[attribute]
//!     fn kv_shape(&self) -> (u32, u32, u32, u32, u32) {
//!         self.kv_shape
//!     }
//! }
//!
//! fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     admin_endpoints::script::init(); // enables scripts
//!     admin_runtime::link!(admin_endpoints);
//!     let admin = AdminServer::builder()
//!         .config(ScriptConfig::default().allow_import("json"))
//!         .script_object("metadata", Metadata { kv_shape: (27, 1, 64, 1, 576) })
//!         .bind("127.0.0.1:0")
//!         .start()?;
//!     // result = app.state.metadata.kv_shape
//!     # drop(admin);
//!     Ok(())
//! }
//! ```
//!
//! # What scripts see
//!
//! `app.state.NAME` is a registered object, which is read at each use; `app.endpoints` lists the
//! server's routes. Objects can be compared. Setting an attribute of a live object is an error;
//! methods that change something are rejected unless [`ScriptConfig::allow_changes`] was set.
//! Local time is UTC with both engines, whatever `TZ` of the program is. `from __future__ import` is always allowed.
//!
//! # Which Python
//!
//! [`ScriptConfig::engine`] selects one of two engines; [`Engine`] compares them. Take
//! [`Engine::cpython`] where scripts that people have already must run unchanged, or need the whole
//! language. The embedded engine needs no interpreter on the machine and no permission for
//! namespaces, and its interpreter has no files to begin with.
//!
//! # The embedded engine
//!
//! Objects cannot be keys of dicts. Modules that can be allowed, each with a part of the functions
//! of CPython's module: `base64`, `binascii`, `collections`, `dataclasses`, `datetime`, `functools`,
//! `itertools`, `json`, `math`, `os` (`environ` and `getenv` only, masked as in `GET /env`), `pathlib` (without files), `re`,
//! `sys`, `typing`, `unicodedata`.
//!
//! In addition to LMCache's own route there are all the usual built-ins (that route has eight),
//! classes, and functions that see the script's variables.
//!
#![doc = include_str!("engine/embedded_engine.md")]
//!
//! # CPython
//!
//! The zygote becomes the interpreter of the machine, which imports the allowed modules and forks
//! one worker for each script. It takes about 16 MB, and more with large modules. What differs from
//! a script that is started with `python3`:
//!
//! | | why |
//! |---|---|
//! | `open`, `input`, `breakpoint`, `exit`, `quit`, `help`, `eval`, `exec` and `compile` are missing | a script has no files and no terminal |
//! | `Import of 'os' is not allowed` for modules that are not allowed | as in LMCache's route; code of allowed modules imports what it needs |
//! | `No module named` for a module that was not imported before the script | a worker reads no files |
//! | files, sockets, processes, threads and signals fail with `Operation not permitted` | the isolation |
//! | `os.environ` has the masked variables of the program, read when `os` is imported | as `GET /env` |
//! | local time is UTC, and `zoneinfo` has no zones | they are files |
//! | recursion ends at [`ScriptLimits::max_recursion_depth`] | the limits of both engines are the same |
//! | printed text is lost when the kernel ends the script at its CPU limit | the interpreter is not asked |
//!
//! Globals and locals are one namespace, unlike in LMCache's route, whose two namespaces break
//! functions and comprehensions. `__name__` is `__main__`. A script that has read the source of
//! this engine can reach every module that is imported, and all of `ctypes`: only the layers of the
//! kernel isolate it, so each is required unless [`ScriptConfig::allow_weaker_isolation`] is set.
//!
//! # Limits and requirements
//!
//! A script that exceeds one of the [`ScriptLimits`] gets an answer that names it. `GET
//! /run_script/sandbox` shows the limits, the allowed imports and the active isolation layers.
//! Linux 5.9 or later is required. Code in a shared library cannot run scripts: the executable
//! that loaded it does not contain the engine.

// Messages between the two processes.
mod engine_setting;
mod frame;
mod isolation_report;
mod limits;
mod setup_failure;
mod start_report;
mod wire;

// The zygote and the workers.
mod child;
mod cpython;
mod engine;

// The server's side of one script.
mod app;
mod descriptor_reserve;
mod direct_run;
mod environ;
mod interpreter_file;
mod memory_return;
mod outcome;
mod run;
mod sandbox_error;
mod session;
mod spawned_worker;
mod zygote_pool;
mod zygote_process;
mod zygote_program;

// The routes.
mod availability;
mod config;
mod handler;
mod record;
mod sandbox_info;
mod script_file;
mod source;

#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;

pub use self::child::init;
pub use self::config::ScriptConfig;
pub use self::engine_setting::Engine;
pub use self::limits::ScriptLimits;
