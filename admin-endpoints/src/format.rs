//! The `format` parameter of routes that answer as text or as JSON.

use admin_runtime::Param;

/// The format of a reply.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Format {
    /// For people: `text/plain`.
    #[default]
    Text,
    /// For programs: `application/json`.
    Json,
}

impl Param for Format {
    const EXPECTED: &'static str = "text or json";

    fn parse(text: &str) -> Option<Self> {
        if text.eq_ignore_ascii_case("text") {
            Some(Self::Text)
        } else if text.eq_ignore_ascii_case("json") {
            Some(Self::Json)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn format_names_are_accepted_in_any_case() {
        for (given, format) in [
            ("text", Some(Format::Text)),
            ("JSON", Some(Format::Json)),
            ("Json", Some(Format::Json)),
            ("", None),
            ("json ", None),
            ("xml", None),
        ] {
            assert_eq!(Format::parse(given), format, "{given:?}");
        }
    }
}
