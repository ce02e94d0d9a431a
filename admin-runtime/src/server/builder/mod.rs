//! The builder of a server.

mod credentials;
mod exits;
mod reach;
mod settings;
mod values;

use std::fmt;

use super::open_listeners::problems_of_listening;
use super::token_file::TokenFile;
use super::{AdminServer, RunningServer, StartError, assemble, start_warnings};
use crate::endpoint::EndpointDescriptor;
use crate::guard::{Credentials, Hosts};
use crate::limits::Limits;
use crate::listener::Listener;
use crate::registry::Problem;
use crate::script::ScriptObjects;
use crate::server_state::ServerState;
use crate::shown_config::ShownConfigBuilder;

/// Collects what one server needs. The exits are ordered by effect: [`build`](Self::build) only
/// checks, [`filter`](Self::filter) gives something to mount, [`start`](Self::start) opens a socket.
///
#[doc = include_str!("../../../docs/builder.md")]
#[must_use]
pub struct Builder {
    state: ServerState,
    scripts: ScriptObjects,
    shown_config: ShownConfigBuilder,
    hosts: Hosts,
    credentials: Credentials,
    token_files: Vec<TokenFile>,
    public: Vec<String>,
    limits: Limits,
    name: Option<String>,
    bind: Option<String>,
    listeners: Vec<Listener>,
    mount_prefix: String,
    exclude: Vec<String>,
    endpoints: Vec<EndpointDescriptor>,
    trust_loopback: bool,
    periodic: bool,
    problems: Vec<Problem>,
}

impl Builder {
    fn new() -> Self {
        Self {
            state: ServerState::default(),
            scripts: ScriptObjects::default(),
            shown_config: ShownConfigBuilder::default(),
            hosts: Hosts::default(),
            credentials: Credentials::default(),
            token_files: Vec::new(),
            public: Vec::new(),
            limits: Limits::default(),
            name: None,
            bind: None,
            listeners: Vec::new(),
            mount_prefix: String::new(),
            exclude: Vec::new(),
            endpoints: Vec::new(),
            trust_loopback: false,
            periodic: true,
            problems: Vec::new(),
        }
    }

    pub(super) fn reject(&mut self, setting: &str, reason: String) {
        self.problems.push(Problem::Setting {
            setting: setting.to_owned(),
            reason,
        });
    }
}

impl AdminServer {
    /// Begins a server with everything that is linked.
    pub fn builder() -> Builder {
        Builder::new()
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("bind", &self.bind)
            .field("listeners", &self.listeners)
            .finish_non_exhaustive()
    }
}
