//! The route: reads parameters, asks the levels of the process, writes what they answer.

use std::error::Error;
use std::time::SystemTime;

use admin_runtime::{
    AdminError, Audit, Caller, EndpointStatus, HeaderName, HeaderValue, RequestContext, Response,
    admin_endpoint,
};
use serde::Serialize;

use super::change::{Applied, ChangeError, Ended, Levels};
use super::lease::{LeaseId, parse_ttl};
use super::level::{Setting, word};
use super::levels::LogLevels;
use super::name::LoggerName;
use super::report;
use crate::format::Format;

/// The level that held until now, in the answer to a change.
const PREVIOUS: HeaderName = HeaderName::from_static("x-previous-level");

/// The id of a timed level, in the answer that grants it.
const LEASE: HeaderName = HeaderName::from_static("x-lease-id");

/// What main lacks when the route has no levels to show.
const NOT_INSTALLED: &str = "Log levels are not installed. Add to main: \
    let levels = admin_endpoints::loglevel::LogLevels::from_spec(\"info\")?; \
    tracing_subscriber::registry().with(levels.filter()).with(tracing_subscriber::fmt::layer()).init(); \
    levels.install()?;";

/// What the index says of the routes.
fn levels(_: &RequestContext) -> EndpointStatus {
    let levels = match LogLevels::installed() {
        Some(_) => "installed",
        None => NOT_INSTALLED,
    };
    EndpointStatus::new().with("levels", levels)
}

/// List the loggers and their levels, get the level of one, or set it.
///
/// Without parameters every logger is listed with the level in force for it. With `logger_name`
/// the answer is the level of that logger, and with `level` it is set, for `ttl` or for good.
#[admin_endpoint(
    path = "/loglevel",
    runtime = "admin",
    status = "levels",
    effect_if(query = "level", effect = "write")
)]
async fn loglevel(
    /// A logger such as `a.b` or `a::b`, `root`, or a family such as `a.b*`.
    logger_name: Option<String>,
    /// TRACE, DEBUG, INFO, WARNING, ERROR, OFF, or NOTSET to inherit.
    level: Option<String>,
    /// How long the level holds, such as `10m`; for good when it is missing.
    ttl: Option<String>,
    /// `text`, or `json` for all that is known of a logger.
    format: Option<Format>,
    caller: Caller,
    audit: Audit,
) -> Result<Response, AdminError> {
    let levels = installed()?;
    let format = format.unwrap_or_default();
    let logger_name = logger_name.filter(|name| !name.is_empty());
    match (logger_name, level) {
        (None, Some(_)) => Err(AdminError::bad_request(
            "Missing parameter 'logger_name': 'level' sets the level of one logger, \
             for all of them that is logger_name=root",
        )),
        (_, None) if ttl.is_some() => Err(AdminError::bad_request(
            "Missing parameter 'level': 'ttl' says how long a level holds",
        )),
        (None, None) => list(&levels, format),
        (Some(name), None) => get(&levels, &name, format),
        (Some(name), Some(level)) => set(
            &levels,
            &Request {
                name,
                level,
                ttl,
                format,
                by: caller.to_string(),
            },
            &audit,
        ),
    }
}

/// Set the level of a logger, for a time or for good.
#[admin_endpoint(
    method = "PUT",
    path = "/loglevel",
    runtime = "admin",
    status = "levels",
    effect = "write"
)]
async fn set_loglevel(
    /// A logger such as `a.b` or `a::b`, `root`, or a family such as `a.b*`.
    logger_name: String,
    /// TRACE, DEBUG, INFO, WARNING, ERROR, OFF, or NOTSET to inherit.
    level: String,
    /// How long the level holds, such as `10m`; for good when it is missing.
    ttl: Option<String>,
    /// `text`, or `json` for the levels before and after.
    format: Option<Format>,
    caller: Caller,
    audit: Audit,
) -> Result<Response, AdminError> {
    let format = format.unwrap_or_default();
    let request = Request {
        name: logger_name,
        level,
        ttl,
        format,
        by: caller.to_string(),
    };
    set(&installed()?, &request, &audit)
}

/// Clear a logger's own level, so that it inherits again, or end one timed level early.
#[admin_endpoint(
    method = "DELETE",
    path = "/loglevel",
    runtime = "admin",
    status = "levels",
    effect = "write"
)]
async fn clear_loglevel(
    /// The logger to clear; its timed levels end too.
    logger_name: Option<String>,
    /// The timed level to end; what held before it holds again.
    lease: Option<u64>,
    /// `text`, or `json` for the levels before and after.
    format: Option<Format>,
    caller: Caller,
    audit: Audit,
) -> Result<Response, AdminError> {
    let levels = installed()?;
    let (format, by) = (format.unwrap_or_default(), caller.to_string());
    match (logger_name, lease) {
        (Some(name), None) => {
            let level = Setting::NotSet.to_string();
            set(
                &levels,
                &Request {
                    name,
                    level,
                    ttl: None,
                    format,
                    by,
                },
                &audit,
            )
        }
        (None, Some(id)) => end_lease(&levels, id.into(), format, &by, &audit),
        _ => Err(AdminError::bad_request(
            "Give one of 'logger_name', the logger to clear, and 'lease', the timed level to end",
        )),
    }
}

/// A change as it was asked for.
struct Request {
    name: String,
    level: String,
    ttl: Option<String>,
    format: Format,
    by: String,
}

/// The answer to a change, as JSON.
#[derive(Serialize)]
struct SetReport<'a> {
    logger: &'a str,
    level: Setting,
    previous: Levels,
    current: Levels,
    lease: Option<Granted>,
}

/// A timed level that was granted.
#[derive(Serialize)]
struct Granted {
    id: LeaseId,
    #[serde(serialize_with = "report::time")]
    ends: SystemTime,
}

fn installed() -> Result<LogLevels, AdminError> {
    LogLevels::installed().ok_or_else(|| AdminError::not_implemented(NOT_INSTALLED))
}

fn list(levels: &LogLevels, format: Format) -> Result<Response, AdminError> {
    let loggers = levels.loggers();
    match format {
        Format::Text => Ok(Response::text(report::list_text(&loggers))),
        Format::Json => json(&report::ListReport {
            log_facade: levels.log_facade(),
            loggers: &loggers,
        }),
    }
}

fn get(levels: &LogLevels, name: &str, format: Format) -> Result<Response, AdminError> {
    let logger = levels.logger(name).map_err(refused)?;
    match format {
        Format::Text => Ok(Response::text(report::get_text(&logger))),
        Format::Json => json(&logger),
    }
}

fn set(levels: &LogLevels, request: &Request, audit: &Audit) -> Result<Response, AdminError> {
    let name = LoggerName::parse(&request.name).map_err(refused)?.written;
    let setting = request.level.parse().map_err(refused)?;
    let ttl = request
        .ttl
        .as_deref()
        .map(parse_ttl)
        .transpose()
        .map_err(refused)?;
    let applied = levels
        .set(&name, setting, ttl, &request.by)
        .map_err(|error| match error {
            ChangeError::Timer(_) => AdminError::unavailable(error.to_string()).with_source(error),
            _ => refused(error),
        })?;
    audit.change(applied.before, described(&applied));
    let Applied {
        setting,
        before,
        after,
        lease,
    } = applied;
    let lease = lease.map(|(id, ends)| Granted { id, ends });
    let granted = lease.as_ref().map(|lease| lease.id.get());
    let reply = match request.format {
        Format::Text => Response::text(report::set_text(&name, setting)),
        Format::Json => json(&SetReport {
            logger: &name,
            level: setting,
            previous: before,
            current: after,
            lease,
        })?,
    };
    let reply = reply.with_header(PREVIOUS, HeaderValue::from_static(word(before.effective)));
    Ok(match granted {
        Some(id) => reply.with_header(LEASE, id.into()),
        None => reply,
    })
}

fn end_lease(
    levels: &LogLevels,
    id: LeaseId,
    format: Format,
    by: &str,
    audit: &Audit,
) -> Result<Response, AdminError> {
    let ended = levels.end_lease(id, by).ok_or_else(|| {
        AdminError::not_found(format!("No such lease: {id} (it may have ended already)"))
    })?;
    let Ended {
        logger,
        before,
        after,
        ..
    } = &ended;
    audit.change(
        format_args!("{logger} {before}"),
        format_args!("{logger} {after}"),
    );
    match format {
        Format::Text => Ok(Response::text(format!("Ended lease {id} of {logger}"))),
        Format::Json => json(&ended),
    }
}

/// What the audit line says of a change.
fn described(applied: &Applied) -> String {
    let after = applied.after;
    match applied.lease {
        Some((id, ends)) => {
            let ends = report::rfc3339(ends);
            format!("{after} until {ends} (lease {id})")
        }
        None => after.to_string(),
    }
}

fn refused(error: impl Error) -> AdminError {
    AdminError::bad_request(error.to_string())
}

fn json(report: &impl Serialize) -> Result<Response, AdminError> {
    let body = serde_json::to_vec_pretty(report)?;
    Ok(Response::bytes("application/json", body))
}
