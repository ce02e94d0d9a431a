//! The handlers.

mod health;
mod instances;
mod loglevel;
mod targets;
