//! Access checks: pure functions, no I/O.

mod authenticator;
mod effect;
mod host;
mod origin;
mod secret;

pub use self::authenticator::{Authenticator, Identity, Token, Unauthenticated};
pub(crate) use self::effect::{Exposure, authorize, authorize_sensitive, effect_of};
pub(crate) use self::host::{Hosts, Target};
pub(crate) use self::origin::same_origin;
