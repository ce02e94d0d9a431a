//! What a run comes to: a summary or an error.

use std::collections::BTreeMap;
use std::error::Error as StdError;
use std::fmt;

use serde_json::Value;

/// What a good run says of itself; `GET /periodic-threads` shows it until the next run ends.
///
/// ```
/// use admin_runtime::RunSummary;
///
/// let summary = RunSummary::new("evicted 3 blocks").with("evicted", 3).with("tier", "hot");
/// assert_eq!(summary.message(), "evicted 3 blocks");
/// assert_eq!(summary.extra_info()["evicted"], 3);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunSummary {
    message: String,
    extra_info: BTreeMap<String, Value>,
}

/// Bytes of a message that are kept; the rest is cut off.
const LONGEST_MESSAGE: usize = 1024;

/// Entries of `extra_info` that are kept; further keys are left out.
const MOST_EXTRAS: usize = 32;

impl RunSummary {
    /// A summary with a message, of which at most 1 KiB is kept.
    #[must_use]
    pub fn new(message: impl Into<String>) -> Self {
        let mut message = message.into();
        truncate(&mut message);
        Self {
            message,
            extra_info: BTreeMap::new(),
        }
    }

    /// Adds a value to the extra information, which keeps at most 32 keys; texts in it are cut at
    /// 1 KiB.
    #[must_use]
    pub fn with(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        let (key, mut value) = (key.into(), value.into());
        if let Value::String(text) = &mut value {
            truncate(text);
        }
        if self.extra_info.len() < MOST_EXTRAS || self.extra_info.contains_key(&key) {
            self.extra_info.insert(key, value);
        }
        self
    }

    /// The message.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The extra information.
    #[must_use]
    pub fn extra_info(&self) -> &BTreeMap<String, Value> {
        &self.extra_info
    }

    pub(super) fn into_parts(self) -> (String, BTreeMap<String, Value>) {
        (self.message, self.extra_info)
    }
}

impl From<()> for RunSummary {
    fn from((): ()) -> Self {
        Self::default()
    }
}

/// Why a run failed. `?` makes one of any std error.
///
/// ```
/// use admin_runtime::PeriodicError;
///
/// fn ping(answer: &str) -> Result<(), PeriodicError> {
///     match answer {
///         "PONG" => Ok(()),
///         "BYE" => Err(PeriodicError::irrecoverable("the peer has left for good")),
///         other => Err(PeriodicError::new(format!("unexpected answer {other:?}"))),
///     }
/// }
/// assert!(!ping("?").unwrap_err().is_irrecoverable());
/// assert!(ping("BYE").unwrap_err().is_irrecoverable());
/// assert_eq!(ping("?").unwrap_err().message(), r#"unexpected answer "?""#);
/// ```
pub struct PeriodicError {
    message: String,
    irrecoverable: bool,
}

impl PeriodicError {
    /// A failure; the thread goes on.
    #[must_use]
    pub fn new(message: impl Into<String>) -> Self {
        let mut message = message.into();
        truncate(&mut message);
        Self {
            message,
            irrecoverable: false,
        }
    }

    /// A failure that ends the loop: the thread is `dead` until it is started again.
    #[must_use]
    pub fn irrecoverable(message: impl Into<String>) -> Self {
        Self {
            irrecoverable: true,
            ..Self::new(message)
        }
    }

    /// The same error, ending the loop: `connect().map_err(|error| PeriodicError::from(error).fatal())`.
    ///
    /// ```
    /// use admin_runtime::PeriodicError;
    ///
    /// let error = PeriodicError::from(std::io::Error::other("the disk is gone")).fatal();
    /// assert_eq!((error.message(), error.is_irrecoverable()), ("the disk is gone", true));
    /// ```
    #[must_use]
    pub fn fatal(self) -> Self {
        Self {
            irrecoverable: true,
            ..self
        }
    }

    /// Whether it ends the loop.
    #[must_use]
    pub fn is_irrecoverable(&self) -> bool {
        self.irrecoverable
    }

    /// What went wrong.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    pub(super) fn into_message(self) -> String {
        self.message
    }
}

impl fmt::Debug for PeriodicError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PeriodicError")
            .field("message", &self.message)
            .field("irrecoverable", &self.irrecoverable)
            .finish()
    }
}

impl fmt::Display for PeriodicError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

// `PeriodicError` is no `std::error::Error` itself, so that this does not overlap with `From<T> for T`.
impl<E: StdError> From<E> for PeriodicError {
    fn from(error: E) -> Self {
        let mut message = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            // Many errors repeat their source in their own text.
            let cause_text = cause.to_string();
            if message.len() > LONGEST_MESSAGE {
                break;
            }
            if !message.contains(&cause_text) {
                message.push_str(": ");
                message.push_str(&cause_text);
            }
            source = cause.source();
        }
        Self::new(message)
    }
}

/// What one run came to.
pub(crate) type RunResult = Result<RunSummary, PeriodicError>;

/// The kinds of errors that a body can return; the compiler picks the one that fits.
pub mod error_via {
    /// A `std::error::Error`.
    ///
    /// ```
    /// use admin_runtime::{IntoPeriodicError, error_via};
    ///
    /// fn text(error: impl IntoPeriodicError<error_via::Std>) -> String {
    ///     error.into_periodic_error().to_string()
    /// }
    /// assert_eq!(text(std::io::Error::other("the disk is full")), "the disk is full");
    /// ```
    #[derive(Debug)]
    pub enum Std {}
    /// [`PeriodicError`](crate::PeriodicError).
    ///
    /// ```
    /// use admin_runtime::{IntoPeriodicError, PeriodicError, error_via};
    ///
    /// fn fatal(error: impl IntoPeriodicError<error_via::Own>) -> bool {
    ///     error.into_periodic_error().is_irrecoverable()
    /// }
    /// assert!(fatal(PeriodicError::irrecoverable("the peer has left for good")));
    /// ```
    #[derive(Debug)]
    pub enum Own {}
    /// A text.
    ///
    /// ```
    /// use admin_runtime::{IntoPeriodicError, error_via};
    ///
    /// fn text(error: impl IntoPeriodicError<error_via::Text>) -> String {
    ///     error.into_periodic_error().to_string()
    /// }
    /// assert_eq!([text("no peer"), text("no peer".to_owned())], ["no peer"; 2]);
    /// ```
    #[derive(Debug)]
    pub enum Text {}
    /// A boxed error.
    ///
    /// ```
    /// use admin_runtime::{RunOutcome, RunSummary, error_via};
    ///
    /// type Boxed = Box<dyn std::error::Error + Send + Sync>;
    /// let run: Result<RunSummary, Boxed> = Err("no peer".into());
    /// let failed = RunOutcome::<error_via::Boxed>::into_result(run).unwrap_err();
    /// assert_eq!(failed.message(), "no peer");
    /// ```
    #[derive(Debug)]
    pub enum Boxed {}
    /// No error at all.
    ///
    /// ```
    /// use admin_runtime::{RunOutcome, RunSummary, error_via};
    ///
    /// let run = RunOutcome::<error_via::None>::into_result(());
    /// assert_eq!(run.ok(), Some(RunSummary::default()));
    /// ```
    #[derive(Debug)]
    pub enum None {}
}

/// An error that a periodic body can fail with: [`PeriodicError`], any `std::error::Error`,
/// `String`, `&'static str`, `Box<dyn Error + Send + Sync>`.
///
/// A type of one's own that is no `std::error::Error` becomes one so:
///
/// ```
/// use admin_runtime::{IntoPeriodicError, PeriodicError, RunOutcome, error_via};
///
/// struct Errno(i32);
///
/// impl IntoPeriodicError<error_via::Own> for Errno {
///     fn into_periodic_error(self) -> PeriodicError {
///         PeriodicError::new(format!("the driver answered {}", self.0))
///     }
/// }
/// let run: Result<(), Errno> = Err(Errno(-5));
/// assert_eq!(run.into_result().unwrap_err().message(), "the driver answered -5");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the error of a periodic thread",
    label = "no way to make a message of this",
    note = "return `PeriodicError`, an error that implements `std::error::Error`, or a text"
)]
pub trait IntoPeriodicError<Via> {
    /// Makes the error.
    fn into_periodic_error(self) -> PeriodicError;
}

#[diagnostic::do_not_recommend]
impl<E: StdError> IntoPeriodicError<error_via::Std> for E {
    fn into_periodic_error(self) -> PeriodicError {
        self.into()
    }
}

impl IntoPeriodicError<error_via::Own> for PeriodicError {
    fn into_periodic_error(self) -> PeriodicError {
        self
    }
}

impl IntoPeriodicError<error_via::Text> for String {
    fn into_periodic_error(self) -> PeriodicError {
        PeriodicError::new(self)
    }
}

impl IntoPeriodicError<error_via::Text> for &'static str {
    fn into_periodic_error(self) -> PeriodicError {
        PeriodicError::new(self)
    }
}

impl IntoPeriodicError<error_via::Boxed> for Box<dyn StdError + Send + Sync> {
    fn into_periodic_error(self) -> PeriodicError {
        (&*self as &(dyn StdError + 'static)).into()
    }
}

/// A type that a periodic body can return: `()`, [`RunSummary`], or `Result` of one of these.
///
/// ```
/// use admin_runtime::{RunOutcome, RunSummary};
///
/// /// What the log says of any of them.
/// fn line<Via>(run: impl RunOutcome<Via>) -> String {
///     match run.into_result() {
///         Ok(summary) => format!("ok {}", summary.message()),
///         Err(error) => format!("failed: {error}"),
///     }
/// }
/// assert_eq!(line(()), "ok ");
/// assert_eq!(line(RunSummary::new("evicted 3 blocks")), "ok evicted 3 blocks");
/// assert_eq!(line(Err::<(), _>("no peer")), "failed: no peer");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the outcome of a periodic thread",
    label = "neither success nor failure",
    note = "return `()`, `RunSummary`, `Result<(), PeriodicError>` or `Result<RunSummary, PeriodicError>`; the error may be any `std::error::Error` or a text"
)]
pub trait RunOutcome<Via>: Sized {
    /// Makes a summary or an error.
    ///
    /// # Errors
    /// What the run failed with.
    fn into_result(self) -> Result<RunSummary, PeriodicError>;

    /// What generated code names, so that a type that cannot serve is one error.
    #[doc(hidden)]
    const SETTLER: Settler<Self> = Settler(Self::into_result);
}

/// A return type: how it becomes a summary or an error.
#[derive(Debug)]
pub struct Settler<T>(fn(T) -> RunResult);

impl<T> Settler<T> {
    /// The outcome of a `fn`.
    ///
    /// # Errors
    /// What the run failed with.
    pub fn settle(&self, returned: T) -> Result<RunSummary, PeriodicError> {
        (self.0)(returned)
    }

    /// The outcome of an `async fn`. Generated code boxes it: a future that is not `Send` is then
    /// an error about the user's function, not about a bound of this one.
    pub fn settle_later<F: Future<Output = T>>(
        &self,
        run: F,
    ) -> impl Future<Output = Result<RunSummary, PeriodicError>> + use<T, F> {
        let settle = self.0;
        async move { settle(run.await) }
    }
}

#[diagnostic::do_not_recommend]
impl RunOutcome<error_via::None> for () {
    fn into_result(self) -> RunResult {
        Ok(RunSummary::default())
    }
}

#[diagnostic::do_not_recommend]
impl RunOutcome<error_via::None> for RunSummary {
    fn into_result(self) -> RunResult {
        Ok(self)
    }
}

#[diagnostic::do_not_recommend]
impl<T: Into<RunSummary>, E: IntoPeriodicError<Via>, Via> RunOutcome<Via> for Result<T, E> {
    fn into_result(self) -> RunResult {
        self.map(Into::into).map_err(E::into_periodic_error)
    }
}

/// Cuts at the last character that ends within the limit.
fn truncate(text: &mut String) {
    if text.len() > LONGEST_MESSAGE {
        let end = (0..=LONGEST_MESSAGE)
            .rev()
            .find(|at| text.is_char_boundary(*at));
        text.truncate(end.unwrap_or(0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message<Via>(outcome: impl RunOutcome<Via>) -> String {
        match outcome.into_result() {
            Ok(summary) => format!("ok {}", summary.message()),
            Err(error) => format!("{} {}", error.is_irrecoverable(), error.message()),
        }
    }

    #[test]
    fn every_kind_of_return_is_understood() {
        assert_eq!(message(()), "ok ");
        assert_eq!(message(RunSummary::new("3 evicted")), "ok 3 evicted");
        assert_eq!(message(Ok::<(), PeriodicError>(())), "ok ");
        assert_eq!(message(Ok::<_, String>(RunSummary::new("fine"))), "ok fine");
        assert_eq!(
            message(Err::<(), _>(PeriodicError::irrecoverable("gone"))),
            "true gone"
        );
        assert_eq!(message(Err::<(), _>("no luck")), "false no luck");
        assert_eq!(message(Err::<(), _>("no luck".to_owned())), "false no luck");
        let parse = "x".parse::<u8>().unwrap_err();
        assert_eq!(
            message(Err::<(), _>(parse)),
            "false invalid digit found in string"
        );
        let boxed: Box<dyn StdError + Send + Sync> = "boxed".into();
        assert_eq!(message(Err::<(), _>(boxed)), "false boxed");
    }

    #[test]
    fn causes_are_told_once_each() {
        let io = std::io::Error::other("disk on fire");
        assert_eq!(PeriodicError::from(io).message(), "disk on fire");
        assert!(PeriodicError::from(fmt::Error).fatal().is_irrecoverable());
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let long = "ä".repeat(LONGEST_MESSAGE);
        assert_eq!(
            RunSummary::new(long.clone()).message().len(),
            LONGEST_MESSAGE
        );
        assert_eq!(
            PeriodicError::new(format!("x{long}")).message().len(),
            LONGEST_MESSAGE - 1
        );
        let full = (0..100).fold(RunSummary::new(""), |summary, n| {
            summary.with(n.to_string(), n)
        });
        assert_eq!(full.extra_info().len(), MOST_EXTRAS);
    }
}
