//! The options of the directory of instances.

use std::path::PathBuf;

use admin_endpoints::fleet::{FleetConfig, InvalidRange};
use clap::Args;
use serde::Serialize;

/// Options of the controller about the directory that it keeps.
#[derive(Args, Clone, Debug, Serialize)]
pub(crate) struct DirectoryOptions {
    /// Addresses that may register in the directory of instances, beside loopback; may be
    /// given several times. Instances on other machines need a token of this controller too
    #[arg(long, value_name = "CIDR")]
    allow_instances: Vec<String>,

    /// Send the first token of this file to the instances of the directory; without it none is sent
    #[arg(long, value_name = "FILE")]
    instances_token_file: Option<PathBuf>,

    /// The CA that has signed the certificates of instances that announce https, in PEM
    #[arg(long, value_name = "FILE")]
    instances_ca: Option<PathBuf>,
}

impl DirectoryOptions {
    pub(crate) fn config(&self) -> Result<FleetConfig, InvalidRange> {
        let mut config = FleetConfig::new();
        for range in &self.allow_instances {
            config = config.allow(range)?;
        }
        if let Some(path) = &self.instances_token_file {
            config = config.instance_token_file(path);
        }
        if let Some(path) = &self.instances_ca {
            config = config.instance_ca(path);
        }
        Ok(config)
    }
}
