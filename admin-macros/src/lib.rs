//! admin-macros
