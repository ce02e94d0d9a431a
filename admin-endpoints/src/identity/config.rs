//! `GET /config`

use std::collections::BTreeMap;

use admin_runtime::introspect::ShownConfig;
use admin_runtime::{Config, Pretty, admin_endpoint};
use serde_json::Value;

use super::masked::masked;
use crate::env::EnvConfig;

/// Get the settings that the program shows, secrets masked by the rules of `/env`.
///
/// Keys are sorted. Each value is read at this request; one that cannot be shown is an object with the
/// reason under `error`.
// Not on the admin runtime: the program's functions may block.
#[admin_endpoint(path = "/config", sensitive = true)]
fn config(shown: ShownConfig, config: Config<EnvConfig>) -> Pretty<BTreeMap<String, Value>> {
    let values = shown.values().into_iter();
    let values = values.map(|(key, value)| {
        let mut value = masked(&config, &key, value);
        // Only if a crate of the program enables `preserve_order` of serde_json.
        value.sort_all_objects();
        (key, value)
    });
    Pretty(values.collect())
}
