//! `GET /`: the index of all linked endpoints, written with the public macro.

mod current;
mod escaped;
mod markdown;
mod page;

use admin_macros::admin_endpoint;
use http::HeaderMap;
use http::header::{ACCEPT, HeaderName, HeaderValue, VARY};

pub(crate) use self::current::MountPrefix;

use self::current::Current;
use crate::accept::quality;
use crate::request::Headers;
use crate::response::{AdminError, IntoResponse, Pretty, Response};

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
async fn index(current: Current, headers: Headers) -> Result<Response, AdminError> {
    let Current { index, base } = current;
    let response = if prefers_html(&headers) {
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

/// Browsers prefer `text/html` to `application/json`. A client that accepts both alike, such as
/// curl with its `*/*`, is a program.
fn prefers_html(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(ACCEPT);
    quality(&accepted, "text/html") > quality(&accepted, "application/json")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(accept: &'static str) -> bool {
        let value = HeaderValue::from_static(accept);
        prefers_html(&HeaderMap::from_iter([(ACCEPT, value)]))
    }

    #[test]
    fn browsers_get_a_page() {
        for accept in [
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "text/html",
            "Text/HTML ; Q=0.5, application/json;q=0.4",
            "text/*",
            "application/json;q=0, */*",
        ] {
            assert!(html(accept), "{accept}");
        }
    }

    #[test]
    fn programs_get_json() {
        assert!(!prefers_html(&HeaderMap::new()));
        for accept in [
            "*/*",
            "application/json",
            "application/json, text/html",
            "application/json, text/html;q=0.9",
            "application/json, text/plain, */*",
            "text/html;q=0, */*",
            "text/html;q=NaN",
            "",
        ] {
            assert!(!html(accept), "{accept}");
        }
    }
}
