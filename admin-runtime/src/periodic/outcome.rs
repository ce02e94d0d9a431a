//! What a body may return, and how that becomes a summary or an error.

use std::error::Error as StdError;

use super::run_error::PeriodicError;
use super::run_summary::RunSummary;

/// How one run ended.
pub(crate) type RunResult = Result<RunSummary, PeriodicError>;

/// Markers that keep the implementations apart; the compiler picks the one that fits. The marker of
/// standard errors is `dyn Error`, because error messages of the compiler show it.
mod private {
    /// The implementation is the type's own.
    #[derive(Debug)]
    pub enum Direct {}
    /// By way of a text.
    #[derive(Debug)]
    pub enum ViaText {}
    /// By way of the error in a box.
    #[derive(Debug)]
    pub enum ViaBox {}
}

/// An error that a periodic body can return: [`PeriodicError`], any `std::error::Error`, `String`,
/// `&'static str`, `Box<dyn Error + Send + Sync>`, or another type that implements this trait:
///
/// ```
/// use admin_runtime::PeriodicError;
/// use admin_runtime::periodic::{IntoPeriodicError, RunOutcome};
///
/// struct Errno(i32);
///
/// impl IntoPeriodicError for Errno {
///     fn into_periodic_error(self) -> PeriodicError {
///         PeriodicError::new(format!("the driver returned {}", self.0))
///     }
/// }
/// let run: Result<(), Errno> = Err(Errno(-5));
/// assert_eq!(run.into_result().unwrap_err().message(), "the driver returned -5");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the error of a periodic thread",
    label = "cannot be converted into a message",
    note = "return `PeriodicError`, an error that implements `std::error::Error`, or a text"
)]
pub trait IntoPeriodicError<Via: ?Sized = private::Direct> {
    /// Converts the error.
    fn into_periodic_error(self) -> PeriodicError;
}

#[diagnostic::do_not_recommend]
impl<E: StdError> IntoPeriodicError<dyn StdError> for E {
    fn into_periodic_error(self) -> PeriodicError {
        self.into()
    }
}

impl IntoPeriodicError for PeriodicError {
    fn into_periodic_error(self) -> PeriodicError {
        self
    }
}

impl IntoPeriodicError<private::ViaText> for String {
    fn into_periodic_error(self) -> PeriodicError {
        PeriodicError::new(self)
    }
}

impl IntoPeriodicError<private::ViaText> for &'static str {
    fn into_periodic_error(self) -> PeriodicError {
        PeriodicError::new(self)
    }
}

impl IntoPeriodicError<private::ViaBox> for Box<dyn StdError + Send + Sync> {
    fn into_periodic_error(self) -> PeriodicError {
        (&*self as &(dyn StdError + 'static)).into()
    }
}

/// A type that a periodic body can return: `()`, [`RunSummary`], or `Result` of one of these.
///
/// ```
/// use admin_runtime::RunSummary;
/// use admin_runtime::periodic::RunOutcome;
///
/// fn log_line<Via: ?Sized>(run: impl RunOutcome<Via>) -> String {
///     match run.into_result() {
///         Ok(summary) => format!("ok {}", summary.message()),
///         Err(error) => format!("failed: {error}"),
///     }
/// }
/// assert_eq!(log_line(()), "ok ");
/// assert_eq!(log_line(RunSummary::new("evicted 3 blocks")), "ok evicted 3 blocks");
/// assert_eq!(log_line(Err::<(), _>("no peer")), "failed: no peer");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the outcome of a periodic thread",
    label = "neither success nor failure",
    note = "return `()`, `RunSummary`, `Result<(), PeriodicError>` or `Result<RunSummary, PeriodicError>`; the error may be any `std::error::Error` or a text"
)]
pub trait RunOutcome<Via: ?Sized = private::Direct>: Sized {
    /// Converts the returned value.
    ///
    /// # Errors
    ///
    /// The run failed.
    fn into_result(self) -> Result<RunSummary, PeriodicError>;

    /// Named by generated code, so that a missing implementation is a single error.
    #[doc(hidden)]
    const CONVERTER: OutcomeConverter<Self> = OutcomeConverter(Self::into_result);
}

#[diagnostic::do_not_recommend]
impl RunOutcome for () {
    fn into_result(self) -> RunResult {
        Ok(RunSummary::default())
    }
}

#[diagnostic::do_not_recommend]
impl RunOutcome for RunSummary {
    fn into_result(self) -> RunResult {
        Ok(self)
    }
}

#[diagnostic::do_not_recommend]
impl<T: Into<RunSummary>, E: IntoPeriodicError<Via>, Via: ?Sized> RunOutcome<Via> for Result<T, E> {
    fn into_result(self) -> RunResult {
        self.map(Into::into).map_err(E::into_periodic_error)
    }
}

/// Converts the values that a function returns.
#[derive(Debug)]
pub struct OutcomeConverter<T>(fn(T) -> RunResult);

impl<T> OutcomeConverter<T> {
    pub(crate) const fn new(convert: fn(T) -> RunResult) -> Self {
        Self(convert)
    }

    /// Converts the value of a `fn`.
    ///
    /// # Errors
    ///
    /// The run failed.
    pub fn convert(&self, returned: T) -> Result<RunSummary, PeriodicError> {
        (self.0)(returned)
    }

    /// Converts the value of an `async fn`. Generated code boxes the future: one that is not
    /// `Send` is then an error about the user's function, not about a bound of this one.
    pub fn convert_async<F: Future<Output = T>>(
        &self,
        run: F,
    ) -> impl Future<Output = Result<RunSummary, PeriodicError>> + use<T, F> {
        let convert = self.0;
        async move { convert(run.await) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message<Via: ?Sized>(outcome: impl RunOutcome<Via>) -> String {
        match outcome.into_result() {
            Ok(summary) => format!("ok {}", summary.message()),
            Err(error) => format!("{} {}", error.is_fatal(), error.message()),
        }
    }

    #[test]
    fn every_return_type_is_converted() {
        assert_eq!(message(()), "ok ");
        assert_eq!(message(RunSummary::new("3 evicted")), "ok 3 evicted");
        assert_eq!(message(Ok::<(), PeriodicError>(())), "ok ");
        assert_eq!(message(Ok::<_, String>(RunSummary::new("fine"))), "ok fine");
        assert_eq!(
            message(Err::<(), _>(PeriodicError::fatal("gone"))),
            "true gone"
        );
        assert_eq!(message(Err::<(), _>("timed out")), "false timed out");
        assert_eq!(
            message(Err::<(), _>("timed out".to_owned())),
            "false timed out"
        );
        let parse = "x".parse::<u8>().unwrap_err();
        assert_eq!(
            message(Err::<(), _>(parse)),
            "false invalid digit found in string"
        );
        let boxed: Box<dyn StdError + Send + Sync> = "boxed".into();
        assert_eq!(message(Err::<(), _>(boxed)), "false boxed");
    }
}
