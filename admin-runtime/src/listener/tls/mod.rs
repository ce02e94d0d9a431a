//! TLS and client certificates of listeners.

mod certificate;
mod options;
mod server_config;
mod setup;

pub(crate) use self::certificate::names_of;
pub(crate) use self::options::TlsOptions;
pub(crate) use self::setup::{TlsConfig, TlsFiles, TlsReload};
