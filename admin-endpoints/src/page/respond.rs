//! The page as a reply.

use admin_runtime::accept::quality;
use admin_runtime::{HeaderMap, HeaderValue, Response, StatusCode, header};

use super::document::PAGE;

/// The page in the coding that the browser accepts, or 304 if it has it already.
pub(super) fn respond(headers: &HeaderMap) -> Response {
    let page = &*PAGE;
    let accepts_gzip = quality(headers.get_all(header::ACCEPT_ENCODING), "gzip") > 0;
    let gzip = page.gzip.as_ref().filter(|_| accepts_gzip);
    let (body, tag) = match gzip {
        Some(gzip) => (gzip, &page.gzip_tag),
        None => (&page.plain, &page.plain_tag),
    };
    let response = if is_known(headers, tag) {
        Response::empty().with_status(StatusCode::NOT_MODIFIED)
    } else {
        let response = Response::bytes("text/html; charset=utf-8", body.clone())
            .with_header(header::CONTENT_SECURITY_POLICY, page.policy.clone())
            .with_header(
                header::REFERRER_POLICY,
                HeaderValue::from_static("no-referrer"),
            );
        match gzip {
            Some(_) => {
                response.with_header(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"))
            }
            None => response,
        }
    };
    response
        .with_header(header::ETAG, tag.clone())
        .with_header(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"))
}

/// Whether the browser has this version.
fn is_known(headers: &HeaderMap, tag: &HeaderValue) -> bool {
    let known = headers.get_all(header::IF_NONE_MATCH);
    let mut tags = known
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim);
    tags.any(|known| known == "*" || known.trim_start_matches("W/").as_bytes() == tag.as_bytes())
}

#[cfg(test)]
mod tests {
    use admin_runtime::HeaderName;

    use super::*;

    fn answer(pairs: &[(HeaderName, &HeaderValue)]) -> Response {
        let pairs = pairs
            .iter()
            .map(|(name, value)| (name.clone(), (*value).clone()));
        respond(&pairs.collect())
    }

    #[test]
    fn a_browser_gets_gzip() {
        let gzip = HeaderValue::from_static("gzip, br");
        let response = answer(&[(header::ACCEPT_ENCODING, &gzip)]);
        assert_eq!(response.headers()[header::CONTENT_ENCODING], "gzip");
        let plain = answer(&[]);
        assert!(!plain.headers().contains_key(header::CONTENT_ENCODING));
        assert_ne!(
            plain.headers()[header::ETAG],
            response.headers()[header::ETAG]
        );
    }

    #[test]
    fn a_known_page_is_not_sent_again() {
        let tag = answer(&[]).headers()[header::ETAG].clone();
        let weak = HeaderValue::from_str(&format!("\"x\", W/{}", tag.to_str().unwrap())).unwrap();
        for known in [&tag, &weak, &HeaderValue::from_static("*")] {
            let response = answer(&[(header::IF_NONE_MATCH, known)]);
            assert_eq!(response.status(), StatusCode::NOT_MODIFIED);
            assert_eq!(response.headers()[header::ETAG], tag);
        }
        let other = HeaderValue::from_static("\"x\"");
        assert_eq!(
            answer(&[(header::IF_NONE_MATCH, &other)]).status(),
            StatusCode::OK
        );
    }
}
