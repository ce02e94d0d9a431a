//! JSON in both directions.

/// A value as JSON: as an argument the body of the request, as a return type that of the reply.
///
/// ```
/// use admin_runtime::{AdminError, Body, IntoResponse, Json};
///
/// /// An endpoint under `#[admin_endpoint(method = "POST", path = "/sum")]`.
/// fn sum(numbers: Json<Vec<u32>>) -> Json<u32> {
///     Json(numbers.0.iter().sum())
/// }
///
/// let reply = sum(Json(vec![1, 2, 3])).into_response()?;
/// assert_eq!(reply.headers()["content-type"], "application/json");
/// assert!(matches!(reply.body(), Body::Bytes(bytes) if bytes == "6"));
/// # Ok::<(), AdminError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Json<T>(pub T);

/// A value as JSON with two spaces of indent, for answers that people read.
///
/// ```
/// use admin_runtime::{AdminError, Body, IntoResponse, Pretty};
///
/// let reply = Pretty([7, 8]).into_response()?;
/// assert!(matches!(reply.body(), Body::Bytes(bytes) if bytes == "[\n  7,\n  8\n]"));
/// # Ok::<(), AdminError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pretty<T>(pub T);
