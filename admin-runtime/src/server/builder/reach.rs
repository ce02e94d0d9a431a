//! Where the server is reached, and under which names.

use std::fmt::Display;
use std::net::SocketAddr;

use super::{Builder, assemble};
use crate::endpoint::PathPattern;
use crate::registry::Problem;

impl Builder {
    /// Where to listen: an IP address and a port, or `localhost:PORT`. Port 0 lets the kernel
    /// choose. Default `127.0.0.1:7000`.
    ///
    /// Beyond loopback only reads are answered until [`token`](Self::token) or
    /// [`authenticator`](Self::authenticator) is configured.
    pub fn bind(mut self, address: impl Display) -> Self {
        self.bind = address.to_string();
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
        match mount_prefix_problem(&prefix) {
            None => self.mount_prefix = prefix,
            Some(reason) => self.reject(&format!("mounted_at({prefix:?})"), reason),
        }
        self
    }

    pub(super) fn parsed_bind(&self, problems: &mut Vec<Problem>) -> SocketAddr {
        let numeric = match self.bind.strip_prefix("localhost:") {
            Some(port) => format!("127.0.0.1:{port}"),
            None => self.bind.clone(),
        };
        numeric.parse().unwrap_or_else(|_| {
            problems.push(Problem::Setting {
                setting: format!("bind({:?})", self.bind),
                reason:
                    "expected an IP address and a port such as 127.0.0.1:7000, or localhost:7000"
                        .to_owned(),
            });
            SocketAddr::from(([127, 0, 0, 1], 0))
        })
    }
}

/// Why a text cannot be put before paths.
fn mount_prefix_problem(prefix: &str) -> Option<String> {
    let pattern = match PathPattern::parse(prefix) {
        Ok(pattern) => pattern,
        Err(error) => return Some(error.to_string()),
    };
    let parameters = pattern.parameters().count();
    if pattern.segments().is_empty() || parameters > 0 || !prefix.is_ascii() {
        return Some("expected a prefix without parameters such as /admin".to_owned());
    }
    None
}
