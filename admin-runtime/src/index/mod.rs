//! `GET /`: the index of all linked endpoints, written with the public macro.

mod cached;
mod current;
mod escaped;
mod format;
mod linked_page;
mod markdown;
mod page;

use admin_macros::admin_endpoint;
use http::header::{HeaderName, HeaderValue, VARY};

pub(crate) use self::cached::IndexTexts;
pub(crate) use self::current::MountPrefix;
pub(crate) use self::format::prefers_html;
pub use self::linked_page::IndexPageRegistration;
pub(crate) use self::linked_page::LinkedPage;

use self::current::Current;
use self::format::IndexFormat;
use crate::request::Headers;
use crate::response::{AdminError, Response};

/// List every endpoint of this server.
///
/// Method, path, effect, summary, parameters, status, crate and place of each, sorted by path and
/// method: a page for browsers (`Accept: text/html`), JSON for everything else.
#[admin_endpoint(
    path = "/",
    runtime = "admin",
    errors = "json",
    produces = "application/json, text/html; charset=utf-8"
)]
async fn index(
    /// `json`, or `list`: a page without scripts; by default what the client accepts.
    format: Option<IndexFormat>,
    current: Current,
    headers: Headers,
) -> Result<Response, AdminError> {
    let is_page = match format {
        Some(format) => format == IndexFormat::List,
        None => prefers_html(&headers),
    };
    if !is_page {
        let json = Response::bytes("application/json", current.json()?);
        return Ok(with(json, (VARY, "Accept")));
    }
    if format.is_none()
        && let Some(page) = current.linked_page.respond(&headers)
    {
        return Ok(page);
    }
    let list = Response::bytes("text/html; charset=utf-8", current.list()?);
    let list = page::HEADERS.into_iter().fold(list, with);
    Ok(with(list, (VARY, "Accept")))
}

fn with(response: Response, (name, value): (HeaderName, &'static str)) -> Response {
    response.with_header(name, HeaderValue::from_static(value))
}
