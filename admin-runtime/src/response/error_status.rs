//! The statuses that `error_status!` gives to the values of an error type.

use std::error::Error as StdError;
use std::fmt;

use http::StatusCode;

/// What becomes an [`AdminError`](super::AdminError) with `?`: everything that converts into a
/// boxed error. It is named so because the compiler shows it to those who implement
/// `From<TheirError> for AdminError`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot become an `AdminError`",
    label = "not an error: implement `std::error::Error` for it, for example with `thiserror`, or write `.map_err(|error| AdminError::bad_request(..))?`",
    note = "implement `std::error::Error`, for example with `thiserror`, and give its values a status with `admin_runtime::error_status!({Self}, |error| ..)`",
    note = "or write `.map_err(|error| AdminError::bad_request(..))?`"
)]
pub trait StatusFromErrorStatusMacro {
    /// The error in a box.
    fn into_boxed_error(self) -> Box<dyn StdError + Send + Sync>;
}

#[diagnostic::do_not_recommend]
impl<E: Into<Box<dyn StdError + Send + Sync>>> StatusFromErrorStatusMacro for E {
    fn into_boxed_error(self) -> Box<dyn StdError + Send + Sync> {
        self.into()
    }
}

/// An error type of this crate with `error_status!`. Coherence allows one for each type, in its
/// crate.
pub trait ErrorWithStatus {
    /// The status of this value.
    fn status(&self) -> StatusCode;
}

/// What `error_status!` takes: an error that threads can share. It is a trait of its own, so that
/// the compiler names what is missing once.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an error, so `error_status!` cannot give it a status",
    label = "does not implement `std::error::Error + Send + Sync + 'static`",
    note = "derive it with `thiserror`: `#[derive(Debug, thiserror::Error)]` on `{Self}` and `#[error(\"..\")]` on each variant"
)]
pub trait SharedError {
    /// The registration of the type.
    const DESCRIPTOR: ErrorStatusDescriptor;
}

#[diagnostic::do_not_recommend]
impl<E: StdError + Send + Sync + 'static + ErrorWithStatus> SharedError for E {
    const DESCRIPTOR: ErrorStatusDescriptor =
        ErrorStatusDescriptor(|error| error.downcast_ref::<E>().map(E::status));
}

/// What `error_status!` registers: the status of an error, if it is of the registered type.
#[derive(Clone, Copy)]
pub struct ErrorStatusDescriptor(fn(&(dyn StdError + 'static)) -> Option<StatusCode>);

impl fmt::Debug for ErrorStatusDescriptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ErrorStatusDescriptor")
    }
}

// Here and not in `discover`, because errors are converted without a server too.
inventory::collect!(ErrorStatusDescriptor);

/// The status of an error whose type is registered. One that does not mean failure is not used.
pub(super) fn registered_status(error: &(dyn StdError + 'static)) -> Option<StatusCode> {
    inventory::iter::<ErrorStatusDescriptor>
        .into_iter()
        .find_map(|registered| registered.0(error))
        .filter(|status| status.is_client_error() || status.is_server_error())
}

/// Gives the values of an error type their HTTP statuses, wherever `?` or a return type of
/// `Result<_, E>` turns one into an [`AdminError`](crate::AdminError).
///
/// The text of the error (its `Display`) is the message that the client reads, except with status
/// 500, whose text goes to the log only. The macro is written in the crate of the type, once.
///
/// ```standalone_crate
/// use admin_runtime::{AdminServer, Json, StatusCode, admin_endpoint, error_status};
///
/// #[derive(Debug, thiserror::Error)]
/// enum OrderError {
///     #[error("No order {0}")]
///     NotFound(u64),
///     #[error("Order {0} is shipped already")]
///     Shipped(u64),
///     #[error("the database: {0}")]
///     Database(#[from] std::io::Error),
/// }
///
/// error_status!(OrderError, |error| match error {
///     OrderError::NotFound(_) => StatusCode::NOT_FOUND,
///     OrderError::Shipped(_) => StatusCode::CONFLICT,
///     OrderError::Database(_) => StatusCode::INTERNAL_SERVER_ERROR,
/// });
///
/// /// Whether an order is shipped.
/// #[admin_endpoint(path = "/orders/{id}")]
/// async fn order(id: u64) -> Result<Json<bool>, OrderError> {
///     if id > 9 { Err(OrderError::NotFound(id)) } else { Ok(Json(true)) }
/// }
///
/// #[tokio::main]
/// async fn main() -> Result<(), Box<dyn std::error::Error>> {
///     let reply = AdminServer::builder().build()?.test_client().get("/orders/10").await;
///     assert_eq!((reply.status().as_u16(), reply.text()), (404, r#"{"error":"No order 10"}"#));
///     Ok(())
/// }
/// ```
#[macro_export]
macro_rules! error_status {
    ($error:ty, $status:expr $(,)?) => {
        const _: () = {
            impl $crate::__private::ErrorWithStatus for $error {
                fn status(&self) -> $crate::__private::StatusCode {
                    let status: fn(&$error) -> $crate::__private::StatusCode = $status;
                    status(self)
                }
            }
            $crate::__private::submit! { <$error as $crate::__private::SharedError>::DESCRIPTOR }
        };
    };
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::super::AdminError;
    use super::*;

    #[derive(Debug)]
    enum StockError {
        Unknown,
        Moved,
        Disk(io::Error),
    }

    impl fmt::Display for StockError {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            match self {
                Self::Unknown => f.write_str("No such article"),
                Self::Moved => f.write_str("/srv/stock has moved"),
                Self::Disk(_) => f.write_str("The stock cannot be read"),
            }
        }
    }

    impl StdError for StockError {
        fn source(&self) -> Option<&(dyn StdError + 'static)> {
            match self {
                Self::Disk(source) => Some(source),
                _ => None,
            }
        }
    }

    error_status!(StockError, |error| match error {
        StockError::Unknown => StatusCode::NOT_FOUND,
        StockError::Moved => StatusCode::FOUND,
        StockError::Disk(_) => StatusCode::SERVICE_UNAVAILABLE,
    });

    fn converted(error: StockError) -> AdminError {
        fn fails(error: StockError) -> Result<(), AdminError> {
            Err(error)?
        }
        fails(error).unwrap_err()
    }

    #[test]
    fn registered_error_has_its_status_and_text() {
        let error = converted(StockError::Unknown);
        assert_eq!(error.status(), StatusCode::NOT_FOUND);
        assert_eq!(error.message(), "No such article");
        assert!(error.cause().is_none());
    }

    #[test]
    fn cause_of_registered_error_is_for_the_log() {
        let error = converted(StockError::Disk(io::Error::other("sda1")));
        assert_eq!(error.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(error.message(), "The stock cannot be read");
        let source = error.cause().and_then(StdError::source);
        assert_eq!(source.map(ToString::to_string).as_deref(), Some("sda1"));
    }

    #[test]
    fn status_that_is_not_a_failure_becomes_500() {
        let error = converted(StockError::Moved);
        assert_eq!(error.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(error.message(), "");
    }

    #[test]
    fn boxed_error_keeps_its_status() {
        let boxed: Box<dyn StdError + Send + Sync> = Box::new(StockError::Unknown);
        assert_eq!(AdminError::from(boxed).status(), StatusCode::NOT_FOUND);
    }

    #[test]
    fn other_errors_are_internal() {
        for error in [
            AdminError::from(io::Error::other("sda1")),
            AdminError::from("sda1"),
            AdminError::from(anyhow::anyhow!("sda1")),
        ] {
            assert_eq!(error.status(), StatusCode::INTERNAL_SERVER_ERROR);
            assert_eq!(error.message(), "");
            assert_eq!(error.cause().unwrap().to_string(), "sda1");
        }
    }
}
