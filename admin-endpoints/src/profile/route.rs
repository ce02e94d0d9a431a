//! The routes of profiles that take time.

use std::time::Duration;

use admin_runtime::{AdminError, HeaderValue, Param, Response, admin_endpoint, header};
use futures_util::future::BoxFuture;

use super::context::ProfileContext;
use super::error::ProfileError;
use super::format::ProfileFormat;
use super::settings::{ProfileSettings, SampledState, SampledTime};
use super::worker;
use crate::threads::Query;

const DEFAULT_SECONDS: u64 = 30;
const DEFAULT_FREQUENCY: u32 = 99;

/// Lets a browser run the script of a flame graph, but not as a page of this server.
const SVG_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; \
                          script-src 'unsafe-inline'; sandbox allow-scripts";

/// How long a profile takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct ProfileSeconds(u64);

impl Param for ProfileSeconds {
    const EXPECTED: &'static str = "an integer from 1 to 300";
    const JSON_TYPE: &'static str = "integer";
    const JSON_SCHEMA: &'static str = r#"{"minimum":1,"maximum":300}"#;

    fn parse(text: &str) -> Option<Self> {
        let seconds = text.parse().ok()?;
        (1..=300).contains(&seconds).then_some(Self(seconds))
    }
}

/// How often a thread is sampled in a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct SampleFrequency(u32);

impl Param for SampleFrequency {
    const EXPECTED: &'static str = "an integer from 1 to 1000";
    const JSON_TYPE: &'static str = "integer";
    const JSON_SCHEMA: &'static str = r#"{"minimum":1,"maximum":1000}"#;

    fn parse(text: &str) -> Option<Self> {
        let frequency = text.parse().ok()?;
        (1..=1000).contains(&frequency).then_some(Self(frequency))
    }
}

impl Param for SampledState {
    const EXPECTED: &'static str = "all, waiting or running";
    const JSON_SCHEMA: &'static str = r#"{"enum":["all","waiting","running"]}"#;

    fn parse(text: &str) -> Option<Self> {
        let states = [
            ("all", Self::All),
            ("waiting", Self::Waiting),
            ("running", Self::Running),
        ];
        let found = states
            .into_iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(text));
        found.map(|(_, state)| state)
    }
}

/// Profile which functions use the CPU.
///
/// Every thread that uses CPU time is sampled; threads that wait are not disturbed. The default
/// format is that of `go tool pprof`.
#[admin_endpoint(
    path = "/debug/pprof/profile",
    runtime = "admin",
    sensitive = true,
    produces = "application/octet-stream, text/plain; charset=utf-8, image/svg+xml"
)]
async fn cpu_profile(
    /// For how long, 1 to 300; default 30.
    seconds: Option<ProfileSeconds>,
    /// Samples of a thread in a second of its CPU time, 1 to 1000; default 99.
    frequency: Option<SampleFrequency>,
    /// Only threads whose name contains this, in any case.
    name: Option<String>,
    /// Only the thread with this kernel ID.
    thread_id: Option<u64>,
    /// Count threads whose names differ in a number only together.
    group: Option<bool>,
    /// `pprof`, `collapsed` or `svg`.
    format: Option<ProfileFormat>,
    context: ProfileContext,
) -> Result<Response, AdminError> {
    let settings = ProfileSettings {
        time: SampledTime::Cpu,
        duration: duration(seconds),
        frequency: frequency.map_or(DEFAULT_FREQUENCY, |frequency| frequency.0),
        threads: query(name, thread_id),
        group: group.unwrap_or(false),
        build_roots: context.build_roots,
    };
    reply(settings, format.unwrap_or_default(), context.server_stop).await
}

/// Profile where threads spend time, running or waiting.
///
/// Threads that wait are looked at from outside and are not woken.
#[admin_endpoint(
    path = "/debug/fgprof",
    runtime = "admin",
    sensitive = true,
    produces = "application/octet-stream, text/plain; charset=utf-8, image/svg+xml"
)]
#[expect(
    clippy::too_many_arguments,
    reason = "each is a parameter of the query"
)]
async fn wall_clock_profile(
    /// For how long, 1 to 300; default 30.
    seconds: Option<ProfileSeconds>,
    /// Samples of a thread in a second, 1 to 1000; default 99.
    frequency: Option<SampleFrequency>,
    /// Only threads whose name contains this, in any case.
    name: Option<String>,
    /// Only the thread with this kernel ID.
    thread_id: Option<u64>,
    /// Count threads whose names differ in a number only together.
    group: Option<bool>,
    /// `all`, `waiting` or `running`.
    state: Option<SampledState>,
    /// `pprof`, `collapsed` or `svg`.
    format: Option<ProfileFormat>,
    context: ProfileContext,
) -> Result<Response, AdminError> {
    let settings = ProfileSettings {
        time: SampledTime::WallClock(state.unwrap_or_default()),
        duration: duration(seconds),
        frequency: frequency.map_or(DEFAULT_FREQUENCY, |frequency| frequency.0),
        threads: query(name, thread_id),
        group: group.unwrap_or(false),
        build_roots: context.build_roots,
    };
    reply(settings, format.unwrap_or_default(), context.server_stop).await
}

/// Profile where threads spend time: `/debug/fgprof` under the path that some operators ask for.
#[admin_endpoint(
    path = "/debug/pprof/fgprof",
    runtime = "admin",
    sensitive = true,
    produces = "application/octet-stream, text/plain; charset=utf-8, image/svg+xml"
)]
#[expect(
    clippy::too_many_arguments,
    reason = "each is a parameter of the query"
)]
async fn wall_clock_profile_below_pprof(
    /// For how long, 1 to 300; default 30.
    seconds: Option<ProfileSeconds>,
    /// Samples of a thread in a second, 1 to 1000; default 99.
    frequency: Option<SampleFrequency>,
    /// Only threads whose name contains this, in any case.
    name: Option<String>,
    /// Only the thread with this kernel ID.
    thread_id: Option<u64>,
    /// Count threads whose names differ in a number only together.
    group: Option<bool>,
    /// `all`, `waiting` or `running`.
    state: Option<SampledState>,
    /// `pprof`, `collapsed` or `svg`.
    format: Option<ProfileFormat>,
    context: ProfileContext,
) -> Result<Response, AdminError> {
    let profile = wall_clock_profile(
        seconds, frequency, name, thread_id, group, state, format, context,
    );
    profile.await
}

fn duration(seconds: Option<ProfileSeconds>) -> Duration {
    Duration::from_secs(seconds.map_or(DEFAULT_SECONDS, |seconds| seconds.0))
}

fn query(name: Option<String>, thread_id: Option<u64>) -> Query {
    Query {
        name,
        thread_id,
        ..Query::default()
    }
}

async fn reply(
    settings: ProfileSettings,
    format: ProfileFormat,
    server_stop: BoxFuture<'static, ()>,
) -> Result<Response, AdminError> {
    let retry_after = settings.duration.as_secs();
    let stream = worker::begin(settings, format, server_stop).await;
    let stream = stream.map_err(|error| error_response(error, retry_after))?;
    let reply = Response::stream(format.content_type(), stream);
    Ok(match format {
        ProfileFormat::Pprof => reply.with_header(
            header::CONTENT_DISPOSITION,
            HeaderValue::from_static("attachment; filename=\"profile.pb.gz\""),
        ),
        ProfileFormat::Collapsed => reply,
        ProfileFormat::Svg => reply.with_header(
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(SVG_POLICY),
        ),
    })
}

fn error_response(error: ProfileError, retry_after: u64) -> AdminError {
    let text = error.to_string();
    match error {
        ProfileError::Unsupported => AdminError::not_implemented(text),
        ProfileError::TooManySessions => AdminError::too_many_requests(text)
            .with_header(header::RETRY_AFTER, HeaderValue::from(retry_after)),
        ProfileError::Internal => AdminError::internal(error),
        ProfileError::ThreadNotStarted(_)
        | ProfileError::NoMemory(_)
        | ProfileError::TaskFiles(_)
        | ProfileError::NoSignal => AdminError::unavailable(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_out_of_range_are_refused() {
        for (text, seconds, frequency) in [
            ("1", true, true),
            ("300", true, true),
            ("301", false, true),
            ("1000", false, true),
            ("1001", false, false),
            ("0", false, false),
            ("-1", false, false),
            ("1.5", false, false),
            ("99999999999999999999", false, false),
        ] {
            assert_eq!(ProfileSeconds::parse(text).is_some(), seconds, "{text}");
            assert_eq!(SampleFrequency::parse(text).is_some(), frequency, "{text}");
        }
    }
}
