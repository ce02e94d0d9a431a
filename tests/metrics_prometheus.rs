//! `/metrics` and `/metrics/reset` over HTTP.
