//! What a script sees of the process: objects with lazy attributes and methods, and plain values.
//!
//! A script never holds a Rust value. It holds a handle, and each attribute it reads and each
//! method it calls is asked of the [`ScriptObject`] at that moment, on a thread of the server's
//! own, so that it sees live state. Names that begin with an underscore are never asked.
//!
//! Nothing here knows Python: the engine that runs scripts lives with the route.

/// Lets scripts look into a type: the methods of one `impl` block.
///
/// Each takes `&self`. One with `#[attribute]` is read without parentheses; one with `#[changes]`
/// changes the process, and is only called where `ScriptConfig::allow_changes` was set. Arguments
/// are of types that implement [`FromScriptValue`], results of types that implement
/// [`IntoScriptValue`]; an error of a `Result` is raised in the script. Functions that scripts must
/// not call belong in another block. `name = ".."` gives the class another name than the type's.
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
///     /// Whether a chunk more would fit: `app.state.cache.fits(7)`.
///     fn fits(&self, more: u64) -> bool {
///         self.chunks() + more <= 100
///     }
///
///     /// Drops everything, and says how much it was.
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
