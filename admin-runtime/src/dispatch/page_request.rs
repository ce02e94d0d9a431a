//! A browser that asks for the index without the credentials that are required.

use http::{HeaderMap, StatusCode};

use super::{RequestHead, Route};
use crate::guard::presents_credentials;
use crate::index::{LinkedPage, prefers_html};
use crate::response::{AdminError, Response};
use crate::server_context::ServerContext;

/// What the page needs of the request, if it is one of a browser for `GET /` without credentials.
pub(super) struct PageRequest(Option<Box<HeaderMap>>);

impl PageRequest {
    pub(super) fn new(head: &RequestHead, route: &Route) -> Self {
        let is_index = matches!(route, Ok(matched) if matched.endpoint.is_index);
        // The list, which the page leads to where scripts are disabled, has no form for a token.
        let is_asked = is_index
            && head.query().is_empty()
            && !presents_credentials(&head.headers)
            && prefers_html(&head.headers);
        Self(is_asked.then(|| Box::new(head.headers.clone())))
    }
}

/// The page that asks for credentials instead of a 401 without it; every other failure as it is.
pub(super) fn without_credentials(
    context: &ServerContext,
    PageRequest(headers): PageRequest,
    error: AdminError,
) -> Result<Response, AdminError> {
    let page = headers
        .filter(|_| error.status() == StatusCode::UNAUTHORIZED)
        .and_then(|headers| {
            let linked = *context.services.get::<LinkedPage>();
            linked.respond_without_credentials(&headers)
        });
    page.ok_or(error)
}
