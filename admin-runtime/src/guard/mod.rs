//! Access checks: pure functions, no I/O.

mod async_authenticator;
mod authenticator;
mod credentials;
mod effect;
mod host;
mod identity;
mod listener_policy;
mod origin;
mod proxy_header;
mod secret;
mod token;
mod token_list;

pub use self::async_authenticator::AsyncAuthenticator;
pub use self::authenticator::{Authenticator, Unauthenticated};
pub(crate) use self::credentials::{Credentials, presents_credentials};
pub(crate) use self::effect::{Exposure, authorize, authorize_sensitive, effect_of};
pub(crate) use self::host::{Hosts, Target};
pub use self::identity::Identity;
pub(crate) use self::listener_policy::{ClientCertificate, ListenerPolicy};
#[cfg(feature = "tls")]
pub(crate) use self::origin::HTTPS_PORT;
pub(crate) use self::origin::{HTTP_PORT, ServedOrigin, same_origin, same_origin_read};
pub use self::token::Token;
pub use self::token_list::first_secret;
pub(crate) use self::token_list::{TokenList, parse_tokens};
