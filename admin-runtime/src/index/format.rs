//! What `GET /` answers.

use http::HeaderMap;
use http::header::ACCEPT;

use crate::accept::quality;
use crate::request::Param;

/// How the index is shown, if the query says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum IndexFormat {
    Json,
    /// A page without scripts.
    List,
}

impl Param for IndexFormat {
    const EXPECTED: &'static str = "json or list";
    const JSON_SCHEMA: &'static str = r#"{"enum":["json","list"]}"#;

    fn parse(text: &str) -> Option<Self> {
        let formats = [("json", Self::Json), ("list", Self::List)];
        let mut formats = formats.into_iter();
        let (_, format) = formats.find(|(name, _)| name.eq_ignore_ascii_case(text))?;
        Some(format)
    }
}

/// Browsers prefer `text/html` to `application/json`. A client that accepts both alike, such as
/// curl with its `*/*`, is a program.
pub(crate) fn prefers_html(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(ACCEPT);
    quality(&accepted, "text/html") > quality(&accepted, "application/json")
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

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
