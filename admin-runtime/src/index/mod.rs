//! `GET /`: the index of everything that is linked, written with the public macro.

mod accept;
mod current;
mod page;

use http::header::VARY;

use self::current::Current;
use crate::admin_endpoint;
use crate::request::Headers;
use crate::response::{AdminError, IntoResponse, Pretty, Response};
use crate::{HeaderName, HeaderValue};

/// Every endpoint of this server.
///
/// Method, path, effect, summary, parameters, status, crate and place of each, sorted by path and
/// method: a page for browsers (`Accept: text/html`), JSON for everything else.
#[admin_endpoint(path = "/", runtime = "admin", errors = "json")]
async fn index(current: Current, headers: Headers) -> Result<Response, AdminError> {
    let Current { index, base } = current;
    let response = if accept::prefers_html(&headers) {
        let page = Response::bytes("text/html; charset=utf-8", page::page(&index, &base));
        page::HEADERS.into_iter().fold(page, with)
    } else {
        Pretty(index).into_response()?
    };
    Ok(with(response, (VARY, "Accept")))
}

fn with(response: Response, (name, value): (HeaderName, &'static str)) -> Response {
    response.with_header(name, HeaderValue::from_static(value))
}
