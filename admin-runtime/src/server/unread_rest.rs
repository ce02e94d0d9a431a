//! What the handler of a request has not read of its body.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http_body::Body;
use http_body_util::BodyExt;
use tokio::time::timeout;

use crate::sync::lock;

/// A longer rest is not read.
const MAX_BYTES: u64 = 64 << 10;

/// How long a reply waits for the rest.
const MAX_WAIT: Duration = Duration::from_millis(100);

/// The rest of the last body of a connection.
#[derive(Debug)]
pub(super) struct UnreadRest<B> {
    is_unread: AtomicBool,
    /// `None` if nothing more is to be read of it.
    body: Mutex<Option<B>>,
}

impl<B> Default for UnreadRest<B> {
    fn default() -> Self {
        Self {
            is_unread: AtomicBool::new(false),
            body: Mutex::default(),
        }
    }
}

impl<B> UnreadRest<B> {
    pub(super) fn is_unread(&self) -> bool {
        self.is_unread.load(Ordering::Relaxed)
    }

    /// A new request begins.
    pub(super) fn clear(&self) {
        self.is_unread.store(false, Ordering::Relaxed);
    }

    /// A body was dropped before its end.
    pub(super) fn set(&self, body: Option<B>) {
        self.is_unread.store(true, Ordering::Relaxed);
        *lock(&self.body) = body;
    }
}

impl<B: Body<Data = Bytes> + Unpin> UnreadRest<B> {
    /// Reads a small rest that is about to come, so that the connection can be used again: clients send a
    /// small body behind the head, whatever the reply says. The client of a request that `expects` a 100 waits
    /// for it.
    pub(super) async fn read(&self, expects: bool) {
        let body = lock(&self.body).take();
        let is_small = |body: &B| {
            body.size_hint()
                .exact()
                .is_some_and(|size| size <= MAX_BYTES)
        };
        let Some(mut body) = body.filter(|body| !expects && is_small(body)) else {
            return;
        };
        let read = async {
            loop {
                match body.frame().await {
                    Some(Ok(_)) => {}
                    Some(Err(_)) => return false,
                    None => return true,
                }
            }
        };
        if timeout(MAX_WAIT, read).await == Ok(true) {
            self.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::{Full, StreamBody};

    use super::*;

    type Never = StreamBody<futures_util::stream::Pending<Result<http_body::Frame<Bytes>, ()>>>;

    #[tokio::test]
    async fn small_rests_are_read() {
        let rest = UnreadRest::default();
        let body = |size: usize| Some(Full::from(vec![0; size]));
        assert!(!rest.is_unread());
        for (size, expects, is_unread) in [
            (1 << 10, false, false),
            (64 << 10, false, false),
            ((64 << 10) + 1, false, true),
            (1 << 10, true, true),
        ] {
            rest.set(body(size));
            rest.read(expects).await;
            assert_eq!(rest.is_unread(), is_unread, "{size}");
        }
        rest.clear();
        assert!(!rest.is_unread());
        rest.set(None);
        rest.read(false).await;
        assert!(rest.is_unread());
    }

    #[tokio::test]
    async fn rests_of_unknown_size_are_not_read() {
        let rest = UnreadRest::<Never>::default();
        rest.set(Some(StreamBody::new(futures_util::stream::pending())));
        rest.read(false).await;
        assert!(rest.is_unread());
    }
}
