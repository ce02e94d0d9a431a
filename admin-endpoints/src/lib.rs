//! admin-endpoints

#[cfg(feature = "loglevel")]
pub mod loglevel;
