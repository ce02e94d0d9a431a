//! The exception that a lookup or a call raises in the script.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Which built-in exception the script sees, so that it can catch the right one.
///
/// ```
/// use admin_runtime::script::{ScriptError, ScriptErrorKind};
///
/// fn lookup(key: &str) -> Result<u32, ScriptError> {
///     let missing = || ScriptError::new(ScriptErrorKind::Key, format!("no block {key:?}"));
///     (key == "a").then_some(7).ok_or_else(missing)
/// }
/// let error = lookup("b").unwrap_err(); // a script catches it with `except KeyError`
/// assert_eq!((error.kind(), error.message()), (ScriptErrorKind::Key, r#"no block "b""#));
/// ```
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub enum ScriptErrorKind {
    /// `AttributeError`: an attribute of that name does not exist.
    Attribute,
    /// `KeyError`: the key does not exist.
    Key,
    /// `OSError`: a file, a socket or a peer failed.
    Os,
    /// `PermissionError`: the caller may not do this.
    Permission,
    /// `RuntimeError`: any other error; `?` on a standard error returns this kind.
    Runtime,
    /// `TimeoutError`: a time limit was exceeded.
    Timeout,
    /// `TypeError`: wrong arguments.
    Type,
    /// `ValueError`: the right type with an invalid value.
    Value,
}

/// An exception for the script: a kind and the text of `str(e)`.
///
/// Every standard error converts into one of kind [`ScriptErrorKind::Runtime`], so `?` works in
/// methods. The text is shown to the client that sent the script.
///
/// ```
/// use admin_runtime::script::{ScriptError, ScriptErrorKind};
///
/// fn tier(name: &str) -> Result<u32, ScriptError> {
///     match name {
///         "cpu" => Ok("1".parse()?),
///         other => Err(ScriptError::value_error(format!("no tier {other:?}; there is: cpu"))),
///     }
/// }
/// assert_eq!(tier("gpu").unwrap_err().kind(), ScriptErrorKind::Value);
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ScriptError {
    kind: ScriptErrorKind,
    message: String,
}

impl ScriptError {
    /// An exception of `kind` whose `str(e)` is `message`.
    ///
    /// ```
    /// use admin_runtime::script::{ScriptError, ScriptErrorKind};
    ///
    /// let error = ScriptError::new(ScriptErrorKind::Timeout, "no answer in 5 s");
    /// assert_eq!(error.to_string(), "no answer in 5 s");
    /// ```
    #[must_use]
    pub fn new(kind: ScriptErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
        }
    }

    /// A `ValueError`.
    #[must_use]
    pub fn value_error(message: impl Into<String>) -> Self {
        Self::new(ScriptErrorKind::Value, message)
    }

    /// A `TypeError`.
    ///
    /// ```
    /// use admin_runtime::script::{ScriptError, ScriptErrorKind};
    ///
    /// let error = ScriptError::type_error("keys must be str, not int");
    /// assert_eq!(error.kind(), ScriptErrorKind::Type);
    /// ```
    #[must_use]
    pub fn type_error(message: impl Into<String>) -> Self {
        Self::new(ScriptErrorKind::Type, message)
    }

    /// Which exception it is.
    #[must_use]
    pub fn kind(&self) -> ScriptErrorKind {
        self.kind
    }

    /// The text of `str(e)`.
    ///
    /// ```
    /// use admin_runtime::script::ScriptError;
    ///
    /// let error = ScriptError::from(std::io::Error::other("the disk is full"));
    /// assert_eq!(error.message(), "the disk is full");
    /// ```
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for ScriptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

// `ScriptError` does not implement `std::error::Error`, so that every other error converts.
impl<E: std::error::Error> From<E> for ScriptError {
    fn from(error: E) -> Self {
        Self::new(ScriptErrorKind::Runtime, error.to_string())
    }
}
