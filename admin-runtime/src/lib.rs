//! admin-runtime
pub mod script;
