//! `POST /run_script`: Python against the live process, in a sandbox.
//!
//! Each script runs in a process of its own. With the first one the route starts the program's own
//! executable again, with an empty environment; that process warms the interpreter up, never sees
//! a script, and forks a child for each, which gives up everything that the kernel lets it give
//! up. It goes when no script came for a while ([`ScriptConfig::keep_warm`]). So `main` begins
//! with one line, and what scripts may see is registered like this:
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
//!     admin_endpoints::script::init(); // first: a sandbox goes no further
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
//! `app.state.NAME` is what was registered, asked anew at each use; `app.endpoints` lists the
//! server's routes. Objects can be compared but are no keys of dicts. Setting an attribute of a
//! live object is refused (through `setattr` it only changes the script's own view); methods that
//! change something are refused unless [`ScriptConfig::allow_changes`] was set. `datetime.now()`
//! is UTC.
//!
//! # The Python
//!
//! Modules that can be allowed, each a part of CPython's: `base64`, `binascii`, `collections`,
//! `dataclasses`, `datetime`, `functools`, `itertools`, `json`, `math`, `os` (`environ` and
//! `getenv`, masked as `GET /env` is, and nothing else), `pathlib` (no file exists), `re`, `sys`,
//! `typing`, `unicodedata`.
//!
//! Missing in the language: `yield`, `del` of a name, inheritance and metaclasses, `match`,
//! complex numbers, `exec`, `eval`, files, frames, code objects and every way to another class
//! than the one at hand. More than LMCache's own route has: all the usual built-ins (that one has
//! eight), classes, and functions that see the script's variables.
//!
//! # What it may use
//!
//! [`ScriptLimits`]; going over one is an answer that names it. `GET /run_script/sandbox` shows
//! the limits and the imports; the index, `GET /`, shows which isolation layers are active.

// The route.
mod availability;
mod config;
mod environ;
mod handler;
mod limits;
mod outcome;
mod record;
mod sandbox_error;
mod sandbox_info;
mod source;

// The server's side of one script.
mod app;
mod run;
mod session;
mod zygote_pool;

// Between the two processes.
mod frame;
mod wire;

// The child's side.
mod child;
mod engine;

#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;

pub use self::{child::init, config::ScriptConfig, limits::ScriptLimits};
