//! Why a value cannot be shown.

use std::fmt;

/// How many objects, lists, options and newtypes may contain each other.
pub(super) const MAX_DEPTH: usize = 128;

/// How much JSON one value may have, in bytes.
pub(super) const MAX_BYTES: usize = 1 << 20;

/// A value that cannot be shown.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum ShownValueError {
    TooDeep,
    TooLarge,
    /// A key of a map that is neither a text nor a number nor a truth value.
    Key,
    /// What `Serialize` of the value says.
    Failed(String),
    /// The value or its function panicked.
    Panicked,
}

impl fmt::Display for ShownValueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooDeep => write!(f, "it is nested in more than {MAX_DEPTH} levels"),
            Self::TooLarge => write!(f, "it is longer than {MAX_BYTES} bytes"),
            Self::Key => f.write_str("a key of a map is not a text"),
            Self::Failed(reason) => f.write_str(reason),
            Self::Panicked => f.write_str("it panicked"),
        }
    }
}

impl std::error::Error for ShownValueError {}

impl serde::ser::Error for ShownValueError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::Failed(message.to_string())
    }
}
