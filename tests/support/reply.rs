//! A reply as bytes on the wire say it.

use serde_json::Value;

/// An HTTP/1.1 reply.
#[derive(Debug)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// Status line and header lines, as sent.
    pub head: String,
    /// The body, as text.
    pub body: String,
}

impl Reply {
    /// Reads a reply, skipping interim ones such as `100 Continue`; `None` if no head is complete.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(bytes);
        let mut rest = text.as_ref();
        loop {
            let (head, body) = rest.split_once("\r\n\r\n")?;
            let status = head.split(' ').nth(1)?.parse().ok()?;
            if (100..200).contains(&status) {
                rest = body;
                continue;
            }
            return Some(Self {
                status,
                head: head.to_owned(),
                body: body.to_owned(),
            });
        }
    }

    /// The value of a header; empty if it is missing.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        let lines = self.head.lines().filter_map(|line| line.split_once(':'));
        let mut found = lines.filter(|(header, _)| header.eq_ignore_ascii_case(name));
        found.next().map_or("", |(_, value)| value.trim())
    }

    /// The body as JSON.
    ///
    /// # Panics
    ///
    /// If the content type is not `application/json` or the body is not JSON.
    #[must_use]
    #[track_caller]
    pub fn json(&self) -> Value {
        assert_eq!(self.header("content-type"), "application/json", "{self:?}");
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interim_replies_are_skipped() {
        let bytes = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nX-A: 1\r\n\r\nbody";
        let reply = Reply::parse(bytes).expect("a reply");
        assert_eq!((reply.status, reply.header("x-a")), (200, "1"));
        assert_eq!((reply.header("x-b"), reply.body.as_str()), ("", "body"));
    }

    #[test]
    fn incomplete_heads_are_not_replies() {
        for bytes in ["", "HTTP/1.1 200 OK\r\n", "nonsense\r\n\r\n"] {
            assert!(Reply::parse(bytes.as_bytes()).is_none(), "{bytes:?}");
        }
    }
}
