//! The options with which a program announces itself to a directory of instances.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use admin_endpoints::fleet::{InstanceScheme, RunningAnnouncement, announce};
use admin_runtime::RunningServer;
use clap::{Args, value_parser};
use serde::Serialize;

use crate::failure::Failure;

/// Options of every binary about the directory of instances.
#[derive(Args, Clone, Debug, Serialize)]
pub struct AnnounceOptions {
    /// Announce this process to the directory of instances there: http://HOST:PORT, https://HOST:PORT (and
    /// /PREFIX of a server that is mounted) or unix:/PATH, such as http://127.0.0.1:9000 of the controller
    #[arg(long, value_name = "URL")]
    pub announce: Option<String>,

    /// The name that is announced, unique in the directory. By default PROGRAM-IP-PORT, such as
    /// worker-127.0.0.1-7000
    #[arg(long, value_name = "NAME", requires = "announce")]
    pub name: Option<String>,

    /// The address that is announced. By default the one that the program listens on; required with
    /// --host 0.0.0.0 and --no-tcp
    #[arg(long, value_name = "IP:PORT", requires = "announce")]
    pub advertise: Option<SocketAddr>,

    /// Send the directory the first token of this file
    #[arg(long, value_name = "FILE", requires = "announce")]
    pub announce_token_file: Option<PathBuf>,

    /// The CA that has signed the certificate of a directory at https://, in PEM
    #[arg(long, value_name = "FILE", requires = "announce")]
    pub announce_ca: Option<PathBuf>,

    /// Seconds between two announcements, 1 to 1200; a lease is three times as long, and at least 5 s
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 10,
        requires = "announce",
        value_parser = value_parser!(u16).range(1..=1200),
    )]
    pub announce_interval: u16,

    /// A label that is announced; may be given several times, with other names
    #[arg(long = "label", value_name = "NAME=VALUE", requires = "announce", value_parser = parse_label)]
    pub labels: Vec<(String, String)>,
}

impl AnnounceOptions {
    /// Announces a program, if `--announce` is given, until what it returns is dropped.
    pub(crate) fn start(
        &self,
        program: &str,
        scheme: InstanceScheme,
        admin: &RunningServer,
    ) -> Result<Option<RunningAnnouncement>, Failure> {
        let Some(url) = &self.announce else {
            return Ok(None);
        };
        let address = match self.advertise {
            Some(address) => address,
            None if admin.local_addr().ip().is_unspecified() => {
                let message = "--announce needs --advertise IP:PORT, the address at which the \
                               directory reaches this program: it listens on none that others can use";
                return Err(Failure::Other(message.into()));
            }
            None => admin.local_addr(),
        };
        let default_name = || {
            let ip = address.ip().to_string().replace(':', "-");
            format!("{program}-{ip}-{}", address.port())
        };
        let mut announcement = announce(url)
            .name(self.name.clone().unwrap_or_else(default_name))
            .address(address.to_string())
            .scheme(scheme)
            .interval(Duration::from_secs(self.announce_interval.into()));
        for (name, value) in &self.labels {
            announcement = announcement.label(name, value);
        }
        if let Some(path) = &self.announce_token_file {
            announcement = announcement.token_file(path);
        }
        if let Some(path) = &self.announce_ca {
            announcement = announcement.ca(path);
        }
        let announcement = announcement.start(admin.periodic_threads());
        announcement
            .map(Some)
            .map_err(|error| Failure::Other(format!("--announce: {error}").into()))
    }
}

fn parse_label(text: &str) -> Result<(String, String), String> {
    let (name, value) = text
        .split_once('=')
        .ok_or("expected NAME=VALUE, such as role=worker")?;
    Ok((name.to_owned(), value.to_owned()))
}
