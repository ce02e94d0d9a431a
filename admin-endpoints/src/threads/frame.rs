//! One frame of a stack, as it is shown.

use serde::Serialize;
use std::sync::Arc;

/// A function on a thread's stack.
///
/// Several frames may share one code address: those that were inlined into the outermost one.
///
/// ```
/// use admin_endpoints::threads::Frame;
///
/// let frame = Frame {
///     function: Some("cache::evict".into()),
///     file: Some("cache/src/lru.rs".into()),
///     line: Some(42),
///     module: Some("worker".into()),
///     offset: 0x1f40,
///     ..Frame::default()
/// };
/// let json = serde_json::to_value(&frame)?;
/// assert_eq!((&json["function"], &json["line"]), (&"cache::evict".into(), &42.into()));
/// assert_eq!(json["offset"], "0x1f40");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Frame {
    /// The demangled name without its hash; `None` when the module's symbols are stripped.
    pub function: Option<String>,
    /// The source file, without the directory it was built in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The line in that file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// Whether the compiler merged this function into its caller.
    pub inlined: bool,
    /// The file name of the program or library; `None` for code outside of every file.
    #[serde(serialize_with = "as_text")]
    pub module: Option<Arc<str>>,
    /// The address within the module, as `addr2line` and `objdump` count.
    #[serde(serialize_with = "as_hex")]
    pub offset: u64,
    /// The module's build-id in hexadecimal digits, where names are missing.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_text")]
    pub build_id: Option<Arc<str>>,
}

fn as_hex<S: serde::Serializer>(value: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{value:#x}"))
}

fn as_text<S: serde::Serializer>(
    text: &Option<Arc<str>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    text.as_deref().serialize(serializer)
}

/// How the kernel's signal frame is shown, in the words that gdb uses.
pub(super) const SIGNAL_FRAME: &str = "<signal handler called>";
