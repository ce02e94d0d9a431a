//! What is announced, and where.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use admin_runtime::clock::Clock;
use admin_runtime::periodic::{PeriodicThreads, Schedule};
use admin_runtime::text::excerpt;
use admin_runtime::{PeriodicError, RunSummary};
use tokio::sync::watch;

use super::error::AnnounceError;
use super::running::RunningAnnouncement;
use super::sender::AnnouncementSender;
use super::url::DirectoryUrl;
use crate::fleet::announcement::{AnnouncementBody, InstanceScheme};
use crate::fleet::client::{CredentialSources, TokenSource};
use crate::fleet::limits::{MAX_QUOTED_CHARS, MAX_TTL_SECONDS, MIN_TTL_SECONDS};
use crate::fleet::random::random;

/// The name of the periodic thread.
const THREAD_NAME: &str = "fleet-announcement";

/// The time between two announcements, unless it is set.
const DEFAULT_INTERVAL: Duration = Duration::from_secs(10);

/// The longest random addition to an interval, also before the first announcement.
const MAX_JITTER: Duration = Duration::from_secs(2);

/// A lease survives two announcements that are lost.
const INTERVALS_OF_A_LEASE: u32 = 3;

/// Begins to announce this process to a directory: `http://HOST:PORT`, `https://HOST:PORT` or
/// `unix:/PATH`; behind the port the prefix of a server that is mounted, such as `/admin`. See [`AnnouncementBuilder`].
///
/// ```
/// use admin_endpoints::fleet::announce;
///
/// let local = announce("unix:/run/controller/admin.sock").address("10.0.0.7:7000");
/// let remote = announce("https://controller.example:9000")
///     .address("10.0.0.7:7000")
///     .token_file("/etc/admin/token-of-the-controller")
///     .ca("/etc/admin/ca.pem");
/// ```
pub fn announce(url: impl Into<String>) -> AnnouncementBuilder {
    AnnouncementBuilder {
        url: url.into(),
        name: None,
        address: String::new(),
        scheme: InstanceScheme::Http,
        labels: Vec::new(),
        interval: DEFAULT_INTERVAL,
        sources: CredentialSources::default(),
    }
}

/// Announces this process to a directory, as a periodic thread of its server, and removes it when it
/// stops.
///
/// The lease is three intervals long. While the directory does not answer, the announcement is repeated after
/// about 1 s, then after twice that each time, for at most 15 s and an interval: a directory that was away has all
/// instances one interval after its return. The thread `fleet-announcement` shows in `/periodic-threads` why
/// all attempts of an interval have failed.
///
/// ```standalone_crate
/// use admin_endpoints::fleet::{FleetConfig, InstanceScheme, announce};
/// use admin_runtime::AdminServer;
/// use std::time::Duration;
///
/// # admin_runtime::link!(admin_endpoints);
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let directory = AdminServer::builder()
///     .bind("127.0.0.1:0")
///     .config(FleetConfig::new())
///     .start()?;
///
/// let admin = AdminServer::builder().name("worker").bind("127.0.0.1:0").periodic(false);
/// # let _ = admin;
/// # let admin = &directory;
/// let announcement = announce(format!("http://{}", directory.local_addr()))
///     .name("w1")
///     .address(admin.local_addr().to_string())
///     .scheme(InstanceScheme::Http)
///     .label("role", "worker")
///     .interval(Duration::from_secs(10))
///     .start(admin.periodic_threads())?;
/// # let thread = admin.periodic_threads().get("fleet-announcement").ok_or("no thread")?;
/// # assert!(thread.wait_until(Duration::from_secs(20), |status| status.total_runs == 1));
/// assert_eq!(announcement.name(), "w1");
/// drop(announcement); // before the server: the instance is removed
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "nothing is announced before `start`"]
pub struct AnnouncementBuilder {
    url: String,
    name: Option<String>,
    address: String,
    scheme: InstanceScheme,
    labels: Vec<(String, String)>,
    interval: Duration,
    sources: CredentialSources,
}

impl AnnouncementBuilder {
    /// The name of the instance, unique in the directory: 1 to 63 of the characters A-Z a-z 0-9 . _ -.
    /// Default: the address with `-` for each colon, such as `10.0.0.7-7000`.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// The address that the instance is asked at: `IP:PORT`. It must be set.
    pub fn address(mut self, address: impl Into<String>) -> Self {
        self.address = address.into();
        self
    }

    /// Whether the instance is asked over TLS. Default `http`.
    pub fn scheme(mut self, scheme: InstanceScheme) -> Self {
        self.scheme = scheme;
        self
    }

    /// Adds a label, each once; its name is one of Prometheus, but none that metrics have, such as `name`, `level` or `le`.
    pub fn label(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.labels.push((name.into(), value.into()));
        self
    }

    /// Sends the directory the token of this file: one word, or lines `NAME EFFECT SECRET`, of which the
    /// first counts. It is read for each announcement; while it cannot be used, the last token stays in use.
    ///
    /// ```
    /// use admin_endpoints::fleet::announce;
    ///
    /// let builder = announce("http://127.0.0.1:9000").token_file("/etc/admin/token");
    /// assert!(format!("{builder:?}").contains(r#"token: "a file""#));
    /// ```
    pub fn token_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.sources = self.sources.with_token(TokenSource::File(path.into()));
        self
    }

    /// Trusts a directory at `https://` if this CA, in PEM, has signed its certificate. It is read for
    /// each announcement, and must be set for `https://`.
    ///
    /// ```
    /// use admin_endpoints::fleet::announce;
    ///
    /// let builder = announce("https://controller.example:9000").ca("/etc/admin/ca.pem");
    /// assert!(format!("{builder:?}").contains("/etc/admin/ca.pem"));
    /// ```
    pub fn ca(mut self, path: impl Into<PathBuf>) -> Self {
        self.sources = self.sources.with_ca(path.into());
        self
    }

    /// The time between two announcements, from 1 s to 20 minutes; up to a tenth and at most 2 s
    /// is added at random. Default 10 s. The lease is three times as long, and at least 5 s.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.interval = interval;
        self
    }

    /// Starts a periodic thread that announces the instance now and after each interval.
    ///
    /// The thread runs while the server runs its threads. Drop what it returns before the server: that
    /// removes the instance from the directory.
    ///
    /// # Errors
    ///
    /// A value is invalid, a file cannot be read, or the server has a thread of this name.
    pub fn start(self, threads: &PeriodicThreads) -> Result<RunningAnnouncement, AnnounceError> {
        let interval = self.interval;
        let sender = Arc::new(self.sender().map_err(AnnounceError::Invalid)?);
        let running = Arc::clone(&sender);
        let thread = threads
            .builder(THREAD_NAME)
            .interval(interval)
            .jitter((interval / 10).min(MAX_JITTER))
            // Also when a failed announcement has waited for its timeout.
            .schedule(Schedule::FixedRate)
            .run_async(move || {
                let sender = Arc::clone(&running);
                async move {
                    let expires = sender.announce().await.map_err(PeriodicError::new)?;
                    let message = expires.map_or("the process stops".to_owned(), |expires| {
                        format!("registered until {expires}")
                    });
                    Ok::<_, PeriodicError>(RunSummary::new(message))
                }
            })
            .map_err(AnnounceError::Thread)?;
        Ok(RunningAnnouncement::new(sender, thread))
    }

    fn sender(self) -> Result<AnnouncementSender, String> {
        let url = DirectoryUrl::parse(&self.url)?;
        let body = AnnouncementBody {
            address: self.address,
            scheme: self.scheme,
            labels: unique_labels(self.labels)?,
            ttl_seconds: lease_seconds(self.interval)?,
            boot_id: Some(new_boot_id()),
        };
        let valid = body.clone().validate()?;
        let name = self
            .name
            .unwrap_or_else(|| default_name(&valid.address.to_string()));
        let credentials = self.sources.load_blocking()?;
        if url.is_tls() && credentials.tls.is_none() {
            let missing = "A directory at https:// needs its CA: `.ca(\"ca.pem\")` (--announce-ca FILE of \
                           the example programs)";
            return Err(missing.to_owned());
        }
        Ok(AnnouncementSender {
            url,
            name: name.parse()?,
            sources: Arc::new(self.sources),
            address: valid.address,
            ttl_seconds: body.ttl_seconds,
            body: serde_json::to_vec(&body)
                .map_err(|error| error.to_string())?
                .into(),
            boot_id: body.boot_id.unwrap_or_default(),
            clock: Clock::system(),
            interval: self.interval,
            is_registered: AtomicBool::new(false),
            stop: watch::Sender::new(false),
        })
    }
}

fn unique_labels(labels: Vec<(String, String)>) -> Result<BTreeMap<String, String>, String> {
    let mut unique = BTreeMap::new();
    for (name, value) in labels {
        if unique.contains_key(&name) {
            let name = excerpt(&name, MAX_QUOTED_CHARS);
            return Err(format!(
                "The label '{name}' is given twice: expected one value"
            ));
        }
        unique.insert(name, value);
    }
    Ok(unique)
}

/// The lease that an interval asks for.
fn lease_seconds(interval: Duration) -> Result<u64, String> {
    let seconds = (interval * INTERVALS_OF_A_LEASE).as_secs();
    if interval < Duration::from_secs(1) || seconds > MAX_TTL_SECONDS {
        return Err(format!(
            "Invalid interval of announcements: {interval:?}; expected 1 s to 20 minutes"
        ));
    }
    Ok(seconds.max(MIN_TTL_SECONDS))
}

/// A name that is different for each address.
fn default_name(address: &str) -> String {
    let characters = address
        .chars()
        .filter(|character| !"[]".contains(*character));
    characters
        .map(|character| if character == ':' { '-' } else { character })
        .collect()
}

/// Different for each call.
fn new_boot_id() -> String {
    format!("{:016x}{:016x}", random(), random())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lease_is_three_intervals_long() {
        for (seconds, expected) in [(1, Ok(5)), (2, Ok(6)), (10, Ok(30)), (1200, Ok(3600))] {
            assert_eq!(lease_seconds(Duration::from_secs(seconds)), expected);
        }
        for interval in [
            Duration::ZERO,
            Duration::from_millis(999),
            Duration::from_secs(1201),
        ] {
            assert!(lease_seconds(interval).is_err(), "{interval:?}");
        }
    }

    #[test]
    fn default_names_are_valid() {
        assert_eq!(default_name("10.0.0.7:7000"), "10.0.0.7-7000");
        assert_eq!(default_name("[2001:db8::7]:7000"), "2001-db8--7-7000");
    }

    #[test]
    fn boot_ids_differ() {
        assert_ne!(new_boot_id(), new_boot_id());
        assert_eq!(new_boot_id().len(), 32);
    }

    #[test]
    fn mistakes_are_found_at_the_start() {
        let valid = || announce("http://127.0.0.1:9000").address("127.0.0.1:7000");
        assert_eq!(valid().sender().unwrap().name.as_str(), "127.0.0.1-7000");
        for (builder, expected) in [
            (
                announce("127.0.0.1:9000").address("127.0.0.1:7000"),
                "directory",
            ),
            (valid().address("worker:7000"), "expected IP:PORT"),
            (valid().address("0.0.0.0:7000"), "unspecified"),
            (valid().name("a b"), "Invalid name"),
            (valid().label("a-b", ""), "name of a label"),
            (
                valid().label("a", "1").label("b", "1").label("a", "2"),
                "The label 'a' is given twice",
            ),
            (valid().interval(Duration::ZERO), "interval"),
            (valid().interval(Duration::MAX / 4), "interval"),
            (
                valid().token_file("/nonexistent/token"),
                "/nonexistent/token",
            ),
            (
                announce("https://h").address("127.0.0.1:7000"),
                "needs its CA",
            ),
        ] {
            let error = builder.sender().unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }
}
