//! What a script sees of the process: objects with lazy attributes and methods, and plain values.
//!
//! A script never holds a Rust value. It holds a handle. Each attribute access and each method call
//! of the script calls the [`ScriptObject`] at that moment, on one of the server's own threads, so
//! that scripts see live state. Names that begin with an underscore are never looked up.
//!
//! This module does not depend on Python: the engine that runs scripts is part of the route.

/// Makes the methods of an `impl` block available to scripts.
///
/// Each takes `&self`. A method with `#[attribute]` is read without parentheses. A method with
/// `#[changes]` changes the process, and is called only if `ScriptConfig::allow_changes` was set.
/// Arguments implement [`FromScriptValue`], results implement [`IntoScriptValue`]; the error of a
/// `Result` is raised in the script. Put functions that scripts must not call in another block.
/// `name = ".."` sets the name of the class; the default is the name of the type.
///
/// The block is a [`ScriptObject`]; `AdminServer::builder().script_object("cache", ..)` shows it to
/// scripts as `app.state.cache`.
///
/// ```
/// use std::sync::atomic::{AtomicU64, Ordering};
/// use admin_runtime::script::{ScriptObject, script_object};
///
/// struct Cache { chunks: AtomicU64 }
///
/// #[script_object]
/// impl Cache {
///     /// Chunks held now: `app.state.cache.chunks`.
///     #[attribute]
///     fn chunks(&self) -> u64 {
///         self.chunks.load(Ordering::Relaxed)
///     }
///
///     /// Whether another chunk would fit: `app.state.cache.fits(7)`.
///     fn fits(&self, more: u64) -> bool {
///         self.chunks() + more <= 100
///     }
///
///     /// Drops all chunks and returns their number.
///     #[changes]
///     fn clear(&self) -> u64 {
///         self.chunks.swap(0, Ordering::Relaxed)
///     }
/// }
///
/// let cache = Cache { chunks: 3.into() };
/// assert_eq!(format!("{:?}", cache.attribute("chunks")), "Some(Ok(3))");
/// let changing: Vec<_> = cache.members().iter().filter(|m| m.changes).map(|m| m.name).collect();
/// assert_eq!(changing, ["clear"]);
/// ```
pub use admin_macros::script_object;

mod args;
mod budget;
mod data;
mod error;
mod extract;
mod object;
mod objects;
mod serialize;
mod value;

pub use self::args::{FromScriptValue, ScriptArgs};
pub use self::budget::{MAX_DEPTH, MAX_NODES};
pub use self::data::{ScriptData, ScriptHandle};
pub use self::error::{ScriptError, ScriptErrorKind};
pub use self::object::{MemberKind, ScriptMember, ScriptObject};
pub use self::objects::{InvalidScriptObject, ScriptObjects, ScriptPermit};
pub use self::serialize::Serialized;
pub use self::value::{IntoScriptValue, ScriptValue};
