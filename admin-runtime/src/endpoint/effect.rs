//! What a request may change: the guards are chosen by it.

use std::fmt;

/// The effect of a request, from harmless to dangerous; the order is the strictness of the guards.
///
/// ```
/// use admin_runtime::describe::Effect;
///
/// assert!(Effect::Read < Effect::Write && Effect::Write < Effect::Dangerous);
/// assert_eq!(Effect::Dangerous.as_str(), "dangerous");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
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
///
/// ```standalone_crate
/// # use admin_runtime::{AdminServer, admin_endpoint};
/// #[admin_endpoint(path = "/level", effect_if(query = "to", effect = "write"))]
/// async fn level(to: Option<u8>) -> String {
///     to.map_or("at 3".into(), |to| format!("to {to}"))
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = AdminServer::builder().build()?;
/// let from_afar = |target| server.test_client().get(target).header("origin", "http://elsewhere.example");
/// assert_eq!(from_afar("/level").await.text(), "at 3");
/// let refused = from_afar("/level?to=9").await;
/// assert_eq!(refused.status(), 403);
/// assert_eq!(
///     refused.text(),
///     "Origin 'http://elsewhere.example' is not this server: cross-site writes are refused",
/// );
/// # Ok(())
/// # }
/// ```
///
/// ```
/// use admin_runtime::describe::{Effect, EffectIf};
///
/// const SET: EffectIf = EffectIf::new("level", Effect::Write);
/// assert_eq!((SET.query(), SET.effect()), ("level", Effect::Write));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EffectIf {
    pub(crate) query: &'static str,
    pub(crate) effect: Effect,
}

impl EffectIf {
    /// A request that has this query parameter has this effect.
    #[must_use]
    pub const fn new(query: &'static str, effect: Effect) -> Self {
        Self { query, effect }
    }

    /// The query parameter.
    #[must_use]
    pub const fn query(&self) -> &'static str {
        self.query
    }

    /// The effect of a request that has it.
    #[must_use]
    pub const fn effect(&self) -> Effect {
        self.effect
    }
}
