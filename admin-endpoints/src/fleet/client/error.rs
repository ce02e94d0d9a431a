//! Why another process has not answered.

use std::fmt;
use std::time::Duration;

use http::StatusCode;

use crate::fleet::limits::MAX_ANSWER_BYTES;

/// Why a request to another process failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ClientError {
    /// It is not asked; why.
    NotAsked(String),
    /// There is no connection; why.
    NoConnection(String),
    /// There is no session of TLS; why.
    NoTlsSession(String),
    /// The time was over.
    TimedOut(Duration),
    /// It answered with another place, which is not asked.
    Redirected(StatusCode),
    /// Its answer is longer than [`MAX_ANSWER_BYTES`].
    TooLong,
    /// It closed the connection, or what it sent is not HTTP; what exactly.
    NoAnswer(String),
    /// A file of this process cannot be used; why.
    Credentials(String),
}

impl fmt::Display for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoConnection(reason) => write!(f, "no connection: {reason}"),
            Self::NoTlsSession(reason) => write!(f, "no TLS session: {reason}"),
            Self::TimedOut(time) => write!(f, "timed out after {time:?}"),
            Self::Redirected(status) => write!(
                f,
                "answered {} with a redirect, which is not followed",
                status.as_u16()
            ),
            Self::TooLong => write!(f, "the answer has more than {MAX_ANSWER_BYTES} bytes"),
            Self::NoAnswer(reason) => write!(f, "no answer: {reason}"),
            Self::NotAsked(reason) | Self::Credentials(reason) => f.write_str(reason),
        }
    }
}

impl std::error::Error for ClientError {}

/// An error with its causes, each once.
pub(super) fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = error.source();
    }
    text
}
