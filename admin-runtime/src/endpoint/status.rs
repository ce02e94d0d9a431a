//! The status of an endpoint in the index.

use std::borrow::Cow;

use serde::{Serialize, Serializer};

use crate::request::RequestContext;

/// The status of an endpoint at this moment, shown in the index: a few short facts, in order.
///
/// The function that `status = "..."` names returns one for each `GET /`. It is called on the
/// admin runtime, so it answers from what is known already and never blocks.
///
/// ```standalone_crate
/// use admin_runtime::{AdminServer, RequestContext, admin_endpoint};
/// use admin_runtime::describe::EndpointStatus;
/// use std::sync::atomic::{AtomicUsize, Ordering};
///
/// struct Backups(AtomicUsize);
///
/// /// Back everything up.
/// #[admin_endpoint(method = "POST", path = "/backup", status = "backups")]
/// async fn backup() {}
///
/// fn backups(request: &RequestContext) -> EndpointStatus {
///     let done = request.state::<&'static Backups>().map_or(0, |all| all.0.load(Ordering::Relaxed));
///     EndpointStatus::new().with("done", done.to_string())
/// }
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// static BACKUPS: Backups = Backups(AtomicUsize::new(7));
/// let server = AdminServer::builder().state(&BACKUPS).build()?;
/// let index: serde_json::Value = server.test_client().get("/").await.json();
/// let entries = index["endpoints"].as_array().expect("a list");
/// let backup = entries.iter().find(|entry| entry["path"] == "/backup").expect("it is linked");
/// assert_eq!(backup["status"], serde_json::json!({"done": "7"}));
/// # Ok::<(), admin_runtime::BuildError>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct EndpointStatus(Vec<(Cow<'static, str>, Cow<'static, str>)>);

/// Makes the [`EndpointStatus`] for one request of the index.
///
/// ```
/// use admin_runtime::RequestContext;
/// use admin_runtime::describe::{EndpointStatus, StatusFn};
///
/// fn ready(_: &RequestContext) -> EndpointStatus {
///     EndpointStatus::new().with("ready", "yes")
/// }
///
/// let status: StatusFn = ready;
/// ```
pub type StatusFn = fn(&RequestContext) -> EndpointStatus;

impl EndpointStatus {
    /// A status without facts: the index shows nothing.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds a fact; it replaces an earlier one of the same name.
    pub fn with(
        mut self,
        name: impl Into<Cow<'static, str>>,
        value: impl Into<Cow<'static, str>>,
    ) -> Self {
        let (name, value) = (name.into(), value.into());
        match self.0.iter_mut().find(|(earlier, _)| *earlier == name) {
            Some((_, earlier)) => *earlier = value,
            None => self.0.push((name, value)),
        }
        self
    }

    /// Names and values, in order.
    ///
    /// ```
    /// use admin_runtime::describe::EndpointStatus;
    ///
    /// let status = EndpointStatus::new().with("seccomp", "off").with("landlock", "on");
    /// let status = status.with("seccomp", "on");
    /// assert!(status.facts().eq([("seccomp", "on"), ("landlock", "on")]));
    /// ```
    pub fn facts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (&**name, &**value))
    }

    /// Whether it has no facts.
    ///
    /// ```
    /// use admin_runtime::describe::EndpointStatus;
    ///
    /// assert!(EndpointStatus::new().is_empty());
    /// assert!(!EndpointStatus::new().with("ready", "yes").is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// An object with the facts in their order.
impl Serialize for EndpointStatus {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.facts())
    }
}
