//! The route: takes the parameters and begins the stream.

use std::sync::Arc;
use std::time::Duration;

use admin_runtime::describe::{ArgumentDescriptor, EndpointStatus};
use admin_runtime::{
    AdminError, Config, Extractor, HeaderName, HeaderValue, Headers, Param, RequestContext,
    Response, admin_endpoint, header,
};

use super::format::RecordFormat;
use super::limits::{FILLER_INTERVAL, MAX_CLIENTS};
use super::permit::ClientPermit;
use super::stream::LogStream;
use super::worker::StreamSettings;
use crate::env::EnvConfig;
use crate::log_records::MAX_KEPT_RECORDS;
use crate::loglevel::{ClientLevels, LogLevels, NOT_INSTALLED_MESSAGE};

const DEFAULT_SECONDS: u64 = 30;

/// Tells nginx and others not to collect the stream.
const BUFFERING_HEADER: HeaderName = HeaderName::from_static("x-accel-buffering");

/// What main lacks if the levels are on single layers only.
const NOT_A_LAYER_MESSAGE: &str = "The filter of the levels is on single layers only, where it \
    does not see every event. Add it to the subscriber as a layer of its own: \
    tracing_subscriber::registry().with(levels.filter())";

/// What main lacks if nothing is kept.
const NO_HISTORY_MESSAGE: &str = "No records are kept: 'tail' needs a history. Add to main, after \
    the levels are made: levels.keep_history();";

/// How long a stream is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct StreamSeconds(u64);

impl Param for StreamSeconds {
    const EXPECTED: &'static str = "an integer from 1 to 3600";
    const JSON_TYPE: &'static str = "integer";
    const JSON_SCHEMA: &'static str = r#"{"minimum":1,"maximum":3600}"#;

    fn parse(text: &str) -> Option<Self> {
        let seconds = text.parse().ok()?;
        (1..=3600).contains(&seconds).then_some(Self(seconds))
    }
}

/// How many records are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct RecordLimit(u64);

impl Param for RecordLimit {
    const EXPECTED: &'static str = "an integer of at least 1";
    const JSON_TYPE: &'static str = "integer";
    const JSON_SCHEMA: &'static str = r#"{"minimum":1}"#;

    fn parse(text: &str) -> Option<Self> {
        text.parse().ok().filter(|limit| *limit > 0).map(Self)
    }
}

/// How many kept records come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct TailLength(usize);

impl Param for TailLength {
    const EXPECTED: &'static str = "an integer from 0 to 1000";
    const JSON_TYPE: &'static str = "integer";
    const JSON_SCHEMA: &'static str = r#"{"minimum":0,"maximum":1000}"#;

    fn parse(text: &str) -> Option<Self> {
        let count = text.parse().ok()?;
        (0..=MAX_KEPT_RECORDS)
            .contains(&count)
            .then_some(Self(count))
    }
}

/// What a client wants to see.
#[derive(Clone, Debug)]
struct StreamFilter(ClientLevels);

impl Param for StreamFilter {
    const EXPECTED: &'static str = "levels as in RUST_LOG, such as info,cache=debug";

    fn parse(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }

    fn error_message(text: &str) -> Option<String> {
        let error = text.parse::<ClientLevels>().err()?;
        Some(format!(
            "Invalid filter at position {}: {error}",
            error.position()
        ))
    }
}

/// Returns when the server stops.
struct ServerStop(futures_util::future::BoxFuture<'static, ()>);

impl Extractor for ServerStop {
    fn extract(
        request: &mut RequestContext,
        _argument: &ArgumentDescriptor,
    ) -> Result<Self, AdminError> {
        Ok(Self(Box::pin(request.server_stop())))
    }
}

/// The status of the route in the index.
fn stream_status(_: &RequestContext) -> EndpointStatus {
    let status = EndpointStatus::new();
    match usable_levels() {
        Err(message) => status.with("levels", message),
        Ok(levels) if levels.hub().history().is_on() => {
            status.with("levels", "installed").with("history", "on")
        }
        Ok(_) => status.with("levels", "installed").with("history", "off"),
    }
}

/// Stream log records as they are logged.
///
/// Each client has a filter of its own; console and files get what they got before. Values that look
/// like secrets are masked. Records that the client is too slow for are dropped and counted in the
/// stream.
#[admin_endpoint(
    path = "/logs",
    runtime = "admin",
    sensitive = true,
    status = "stream_status",
    produces = "application/x-ndjson, text/event-stream, text/plain; charset=utf-8"
)]
#[expect(
    clippy::too_many_arguments,
    reason = "most are parameters of the query"
)]
async fn logs(
    /// Levels as in `RUST_LOG`, such as `info,cache=debug`; default `info`.
    filter: Option<StreamFilter>,
    /// For how long, 1 to 3600; default 30.
    seconds: Option<StreamSeconds>,
    /// End after that many records.
    limit: Option<RecordLimit>,
    /// First so many of the records that were kept, 0 to 1000; default 0.
    tail: Option<TailLength>,
    /// `ndjson`, `sse` or `text`; by default what the client accepts.
    format: Option<RecordFormat>,
    headers: Headers,
    config: Config<EnvConfig>,
    server_stop: ServerStop,
) -> Result<Response, AdminError> {
    let levels = usable_levels().map_err(AdminError::not_implemented)?;
    let tail = tail.map_or(0, |tail| tail.0);
    if tail > 0 && !levels.hub().history().is_on() {
        return Err(AdminError::not_implemented(NO_HISTORY_MESSAGE));
    }
    let permit = ClientPermit::acquire().ok_or_else(too_many_clients)?;
    let client = match filter {
        Some(filter) => filter.0,
        None => "info".parse().map_err(AdminError::internal)?,
    };
    let format = format.unwrap_or_else(|| RecordFormat::from_accept(&headers));
    let settings = StreamSettings {
        levels,
        format,
        duration: Duration::from_secs(seconds.map_or(DEFAULT_SECONDS, |seconds| seconds.0)),
        limit: limit.map(|limit| limit.0),
        config: Arc::clone(&config.0),
    };
    let stream = LogStream::prepare(settings, client, tail, server_stop.0, permit);
    let stream = stream.map_err(|error| {
        AdminError::unavailable(format!(
            "The thread that writes the stream could not be started: {error}"
        ))
    })?;
    Ok(Response::stream(format.content_type(), stream)
        .with_header(BUFFERING_HEADER, HeaderValue::from_static("no")))
}

/// The levels of the process, or what main lacks.
fn usable_levels() -> Result<LogLevels, &'static str> {
    let levels = LogLevels::installed().ok_or(NOT_INSTALLED_MESSAGE)?;
    if levels.is_layer() {
        Ok(levels)
    } else {
        Err(NOT_A_LAYER_MESSAGE)
    }
}

fn too_many_clients() -> AdminError {
    // By then a client that has gone is noticed.
    let retry_after = HeaderValue::from(FILLER_INTERVAL.as_secs());
    let message = format!("{MAX_CLIENTS} streams are open already; try again when one has ended");
    AdminError::too_many_requests(message).with_header(header::RETRY_AFTER, retry_after)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_out_of_range_are_refused() {
        for (text, seconds, tail, limit) in [
            ("0", false, true, false),
            ("1", true, true, true),
            ("1000", true, true, true),
            ("1001", true, false, true),
            ("3600", true, false, true),
            ("3601", false, false, true),
            ("-1", false, false, false),
            ("1.5", false, false, false),
            ("99999999999999999999", false, false, false),
        ] {
            assert_eq!(StreamSeconds::parse(text).is_some(), seconds, "{text}");
            assert_eq!(TailLength::parse(text).is_some(), tail, "{text}");
            assert_eq!(RecordLimit::parse(text).is_some(), limit, "{text}");
        }
    }

    #[test]
    fn an_invalid_filter_is_refused_with_its_position() {
        let message = StreamFilter::error_message("info,cache=loud").unwrap();
        assert!(
            message.starts_with("Invalid filter at position 6: "),
            "{message}"
        );
        assert!(message.contains("`cache=loud`"), "{message}");
        let many: Vec<_> = (0..10_000).map(|n| format!("m{n}=debug")).collect();
        let message = StreamFilter::error_message(&many.join(",")).unwrap();
        assert!(message.contains("at most 4096 loggers"), "{message}");
        let message = StreamFilter::error_message("info,/a.*b/").unwrap();
        assert!(
            message.starts_with("Invalid filter at position 6: "),
            "{message}"
        );
        assert!(StreamFilter::error_message("info, cache*=trace").is_none());
    }
}
