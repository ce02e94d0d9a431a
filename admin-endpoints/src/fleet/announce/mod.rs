//! The side of an instance.

mod builder;
mod error;
mod retry;
mod running;
mod sender;
mod url;

pub use self::builder::{AnnouncementBuilder, announce};
pub use self::error::AnnounceError;
pub use self::running::RunningAnnouncement;
