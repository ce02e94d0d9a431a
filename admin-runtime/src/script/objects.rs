//! The objects under `app.state`, by name.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{IntoScriptValue, ScriptError, ScriptValue};

type ObjectSource = Arc<dyn Fn() -> Result<ScriptValue, ScriptError> + Send + Sync>;

/// The objects and values that one server shows to scripts as `app.state.NAME`. An argument of an
/// endpoint can have this type. The methods `script_object` and `script_value` of the builder add
/// to it.
///
/// ```
/// use admin_runtime::script::{ScriptObjects, ScriptValue};
///
/// let mut objects = ScriptObjects::default();
/// objects.insert("version", "1.4.2")?;
/// objects.insert_with("pid", std::process::id)?;
/// assert_eq!(objects.names().collect::<Vec<_>>(), ["pid", "version"]);
/// assert!(matches!(objects.get("version"), Some(Ok(ScriptValue::Str(text))) if text == "1.4.2"));
/// # Ok::<(), admin_runtime::script::InvalidScriptObject>(())
/// ```
#[derive(Clone, Default)]
pub struct ScriptObjects {
    named: Arc<BTreeMap<String, ObjectSource>>,
    permits: Arc<OnceLock<Arc<Semaphore>>>,
}

impl ScriptObjects {
    /// Adds a value or an object under a name.
    ///
    /// Plain values are copied now; objects stay live.
    ///
    /// ```
    /// use admin_runtime::script::ScriptObjects;
    ///
    /// let mut objects = ScriptObjects::default();
    /// objects.insert("ports", [7000, 7001])?;
    /// let taken = objects.insert("ports", 7002).unwrap_err();
    /// assert_eq!(
    ///     taken.to_string(),
    ///     r#"script object "ports" is taken: each object needs its own name"#,
    /// );
    /// # Ok::<(), admin_runtime::script::InvalidScriptObject>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The name is not a valid identifier or is taken, or the value cannot be shown.
    pub fn insert(
        &mut self,
        name: &str,
        value: impl IntoScriptValue,
    ) -> Result<(), InvalidScriptObject> {
        let value = value.into_script_value().map_err(|error| {
            InvalidScriptObject::new(name, &format!("cannot be shown: {error}"))
        })?;
        self.insert_with(name, move || Ok::<_, ScriptError>(value.clone()))
    }

    /// Adds a name whose value is computed each time a script reads it.
    ///
    /// ```
    /// use admin_runtime::script::ScriptObjects;
    /// use std::sync::atomic::{AtomicU64, Ordering};
    ///
    /// static REQUESTS: AtomicU64 = AtomicU64::new(0);
    /// let mut objects = ScriptObjects::default();
    /// objects.insert_with("requests", || REQUESTS.load(Ordering::Relaxed))?;
    /// REQUESTS.store(7, Ordering::Relaxed);
    /// assert_eq!(format!("{:?}", objects.get("requests")), "Some(Ok(7))");
    /// # Ok::<(), admin_runtime::script::InvalidScriptObject>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The name is not a valid identifier or is taken.
    pub fn insert_with<T: IntoScriptValue>(
        &mut self,
        name: &str,
        value: impl Fn() -> T + Send + Sync + 'static,
    ) -> Result<(), InvalidScriptObject> {
        check_name(name)?;
        if self.named.contains_key(name) {
            return Err(InvalidScriptObject::new(
                name,
                "is taken: each object needs its own name",
            ));
        }
        let source: ObjectSource = Arc::new(move || value().into_script_value());
        Arc::make_mut(&mut self.named).insert(name.to_owned(), source);
        Ok(())
    }

    /// The current value of `app.state.NAME`, or `None` if the name is not registered. An error is
    /// raised in the script.
    ///
    /// ```
    /// use admin_runtime::script::ScriptObjects;
    ///
    /// let mut objects = ScriptObjects::default();
    /// objects.insert_with("level", || "many".parse::<u8>())?;
    /// let raised = objects.get("level").ok_or("no such name")?.unwrap_err();
    /// assert_eq!(raised.message(), "invalid digit found in string");
    /// assert!(objects.get("levels").is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Result<ScriptValue, ScriptError>> {
        self.named.get(name).map(|source| source())
    }

    /// Waits until this server may run another script, for at most `max_wait`, and returns `None`
    /// after that. Waiting calls are served in their order.
    ///
    /// At most `limit` scripts run at once, where the `limit` of the first call counts. Clones
    /// share the permits.
    ///
    /// ```
    /// use admin_runtime::script::ScriptObjects;
    /// use std::time::Duration;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let objects = ScriptObjects::default();
    /// let permit = objects.acquire_permit(1, Duration::ZERO).await;
    /// assert!(permit.is_some());
    /// assert!(objects.clone().acquire_permit(1, Duration::from_millis(1)).await.is_none());
    /// drop(permit);
    /// assert!(objects.acquire_permit(1, Duration::ZERO).await.is_some());
    /// # }
    /// ```
    pub async fn acquire_permit(&self, limit: usize, max_wait: Duration) -> Option<ScriptPermit> {
        let new = || Arc::new(Semaphore::new(limit.min(Semaphore::MAX_PERMITS)));
        let permits = Arc::clone(self.permits.get_or_init(new));
        let permit = tokio::time::timeout(max_wait, permits.acquire_owned()).await;
        permit.ok()?.ok().map(ScriptPermit)
    }

    /// The names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.named.keys().map(String::as_str)
    }
}

/// Permission to run one script, until dropped.
///
/// ```
/// use admin_runtime::script::{ScriptObjects, ScriptPermit};
/// use std::time::Duration;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let permit: Option<ScriptPermit> = ScriptObjects::default().acquire_permit(2, Duration::ZERO).await;
/// assert!(permit.is_some());
/// # }
/// ```
#[derive(Debug)]
pub struct ScriptPermit(#[expect(dead_code, reason = "held, not used")] OwnedSemaphorePermit);

/// The objects that were registered with `builder().script_object(..)`.
impl fmt::Debug for ScriptObjects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}

fn check_name(name: &str) -> Result<(), InvalidScriptObject> {
    let mut letters = name.chars();
    let starts = letters.next().is_some_and(|c| c.is_ascii_alphabetic());
    if starts && letters.all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return Ok(());
    }
    Err(InvalidScriptObject::new(
        name,
        "is not a name that a script can write: a letter first, then letters, digits and underscores",
    ))
}

/// Why a script object could not be added.
///
/// ```
/// use admin_runtime::script::{InvalidScriptObject, ScriptObjects};
///
/// let refused: Result<(), InvalidScriptObject> = ScriptObjects::default().insert("my-cache", 1);
/// assert_eq!(
///     refused.unwrap_err().to_string(),
///     "script object \"my-cache\" is not a name that a script can write: \
///      a letter first, then letters, digits and underscores",
/// );
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InvalidScriptObject(String);

impl InvalidScriptObject {
    fn new(name: &str, why: &str) -> Self {
        Self(format!("script object {name:?} {why}"))
    }
}

impl fmt::Display for InvalidScriptObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for InvalidScriptObject {}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    #[test]
    fn names_that_no_script_could_write_are_refused() {
        for name in ["", "_x", "1x", "a-b", "é", "a.b"] {
            let error = ScriptObjects::default().insert(name, 1).unwrap_err();
            assert!(
                error.to_string().starts_with("script object"),
                "{name}: {error}"
            );
        }
    }

    #[test]
    fn a_name_is_taken_once() {
        let mut objects = ScriptObjects::default();
        objects.insert("engine", 1).unwrap();
        let error = objects.insert("engine", 2).unwrap_err();
        assert_eq!(
            error.to_string(),
            "script object \"engine\" is taken: each object needs its own name"
        );
    }

    #[tokio::test]
    async fn waiting_scripts_are_served_in_order() {
        let objects = ScriptObjects::default();
        let held = objects.acquire_permit(1, Duration::ZERO).await.unwrap();
        let wait = |most| {
            let objects = objects.clone();
            tokio::spawn(async move { objects.acquire_permit(1, most).await })
        };
        let first = wait(Duration::from_secs(60));
        tokio::task::yield_now().await; // it waits now
        let second = wait(Duration::from_millis(20));
        tokio::task::yield_now().await;
        drop(held);
        let first = first.await.unwrap();
        assert!(first.is_some());
        assert!(second.await.unwrap().is_none(), "the first still runs");
        drop(first);
        assert!(objects.acquire_permit(1, Duration::ZERO).await.is_some());
    }

    #[test]
    fn a_source_is_asked_each_time() {
        let count = AtomicU64::new(0);
        let mut objects = ScriptObjects::default();
        let next = move || count.fetch_add(1, Ordering::Relaxed);
        objects.insert_with("n", next).unwrap();
        let read = || format!("{:?}", objects.get("n").unwrap().unwrap());
        assert_eq!((read(), read()), ("0".into(), "1".into()));
        assert!(objects.get("m").is_none());
    }
}
