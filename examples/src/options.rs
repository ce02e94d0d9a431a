//! The options of all programs, and what is built from them.

use std::fs;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use admin_endpoints::fleet::{InstanceScheme, RunningAnnouncement};
use admin_endpoints::metrics::Recorder;
use admin_endpoints::script::{self, ScriptConfig};
use admin_runtime::auth::first_secret;
use admin_runtime::describe::Effect;
use admin_runtime::listener::Listener;
use admin_runtime::{AdminServer, Builder, RunningServer};
use cache_engine::{Adapter, Engine, LoadConfig, LoadGenerator};
use clap::{ArgGroup, Args, value_parser};
use serde::{Serialize, Serializer};

use crate::announce_options::AnnounceOptions;
use crate::bounded_writer::FlushOnDrop;
use crate::failure::Failure;
use crate::log;
use crate::log_option::LogOption;

/// Options of every binary.
#[derive(Args, Clone, Debug, Serialize)]
#[command(group = ArgGroup::new("other_listeners").args(["unix", "systemd"]).multiple(true))]
pub struct CommonOptions {
    /// IP address to listen on. Beyond loopback only reads are answered without a token
    #[arg(long, value_name = "IP", default_value = "127.0.0.1")]
    pub host: IpAddr,

    /// Port to listen on; 0 takes a free one, which the log names
    #[arg(long)]
    pub port: Option<u16>,

    /// Listen on a Unix socket too, which this user and root may use for everything
    #[arg(long, value_name = "PATH")]
    pub unix: Option<PathBuf>,

    /// Listen on the sockets of this name too that systemd passes (`FileDescriptorName=`)
    #[arg(long, value_name = "NAME")]
    pub systemd: Option<String>,

    /// Do not listen on --host and --port
    #[arg(long, conflicts_with_all = ["host", "port"], requires = "other_listeners")]
    pub no_tcp: bool,

    /// Speak TLS on --host and --port, with this certificate and its chain in PEM; it is read again when it
    /// changes, as the key and the CA are
    #[arg(
        long,
        value_name = "FILE",
        requires = "tls_key",
        conflicts_with = "no_tcp"
    )]
    pub tls_cert: Option<PathBuf>,

    /// The private key of --tls-cert, in PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,

    /// Accept client certificates that this CA has signed, as credentials of full rights
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub client_ca: Option<PathBuf>,

    /// The highest effect that any listener permits, whoever asks: read, write or dangerous
    #[arg(long, value_name = "EFFECT", default_value = "dangerous", value_parser = parse_effect)]
    #[serde(serialize_with = "serialize_effect")]
    pub max_effect: Effect,

    /// Require `Authorization: Bearer TOKEN` with every request. Other users of this machine can see
    /// it in the list of processes: prefer --token-file
    #[arg(long, conflicts_with = "token_file")]
    pub token: Option<String>,

    /// Require one of the tokens of this file: lines `NAME EFFECT SECRET`, the effect (read, write,
    /// dangerous) being the most that the token permits; or one word, a token without a ceiling. The file is
    /// read again when it changes; a controller sends the first token to its workers
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,

    /// Answer reads of these paths without a token: /livez,/readyz,/metrics. A path ends with `*` for all that
    /// begin so; writes and sensitive reads need a token nevertheless
    #[arg(long, value_name = "PATH", value_delimiter = ',')]
    pub public: Vec<String>,

    /// Answer to this name in `Host` too; may be given several times
    #[arg(long, value_name = "NAME")]
    pub allow_host: Vec<String>,

    /// What is announced to a directory of instances.
    #[command(flatten)]
    #[serde(flatten)]
    pub announcement: AnnounceOptions,

    /// Lookups per second of the generated load; 0 for none
    #[arg(
        long,
        value_name = "PER_SECOND",
        default_value_t = LoadConfig::default().per_second,
        value_parser = value_parser!(u32).range(..=i64::from(LoadConfig::MAX_PER_SECOND)),
    )]
    pub load: u32,

    /// After SIGTERM, SIGHUP or Ctrl-C, seconds in which everything is answered and /readyz is 503, so that no
    /// new work comes; at most 65535. A second signal ends the program at once
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    pub drain_seconds: u16,

    /// A module that scripts may import; may be given several times
    #[arg(long, value_name = "MODULE")]
    pub allow_import: Vec<String>,

    /// Run scripts with this CPython instead of the embedded engine
    #[arg(long, value_name = "PATH")]
    pub python: Option<PathBuf>,

    /// What to log to stderr, in the notation of RUST_LOG: `info`, `warn,cache_engine=debug`
    #[arg(long, value_name = "LEVELS", default_value = "info", value_parser = LogOption::parse)]
    pub log: LogOption,
}

impl CommonOptions {
    /// Starts the log and the metrics recorder. Once in a process, before the first
    /// metric is recorded. What it returns lives until the end of `main`.
    ///
    /// # Errors
    ///
    /// If one of them was started before, or the log's thread cannot be started.
    pub fn start_telemetry(&self) -> Result<FlushOnDrop, Failure> {
        let (flush_log_on_drop, dropped_lines) = log::start(self.log.levels())?;
        Recorder::builder().source(dropped_lines).install()?;
        Ok(flush_log_on_drop)
    }

    /// Starts the load on an engine, unless `--load` is 0; each rank requests other blocks.
    ///
    /// # Errors
    ///
    /// If the thread cannot be started.
    pub fn start_load(&self, engine: &Arc<Engine>) -> io::Result<Option<LoadGenerator>> {
        if self.load == 0 {
            return Ok(None);
        }
        let config = LoadConfig {
            seed: u64::from(engine.metadata().rank),
            per_second: self.load,
            ..LoadConfig::default()
        };
        LoadGenerator::start(Arc::clone(engine), config).map(Some)
    }

    /// An admin server for the engine, with its listeners (at this port without `--port`) and tokens.
    pub fn admin(&self, default_port: u16, engine: Arc<Engine>) -> Builder {
        let mut admin = AdminServer::builder()
            .public(&self.public)
            .config(self.scripts())
            .script_object("lmcache_adapter", Adapter::new(Arc::clone(&engine)))
            .state(engine);
        for listener in self.listeners(default_port) {
            admin = admin.listen(listener.max_effect(self.max_effect));
        }
        for name in &self.allow_host {
            admin = admin.allow_host(name);
        }
        if let Some(secret) = &self.token {
            admin = admin.token("token", secret);
        }
        if let Some(path) = &self.token_file {
            admin = admin.token_file(path);
        }
        admin
    }

    fn listeners(&self, default_port: u16) -> Vec<Listener> {
        let address = SocketAddr::new(self.host, self.port.unwrap_or(default_port));
        let tcp = (!self.no_tcp).then(|| self.with_tls(Listener::tcp(address)));
        let unix = self.unix.as_ref().map(Listener::unix);
        let systemd = self.systemd.as_ref().map(Listener::systemd);
        [tcp, unix, systemd].into_iter().flatten().collect()
    }

    fn with_tls(&self, listener: Listener) -> Listener {
        let (Some(certificate), Some(key)) = (&self.tls_cert, &self.tls_key) else {
            return listener;
        };
        let listener = listener.tls(certificate, key);
        match &self.client_ca {
            Some(client_ca) => listener.client_ca(client_ca),
            None => listener,
        }
    }

    /// Announces a program to the directory of `--announce`, if it is given. What it returns is dropped
    /// before the server.
    ///
    /// # Errors
    ///
    /// If a value of these options is invalid.
    pub fn announce(
        &self,
        program: &str,
        admin: &RunningServer,
    ) -> Result<Option<RunningAnnouncement>, Failure> {
        let scheme = match self.tls_cert {
            Some(_) => InstanceScheme::Https,
            None => InstanceScheme::Http,
        };
        self.announcement.start(program, scheme, admin)
    }

    /// Drains a server for `--drain-seconds`.
    pub fn drain(&self, admin: &RunningServer) {
        admin.drain();
        thread::sleep(Duration::from_secs(self.drain_seconds.into()));
    }

    fn scripts(&self) -> ScriptConfig {
        let engine = self.python.as_ref().map(script::Engine::cpython);
        ScriptConfig::default()
            .engine(engine.unwrap_or_default())
            .allow_imports(&self.allow_import)
    }

    /// The token to send to other programs: the option's, or the first of the file.
    ///
    /// # Errors
    ///
    /// If the token file cannot be read.
    pub fn secret(&self) -> Result<Option<String>, Failure> {
        let Some(path) = &self.token_file else {
            return Ok(self.token.clone());
        };
        let text = fs::read_to_string(path).map_err(|source| Failure::TokenFile {
            path: path.clone(),
            source,
        })?;
        // The server refuses a file that has none.
        Ok(first_secret(&text).ok())
    }
}

fn parse_effect(text: &str) -> Result<Effect, String> {
    let effects = [Effect::Read, Effect::Write, Effect::Dangerous];
    let effect = effects.into_iter().find(|effect| effect.as_str() == text);
    effect.ok_or_else(|| "expected read, write or dangerous".to_owned())
}

fn serialize_effect<S: Serializer>(effect: &Effect, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(effect.as_str())
}
