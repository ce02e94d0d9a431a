//! A page for browsers that a crate registers instead of the list.

use http::HeaderMap;
use http::header::{HeaderValue, IF_NONE_MATCH, VARY, WWW_AUTHENTICATE};

use crate::response::Response;
use crate::source::SourceLocation;

/// What [`index_page!`](crate::index_page!) registers.
#[doc(hidden)] // only `index_page!` makes them
#[derive(Clone, Copy, Debug)]
pub struct IndexPageRegistration {
    /// Answers a request with these headers.
    pub respond: fn(&HeaderMap) -> Response,
    /// Where the macro is.
    pub source: SourceLocation,
}

/// The page of a server, if one is linked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LinkedPage(pub(crate) Option<IndexPageRegistration>);

impl LinkedPage {
    /// The page, for a request that may see the index.
    pub(super) fn respond(self, headers: &HeaderMap) -> Option<Response> {
        let page = (self.0?.respond)(headers);
        Some(page.with_header(VARY, HeaderValue::from_static("Accept, Accept-Encoding")))
    }

    /// The same page for a browser without the credentials that are required: it asks for them.
    pub(crate) fn respond_without_credentials(self, headers: &HeaderMap) -> Option<Response> {
        let mut headers = headers.clone();
        headers.remove(IF_NONE_MATCH); // a 401 has no shorter form
        let page = self.respond(&headers)?;
        let bearer = HeaderValue::from_static("Bearer");
        Some(
            page.with_status(http::StatusCode::UNAUTHORIZED)
                .with_header(WWW_AUTHENTICATE, bearer),
        )
    }
}

/// Registers a page for browsers: `GET /` answers it, instead of a list without scripts, to requests
/// that prefer `text/html`.
///
/// The argument is an `fn(&HeaderMap) -> Response`, which is called with the headers of each such
/// request on the admin runtime, so that it never blocks. The page holds no data of the process: it is
/// also answered, with 401, to a browser without the credentials that the server requires, so that it
/// can ask for them. `GET /?format=list` answers the list. A second page in a program is an error of
/// [`build()`](crate::Builder::build).
///
/// ```standalone_crate
/// use admin_runtime::{AdminServer, HeaderMap, Response};
///
/// fn page(_headers: &HeaderMap) -> Response {
///     Response::bytes("text/html; charset=utf-8", "<!doctype html><title>mine</title>")
/// }
///
/// admin_runtime::index_page!(page);
///
/// # #[admin_runtime::admin_endpoint(path = "/x")] async fn x() {}
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = AdminServer::builder().token("ops", "s3cret").build()?;
/// let client = server.test_client();
/// let refused = client.get("/").header("accept", "text/html").await;
/// assert_eq!(refused.status(), 401);
/// assert!(refused.text().contains("<title>mine</title>"));
/// # Ok(())
/// # }
/// ```
#[macro_export]
macro_rules! index_page {
    ($respond:path) => {
        const _: () = {
            $crate::__private::submit! {
                $crate::__private::IndexPageRegistration {
                    respond: $respond,
                    source: $crate::__private::SourceLocation::new(
                        ::core::env!("CARGO_CRATE_NAME"),
                        ::core::module_path!(),
                        "index_page!",
                    )
                    .with_location(
                        ::core::env!("CARGO_MANIFEST_DIR"),
                        ::core::file!(),
                        ::core::line!(),
                        ::core::column!(),
                    ),
                }
            }
        };
    };
}
