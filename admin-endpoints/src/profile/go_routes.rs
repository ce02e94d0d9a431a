//! The other paths of Go's `net/http/pprof`, which its tools ask for.

use std::io;

use admin_runtime::clock::Clock;
use admin_runtime::{
    AdminError, Config, HeaderValue, Response, StatusCode, admin_endpoint, header,
};
use tokio::sync::oneshot;

use super::command_line::shown;
use super::current_stacks::profile_of_dump;
use super::data::{Profile, ProfileKind};
use super::format::ProfileFormat;
use super::sampling::loaded_mappings;
use crate::env::EnvConfig;
use crate::threads::{DumpContext, Query, submit};

/// The answer of Go's `/debug/pprof/symbol` about addresses without names.
const NO_FURTHER_SYMBOLS: &str = "num_symbols: 0\n";

/// Get the current stack of every thread, as a profile.
///
/// One sample is one thread. Go's tools call it `goroutine`; `/threads` shows the same as text.
#[admin_endpoint(
    path = "/debug/pprof/goroutine",
    runtime = "admin",
    sensitive = true,
    produces = "application/octet-stream"
)]
async fn current_stacks(context: DumpContext) -> Result<Response, AdminError> {
    let (sender, receiver) = oneshot::channel();
    submit(Query::default(), context, move |result| {
        let profile = result.map(|report| {
            let profile = profile_of_dump(&report, loaded_mappings(), Clock::system().wall());
            ProfileFormat::Pprof.whole(&profile)
        });
        let _ = sender.send(profile); // the client may have gone
    })
    .map_err(|error| AdminError::unavailable(error.to_string()))?;
    let written = receiver.await.map_err(AdminError::internal)?;
    let written = written.map_err(|error| AdminError::unavailable(error.to_string()))?;
    profile_response(written)
}

/// Get a profile without samples: where threads were created is not recorded.
#[admin_endpoint(
    path = "/debug/pprof/threadcreate",
    runtime = "admin",
    sensitive = true,
    produces = "application/octet-stream"
)]
async fn thread_creation() -> Result<Response, AdminError> {
    not_recorded(ProfileKind::ThreadCreation, "The creation of threads")
}

/// Get a profile without samples: where threads waited is not recorded; `/debug/fgprof` shows it.
#[admin_endpoint(
    path = "/debug/pprof/block",
    runtime = "admin",
    sensitive = true,
    produces = "application/octet-stream"
)]
async fn blocking() -> Result<Response, AdminError> {
    not_recorded(ProfileKind::Contention, "Blocking")
}

/// Get a profile without samples: contention of mutexes is not recorded; `/debug/fgprof` shows it.
#[admin_endpoint(
    path = "/debug/pprof/mutex",
    runtime = "admin",
    sensitive = true,
    produces = "application/octet-stream"
)]
async fn mutexes() -> Result<Response, AdminError> {
    not_recorded(ProfileKind::Contention, "Contention of mutexes")
}

/// Answer 501: only Go's runtime can write an execution trace.
#[admin_endpoint(
    path = "/debug/pprof/trace",
    runtime = "admin",
    sensitive = true,
    produces = "text/plain; charset=utf-8"
)]
async fn trace() -> Result<String, AdminError> {
    Err(AdminError::not_implemented(
        "An execution trace is a format of Go's runtime; /debug/pprof/profile and /debug/fgprof \
         show where threads spend time",
    ))
}

/// Get the arguments of the program, separated by NUL, secrets masked.
#[admin_endpoint(
    path = "/debug/pprof/cmdline",
    runtime = "admin",
    sensitive = true,
    produces = "text/plain; charset=utf-8"
)]
async fn command_line(config: Config<EnvConfig>) -> String {
    let bytes = std::fs::read("/proc/self/cmdline").unwrap_or_else(|_| {
        let arguments = std::env::args_os();
        let arguments = arguments.map(|argument| format!("{}\0", argument.to_string_lossy()));
        arguments.collect::<String>().into_bytes()
    });
    shown(&bytes, &config)
}

/// Answer that no more names of functions are known: a profile has all that the program has.
///
/// `go tool pprof` asks for those of a program without symbols, and gives up without an answer.
#[admin_endpoint(
    method = "POST",
    path = "/debug/pprof/symbol",
    effect = "read",
    runtime = "admin",
    sensitive = true,
    produces = "text/plain; charset=utf-8"
)]
async fn further_symbols() -> &'static str {
    NO_FURTHER_SYMBOLS
}

/// Answer as `/debug/pprof/symbol`: `go tool pprof` asks here for a profile from `/debug/fgprof`.
#[admin_endpoint(
    method = "POST",
    path = "/symbolz",
    effect = "read",
    runtime = "admin",
    sensitive = true,
    produces = "text/plain; charset=utf-8"
)]
async fn further_symbols_of_fgprof() -> &'static str {
    NO_FURTHER_SYMBOLS
}

/// Redirect to the page that lists the profiles, as Go does.
#[admin_endpoint(path = "/debug/pprof", runtime = "admin", sensitive = true)]
async fn redirect_to_list() -> Response {
    // Relative: a server may be mounted below another path.
    Response::empty()
        .with_status(StatusCode::MOVED_PERMANENTLY)
        .with_header(header::LOCATION, HeaderValue::from_static("pprof/"))
}

fn not_recorded(kind: ProfileKind, what: &str) -> Result<Response, AdminError> {
    let comment = format!("{what} is not recorded: the profile has no samples.");
    let profile = Profile::without_samples(kind, Clock::system().wall(), comment);
    profile_response(ProfileFormat::Pprof.whole(&profile))
}

fn profile_response(written: io::Result<Vec<u8>>) -> Result<Response, AdminError> {
    let bytes = written.map_err(AdminError::internal)?;
    let reply = Response::bytes(ProfileFormat::Pprof.content_type(), bytes);
    Ok(reply.with_header(
        header::CONTENT_DISPOSITION,
        HeaderValue::from_static("attachment; filename=\"profile.pb.gz\""),
    ))
}
