//! Why a stack is not complete.

/// Why a stack ends before the thread's first function.
///
/// ```
/// use admin_endpoints::threads::Truncation;
///
/// assert_eq!(Truncation::NoUnwindInfo.as_str(), "no unwind information beyond");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Truncation {
    /// There are more frames than requested.
    FrameLimit,
    /// Memory beyond is not readable, or the stack is larger than the copy.
    UnreadableMemory,
    /// The next frame cannot be computed.
    NoUnwindInfo,
}

impl Truncation {
    /// The text in a dump.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FrameLimit => "more frames follow; ask for up to 256 with ?frames=N",
            Self::UnreadableMemory => "the stack beyond was not readable",
            Self::NoUnwindInfo => "no unwind information beyond",
        }
    }
}
