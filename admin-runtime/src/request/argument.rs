//! What an argument of an endpoint is, decided by its type and never by its tokens.

use std::fmt;

use http::header::CONTENT_TYPE;

use super::{ArgumentDescriptor, ArgumentKind, Extractor, Param, ParamSpec, RequestContext};
use crate::response::AdminError;
use crate::text::excerpt;

/// Markers that keep the implementations apart; the compiler picks the one that fits.
mod private {
    /// One of the markers: no other type can be one, which seals [`Argument`](super::Argument).
    pub trait Via {}

    /// A required [`Param`](crate::Param).
    #[derive(Debug)]
    pub enum Required {}
    /// An `Option` of a [`Param`](crate::Param).
    #[derive(Debug)]
    pub enum Optional {}
    /// A `Vec` of a [`Param`](crate::Param).
    #[derive(Debug)]
    pub enum Repeated {}
    /// An [`Extractor`](crate::Extractor).
    #[derive(Debug)]
    pub enum Extracted {}

    impl Via for Required {}
    impl Via for Optional {}
    impl Via for Repeated {}
    impl Via for Extracted {}
}

/// A type that can be an argument of an endpoint. It is not implemented by hand: implement
/// [`Param`] for a value of the path or the query, [`Extractor`] for anything else. `Via` tells these
/// apart; the compiler infers it, and no other crate can name its types.
///
/// An extractor can read a parameter by its own argument's name:
///
/// ```standalone_crate
/// # use admin_runtime::{AdminServer, admin_endpoint};
/// use admin_runtime::{AdminError, RequestContext, Extractor};
/// use admin_runtime::describe::{Argument, ArgumentDescriptor};
///
/// struct Page(u32); // the first where none is asked for
///
/// impl Extractor for Page {
///     fn extract(request: &mut RequestContext, argument: &ArgumentDescriptor) -> Result<Self, AdminError> {
///         let page = <Option<u32> as Argument<_>>::from_request(request, argument)?;
///         Ok(Self(page.unwrap_or(1).max(1)))
///     }
/// }
///
/// #[admin_endpoint(path = "/list")]
/// async fn list(page: Page) -> String {
///     format!("page {}", page.0)
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = AdminServer::builder().build()?;
/// assert_eq!(server.test_client().get("/list?page=3").await.text(), "page 3");
/// # Ok(())
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an argument of an admin endpoint",
    label = "no way to make this from a request",
    note = "a value of the path or query implements `Param`: std's numbers, `bool`, `char`, `String`, and `Option` or `Vec` of them; an enum or another type of yours with `FromStr` does with `admin_runtime::param!(TheType, \"hot or cold\");`",
    note = "anything else implements `Extractor`: `State<T>` of a `Clone` type, `Json<T>` of a `Deserialize` type, `Config<T>` of a `Default` type, `Upload`, `Headers`, `Caller`, `Audit`, `RequestId`, `Registry`"
)]
pub trait Argument<Via: private::Via>: Sized {
    /// What is registered about the type.
    const KIND: ArgumentKind;

    /// Both as one value: generated code names the trait once, so that an error appears once.
    #[doc(hidden)]
    const BINDING: ArgumentBinding<Self> = ArgumentBinding {
        kind: Self::KIND,
        from_request: Self::from_request,
    };

    /// Takes the value out of a request.
    ///
    /// # Errors
    ///
    /// 400 that names the parameter, the value and what would be valid; what an extractor says.
    fn from_request(
        request: &mut RequestContext,
        argument: &ArgumentDescriptor,
    ) -> Result<Self, AdminError>;
}

/// How arguments of type `T` are taken.
#[doc(hidden)]
pub struct ArgumentBinding<T> {
    pub(crate) kind: ArgumentKind,
    pub(crate) from_request: fn(&mut RequestContext, &ArgumentDescriptor) -> Result<T, AdminError>,
}

impl<T> fmt::Debug for ArgumentBinding<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

#[diagnostic::do_not_recommend]
impl<T: Param> Argument<private::Required> for T {
    const KIND: ArgumentKind = ArgumentKind::Parameter(ParamSpec::new::<T>());

    fn from_request(
        request: &mut RequestContext,
        argument: &ArgumentDescriptor,
    ) -> Result<Self, AdminError> {
        match request.text(argument) {
            Some(text) => parse(text, argument),
            None => Err(AdminError::bad_request(format!(
                "Missing parameter '{}': expected {}{}",
                argument.name,
                T::EXPECTED,
                place_hint(request)
            ))),
        }
    }
}

#[diagnostic::do_not_recommend]
impl<T: Param> Argument<private::Optional> for Option<T> {
    const KIND: ArgumentKind = ArgumentKind::Parameter(ParamSpec::new::<T>().optional());

    fn from_request(
        request: &mut RequestContext,
        argument: &ArgumentDescriptor,
    ) -> Result<Self, AdminError> {
        request
            .text(argument)
            .map(|text| parse(text, argument))
            .transpose()
    }
}

#[diagnostic::do_not_recommend]
impl<T: Param> Argument<private::Repeated> for Vec<T> {
    const KIND: ArgumentKind = ArgumentKind::Parameter(ParamSpec::new::<T>().repeated());

    fn from_request(
        request: &mut RequestContext,
        argument: &ArgumentDescriptor,
    ) -> Result<Self, AdminError> {
        let mut given = request.texts(argument).peekable();
        match (given.peek(), argument.default) {
            (None, Some(default)) => Ok(vec![parse(default, argument)?]),
            _ => given.map(|text| parse(text, argument)).collect(),
        }
    }
}

#[diagnostic::do_not_recommend]
impl<T: Extractor> Argument<private::Extracted> for T {
    const KIND: ArgumentKind = T::KIND;

    fn from_request(
        request: &mut RequestContext,
        argument: &ArgumentDescriptor,
    ) -> Result<Self, AdminError> {
        T::extract(request, argument)
    }
}

/// Where a missing parameter belongs, for requests that may have it in their body.
fn place_hint(request: &RequestContext) -> &'static str {
    if request.headers().contains_key(CONTENT_TYPE) {
        " (in the query of the URL, not in the body)"
    } else {
        ""
    }
}

/// A type that a `{parameter}` of the path can have.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a parameter of the path",
    label = "a path gives exactly one value: not an `Option`, not a `Vec`, not a body",
    note = "std's numbers, `bool`, `char`, `String`, `PathBuf` and IP addresses can; for a type of yours with `FromStr`, add `admin_runtime::param!({Self}, \"what a value looks like\");`"
)]
pub trait PathArgument: Sized {
    /// How it is taken.
    const BINDING: ArgumentBinding<Self>;
}

#[diagnostic::do_not_recommend]
impl<T: Param> PathArgument for T {
    const BINDING: ArgumentBinding<Self> = <Self as Argument<private::Required>>::BINDING;
}

/// Longest part of a refused value that an error repeats, in characters.
pub(super) const MAX_QUOTED_CHARS: usize = 100;

fn parse<T: Param>(text: &str, argument: &ArgumentDescriptor) -> Result<T, AdminError> {
    T::parse(text).ok_or_else(|| {
        AdminError::bad_request(T::error_message(text).unwrap_or_else(|| {
            format!(
                "Invalid value for parameter '{}': '{}'; expected {}",
                argument.name,
                excerpt(text, MAX_QUOTED_CHARS),
                T::EXPECTED
            )
        }))
    })
}
