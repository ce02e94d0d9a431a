//! The route: takes the parameters, asks the levels of the process, and writes the reply.

use std::fmt::Display;

use admin_runtime::describe::EndpointStatus;
use admin_runtime::{
    AdminError, Audit, Caller, HeaderName, HeaderValue, Param, RequestContext, Response,
    admin_endpoint,
};
use serde::Serialize;

use super::change::{ChangeError, EndedLease, LevelChange};
use super::install::NOT_INSTALLED_MESSAGE;
use super::lease::LeaseId;
use super::level::{ConfiguredLevel, level_name};
use super::levels::LogLevels;
use super::log_facade::LogFacade;
use super::name::LoggerName;
use super::report::{self, LeaseGrant, ListReport, SetReport};
use super::ttl::Ttl;
use super::wire;
use crate::format::Format;

/// The level that was in effect before, in the reply to a set.
const PREVIOUS_LEVEL_HEADER: HeaderName = HeaderName::from_static("x-previous-level");

/// The id of a timed level, in the reply that grants it.
const LEASE_ID_HEADER: HeaderName = HeaderName::from_static("x-lease-id");

/// The status if records of `log` do not obey the levels.
const FOREIGN_LOGGER_MESSAGE: &str =
    "foreign: the program has its own logger for `log`, whose records do not obey these levels";

/// The `logger_name` of a GET. The original API lists all loggers also for an empty name.
#[derive(Clone, Debug)]
enum LoggerSelection {
    All,
    One(LoggerName),
}

impl Param for LoggerSelection {
    const EXPECTED: &'static str = LoggerName::EXPECTED;

    fn parse(text: &str) -> Option<Self> {
        if text.is_empty() {
            Some(Self::All)
        } else {
            LoggerName::parse(text).map(Self::One)
        }
    }

    fn error_message(text: &str) -> Option<String> {
        LoggerName::error_message(text)
    }
}

/// The status of the routes in the index.
fn levels_status(_: &RequestContext) -> EndpointStatus {
    let Some(levels) = LogLevels::installed() else {
        return EndpointStatus::new().with("levels", NOT_INSTALLED_MESSAGE);
    };
    let log_facade = match levels.log_facade() {
        LogFacade::Bridged => "bridged",
        LogFacade::Foreign => FOREIGN_LOGGER_MESSAGE,
    };
    let status = EndpointStatus::new()
        .with("levels", "installed")
        .with("log_facade", log_facade);
    match report::hidden_text(&levels.hidden_loggers()) {
        Some(hidden) => status.with("hidden", hidden),
        None => status,
    }
}

/// List the loggers and their levels, get the level of one, or set it.
///
/// Without parameters the reply lists every logger with its effective level. With `logger_name` it
/// is the level of that logger. With `level` that level is set, for the time `ttl` if it is given.
#[admin_endpoint(
    path = "/loglevel",
    runtime = "admin",
    produces = "text/plain; charset=utf-8, application/json",
    status = "levels_status",
    effect_if(query = "level", effect = "write")
)]
async fn loglevel(
    /// A logger such as `a.b` or `a::b`, `root`, or a family such as `a.b*`.
    logger_name: Option<LoggerSelection>,
    /// TRACE, DEBUG, INFO, WARNING, ERROR, OFF, or NOTSET to inherit.
    level: Option<ConfiguredLevel>,
    /// How long the level is in effect, such as `10m`; until it is changed if this is missing.
    ttl: Option<Ttl>,
    /// `text`, or `json` for all that is known of a logger.
    format: Option<Format>,
    caller: Caller,
    audit: Audit,
) -> Result<Response, AdminError> {
    let levels = installed_levels()?;
    let format = format.unwrap_or_default();
    match (logger_name.unwrap_or(LoggerSelection::All), level) {
        (LoggerSelection::All, Some(_)) => Err(AdminError::bad_request(
            "Missing parameter 'logger_name': 'level' sets the level of one logger, \
             for all of them that is logger_name=root",
        )),
        (_, None) if ttl.is_some() => Err(AdminError::bad_request(
            "Missing parameter 'level': 'ttl' limits how long the level applies",
        )),
        (LoggerSelection::All, None) => list(&levels, format),
        (LoggerSelection::One(name), None) => get(&levels, &name, format),
        (LoggerSelection::One(name), Some(level)) => {
            let change = levels.set(&name, level, ttl, &caller.to_string());
            reply_to_set(&name, change, format, &audit)
        }
    }
}

/// Set the level of a logger, for a time or until it is changed.
#[admin_endpoint(
    method = "PUT",
    path = "/loglevel",
    runtime = "admin",
    produces = "text/plain; charset=utf-8, application/json",
    status = "levels_status",
    effect = "write"
)]
async fn set_loglevel(
    /// A logger such as `a.b` or `a::b`, `root`, or a family such as `a.b*`.
    logger_name: LoggerName,
    /// TRACE, DEBUG, INFO, WARNING, ERROR, OFF, or NOTSET to inherit.
    level: ConfiguredLevel,
    /// How long the level is in effect, such as `10m`; until it is changed if this is missing.
    ttl: Option<Ttl>,
    /// `text`, or `json` for the levels before and after.
    format: Option<Format>,
    caller: Caller,
    audit: Audit,
) -> Result<Response, AdminError> {
    let change = installed_levels()?.set(&logger_name, level, ttl, &caller.to_string());
    reply_to_set(&logger_name, change, format.unwrap_or_default(), &audit)
}

/// Clear the own level of a logger, so that it inherits again, or end one timed level early.
///
/// A logger that nothing has logged through is not listed any more afterwards.
#[admin_endpoint(
    method = "DELETE",
    path = "/loglevel",
    runtime = "admin",
    produces = "text/plain; charset=utf-8, application/json",
    status = "levels_status",
    effect = "write"
)]
async fn clear_loglevel(
    /// The logger to clear; its timed levels end too.
    logger_name: Option<LoggerName>,
    /// The timed level to end; the level before it is in effect again.
    lease: Option<u64>,
    /// `text`, or `json` for the levels before and after.
    format: Option<Format>,
    caller: Caller,
    audit: Audit,
) -> Result<Response, AdminError> {
    let levels = installed_levels()?;
    let (format, actor) = (format.unwrap_or_default(), caller.to_string());
    match (logger_name, lease) {
        (Some(name), None) if !levels.is_known(&name) => Err(AdminError::not_found(format!(
            "No such logger: {name} (GET /loglevel lists all)"
        ))),
        (Some(name), None) => {
            let change = levels.clear(&name, &actor);
            reply_to_set(&name, change, format, &audit)
        }
        (None, Some(id)) => end_lease(&levels, id.into(), format, &actor, &audit),
        _ => Err(AdminError::bad_request(
            "Give one of 'logger_name', the logger to clear, and 'lease', the timed level to end",
        )),
    }
}

fn installed_levels() -> Result<LogLevels, AdminError> {
    LogLevels::installed().ok_or_else(|| AdminError::not_implemented(NOT_INSTALLED_MESSAGE))
}

fn list(levels: &LogLevels, format: Format) -> Result<Response, AdminError> {
    let loggers = levels.loggers();
    match format {
        Format::Text => Ok(Response::text(report::list_text(&loggers))),
        Format::Json => json(&ListReport {
            log_facade: levels.log_facade(),
            loggers: &loggers,
        }),
    }
}

fn get(levels: &LogLevels, name: &LoggerName, format: Format) -> Result<Response, AdminError> {
    let logger = levels.logger(name);
    match format {
        Format::Text => Ok(Response::text(report::logger_text(&logger))),
        Format::Json => json(&logger),
    }
}

fn reply_to_set(
    name: &LoggerName,
    change: Result<LevelChange, ChangeError>,
    format: Format,
    audit: &Audit,
) -> Result<Response, AdminError> {
    let change = change.map_err(|error| match error {
        ChangeError::Timer(_) => AdminError::unavailable(error.to_string()).with_source(error),
        _ => AdminError::bad_request(error.to_string()),
    })?;
    audit.change(change.before, audit_text(&change));
    let reply = match format {
        Format::Text => Response::text(report::set_text(name.as_str(), &change)),
        Format::Json => json(&SetReport {
            logger: name.as_str(),
            level: change.requested,
            previous: change.before,
            current: change.after,
            lease: change.lease.map(|(id, ends)| LeaseGrant { id, ends }),
            hidden: change.hidden_below.is_some(),
        })?,
    };
    let previous = HeaderValue::from_static(level_name(change.before.effective));
    let reply = reply.with_header(PREVIOUS_LEVEL_HEADER, previous);
    Ok(match change.lease {
        Some((id, _)) => reply.with_header(LEASE_ID_HEADER, id.get().into()),
        None => reply,
    })
}

fn end_lease(
    levels: &LogLevels,
    id: LeaseId,
    format: Format,
    actor: &str,
    audit: &Audit,
) -> Result<Response, AdminError> {
    let ended = levels.end_lease(id, actor).ok_or_else(|| {
        AdminError::not_found(format!("No such lease: {id} (it may have ended already)"))
    })?;
    let EndedLease {
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

/// The level after a change, as the audit line has it.
fn audit_text(change: &LevelChange) -> impl Display {
    let after = change.after;
    match change.lease {
        Some((id, ends)) => format!("{after} until {} (lease {id})", wire::rfc3339_text(ends)),
        None => after.to_string(),
    }
}

fn json(report: &impl Serialize) -> Result<Response, AdminError> {
    let body = serde_json::to_vec_pretty(report)?;
    Ok(Response::bytes("application/json", body))
}
