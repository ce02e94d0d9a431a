//! Where the server is reached, and under which names.

use std::fmt::Display;
use std::mem;

use super::{Builder, assemble};
use crate::endpoint::EndpointDescriptor;
use crate::listener::{Listener, PlannedListener, parse_address, problems as listener_problems};
use crate::registry::Problem;

/// Where a server listens unless told otherwise.
const DEFAULT_BIND: &str = "127.0.0.1:7000";

impl Builder {
    /// Where to listen: an IP address and a port, or `localhost:PORT`. Port 0 lets the kernel
    /// choose. Default `127.0.0.1:7000`.
    ///
    /// Beyond loopback only reads are answered until [`token`](Self::token) or
    /// [`authenticator`](Self::authenticator) is configured.
    ///
    /// This is the short form of [`listen`](Self::listen) with a [`Listener::tcp`].
    pub fn bind(mut self, address: impl Display) -> Self {
        self.bind = Some(address.to_string());
        self
    }

    /// Listens there too, with rules of its own. A server may have several listeners; the address of
    /// [`bind`](Self::bind) is one more, but the default one is not.
    ///
    /// ```
    /// use admin_runtime::AdminServer;
    /// use admin_runtime::describe::Effect;
    /// use admin_runtime::listener::Listener;
    ///
    /// let builder = AdminServer::builder()
    ///     .listen(Listener::tcp("0.0.0.0:9100").only(["/metrics"]).max_effect(Effect::Read))
    ///     .listen(Listener::unix("/run/app/admin.sock"));
    /// let error = builder.build().unwrap_err(); // there is no `/metrics` in this program
    /// assert!(error.to_string().contains("only(\"/metrics\")"), "{error}");
    /// ```
    pub fn listen(mut self, listener: Listener) -> Self {
        self.listeners.push(listener);
        self
    }

    /// Answers to this `Host` name too, beside loopback names and IP addresses: a name such as
    /// `admin.example`, on any port.
    ///
    /// ```
    /// use admin_runtime::AdminServer;
    ///
    /// let builder = AdminServer::builder().allow_host("https://admin.example:8443");
    /// let problem = builder.build().unwrap_err().problems()[0].to_string();
    /// assert!(problem.contains("write allow_host(\"admin.example\")"), "{problem}");
    /// ```
    pub fn allow_host(mut self, name: impl Into<String>) -> Self {
        let name = name.into();
        match assemble::host_problem(&name) {
            None => self.hosts.allow(name),
            Some(reason) => self.reject(&format!("allow_host({name:?})"), reason),
        }
        self
    }

    /// For a mounted filter or service: says that only this machine reaches the application, so
    /// that writes are answered.
    pub fn trust_loopback(mut self) -> Self {
        self.trust_loopback = true;
        self
    }

    /// Names the prefix that is stripped from each path before the server sees it, by axum's
    /// `nest_service` or a reverse proxy: links and messages then have the path of the client.
    ///
    /// Without it messages name the path that is left (`Not found: /nope`) and links are relative;
    /// those of the page at `/admin`, without a slash at the end, miss the prefix. A warp filter does
    /// not need it: warp leaves the whole path.
    ///
    /// ```
    /// use admin_runtime::AdminServer;
    ///
    /// let builder = AdminServer::builder().mounted_at("/admin");
    /// let error = builder.mounted_at("/").build().unwrap_err();
    /// let text = "mounted_at(\"/\"): expected a prefix without parameters such as /admin";
    /// assert_eq!(error.problems()[0].to_string(), text);
    /// ```
    pub fn mounted_at(mut self, prefix: impl Into<String>) -> Self {
        let prefix = prefix.into();
        match assemble::mount_prefix_problem(&prefix) {
            None => self.mount_prefix = prefix,
            Some(reason) => self.reject(&format!("mounted_at({prefix:?})"), reason),
        }
        self
    }

    /// What is wrong with where the server is to listen.
    pub(super) fn listener_problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        if let Some(address) = &self.bind
            && let Err(reason) = parse_address(address)
        {
            problems.push(Problem::Setting {
                setting: format!("bind({address:?})"),
                reason,
            });
        }
        problems.extend(listener_problems(&self.listeners));
        problems
    }

    /// What a start opens; patterns that fit no endpoint are added to the problems.
    pub(super) fn planned_listeners(
        &mut self,
        endpoints: &[EndpointDescriptor],
        problems: &mut Vec<Problem>,
    ) -> Vec<PlannedListener> {
        let listeners = mem::take(&mut self.listeners);
        let bind = mem::take(&mut self.bind);
        let bind = bind.or_else(|| listeners.is_empty().then(|| DEFAULT_BIND.to_owned()));
        let bound = bind.map(Listener::tcp).into_iter();
        let planned = bound.chain(listeners).filter_map(|listener| {
            let only = listener.patterns().map(|patterns| {
                let (only, unknown) = assemble::chosen("only", endpoints, patterns);
                problems.extend(unknown);
                only
            });
            PlannedListener::new(listener, only)
        });
        planned.collect()
    }
}
