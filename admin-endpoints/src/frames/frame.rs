//! One frame of a stack.

use std::sync::Arc;

use serde::{Serialize, Serializer};

/// The function name of a kernel signal frame, as gdb shows it.
#[cfg(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
pub(crate) const SIGNAL_FRAME_NAME: &str = "<signal handler called>";

/// A function on a thread's stack.
///
/// Several frames can share one code address: the function there and those inlined into it.
///
/// ```
/// use admin_endpoints::threads::Frame;
///
/// let mut frame = Frame::default();
/// frame.function = Some("cache::evict".into());
/// frame.line = Some(42);
/// frame.offset = 0x1f40;
/// let json = serde_json::to_value(&frame)?;
/// assert_eq!((&json["function"], &json["line"]), (&"cache::evict".into(), &42.into()));
/// assert_eq!(json["offset"], "0x1f40");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct Frame {
    /// The demangled name without its hash; `None` if the module's symbols are stripped.
    pub function: Option<String>,
    /// The source file, without the directory that it was built in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The line in that file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// Whether the function was inlined into the next frame's.
    pub inlined: bool,
    /// The file name of the program or library; `None` for code that is not from a file.
    #[serde(serialize_with = "as_optional_str")]
    pub module: Option<Arc<str>>,
    /// The address within the module, as `addr2line` and `objdump` take it.
    #[serde(serialize_with = "as_hex")]
    pub offset: u64,
    /// The module's build ID in hexadecimal digits; set if the function is not known.
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "as_optional_str"
    )]
    pub build_id: Option<Arc<str>>,
}

fn as_hex<S: Serializer>(value: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{value:#x}"))
}

fn as_optional_str<S: Serializer>(
    text: &Option<Arc<str>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    text.as_deref().serialize(serializer)
}
