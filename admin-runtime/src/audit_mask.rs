//! What masks the secrets in audit lines, where a crate has registered it.

use std::any::TypeId;
use std::borrow::Cow;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::server_state::ServerState;

/// What [`audit_mask!`](crate::audit_mask!) registers.
#[doc(hidden)] // only `audit_mask!` makes them
#[derive(Clone, Copy, Debug)]
pub struct AuditMaskRegistration {
    /// The type of its settings.
    pub settings: fn() -> TypeId,
    /// A value as it is recorded under its name.
    pub mask: fn(AuditMaskSettings<'_>, &str, &str) -> String,
}

/// The settings that the builder of a server was given.
#[doc(hidden)] // only code of `audit_mask!` has them
#[derive(Clone, Copy, Debug)]
pub struct AuditMaskSettings<'s>(&'s ServerState);

impl AuditMaskSettings<'_> {
    /// Those of a type, else the default.
    #[must_use]
    pub fn get<T: Default + Send + Sync + 'static>(&self) -> Arc<T> {
        self.0.config().unwrap_or_default()
    }
}

/// What is recorded instead of a value that nothing has looked at.
pub(crate) const HIDDEN: &str = "******";

/// Everything that masks the audit lines of a server.
#[derive(Clone, Default)]
pub(crate) struct AuditMasks(Vec<AuditMaskRegistration>);

impl AuditMasks {
    pub(crate) fn new(linked: impl Iterator<Item = AuditMaskRegistration>) -> Self {
        Self(linked.collect())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A value as it is recorded under its name, which is empty for a text without one.
    pub(crate) fn mask<'v>(&self, state: &ServerState, name: &str, value: &'v str) -> Cow<'v, str> {
        self.0.iter().fold(Cow::Borrowed(value), |value, linked| {
            let mask = || (linked.mask)(AuditMaskSettings(state), name, &value);
            match catch_unwind(AssertUnwindSafe(mask)) {
                Ok(masked) if masked == *value => value,
                Ok(masked) => Cow::Owned(masked),
                Err(_) => Cow::Borrowed(HIDDEN),
            }
        })
    }
}

impl fmt::Debug for AuditMasks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AuditMasks({})", self.0.len())
    }
}

/// Registers what masks the secrets in audit lines, in the log and in `GET /audit`.
///
/// The arguments are a type of settings, as the builder gets it with `.config(..)`, and an
/// `fn(&Settings, name: &str, value: &str) -> Cow<str>`. It is called with each parameter of the query
/// of a request that may change something, and with an empty name for the path and for the values of
/// [`Audit::change`](crate::Audit::change). It never blocks. `admin-endpoints` registers the rules of
/// `GET /env`, unless its feature `env` is off. A program without any such function records
/// no values of parameters that the endpoint does not declare.
///
/// ```standalone_crate
/// use std::borrow::Cow;
///
/// use admin_runtime::introspect::AuditLog;
/// use admin_runtime::{AdminServer, admin_endpoint};
///
/// #[derive(Default)]
/// struct Hidden(&'static str);
///
/// fn mask<'v>(hidden: &Hidden, name: &str, value: &'v str) -> Cow<'v, str> {
///     if name == hidden.0 { Cow::Borrowed("(hidden)") } else { Cow::Borrowed(value) }
/// }
///
/// admin_runtime::audit_mask!(Hidden, mask);
///
/// #[admin_endpoint(method = "POST", path = "/sign-in")]
/// async fn sign_in(user: String, pin: String) {}
///
/// #[admin_endpoint(path = "/last", sensitive = true)]
/// async fn last(log: AuditLog) -> String {
///     log.entries()[0].what().to_owned()
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let client = AdminServer::builder().config(Hidden("pin")).build()?.test_client();
/// client.post("/sign-in?user=a&pin=1234").await;
/// assert_eq!(client.get("/last").await.text(), "POST /sign-in?user=a&pin=(hidden)");
/// # Ok(())
/// # }
/// ```
#[macro_export]
macro_rules! audit_mask {
    ($settings:ty, $mask:path) => {
        const _: () = {
            $crate::__private::submit! {
                $crate::__private::AuditMaskRegistration {
                    settings: ::core::any::TypeId::of::<$settings>,
                    mask: |settings, name, value| {
                        let settings = settings.get::<$settings>();
                        let masked = $mask(&settings, name, value);
                        ::core::convert::Into::into(masked)
                    },
                }
            }
        };
    };
}
