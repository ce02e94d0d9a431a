//! Why a run failed.

use std::error::Error as StdError;
use std::fmt;

use super::run_summary::{MAX_MESSAGE_BYTES, truncated};

/// Why a run failed. `?` converts any std error.
///
/// ```
/// use admin_runtime::PeriodicError;
///
/// fn ping(answer: &str) -> Result<(), PeriodicError> {
///     match answer {
///         "PONG" => Ok(()),
///         "BYE" => Err(PeriodicError::fatal("the peer has shut down")),
///         other => Err(PeriodicError::new(format!("unexpected answer {other:?}"))),
///     }
/// }
/// assert!(!ping("?").unwrap_err().is_fatal());
/// assert!(ping("BYE").unwrap_err().is_fatal());
/// assert_eq!(ping("?").unwrap_err().message(), r#"unexpected answer "?""#);
/// ```
pub struct PeriodicError {
    message: String,
    fatal: bool,
}

impl PeriodicError {
    /// A failed run; the thread continues.
    #[must_use]
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: truncated(message.into()),
            fatal: false,
        }
    }

    /// A failure that ends the loop: the thread is `dead` until it is started again.
    #[must_use]
    pub fn fatal(message: impl Into<String>) -> Self {
        Self::new(message).into_fatal()
    }

    /// The same error, ending the loop.
    ///
    /// ```
    /// use admin_runtime::PeriodicError;
    ///
    /// let error = PeriodicError::from(std::io::Error::other("the disk is gone")).into_fatal();
    /// assert_eq!((error.message(), error.is_fatal()), ("the disk is gone", true));
    /// ```
    #[must_use]
    pub fn into_fatal(self) -> Self {
        Self {
            fatal: true,
            ..self
        }
    }

    /// Whether it ends the loop.
    #[must_use]
    pub fn is_fatal(&self) -> bool {
        self.fatal
    }

    /// What went wrong.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    pub(super) fn into_message(self) -> String {
        self.message
    }
}

impl fmt::Debug for PeriodicError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PeriodicError")
            .field("message", &self.message)
            .field("fatal", &self.fatal)
            .finish()
    }
}

impl fmt::Display for PeriodicError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

// `PeriodicError` does not implement `std::error::Error`: this would overlap with `From<T> for T`.
impl<E: StdError> From<E> for PeriodicError {
    fn from(error: E) -> Self {
        let mut message = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            // Many errors repeat their source in their own text.
            let cause_text = cause.to_string();
            if message.len() > MAX_MESSAGE_BYTES {
                break;
            }
            if !message.contains(&cause_text) {
                message.push_str(": ");
                message.push_str(&cause_text);
            }
            source = cause.source();
        }
        Self::new(message)
    }
}

#[cfg(test)]
mod tests {
    use std::num::ParseIntError;

    use super::*;

    #[derive(Debug)]
    struct WithSource(&'static str, ParseIntError);

    impl fmt::Display for WithSource {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }
    }

    impl StdError for WithSource {
        fn source(&self) -> Option<&(dyn StdError + 'static)> {
            Some(&self.1)
        }
    }

    #[test]
    fn each_source_is_named_once() {
        let error = |text| WithSource(text, "x".parse::<u8>().unwrap_err());
        for (text, message) in [
            ("bad size", "bad size: invalid digit found in string"),
            (
                "bad size (invalid digit found in string)",
                "bad size (invalid digit found in string)",
            ),
        ] {
            assert_eq!(PeriodicError::from(error(text)).message(), message);
        }
    }

    #[test]
    fn messages_are_bounded() {
        let long = "ä".repeat(MAX_MESSAGE_BYTES);
        assert_eq!(PeriodicError::new(long).message().len(), MAX_MESSAGE_BYTES);
    }
}
