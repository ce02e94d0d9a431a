//! Request ids: in every reply's `x-request-id`, in the log, in the text of a 500.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use http::HeaderValue;

/// The id of a request: the client's own `x-request-id` where it is at most 64 visible ASCII
/// letters, digits, `-`, `_`, `.` or `:`, else 16 hexadecimal digits, unique in the process.
/// [`Default`] makes a new one, for a test that calls the function itself.
///
/// ```standalone_crate
/// use admin_runtime::{AdminServer, RequestId, admin_endpoint};
///
/// #[admin_endpoint(path = "/id")]
/// async fn id(id: RequestId) -> String {
///     id.as_str().to_owned()
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = AdminServer::builder().build()?;
/// let reply = server.test_client().get("/id").header("x-request-id", "job-7").await;
/// assert_eq!((reply.text(), reply.header("x-request-id")), ("job-7", "job-7"));
/// let reply = server.test_client().get("/id").header("x-request-id", "not one").await;
/// assert_eq!(reply.text().len(), 16); // a new one
/// # Ok(())
/// # }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct RequestId(IdText);

/// A new id needs no memory of its own until it is sent.
#[derive(Clone, PartialEq, Eq)]
enum IdText {
    Unique([u8; 16]),
    Sent(HeaderValue),
}

/// Longest id taken over from a client.
const MAX_ID_BYTES: usize = 64;

impl RequestId {
    pub(crate) fn for_request(sent: Option<&HeaderValue>) -> Self {
        let fits = |value: &&HeaderValue| {
            let bytes = value.as_bytes();
            (1..=MAX_ID_BYTES).contains(&bytes.len())
                && bytes
                    .iter()
                    .all(|b| b.is_ascii_alphanumeric() || b"-_.:".contains(b))
        };
        sent.filter(fits)
            .map_or_else(Self::unique, |value| Self(IdText::Sent(value.clone())))
    }

    fn unique() -> Self {
        // A random start keeps the ids of two runs of a program apart.
        static NEXT: LazyLock<AtomicU64> =
            LazyLock::new(|| AtomicU64::new(RandomState::new().hash_one("request id")));
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let mut digits = [0_u8; 16];
        for (index, digit) in digits.iter_mut().enumerate() {
            *digit = b"0123456789abcdef"[(number >> (60 - 4 * index) & 15) as usize];
        }
        Self(IdText::Unique(digits))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match &self.0 {
            IdText::Unique(digits) => str::from_utf8(digits).unwrap_or_default(),
            IdText::Sent(value) => value.to_str().unwrap_or_default(),
        }
    }

    pub(crate) fn header(&self) -> HeaderValue {
        match &self.0 {
            IdText::Unique(_) => HeaderValue::from_str(self.as_str())
                .unwrap_or_else(|_| HeaderValue::from_static("0")),
            IdText::Sent(value) => value.clone(),
        }
    }
}

impl Default for RequestId {
    fn default() -> Self {
        Self::unique()
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RequestId({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn valid_ids_are_kept_and_others_replaced() {
        let id = |text: &str| {
            RequestId::for_request(HeaderValue::from_str(text).ok().as_ref())
                .as_str()
                .to_owned()
        };
        assert_eq!(id("abc-1_2.3:4"), "abc-1_2.3:4");
        for odd in ["", "a b", "<script>", &"x".repeat(65)] {
            assert_eq!(id(odd).len(), 16, "{odd}");
        }
        assert_ne!(RequestId::for_request(None), RequestId::for_request(None));
    }
}
