//! The trait of objects that scripts can see.

use super::{ScriptArgs, ScriptError, ScriptValue};

/// A live object that scripts can inspect.
///
/// Written by hand or by `#[script_object]` on an `impl` block. Both methods run on a thread of
/// the server's own, at most one at a time for one script; they may lock and wait, for the
/// script's deadline does not depend on them, but a method that never returns keeps one of the
/// few permits for scripts.
///
/// ```
/// use admin_runtime::script::{ScriptArgs, ScriptError, ScriptObject, ScriptValue};
///
/// struct Pool(std::sync::atomic::AtomicU32);
///
/// impl ScriptObject for Pool {
///     fn class_name(&self) -> &str {
///         "Pool"
///     }
///     fn attribute(&self, name: &str) -> Option<Result<ScriptValue, ScriptError>> {
///         let size = self.0.load(std::sync::atomic::Ordering::Relaxed);
///         (name == "size").then(|| Ok(ScriptValue::Int(size.into())))
///     }
/// }
/// assert!(matches!(Pool(8.into()).attribute("size"), Some(Ok(ScriptValue::Int(8)))));
/// assert!(Pool(8.into()).attribute("sice").is_none()); // 'Pool' object has no attribute 'sice'
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an object that scripts can inspect",
    note = "put `#[script_object]` on its `impl` block"
)]
pub trait ScriptObject: Send + Sync + 'static {
    /// The name of its class, as messages show it: `'Pool' object has no attribute 'x'`.
    fn class_name(&self) -> &str;

    /// What it has, for documentation and to know which methods change something.
    ///
    /// ```
    /// use admin_runtime::script::{ScriptObject, script_object};
    ///
    /// struct Cache(Vec<u64>);
    ///
    /// #[script_object]
    /// impl Cache {
    ///     #[attribute]
    ///     fn chunks(&self) -> usize { self.0.len() }
    ///     fn holds(&self, chunk: u64) -> bool { self.0.contains(&chunk) }
    /// }
    /// let names: Vec<_> = Cache(vec![]).members().iter().map(|member| member.name).collect();
    /// assert_eq!(names, ["chunks", "holds"]);
    /// ```
    fn members(&self) -> &[ScriptMember] {
        &[]
    }

    /// The value of an attribute now, or `None` when there is no such attribute.
    ///
    /// Never asked for a name that begins with an underscore.
    fn attribute(&self, name: &str) -> Option<Result<ScriptValue, ScriptError>> {
        let _ = name;
        None
    }

    /// Calls a method, or `None` when there is no such method.
    ///
    /// A method that [`members`](Self::members) marks as changing something is only called for
    /// callers that may change the process.
    ///
    /// ```
    /// use admin_runtime::script::{ScriptArgs, ScriptObject, ScriptValue, script_object};
    ///
    /// struct Cache(Vec<u64>);
    ///
    /// #[script_object]
    /// impl Cache {
    ///     fn holds(&self, chunk: u64) -> bool { self.0.contains(&chunk) }
    /// }
    /// let cache = Cache(vec![7]);
    /// let seven = ScriptArgs::new(vec![ScriptValue::Int(7)], vec![]);
    /// assert!(matches!(cache.call("holds", seven), Some(Ok(ScriptValue::Bool(true)))));
    /// assert!(cache.call("clear", ScriptArgs::default()).is_none());
    /// ```
    fn call(&self, name: &str, args: ScriptArgs) -> Option<Result<ScriptValue, ScriptError>> {
        let _ = (name, args);
        None
    }
}

impl std::fmt::Debug for dyn ScriptObject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "<{}>", self.class_name())
    }
}

/// One attribute or method of a [`ScriptObject`].
///
/// ```
/// use admin_runtime::script::{MemberKind, ScriptMember, ScriptObject, script_object};
///
/// struct Cache;
///
/// #[script_object]
/// impl Cache {
///     /// Whether a chunk is held.
///     fn holds(&self, chunk: u64) -> bool { chunk == 7 }
/// }
/// let holds = ScriptMember::new("holds", MemberKind::Method, "(chunk: u64)")
///     .with_changes(false)
///     .with_summary("Whether a chunk is held.");
/// assert_eq!(Cache.members(), [holds]);
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct ScriptMember {
    /// What a script writes after the dot.
    pub name: &'static str,
    /// Read without or with parentheses.
    pub kind: MemberKind,
    /// The arguments as Rust has them, such as `(tokens: Vec<u32>)`; empty for attributes.
    pub signature: &'static str,
    /// Whether it changes the process, and so needs that changes are permitted.
    pub changes: bool,
    /// The first paragraph of its documentation.
    pub summary: &'static str,
}

impl ScriptMember {
    /// A member that changes nothing and has no summary.
    #[must_use]
    pub const fn new(name: &'static str, kind: MemberKind, signature: &'static str) -> Self {
        Self {
            name,
            kind,
            signature,
            changes: false,
            summary: "",
        }
    }

    /// Sets [`changes`](Self::changes).
    #[must_use]
    pub const fn with_changes(self, changes: bool) -> Self {
        Self { changes, ..self }
    }

    /// Sets [`summary`](Self::summary).
    #[must_use]
    pub const fn with_summary(self, summary: &'static str) -> Self {
        Self { summary, ..self }
    }
}

/// How a member is read. Other ways may be added.
///
/// ```
/// use admin_runtime::script::{MemberKind, ScriptMember};
///
/// /// What a script writes.
/// fn usage(member: &ScriptMember) -> String {
///     match member.kind {
///         MemberKind::Method => format!("{}{}", member.name, member.signature),
///         _ => member.name.to_owned(),
///     }
/// }
/// # let kind = MemberKind::Method;
/// # let pin = ScriptMember::new("pin", kind, "(count: u8)").with_changes(true);
/// assert_eq!(usage(&pin), "pin(count: u8)");
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum MemberKind {
    /// `object.name`.
    Attribute,
    /// `object.name(…)`.
    Method,
}
