//! The reply to a head that hyper does not parse.

use http::StatusCode;
use http::header::{CONNECTION, CONTENT_LENGTH, HeaderValue};

use crate::dispatch::refused;
use crate::response::{AdminError, Body, Response};

/// The reply to write after hyper has ended with this error; `withheld` is the status that hyper
/// would have sent. `None` if the client is not to be answered.
pub(super) fn refusal(
    error: &hyper::Error,
    withheld: Option<StatusCode>,
    max_head_bytes: usize,
) -> Option<Vec<u8>> {
    let error = if error.is_parse_version_h2() {
        AdminError::new(
            StatusCode::HTTP_VERSION_NOT_SUPPORTED,
            "HTTP/2 is not supported: use HTTP/1.1",
        )
    } else {
        let status = withheld?;
        AdminError::new(status, message(status, error, max_head_bytes))
    };
    Some(to_bytes(refused(&error)))
}

/// The reply, without TLS, to a request that is sent without TLS where TLS is expected.
#[cfg(feature = "tls")]
pub(super) fn plain_http_refusal() -> Vec<u8> {
    let text = "The client sent an HTTP request to an HTTPS server: use https://";
    to_bytes(refused(&AdminError::bad_request(text)))
}

/// hyper's text names what is wrong and repeats nothing of the request.
fn message(status: StatusCode, error: &hyper::Error, max_head_bytes: usize) -> String {
    match status {
        StatusCode::URI_TOO_LONG => {
            format!("The request target is longer than {} bytes", u16::MAX - 1)
        }
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => format!(
            "The request has too many headers, more than {max_head_bytes} bytes before its body, or a \
             Content-Length that is too large"
        ),
        _ => format!("The request is not valid HTTP/1.1: {error}"),
    }
}

/// As hyper writes a reply after which the connection ends.
fn to_bytes(reply: Response) -> Vec<u8> {
    let Response {
        status,
        mut headers,
        body,
    } = reply;
    let body = match body {
        Body::Bytes(bytes) => bytes,
        Body::Empty | Body::Stream(_) => Default::default(),
    };
    headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
    let mut bytes = format!("HTTP/1.1 {status}\r\n").into_bytes();
    for (name, value) in &headers {
        for part in [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
            bytes.extend_from_slice(part);
        }
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(&body);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_a_whole_reply() {
        let bytes = to_bytes(refused(&AdminError::bad_request("invalid URI")));
        let text = String::from_utf8(bytes).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{head}");
        assert_eq!(body, r#"{"error":"invalid URI"}"#);
        for line in [
            "content-length: 23",
            "connection: close",
            "content-type: application/json",
            "x-request-id: ",
            "x-content-type-options: nosniff",
        ] {
            assert!(head.contains(&format!("\r\n{line}")), "{line}: {head}");
        }
    }
}
