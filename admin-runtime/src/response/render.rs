//! The one place that writes the bodies of errors.

use std::fmt::Display;

use bytes::Bytes;
use http::StatusCode;

use super::reply::{JSON, TEXT};
use super::{AdminError, Body, ErrorFormat, Response};

/// The reply to a failed request. Only the message is shown: causes are for the log.
pub(crate) fn render(error: &AdminError, format: ErrorFormat, id: &impl Display) -> Response {
    let internal = internal(id);
    let message =
        if error.message().is_empty() && error.status() == StatusCode::INTERNAL_SERVER_ERROR {
            &internal
        } else {
            error.message()
        };
    let (content_type, body) = match format {
        ErrorFormat::Json => (JSON, serde_json::json!({ "error": message }).to_string()),
        ErrorFormat::Text => (TEXT, message.replace(['\r', '\n'], " ")),
    };
    let response = Response::with_body(content_type, Body::Bytes(Bytes::from(body)));
    error.headers().iter().fold(
        response.with_status(error.status()),
        |response, (name, value)| response.with_header(name.clone(), value.clone()),
    )
}

/// All that a client reads of an unexpected failure.
pub(crate) fn internal(id: &impl Display) -> String {
    format!("Internal error ({id})")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(error: &AdminError, format: ErrorFormat) -> String {
        match render(error, format, &"id-1").body {
            Body::Bytes(bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn json_and_text() {
        let error = AdminError::bad_request("say \"why\"");
        assert_eq!(
            body(&error, ErrorFormat::Json),
            r#"{"error":"say \"why\""}"#
        );
        assert_eq!(body(&error, ErrorFormat::Text), r#"say "why""#);
    }

    #[test]
    fn an_internal_error_shows_only_its_id() {
        let error = AdminError::from(std::io::Error::other("/build/secret"));
        assert_eq!(body(&error, ErrorFormat::Text), "Internal error (id-1)");
        assert_eq!(error.cause().unwrap().to_string(), "/build/secret");
    }
}
