//! What a script sees of the process: objects with lazy attributes and methods, and plain values.
//!
//! A script never holds a Rust value. It holds a handle, and each attribute it reads and each
//! method it calls is asked of the [`ScriptObject`] at that moment, on a thread of the server's
//! own, so that it sees live state. Names that begin with an underscore are never asked.
//!
//! Nothing here knows Python: the engine that runs scripts lives with the route.

mod args;
mod error;
mod object;
mod objects;
mod serialize;
mod value;

pub use self::{
    args::{FromScriptValue, ScriptArgs},
    error::{ScriptError, ScriptErrorKind},
    object::{MemberKind, ScriptMember, ScriptObject},
    objects::{InvalidScriptName, ScriptObjects, ScriptPlace},
    serialize::{MAX_DEPTH, MAX_NODES, Serialized},
    value::{IntoScriptValue, ScriptValue},
};
