//! admin-endpoints
