//! The formats of a stream.

use admin_runtime::accept::quality;
use admin_runtime::{HeaderMap, Param, header};

/// How records are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum RecordFormat {
    /// One JSON object a line.
    #[default]
    Ndjson,
    /// The events of an `EventSource`, each with one JSON object.
    EventStream,
    /// Lines as the console has them.
    Text,
}

impl RecordFormat {
    /// What the client accepts, if the query does not say.
    pub(super) fn from_accept(headers: &HeaderMap) -> Self {
        let accepted = headers.get_all(header::ACCEPT);
        let event_stream = quality(&accepted, "text/event-stream");
        if event_stream > quality(&accepted, "application/x-ndjson") {
            Self::EventStream
        } else {
            Self::Ndjson
        }
    }

    pub(super) fn content_type(self) -> &'static str {
        match self {
            Self::Ndjson => "application/x-ndjson",
            Self::EventStream => "text/event-stream; charset=utf-8",
            Self::Text => "text/plain; charset=utf-8",
        }
    }
}

impl Param for RecordFormat {
    const EXPECTED: &'static str = "ndjson, sse or text";
    const JSON_SCHEMA: &'static str = r#"{"enum":["ndjson","sse","text"]}"#;

    fn parse(text: &str) -> Option<Self> {
        let formats = [
            ("ndjson", Self::Ndjson),
            ("sse", Self::EventStream),
            ("text", Self::Text),
        ];
        let found = formats
            .into_iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(text));
        found.map(|(_, format)| format)
    }
}

#[cfg(test)]
mod tests {
    use admin_runtime::HeaderValue;

    use super::*;

    #[test]
    fn the_header_accept_chooses_the_format() {
        for (accept, format) in [
            ("*/*", RecordFormat::Ndjson),
            ("text/event-stream", RecordFormat::EventStream),
            (
                "application/x-ndjson, text/event-stream",
                RecordFormat::Ndjson,
            ),
            ("text/event-stream, */*;q=0.1", RecordFormat::EventStream),
            ("text/html", RecordFormat::Ndjson),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
            assert_eq!(RecordFormat::from_accept(&headers), format, "{accept}");
        }
        assert_eq!(
            RecordFormat::from_accept(&HeaderMap::new()),
            RecordFormat::Ndjson
        );
    }
}
