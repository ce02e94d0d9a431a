//! The one trait of return types.

use std::any::type_name;
use std::cell::Cell;
use std::mem;

use bytes::Bytes;
use http::StatusCode;
use http::header::{HeaderName, HeaderValue};
use serde::Serialize;

use super::reply::JSON;
use super::{AdminError, Body, Json, Pretty, Response, ResponseSpec, TypedReply};
use crate::large_buffer::LargeBuffer;

/// A type that an endpoint can return.
///
/// Text (`String`, `&'static str`), [`Json`], [`Pretty`], bytes (`Vec<u8>`, `Bytes`), a whole
/// [`Response`] (streams too), `()` (204), a status with any of them, a status with headers, and
/// `Result` of any of them with an error that becomes an [`AdminError`].
///
/// ```
/// use admin_runtime::{AdminError, IntoResponse, Response};
/// use admin_runtime::describe::ResponseSpec;
///
/// /// Rows with commas between.
/// struct Csv(Vec<[u32; 2]>);
///
/// impl IntoResponse for Csv {
///     const SPEC: ResponseSpec = ResponseSpec::new(Some("text/csv"));
///
///     fn into_response(self) -> Result<Response, AdminError> {
///         let lines: Vec<_> = self.0.iter().map(|[a, b]| format!("{a},{b}\n")).collect();
///         Ok(Response::bytes("text/csv", lines.concat()))
///     }
/// }
///
/// let reply = Csv(vec![[1, 2], [3, 4]]).into_response()?;
/// assert_eq!(reply.headers()["content-type"], "text/csv");
/// # Ok::<(), AdminError>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the answer of an admin endpoint",
    label = "no way to write this as a reply",
    note = "return text (`String`, `&'static str`), `Json<T>` or `Pretty<T>` of a `Serialize` type, bytes, `Response`, `()`, `(StatusCode, ..)`, or `Result<_, AdminError>` of one of these",
    note = "instead of `AdminError` any `std::error::Error` serves; `admin_runtime::error_status!` gives it other statuses than 500"
)]
pub trait IntoResponse: Sized {
    /// What is known of the replies before there is one.
    const SPEC: ResponseSpec;

    /// Both as one value: generated code names the trait once, so that an error appears once.
    #[doc(hidden)]
    const REPLY: TypedReply<Self> = TypedReply {
        spec: Self::SPEC,
        into_response: Self::into_response,
    };

    /// Makes the reply.
    ///
    /// # Errors
    ///
    /// What a handler failed with, or a value that does not serialise.
    fn into_response(self) -> Result<Response, AdminError>;
}

#[diagnostic::do_not_recommend]
impl IntoResponse for Response {
    const SPEC: ResponseSpec = ResponseSpec::new(None).fallible();

    fn into_response(self) -> Result<Response, AdminError> {
        Ok(self)
    }
}

#[diagnostic::do_not_recommend]
impl IntoResponse for () {
    const SPEC: ResponseSpec = ResponseSpec::new(None).with_status(Some(204));

    fn into_response(self) -> Result<Response, AdminError> {
        Ok(Response::empty())
    }
}

const TEXT: ResponseSpec = ResponseSpec::new(Some("text/plain; charset=utf-8"));

#[diagnostic::do_not_recommend]
impl IntoResponse for String {
    const SPEC: ResponseSpec = TEXT;

    fn into_response(self) -> Result<Response, AdminError> {
        Ok(Response::text(self))
    }
}

#[diagnostic::do_not_recommend]
impl IntoResponse for &'static str {
    const SPEC: ResponseSpec = TEXT;

    fn into_response(self) -> Result<Response, AdminError> {
        let body = Body::Bytes(Bytes::from_static(self.as_bytes()));
        Ok(Response::with_body(super::reply::TEXT, body))
    }
}

const BYTES: ResponseSpec = ResponseSpec::new(Some("application/octet-stream"));

#[diagnostic::do_not_recommend]
impl IntoResponse for Bytes {
    const SPEC: ResponseSpec = BYTES;

    fn into_response(self) -> Result<Response, AdminError> {
        Ok(Response::bytes("application/octet-stream", self))
    }
}

#[diagnostic::do_not_recommend]
impl IntoResponse for Vec<u8> {
    const SPEC: ResponseSpec = BYTES;

    fn into_response(self) -> Result<Response, AdminError> {
        Bytes::from(self).into_response()
    }
}

#[diagnostic::do_not_recommend]
impl<T: Serialize> IntoResponse for Json<T> {
    const SPEC: ResponseSpec = ResponseSpec::JSON;

    fn into_response(self) -> Result<Response, AdminError> {
        json::<T>(|buffer| serde_json::to_writer(buffer, &self.0))
    }
}

#[diagnostic::do_not_recommend]
impl<T: Serialize> IntoResponse for Pretty<T> {
    const SPEC: ResponseSpec = ResponseSpec::JSON;

    fn into_response(self) -> Result<Response, AdminError> {
        json::<T>(|buffer| serde_json::to_writer_pretty(buffer, &self.0))
    }
}

thread_local! {
    // An answer would otherwise grow a new buffer from zero bytes each time, copying as it grows.
    static BUFFER: Cell<LargeBuffer> = const { Cell::new(LargeBuffer::new()) };
}

fn json<T>(
    write: impl FnOnce(&mut LargeBuffer) -> serde_json::Result<()>,
) -> Result<Response, AdminError> {
    let mut buffer = BUFFER.take();
    let written = write(&mut buffer).map(|()| {
        if buffer.is_on_heap() {
            Bytes::copy_from_slice(&buffer)
        } else {
            mem::take(&mut buffer).into()
        }
    });
    buffer.clear();
    if buffer.is_on_heap() {
        BUFFER.set(buffer);
    }
    match written {
        Ok(bytes) => Ok(Response::with_body(JSON, Body::Bytes(bytes))),
        Err(error) => Err(AdminError::internal(format!(
            "{} cannot be serialised as JSON: {error}",
            type_name::<T>()
        ))),
    }
}

#[diagnostic::do_not_recommend]
impl<T: IntoResponse> IntoResponse for (StatusCode, T) {
    const SPEC: ResponseSpec = T::SPEC.with_status(None);

    fn into_response(self) -> Result<Response, AdminError> {
        self.1
            .into_response()
            .map(|response| response.with_status(self.0))
    }
}

#[diagnostic::do_not_recommend]
impl<T: IntoResponse, const N: usize> IntoResponse
    for (StatusCode, [(HeaderName, HeaderValue); N], T)
{
    const SPEC: ResponseSpec = T::SPEC.with_status(None);

    fn into_response(self) -> Result<Response, AdminError> {
        let (status, headers, rest) = self;
        let response = rest.into_response()?.with_status(status);
        Ok(headers
            .into_iter()
            .fold(response, |response, (name, value)| {
                response.with_header(name, value)
            }))
    }
}

#[diagnostic::do_not_recommend]
impl<T: IntoResponse, E: Into<AdminError>> IntoResponse for Result<T, E> {
    const SPEC: ResponseSpec = T::SPEC.fallible();

    fn into_response(self) -> Result<Response, AdminError> {
        self.map_err(Into::into)?.into_response()
    }
}
