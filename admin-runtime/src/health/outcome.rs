//! What a health check may return.

use crate::periodic::outcome::{OutcomeConverter, RunResult};
use crate::periodic::{IntoPeriodicError, RunSummary};

/// Keeps the implementations apart; the compiler picks the one that fits.
mod private {
    /// The implementation of `()`.
    #[derive(Debug)]
    pub enum ViaUnit {}
}

/// A type that a health check can return: `()`, or `Result<(), E>` where `E` is an
/// [error of a periodic thread](IntoPeriodicError).
///
/// ```
/// use admin_runtime::health::CheckOutcome;
///
/// fn is_ok<Via: ?Sized>(run: impl CheckOutcome<Via>) -> bool {
///     run.into_result().is_ok()
/// }
/// assert!(is_ok(()));
/// assert!(!is_ok(Err::<(), _>("no connection")));
/// assert!(!is_ok("x".parse::<u8>().map(drop)));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the outcome of a health check",
    label = "neither success nor failure",
    note = "return `()` or `Result<(), E>`, where `E` is any `std::error::Error`, a text or `PeriodicError`"
)]
pub trait CheckOutcome<Via: ?Sized = private::ViaUnit>: Sized {
    /// Converts the returned value.
    ///
    /// # Errors
    ///
    /// The check failed.
    fn into_result(self) -> Result<RunSummary, crate::PeriodicError>;

    /// Named by generated code, so that a missing implementation is a single error.
    #[doc(hidden)]
    const CONVERTER: OutcomeConverter<Self> = OutcomeConverter::new(Self::into_result);
}

#[diagnostic::do_not_recommend]
impl CheckOutcome for () {
    fn into_result(self) -> RunResult {
        Ok(RunSummary::default())
    }
}

#[diagnostic::do_not_recommend]
impl<E: IntoPeriodicError<Via>, Via: ?Sized> CheckOutcome<Via> for Result<(), E> {
    fn into_result(self) -> RunResult {
        self.map(RunSummary::from).map_err(E::into_periodic_error)
    }
}
