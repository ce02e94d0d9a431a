//! `/loglevel`: list, get and set the level of any logger while the program runs.
//!
//! The levels belong to the process. One [`LogLevels`] is made at the start, its
//! [filter](LogLevels::filter) goes into the subscriber, and [`LogLevels::install`] makes it the one
//! that the route changes and that the `log` facade obeys:
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
//! | request | does |
//! |---|---|
//! | `GET /loglevel` | lists every logger with the level in force |
//! | `GET /loglevel?logger_name=a.b` | shows one |
//! | `GET /loglevel?logger_name=a.b&level=DEBUG`, or `PUT` | sets it, with `&ttl=10m` for a time |
//! | `DELETE /loglevel?logger_name=a.b` | clears it, so that it inherits again |
//! | `DELETE /loglevel?lease=7` | ends one timed level early |
//!
//! `format=json` shows all that is known: own and effective level, the parent that gives it, timed
//! levels with their ends, when it was changed and by whom. An answer to a set has the level in
//! force until then in `x-previous-level`, and for a timed level its id in `x-lease-id`. Every set
//! is a write, guarded and audited, a GET's too. Timed levels nest and end in any order; a level
//! set for good ends those of its logger, and a restart forgets everything.
//!
//! # Names
//!
//! `a::b::c` and `a.b.c` are one logger. A logger without a level of its own has that of its
//! nearest parent, the root's in the end. A name that ends in `*` sets a family: `a.b*` holds for
//! every logger that begins with `a.b`, known or not, that no longer name was set for. Loggers
//! show up by themselves: every callsite of `tracing` once it is reached at a level that some
//! logger has, every target that comes through `log`, and every name that was set.
//!
//! # The audit log
//!
//! The target `admin_runtime::audit` stays at `INFO` or more verbose, whatever its parents say and
//! whatever it is set to: who may set levels must not be able to do it unseen.
//!
//! # Cost
//!
//! `tracing` asks a filter once per callsite and keeps the answer, so a disabled event costs one
//! load and one comparison while nothing is that verbose, and two when something is. A change
//! replaces the rules and has every callsite ask again. Records of `log` have no callsite that
//! could keep an answer and are looked up each, once they pass `log`'s own maximum, which follows
//! the most verbose level set.

// Words, names, times, lookup: pure.
mod lease;
mod level;
mod name;
mod quote;
mod rules;
mod spec;

// The table made of them, and what it answers.
mod change;
mod report;
mod table;

// What reads and changes it in a running process.
mod bridge;
mod clock;
mod filter;
mod install;
mod levels;
mod live;
mod seen;
mod timer;

// The route.
mod route;

pub use self::bridge::LogFacade;
pub use self::change::{Applied, Change, ChangeError, Ended, Levels};
pub use self::filter::LevelsFilter;
pub use self::install::InstallError;
pub use self::lease::{InvalidTtl, LeaseId, MAX_LEASES, MAX_TTL, parse_ttl};
pub use self::level::{InvalidLevel, Setting};
pub use self::levels::LogLevels;
pub use self::name::{InvalidName, MAX_NAME_BYTES};
pub use self::report::{LeaseReport, LoggerReport};
pub use self::seen::MAX_SEEN;
pub use self::spec::SpecError;
pub use self::table::MAX_HAND_SET;
