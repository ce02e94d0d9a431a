//! Tells replies that take long that their server stops.

use std::future::Future;

use tokio::sync::watch;

/// Whether the server stops; mounted servers never do.
#[derive(Debug, Default)]
pub(crate) struct StopSignal(watch::Sender<bool>);

impl StopSignal {
    pub(crate) fn send(&self) {
        self.0.send_replace(true);
    }

    /// Returns once the server stops, and also when the server does not exist any more.
    pub(crate) fn received(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut receiver = self.0.subscribe();
        async move {
            // The sender is dropped with the server.
            let _ = receiver.wait_for(|is_stopping| *is_stopping).await;
        }
    }
}
