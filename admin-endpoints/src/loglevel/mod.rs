//! `/loglevel`: list, get and set the level of any logger while the program runs.
//!
//! The levels belong to the process. One [`LogLevels`] is made at the start, its
//! [filter](LogLevels::filter) is added to the subscriber, and [`LogLevels::install`] makes it the
//! one that the route changes and that the `log` facade obeys:
//!
//! ```standalone_crate
//! use admin_endpoints::loglevel::LogLevels;
//! use tracing_subscriber::prelude::*;
//!
//! let levels = LogLevels::from_spec("info,warp=warn")?;
//! tracing_subscriber::registry()
//!     .with(levels.filter())
//!     .with(tracing_subscriber::fmt::layer())
//!     .init();
//! levels.install()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The route
//!
//! | request | result |
//! |---|---|
//! | `GET /loglevel` | lists every logger with its effective level |
//! | `GET /loglevel?logger_name=a.b` | shows one |
//! | `GET /loglevel?logger_name=a.b&level=DEBUG`, or `PUT` | sets it, for a time with `&ttl=10m` |
//! | `DELETE /loglevel?logger_name=a.b` | clears it, so that it inherits again |
//! | `DELETE /loglevel?lease=7` | ends one timed level early |
//!
//! All values are in the query. `format=json` shows all that is known: own and effective level, the
//! parent it is inherited from, timed levels with their ends, when it was changed and by whom. The
//! reply to a set has the level that was in effect before in `x-previous-level`, and for a timed
//! level its id in `x-lease-id`. Every set is a write, guarded and audited, also as a GET. Timed
//! levels nest and end in any order; a level without `ttl` ends those of its logger. A restart
//! forgets all changes.
//!
//! Other filters of the subscriber stay in effect. If one of them hides what a new level enables,
//! from all layers or from one, the reply to the set has a second line that says so, its JSON has
//! `"hidden": true`, and so does the status of the route in the index.
//!
//! # Names
//!
//! `a::b::c` and `a.b.c` are the same logger. A logger without its own level has that of its
//! nearest parent, or else that of the root. A name that ends in `*` sets a family: `a.b*` is
//! for every logger that begins with `a.b`, known or not, unless a longer name is configured.
//! Loggers are listed by themselves: every callsite of `tracing` once it is reached at a level that
//! some logger has, every target that is logged to through `log`, and every name that was set. Of
//! names that nothing has logged through at most [`MAX_UNUSED_LOGGERS`] can be set; `DELETE` forgets
//! them.
//!
//! # The audit log
//!
//! The target `admin_runtime::audit` stays at `INFO` or more verbose, whatever it or its parents are
//! set to: whoever may set levels must not be able to do it without an audit line.
//!
//! # Cost
//!
//! `tracing` asks a filter once per callsite and caches the answer, so a disabled event costs one
//! load and one comparison while no level is that verbose, and two if one is. A change replaces a
//! small part of the rules, however many there are, and rebuilds the cache of every callsite. Records of `log` have no callsite to cache an
//! answer and are looked up each, once they pass the maximum of `log`, which follows the most
//! verbose level.

// Each module uses only modules above it.
mod limits;

mod level;
mod name;
mod ttl;

mod moment;

mod lease;
mod shared_map;
mod wire;

mod change;
mod rules;
mod spec;

mod table;

mod log_facade;
mod report;

mod known_loggers;

mod active_levels;

mod probe_callsite;

mod layer_state;
mod log_bridge;
mod timer;
mod visibility;

mod filter;

mod levels;

mod install;
// Without `/logs` no client attaches.
#[cfg_attr(not(feature = "logs"), allow(dead_code, unused_imports))]
mod streaming;

mod route;

pub use self::change::{ChangeError, ChangeRecord, EndedLease, LevelChange, LoggerLevels};
pub use self::filter::LevelsFilter;
pub use self::install::InstallError;
#[cfg(feature = "logs")]
pub(crate) use self::install::NOT_INSTALLED_MESSAGE;
pub use self::lease::LeaseId;
pub use self::level::{ConfiguredLevel, InvalidLevel};
pub use self::levels::LogLevels;
pub use self::limits::{
    MAX_CONFIGURED_LOGGERS, MAX_KNOWN_LOGGERS, MAX_LEASES, MAX_NAME_BYTES, MAX_TTL,
    MAX_UNUSED_LOGGERS,
};
pub use self::log_facade::LogFacade;
pub use self::name::{InvalidName, LoggerName};
#[cfg(feature = "fleet")]
pub(crate) use self::report::set_line;
pub use self::report::{LeaseReport, LoggerReport};
pub use self::spec::SpecError;
#[cfg(feature = "logs")]
pub(crate) use self::streaming::ClientLevels;
pub use self::ttl::{InvalidTtl, Ttl};
