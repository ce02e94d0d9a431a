//! Requests to other processes.

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST, USER_AGENT};
use http::{HeaderValue, Method, Request};
use http_body_util::Full;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::error::ClientError;
use super::exchange::OutgoingRequest;

/// What remains in the value of a query: letters, digits, and what RFC 3986 calls unreserved.
const QUERY_VALUE: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A value of a query, percent-encoded.
pub(crate) fn query_value(value: &str) -> String {
    utf8_percent_encode(value, QUERY_VALUE).to_string()
}

/// A request for a path and a query, with a body of JSON if it is not empty.
pub(crate) fn request(
    method: Method,
    host: &str,
    target: &str,
    authorization: Option<&HeaderValue>,
    body: Bytes,
) -> Result<OutgoingRequest, ClientError> {
    let mut request = Request::builder()
        .method(method)
        .uri(target)
        .header(HOST, host)
        .header(
            USER_AGENT,
            concat!("admin-endpoints/", env!("CARGO_PKG_VERSION")),
        )
        .header(ACCEPT, "*/*");
    if let Some(authorization) = authorization {
        request = request.header(AUTHORIZATION, authorization);
    }
    if !body.is_empty() {
        request = request.header(CONTENT_TYPE, "application/json");
    }
    let request = request.body(Full::new(body));
    request.map_err(|error| ClientError::NoAnswer(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_queries_are_encoded() {
        assert_eq!(query_value("a.b-c_d~1"), "a.b-c_d~1");
        assert_eq!(query_value("a::b*&x=ä 1"), "a%3A%3Ab%2A%26x%3D%C3%A4%201");
    }
}
