//! What a write says about its change.

use std::fmt::Display;
use std::sync::{Arc, Mutex};

use crate::sync::lock;

/// Lets a handler tell the audit line what it changed.
///
/// Every request with effect `write` or `dangerous` is one audit line (target
/// `admin_runtime::audit`, level INFO): who, what, before, after, outcome. Without a call to
/// [`change`](Self::change) before and after are `-`.
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
pub struct Audit(Arc<Mutex<Option<(String, String)>>>);

impl Audit {
    /// Records the change; of several the first `before` and the last `after` count.
    pub fn change(&self, before: impl Display, after: impl Display) {
        let mut change = lock(&self.0);
        let before = change
            .take()
            .map_or_else(|| before.to_string(), |(first, _)| first);
        *change = Some((before, after.to_string()));
    }

    /// What was recorded so far: before and after.
    #[must_use]
    pub fn recorded(&self) -> Option<(String, String)> {
        lock(&self.0).clone()
    }
}
