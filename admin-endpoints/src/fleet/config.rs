//! Settings of the routes, and the directory that they share.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use admin_runtime::clock::Clock;
use bytes::Bytes;
use tokio::sync::Semaphore;

use super::address_ranges::{AddressRanges, InvalidRange};
use super::client::{CredentialSources, TokenSource};
use super::directory::{DirectoryTime, InstanceDirectory};
use super::health_answers::HealthAnswers;
use super::instance::{Instance, LeaseState};
use super::limits::{DEFAULT_KEPT_AFTER_END, MAX_CONCURRENT_INSTANCES};
use super::shared_round::SharedRound;
use crate::sync::lock;

/// Gives one server a directory of instances: `.config(FleetConfig::new())` of its builder. Without it
/// the routes answer 501.
///
/// Instances of this machine may register; [`allow`](Self::allow) adds others. The directory is in
/// memory: one that starts again is filled by the next announcement of each instance.
///
/// ```standalone_crate
/// use admin_endpoints::fleet::FleetConfig;
/// use admin_runtime::AdminServer;
///
/// # admin_runtime::link!(admin_endpoints);
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let fleet = FleetConfig::new()
///     .allow("10.0.0.0/8")?
///     .instance_token("s3cret");
/// let server = AdminServer::builder().config(fleet).build()?;
/// # Ok(())
/// # }
/// ```
#[must_use]
pub struct FleetConfig {
    ranges: AddressRanges,
    sources: Arc<CredentialSources>,
    shared: Arc<SharedDirectory>,
}

/// What all requests to one directory share.
pub(super) struct SharedDirectory {
    directory: Mutex<InstanceDirectory>,
    pub(super) clock: Clock,
    /// The list of targets after so many changes.
    targets: Mutex<Option<(u64, Bytes)>>,
    /// For each instance whose health is asked at this moment.
    pub(super) health_permits: Semaphore,
    /// For each instance whose level is set at this moment: readers of the health delay no change.
    pub(super) level_permits: Semaphore,
    /// The health of all instances, for all who ask while they are asked.
    pub(super) health_round: SharedRound<Vec<(Instance, HealthAnswers)>>,
}

impl FleetConfig {
    /// An empty directory, for instances of this machine.
    pub fn new() -> Self {
        let clock = Clock::system();
        let mut directory = InstanceDirectory::new(clock.wall());
        directory.keep_ended(DEFAULT_KEPT_AFTER_END);
        Self {
            ranges: AddressRanges::loopback(),
            sources: Arc::default(),
            shared: Arc::new(SharedDirectory {
                directory: Mutex::new(directory),
                clock,
                targets: Mutex::default(),
                health_permits: Semaphore::new(MAX_CONCURRENT_INSTANCES),
                level_permits: Semaphore::new(MAX_CONCURRENT_INSTANCES),
                health_round: SharedRound::default(),
            }),
        }
    }

    /// Lets instances register with the addresses of this range too.
    ///
    /// The routes send requests to whatever has registered. Addresses that are link-local (those of
    /// metadata services among them), multicast, reserved or unspecified are refused whatever is allowed, also
    /// those that an IPv6 address embeds (NAT64, 6to4, Teredo, ISATAP). Other addresses of metadata services,
    /// such as `100.100.100.200`, need a range of exactly that address.
    ///
    /// # Errors
    ///
    /// The text is not a range such as `10.0.0.0/8`, or no instance can have an address of it.
    pub fn allow(mut self, range: &str) -> Result<Self, InvalidRange> {
        self.ranges.add(range)?;
        Ok(self)
    }

    /// Sends this token to instances: without one they are asked without credentials.
    ///
    /// Every instance that registers receives it, over a connection without encryption unless the
    /// instance has announced `https`. The tokens of the server of the directory are never sent.
    ///
    /// ```
    /// use admin_endpoints::fleet::FleetConfig;
    ///
    /// let config = FleetConfig::new().instance_token("s3cret");
    /// assert!(!format!("{config:?}").contains("s3cret"));
    /// ```
    pub fn instance_token(mut self, secret: impl Into<String>) -> Self {
        self.sources = Arc::new(self.sources.with_token(TokenSource::Text(secret.into())));
        self
    }

    /// As [`instance_token`](Self::instance_token), with the token of a file: one word, or lines
    /// `NAME EFFECT SECRET`, of which the first counts. It is read for each request; while it cannot be used, the last token stays
    /// in use.
    ///
    /// A server whose file cannot be used does not start.
    ///
    /// ```
    /// use admin_endpoints::fleet::FleetConfig;
    ///
    /// let config = FleetConfig::new().instance_token_file("/etc/admin/token-of-instances");
    /// ```
    pub fn instance_token_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.sources = Arc::new(self.sources.with_token(TokenSource::File(path.into())));
        self
    }

    /// Trusts instances that announce `https` if this CA, in PEM, has signed their certificates, which
    /// must name their IP addresses. Without it they cannot be asked.
    ///
    /// It is read for each request; a server whose file cannot be used does not start.
    ///
    /// ```
    /// use admin_endpoints::fleet::FleetConfig;
    ///
    /// let config = FleetConfig::new().instance_ca("/etc/admin/ca.pem");
    /// ```
    pub fn instance_ca(mut self, path: impl Into<PathBuf>) -> Self {
        self.sources = Arc::new(self.sources.with_ca(path.into()));
        self
    }

    /// How long an instance is listed after its lease has ended without a removal. Default: a day; zero
    /// removes it at once.
    ///
    /// Prometheus goes on to scrape it, so that `up` is 0 and an alert fires, until the process is back or
    /// it is removed with `DELETE`. The routes do not ask it. Prometheus sends its token to that address meanwhile,
    /// also if another process has it then, unless the instance has announced `https`.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use admin_endpoints::fleet::FleetConfig;
    ///
    /// let config = FleetConfig::new().keep_ended(Duration::from_secs(3600));
    /// ```
    pub fn keep_ended(self, time: Duration) -> Self {
        self.shared.with(|directory, _| directory.keep_ended(time));
        self
    }

    pub(super) fn allows(&self, address: SocketAddr) -> bool {
        self.ranges.contain(address.ip())
    }

    pub(super) fn ranges(&self) -> &AddressRanges {
        &self.ranges
    }

    pub(super) fn sources(&self) -> &Arc<CredentialSources> {
        &self.sources
    }

    pub(super) fn shared(&self) -> &Arc<SharedDirectory> {
        &self.shared
    }
}

impl SharedDirectory {
    /// Calls a function with the directory and the time.
    pub(super) fn with<T>(
        &self,
        function: impl FnOnce(&mut InstanceDirectory, DirectoryTime) -> T,
    ) -> T {
        let mut directory = lock(&self.directory);
        // Under the lock, so that no call sees a time before that of the previous one.
        let now = DirectoryTime {
            monotonic: self.clock.now(),
            wall: self.clock.wall(),
        };
        function(&mut directory, now)
    }

    /// The list of targets: rendered again only after a change.
    pub(super) fn rendered_targets<E>(
        &self,
        render: impl FnOnce(&[(Instance, LeaseState)]) -> Result<Vec<u8>, E>,
    ) -> Result<Bytes, E> {
        let mut targets = lock(&self.targets);
        let rendered_at = targets.as_ref().map(|(changes, _)| *changes);
        let listed = self.with(|directory, now| {
            let changes = directory.changes(now);
            let is_new = rendered_at != Some(changes);
            is_new.then(|| (changes, directory.listed(now)))
        });
        let Some((changes, listed)) = listed else {
            return Ok(targets
                .as_ref()
                .map(|(_, bytes)| bytes.clone())
                .unwrap_or_default());
        };
        let bytes = Bytes::from(render(&listed)?);
        *targets = Some((changes, bytes.clone()));
        Ok(bytes)
    }

    pub(super) fn instances(&self) -> Vec<Instance> {
        self.with(InstanceDirectory::instances)
    }

    pub(super) fn listed(&self) -> Vec<(Instance, LeaseState)> {
        self.with(InstanceDirectory::listed)
    }
}

impl Default for FleetConfig {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for FleetConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FleetConfig")
            .field("ranges", &self.ranges)
            .field("sources", &self.sources)
            .finish_non_exhaustive()
    }
}
