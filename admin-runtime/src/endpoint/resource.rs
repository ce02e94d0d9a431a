//! What an endpoint needs while its server runs: a thread, a process, a file.

use std::any::Any;
use std::error::Error;
use std::fmt;
use std::sync::Arc;

use crate::server_state::ServerState;

/// Something that an endpoint needs while its server runs, such as a thread or an open file.
///
/// The function that `resource = "..."` names makes it when a server starts. The server holds it and
/// drops it when it stops, after the last request; a server that fails to start drops it at once.
/// The function is called once for each server and endpoint. Its error is a
/// [`StartError`](crate::StartError) that names the endpoint.
///
/// A server that is mounted (`filter()`, `service()`) has no start: the first request to the endpoint
/// calls the function, an error is a reply of status 503 with its text, and the resource is dropped
/// with the last filter and service of that server. There the function runs on the application's
/// runtime, so it must not take long.
///
/// ```standalone_crate
/// use admin_runtime::{AdminServer, admin_endpoint};
/// use admin_runtime::describe::ResourceContext;
/// use std::sync::{Arc, Mutex};
/// use std::time::Duration;
///
/// type Events = Arc<Mutex<Vec<&'static str>>>;
///
/// /// Watches the disk until it is dropped.
/// struct Watch(Events);
///
/// impl Drop for Watch {
///     fn drop(&mut self) {
///         self.0.lock().unwrap().push("stopped");
///     }
/// }
///
/// fn watch(context: &ResourceContext<'_>) -> Result<Watch, String> {
///     let events = context.state::<Events>().ok_or("this server has no list of events")?;
///     events.lock().unwrap().push("started");
///     Ok(Watch(Arc::clone(events)))
/// }
///
/// /// Free space of the disk.
/// #[admin_endpoint(path = "/disk", resource = "watch")]
/// async fn disk() {}
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let events = Events::default();
/// let builder = || AdminServer::builder().bind("127.0.0.1:0");
/// let admin = builder().state(Arc::clone(&events)).start()?;
/// assert_eq!(*events.lock().unwrap(), ["started"]);
/// admin.stop();
/// assert_eq!(*events.lock().unwrap(), ["started", "stopped"]);
///
/// let error = builder().start().unwrap_err().to_string();
/// assert_eq!(error, "the admin server cannot start GET /disk: this server has no list of events");
/// # Ok(())
/// # }
/// ```
pub struct Resource(#[expect(dead_code, reason = "held until it is dropped")] Box<dyn Any + Send>);

impl Resource {
    /// Holds a value until the server stops.
    ///
    /// ```
    /// use admin_runtime::describe::Resource;
    ///
    /// let socket = Resource::new(std::net::UdpSocket::bind("127.0.0.1:0")?);
    /// assert_eq!(format!("{socket:?}"), "Resource");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn new(value: impl Send + 'static) -> Self {
        Self(Box::new(value))
    }
}

impl fmt::Debug for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Resource")
    }
}

/// Makes the [`Resource`] of an endpoint for one server.
///
/// ```
/// use admin_runtime::describe::{Resource, ResourceContext, ResourceFn};
/// use std::net::UdpSocket;
///
/// const SOCKET: ResourceFn = |_: &ResourceContext<'_>| {
///     Ok(Resource::new(UdpSocket::bind("127.0.0.1:0")?))
/// };
/// ```
pub type ResourceFn = fn(&ResourceContext<'_>) -> Result<Resource, Box<dyn Error + Send + Sync>>;

/// What a [`ResourceFn`] can ask about its server.
///
/// ```standalone_crate
/// use admin_runtime::{AdminServer, admin_endpoint};
/// use admin_runtime::describe::ResourceContext;
/// use std::net::UdpSocket;
///
/// struct GossipConfig { address: &'static str }
///
/// fn open(context: &ResourceContext<'_>) -> std::io::Result<UdpSocket> {
///     let address = context.config::<GossipConfig>().map_or("0.0.0.0:0", |config| config.address);
///     assert_eq!((context.state::<u8>(), address), (Some(&7), "127.0.0.1:0"));
///     UdpSocket::bind(address)
/// }
///
/// #[admin_endpoint(path = "/gossip", resource = "open")]
/// async fn gossip() {}
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let builder = AdminServer::builder().bind("127.0.0.1:0").state(7_u8);
/// let admin = builder.config(GossipConfig { address: "127.0.0.1:0" }).start()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct ResourceContext<'a> {
    state: &'a ServerState,
}

impl<'a> ResourceContext<'a> {
    pub(crate) fn new(state: &'a ServerState) -> Self {
        Self { state }
    }

    /// The value given to `builder().state(..)`, if there is one of this type.
    #[must_use]
    pub fn state<T: Send + Sync + 'static>(&self) -> Option<&'a T> {
        self.state.state()
    }

    /// The value given to `builder().config(..)`, if there is one of this type.
    #[must_use]
    pub fn config<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        self.state.config()
    }
}
