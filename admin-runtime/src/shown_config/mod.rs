//! Settings of the program that `GET /config` shows.

mod bounded;
mod error;
mod extract;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use serde::Serialize;
use serde_json::{Value, json};

use self::bounded::to_bounded_value;
use self::error::ShownValueError;
use crate::log_queue;
use crate::panics::panic_message;
use crate::text::one_line;

type ValueFn = Box<dyn Fn() -> Result<Value, ShownValueError> + Send + Sync>;

/// The settings that were given to `builder().show_config(..)`. As an argument of a handler they are
/// those of its server.
///
/// Secrets are in them as they are: `GET /config` of `admin-endpoints` masks them.
///
/// ```standalone_crate
/// use admin_runtime::introspect::ShownConfig;
/// use admin_runtime::{AdminServer, Pretty, admin_endpoint};
/// use std::collections::BTreeMap;
///
/// /// The names of all settings.
/// #[admin_endpoint(path = "/settings")]
/// fn settings(config: ShownConfig) -> Pretty<Vec<String>> {
///     Pretty(config.values().into_keys().collect())
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let tiers = BTreeMap::from([("hot", 256), ("cold", 4096)]);
/// let server = AdminServer::builder().show_config("tiers", tiers).build()?;
/// assert_eq!(server.test_client().get("/settings").await.json::<Vec<String>>(), ["tiers"]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default)]
pub struct ShownConfig(Arc<BTreeMap<String, ValueFn>>);

impl ShownConfig {
    /// Each setting as it is now, by its key.
    ///
    /// This calls code of the program, which may block: a plain `fn` is the handler for it. A value
    /// that panics, cannot be serialised, has more than 128 levels or is longer than 1 MiB is
    /// `{"error": ".."}` that says why.
    ///
    /// ```standalone_crate
    /// use admin_runtime::introspect::ShownConfig;
    /// use admin_runtime::{AdminServer, Pretty, admin_endpoint};
    /// use std::collections::BTreeMap;
    ///
    /// #[admin_endpoint(path = "/settings")]
    /// fn settings(config: ShownConfig) -> Pretty<BTreeMap<String, serde_json::Value>> {
    ///     Pretty(config.values())
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let server = AdminServer::builder()
    ///     .show_config("capacity", 4096)
    ///     .show_config("pairs", BTreeMap::from([([1, 2], "a list is not a key")]))
    ///     .build()?;
    /// let shown: serde_json::Value = server.test_client().get("/settings").await.json();
    /// assert_eq!(shown["capacity"], 4096);
    /// let error = "cannot be shown: a key of a map is not a text";
    /// assert_eq!(shown["pairs"]["error"], error);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn values(&self) -> BTreeMap<String, Value> {
        let values = self.0.iter();
        let values = values.map(|(key, value)| (key.clone(), current(key, value)));
        values.collect()
    }
}

impl fmt::Debug for ShownConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// The settings of a server that is being built.
#[derive(Default)]
pub(crate) struct ShownConfigBuilder(BTreeMap<String, ValueFn>);

impl ShownConfigBuilder {
    /// Adds a setting; the reason if its key cannot be one.
    pub(crate) fn insert<T: Serialize>(
        &mut self,
        key: String,
        value: impl Fn() -> T + Send + Sync + 'static,
    ) -> Result<(), String> {
        self.insert_fn(key, Box::new(move || to_bounded_value(&value())))
    }

    /// As `insert`, for a value that is kept.
    pub(crate) fn insert_value<T: Serialize + Send + Sync + 'static>(
        &mut self,
        key: String,
        value: T,
    ) -> Result<(), String> {
        self.insert_fn(key, Box::new(move || to_bounded_value(&value)))
    }

    fn insert_fn(&mut self, key: String, value: ValueFn) -> Result<(), String> {
        if key.trim().is_empty() {
            return Err("the key is empty: it names the value in /config".to_owned());
        }
        if one_line(&key) != key {
            return Err("the key has a character that cannot be seen: use letters".to_owned());
        }
        match self.0.entry(key) {
            Entry::Occupied(_) => Err("given twice: each value needs a key of its own".to_owned()),
            Entry::Vacant(entry) => {
                entry.insert(value);
                Ok(())
            }
        }
    }

    pub(crate) fn build(self) -> ShownConfig {
        ShownConfig(Arc::new(self.0))
    }
}

/// What the function of one setting returns, or why there is nothing.
fn current(key: &str, value: &ValueFn) -> Value {
    let caught = catch_unwind(AssertUnwindSafe(value));
    let shown = caught.unwrap_or_else(|panic| {
        let (key, error) = (one_line(key), one_line(panic_message(&*panic)));
        log_queue::emit(move || {
            tracing::error!(key, error, "cannot serialise a value for /config")
        });
        Err(ShownValueError::Panicked)
    });
    shown.unwrap_or_else(|error| json!({ "error": format!("cannot be shown: {error}") }))
}
