//! The resources of the endpoints of one server.

use std::error::Error;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process;
use std::sync::Mutex;

use crate::endpoint::{EndpointDescriptor, Method, Resource, ResourceContext};
use crate::log_queue;
use crate::panics::panic_message;
use crate::response::AdminError;
use crate::server_state::ServerState;
use crate::sync::lock;

/// The resources that a server holds.
#[derive(Debug, Default)]
pub(crate) struct Resources(Mutex<HeldResources>);

#[derive(Debug, Default)]
struct HeldResources {
    held: Vec<HeldResource>,
    /// Started and not yet stopped: clones of an assembled server share their resources.
    running_servers: usize,
}

#[derive(Debug)]
struct HeldResource {
    method: Method,
    path: &'static str,
    resource: Resource,
    /// The resources of a parent are not those of a forked child.
    process_id: u32,
}

/// Why the resource of an endpoint could not be made.
pub(crate) struct ResourceFailure {
    /// Method and path.
    pub(crate) endpoint: String,
    pub(crate) source: Box<dyn Error + Send + Sync>,
}

impl Resources {
    /// Makes the resources of all endpoints, for a server that starts. After a failure it holds
    /// none.
    pub(crate) fn start(
        &self,
        endpoints: &[EndpointDescriptor],
        state: &ServerState,
    ) -> Result<(), ResourceFailure> {
        let mut resources = lock(&self.0);
        let mut made = Ok(());
        for endpoint in endpoints {
            made = made.and_then(|()| resources.make(endpoint, state));
        }
        resources.running_servers += 1;
        drop(resources);
        made.inspect_err(|_| self.stop())
    }

    /// Drops all resources, unless another running server uses them.
    pub(crate) fn stop(&self) {
        let mut resources = lock(&self.0);
        resources.running_servers = resources.running_servers.saturating_sub(1);
        let unused = match resources.running_servers {
            0 => mem::take(&mut *resources),
            _ => HeldResources::default(),
        };
        drop(resources); // a resource may wait for a thread that handles a request
        drop(unused);
    }

    /// Makes the resource of an endpoint, unless it is held: the server may be mounted.
    pub(crate) fn require(
        &self,
        endpoint: &EndpointDescriptor,
        state: &ServerState,
    ) -> Result<(), AdminError> {
        if endpoint.resource.is_none() {
            return Ok(());
        }
        let made = lock(&self.0).make(endpoint, state);
        made.map_err(|failure| AdminError::unavailable(failure.source.to_string()))
    }
}

impl HeldResources {
    fn make(
        &mut self,
        endpoint: &EndpointDescriptor,
        state: &ServerState,
    ) -> Result<(), ResourceFailure> {
        let Some(function) = endpoint.resource else {
            return Ok(());
        };
        let (method, path) = (endpoint.method, endpoint.path);
        let process_id = process::id();
        let is_held = |held: &HeldResource| {
            (held.method, held.path, held.process_id) == (method, path, process_id)
        };
        if self.held.iter().any(is_held) {
            return Ok(());
        }
        let call = || function(&ResourceContext::new(state));
        let made = catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|panic| {
            Err(format!("its resource function {}", panic_message(&*panic)).into())
        });
        let resource = made.map_err(|source| ResourceFailure {
            endpoint: format!("{} {path}", method.as_str()),
            source,
        })?;
        self.held.push(HeldResource {
            method,
            path,
            resource,
            process_id,
        });
        Ok(())
    }
}

/// Drops the last first. A panic of one does not keep the others.
impl Drop for HeldResources {
    fn drop(&mut self) {
        while let Some(held) = self.held.pop() {
            if held.process_id != process::id() {
                mem::forget(held.resource);
                continue;
            }
            let dropped = catch_unwind(AssertUnwindSafe(|| drop(held.resource)));
            if let Err(panic) = dropped {
                let (path, panic) = (held.path, panic_message(&*panic));
                log_queue::emit(move || {
                    tracing::error!(path, panic, "the resource of an endpoint failed to stop");
                });
            }
        }
    }
}
