//! What a write says about its change.

use std::fmt::Display;
use std::mem;
use std::sync::{Arc, Mutex};

use crate::sync::lock;

/// Lets a handler tell the audit line what it changed.
///
/// Every request with effect `write` or `dangerous` is one audit line (target
/// `admin_runtime::audit`, level INFO): who, what, before, after, outcome. Without a call to
/// [`change`](Self::change) before and after are `-`. One that has changed nothing, such as the renewal
/// of a lease, can say so with [`no_change`](Self::no_change).
///
/// ```standalone_crate
/// use admin_runtime::{AdminServer, Audit, State, admin_endpoint};
/// use std::sync::{Arc, atomic::{AtomicU64, Ordering}};
///
/// /// Set the number of jobs that run at once.
/// #[admin_endpoint(method = "POST", path = "/jobs")]
/// async fn set_jobs(most: u64, jobs: State<Arc<AtomicU64>>, audit: Audit) {
///     let before = jobs.swap(most, Ordering::Relaxed);
///     audit.change(before, most); // the line has before="4" after="9"
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let jobs = Arc::new(AtomicU64::new(4));
/// let server = AdminServer::builder().state(jobs.clone()).build()?;
/// assert_eq!(server.test_client().post("/jobs?most=9").await.status(), 204);
/// assert_eq!(jobs.load(Ordering::Relaxed), 9);
/// # Ok(())
/// # }
/// ```
///
/// In a test that calls the function itself, one by [`Default`] takes the change and shows it:
///
/// ```
/// use admin_runtime::Audit;
///
/// let audit = Audit::default();
/// audit.change(4, 9);
/// assert_eq!(audit.recorded(), Some(("4".to_owned(), "9".to_owned())));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Audit(Arc<Mutex<AuditedChange>>);

#[derive(Clone, Debug, Default)]
enum AuditedChange {
    /// The handler has said nothing.
    #[default]
    Unsaid,
    Nothing,
    Values {
        before: String,
        after: String,
    },
}

impl Audit {
    /// Records the change; of several the first `before` and the last `after` count.
    pub fn change(&self, before: impl Display, after: impl Display) {
        let mut change = lock(&self.0);
        let after = after.to_string();
        let before = match mem::take(&mut *change) {
            AuditedChange::Values { before, .. } => before,
            AuditedChange::Unsaid | AuditedChange::Nothing => before.to_string(),
        };
        *change = AuditedChange::Values { before, after };
    }

    /// Says that the request has changed nothing, unless [`change`](Self::change) was called: if it
    /// succeeds, its line has the level DEBUG and is not kept for `/audit`, so that requests which come
    /// every few seconds do not replace the others.
    ///
    /// ```standalone_crate
    /// use admin_runtime::introspect::AuditLog;
    /// use admin_runtime::{AdminServer, Audit, admin_endpoint};
    ///
    /// /// Renew a lease.
    /// #[admin_endpoint(method = "PUT", path = "/lease")]
    /// async fn renew(audit: Audit) {
    ///     audit.no_change();
    /// }
    ///
    /// #[admin_endpoint(path = "/count")]
    /// async fn count(log: AuditLog) -> String {
    ///     log.entries().len().to_string()
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let server = AdminServer::builder().build()?;
    /// assert_eq!(server.test_client().put("/lease").await.status(), 204);
    /// assert_eq!(server.test_client().get("/count").await.text(), "0");
    /// # Ok(())
    /// # }
    /// ```
    pub fn no_change(&self) {
        let mut change = lock(&self.0);
        if matches!(*change, AuditedChange::Unsaid) {
            *change = AuditedChange::Nothing;
        }
    }

    /// What was recorded so far: before and after.
    #[must_use]
    pub fn recorded(&self) -> Option<(String, String)> {
        match lock(&self.0).clone() {
            AuditedChange::Values { before, after } => Some((before, after)),
            AuditedChange::Unsaid | AuditedChange::Nothing => None,
        }
    }

    pub(crate) fn says_no_change(&self) -> bool {
        matches!(*lock(&self.0), AuditedChange::Nothing)
    }
}
