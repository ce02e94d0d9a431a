//! Which build of which program this is, and how it is configured.
//!
//! | route | result |
//! |---|---|
//! | `GET /build` | name, version, compiler, build id and commit of the program, and its process |
//! | `GET /config` | the settings given to `builder().show_config(..)`, secrets masked |
//!
//! [`build_info!`](admin_runtime::build_info!) in the binary supplies name, version and commit.
//! [`show_config`](admin_runtime::Builder::show_config) adds a setting to `/config`, which beyond loopback
//! needs credentials.

mod build;
mod build_id;
mod config;
mod masked;
mod process;

pub use self::build::BuildReport;
