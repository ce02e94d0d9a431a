//! Many processes: a directory of instances for Prometheus, the health of all, and one log level for all.
//!
//! One process of a fleet, such as a controller, keeps the directory: `.config(FleetConfig::new())` of its
//! server. The others announce themselves, each with a lease that ends when they no longer do:
//!
//! ```standalone_crate
//! use admin_endpoints::fleet::{FleetConfig, announce};
//! use admin_runtime::AdminServer;
//!
//! # admin_runtime::link!(admin_endpoints);
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // The controller: curl http://127.0.0.1:9000/fleet/instances
//! let fleet = FleetConfig::new().allow("10.0.0.0/8")?;
//! let controller = AdminServer::builder().config(fleet); // .bind("127.0.0.1:9000").start()?
//!
//! // A worker.
//! let worker = AdminServer::builder().bind("127.0.0.1:0").start()?;
//! let announcement = announce("http://127.0.0.1:9000")
//!     .address(worker.local_addr().to_string())
//!     .label("role", "worker")
//!     .start(worker.periodic_threads())?;
//! # drop(announcement);
//! # Ok(())
//! # }
//! ```
//!
//! | route | answer |
//! |---|---|
//! | `PUT`, `DELETE /fleet/instances/{name}` | registers an instance or renews its lease; removes it |
//! | `GET /fleet/instances` | all instances |
//! | `GET /fleet/targets` | all instances, for `http_sd_configs` of Prometheus |
//! | `GET /fleet/health` | asks all instances for `/readyz?verbose`, `/periodic-threads-health` and `/build`, and for the faults of their threads |
//! | `PUT /fleet/loglevel` | sets the level of a logger on all instances that match, for a time |
//!
//! # Which instances are asked
//!
//! Only registered addresses are asked, and only addresses in the ranges that are allowed can register: those
//! of loopback unless [`FleetConfig::allow`] adds others. Link-local addresses, among which are those of
//! metadata services, are refused always, also in the IPv6 forms that a gateway translates. Redirects are not followed, at most 64 KiB of an answer are read, and
//! an instance has one second. Requests to instances have the token of [`FleetConfig::instance_token`] or
//! none; never one of the directory's own.
//!
//! # Leases
//!
//! The clock of the directory counts the seconds of a lease, so that clocks of instances may differ. A name
//! belongs to one process at a time: an announcement from another address or of another start of the
//! process is a 409 until the lease ends or is removed. A process that was killed and is started again at
//! the same address waits for that. An instance whose lease has ended without a removal is listed for a day
//! more ([`FleetConfig::keep_ended`]), as one that is down, and not asked. The directory is in memory only. After a restart it
//! has all instances again as soon as each has announced itself once more.

mod limits;
mod random;

// Values of an announcement: pure.
mod address_ranges;
mod announcement;
mod instance;
mod instance_address;
mod instance_labels;
mod instance_name;
mod read_announcement;
mod removed_starts;
mod shown_time;

// The table: pure, with times passed in.
mod directory;
mod ended_leases;

// Requests to other processes.
mod client;
mod health_answers;
mod level_answers;
mod shared_round;

// The side of the directory.
mod ask_all;
mod config;
mod enabled;
mod routes;
mod selector;

// The side of an instance.
mod announce;

pub use self::address_ranges::InvalidRange;
pub use self::announce::{AnnounceError, AnnouncementBuilder, RunningAnnouncement, announce};
pub use self::announcement::InstanceScheme;
pub use self::config::FleetConfig;
