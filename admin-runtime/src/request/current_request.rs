//! The request whose handler runs on the current thread.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::RequestId;

thread_local! {
    static CURRENT: RefCell<Option<RequestId>> = const { RefCell::new(None) };
}

impl RequestId {
    /// The id of the request whose handler calls this; `None` outside of a handler, and on threads
    /// and in tasks that the handler started.
    ///
    /// ```standalone_crate
    /// use admin_runtime::{AdminServer, RequestId, admin_endpoint};
    ///
    /// fn report() -> String {
    ///     RequestId::current().map_or("no request".to_owned(), |id| id.to_string())
    /// }
    ///
    /// #[admin_endpoint(path = "/report")]
    /// async fn show_report() -> String {
    ///     report()
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let client = AdminServer::builder().build()?.test_client();
    /// let reply = client.get("/report").header("x-request-id", "job-7").await;
    /// assert_eq!((reply.text(), &*report()), ("job-7", "no request"));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn current() -> Option<Self> {
        // A thread that ends has none any more.
        CURRENT
            .try_with(|current| current.borrow().clone())
            .ok()
            .flatten()
    }
}

/// Makes a request the current one until it is dropped.
pub(crate) struct CurrentRequest {
    before: Option<RequestId>,
}

impl CurrentRequest {
    pub(crate) fn enter(id: &RequestId) -> Self {
        let before = CURRENT.replace(Some(id.clone()));
        Self { before }
    }
}

impl Drop for CurrentRequest {
    fn drop(&mut self) {
        let before = self.before.take();
        let _ = CURRENT.try_with(|current| current.replace(before));
    }
}

/// A handler whose request is the current one whenever it is polled.
pub(crate) struct InRequest<F> {
    id: RequestId,
    handler: F,
}

impl<F> InRequest<F> {
    pub(crate) fn new(id: RequestId, handler: F) -> Self {
        Self { id, handler }
    }
}

impl<F: Future + Unpin> Future for InRequest<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let _current = CurrentRequest::enter(&self.id);
        Pin::new(&mut self.handler).poll(context)
    }
}
