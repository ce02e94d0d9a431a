//! What handlers, scripts and `/config` get from the program.

use serde::Serialize;

use super::Builder;
use crate::script::IntoScriptValue;

impl Builder {
    /// Gives handlers that take `State<T>` their value. One value of each type: two of the same
    /// type are an error of `build()`.
    pub fn state<T: Send + Sync + 'static>(mut self, value: T) -> Self {
        if self.state.insert_state(value) {
            self.reject(
                "state(..)",
                format!("given twice for {}", std::any::type_name::<T>()),
            );
        }
        self
    }

    /// Gives routes that take `Config<T>` their settings instead of `T::default()`.
    pub fn config<T: Send + Sync + 'static>(mut self, value: T) -> Self {
        if self.state.insert_config(value) {
            self.reject(
                "config(..)",
                format!("given twice for {}", std::any::type_name::<T>()),
            );
        }
        self
    }

    /// Shows scripts an object as `app.state.NAME`: one with `#[script_object]`, which stays live,
    /// or plain values, which are copied now.
    ///
    /// ```
    /// use admin_runtime::AdminServer;
    ///
    /// let builder = AdminServer::builder().script_object("limits", vec![4, 16]);
    /// let error = builder.script_object("limits", 0).build().unwrap_err();
    /// let taken = "is taken: each object needs its own name";
    /// assert!(error.problems()[0].to_string().ends_with(taken));
    /// ```
    pub fn script_object(mut self, name: &str, object: impl IntoScriptValue) -> Self {
        if let Err(error) = self.scripts.insert(name, object) {
            self.reject("script_object(..)", error.to_string());
        }
        self
    }

    /// Shows scripts as `app.state.NAME` what `value` returns each time the name is read.
    ///
    /// ```
    /// use admin_runtime::AdminServer;
    /// use std::sync::{Arc, atomic::{AtomicU64, Ordering}};
    ///
    /// let waiting = Arc::new(AtomicU64::new(0));
    /// let read = Arc::clone(&waiting);
    /// let builder = AdminServer::builder()
    ///     .script_value("waiting", move || read.load(Ordering::Relaxed)); // app.state.waiting
    /// ```
    pub fn script_value<T: IntoScriptValue>(
        mut self,
        name: &str,
        value: impl Fn() -> T + Send + Sync + 'static,
    ) -> Self {
        if let Err(error) = self.scripts.insert_with(name, value) {
            self.reject("script_value(..)", error.to_string());
        }
        self
    }

    /// Shows a value as `key` in `GET /config` of `admin-endpoints`, secrets masked; it is serialised at
    /// each request. Two values of one key are an error of `build()`.
    ///
    /// ```
    /// use admin_runtime::AdminServer;
    /// use std::collections::BTreeMap;
    ///
    /// let tiers = BTreeMap::from([("hot", 256), ("cold", 4096)]);
    /// let builder = AdminServer::builder().show_config("tiers", tiers);
    /// let error = builder.show_config("tiers", 2).build().unwrap_err();
    /// let text = "show_config(\"tiers\", ..): given twice: each value needs a key of its own";
    /// assert_eq!(error.problems()[0].to_string(), text);
    /// ```
    pub fn show_config(
        mut self,
        key: impl Into<String>,
        value: impl Serialize + Send + Sync + 'static,
    ) -> Self {
        let key = key.into();
        if let Err(reason) = self.shown_config.insert_value(key.clone(), value) {
            self.reject(&format!("show_config({key:?}, ..)"), reason);
        }
        self
    }

    /// As [`show_config`](Self::show_config), with what `value` returns at each request. It may block:
    /// it runs on the pool for sync handlers.
    ///
    /// ```
    /// use admin_runtime::AdminServer;
    /// use std::sync::{Arc, atomic::{AtomicU64, Ordering}};
    ///
    /// let limit = Arc::new(AtomicU64::new(64));
    /// let read = Arc::clone(&limit);
    /// let builder = AdminServer::builder()
    ///     .show_config_with("limit", move || read.load(Ordering::Relaxed));
    /// ```
    pub fn show_config_with<T: Serialize>(
        mut self,
        key: impl Into<String>,
        value: impl Fn() -> T + Send + Sync + 'static,
    ) -> Self {
        let key = key.into();
        if let Err(reason) = self.shown_config.insert(key.clone(), value) {
            self.reject(&format!("show_config_with({key:?}, ..)"), reason);
        }
        self
    }
}
