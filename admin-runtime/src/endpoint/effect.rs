//! What a request may change: the guards are chosen by it.

use std::fmt;

/// The effect of a request, from harmless to dangerous; the order is the strictness of the guards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// Changes nothing.
    Read,
    /// Changes the state of the process: guarded against cross-site requests and audited.
    Write,
    /// Can change anything (runs code): as `Write`, and named so in the index.
    Dangerous,
}

impl Effect {
    /// The word that the attribute, the index and the audit line use.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Dangerous => "dangerous",
        }
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Raises an endpoint's effect when a query parameter is present, whatever its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EffectIf {
    /// The query parameter.
    pub query: &'static str,
    /// The effect of a request that has it.
    pub effect: Effect,
}
