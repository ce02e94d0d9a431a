//! admin-runtime
