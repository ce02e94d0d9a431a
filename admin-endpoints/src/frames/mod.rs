//! What a stack consists of, on every system: frames, and why it ends early.

mod frame;
mod truncation;

pub use self::frame::Frame;
pub use self::truncation::Truncation;

#[cfg(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
pub(crate) use self::frame::SIGNAL_FRAME_NAME;
