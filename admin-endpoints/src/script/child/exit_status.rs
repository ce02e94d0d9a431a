//! How a worker ended, as the zygote tells the server.

use std::fmt::{self, Display, Formatter};

use rustix::process::WaitIdStatus;

use super::signals::SIGNAL_EXIT_BASE;

/// An exit code, or the signal that ended the process.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum ExitStatus {
    /// The code of a normal exit.
    Code(i32),
    /// The number of the signal.
    Signal(i32),
}

impl ExitStatus {
    /// The size of the message.
    pub(crate) const MESSAGE_BYTES: usize = 4;

    pub(crate) fn from_wait(status: &WaitIdStatus) -> Self {
        match (status.terminating_signal(), status.exit_status()) {
            (Some(signal), _) => Self::Signal(signal),
            (None, Some(code)) if code > SIGNAL_EXIT_BASE => Self::Signal(code - SIGNAL_EXIT_BASE),
            (None, code) => Self::Code(code.unwrap_or(0)),
        }
    }

    /// The message: signals as negative numbers.
    pub(super) fn to_bytes(self) -> [u8; Self::MESSAGE_BYTES] {
        match self {
            Self::Code(code) => code.to_le_bytes(),
            Self::Signal(signal) => (-signal).to_le_bytes(),
        }
    }

    pub(crate) fn from_bytes(bytes: [u8; Self::MESSAGE_BYTES]) -> Self {
        match i32::from_le_bytes(bytes) {
            signal if signal < 0 => Self::Signal(signal.saturating_neg()),
            code => Self::Code(code),
        }
    }
}

impl Display for ExitStatus {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => write!(f, "exit status {code}"),
            Self::Signal(signal) => write!(f, "signal {signal}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn message_keeps_codes_and_signals_apart() {
        for status in [
            ExitStatus::Code(0),
            ExitStatus::Code(9),
            ExitStatus::Signal(9),
        ] {
            assert_eq!(ExitStatus::from_bytes(status.to_bytes()), status);
        }
    }
}
