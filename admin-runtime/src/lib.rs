//! admin-runtime

pub mod thread_names;
