//! The query string, decoded once.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// The parameters of a query, in the order they were sent.
#[derive(Clone, Debug, Default)]
pub(crate) struct QueryParameters(Vec<(String, String)>);

/// A name or value that is not UTF-8 once decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BadQuery;

impl QueryParameters {
    /// Parses `application/x-www-form-urlencoded` text: `&` separates, `+` is a space.
    pub(crate) fn parse(text: &str) -> Result<Self, BadQuery> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        let pairs = text.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Ok((decode(name)?, decode(value)?))
        });
        pairs.collect::<Result<_, _>>().map(Self)
    }

    /// The names of the parameters, in order, each as often as it was sent.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// Whether a parameter was sent, with any value and however often.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(sent, _)| sent == name)
    }

    /// All values of a parameter, in order.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(sent, _)| sent == name)
            .map(|(_, value)| value.as_str())
    }

    /// The value that counts: the last one.
    pub(crate) fn last(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .rev()
            .find(|(sent, _)| sent == name)
            .map(|(_, value)| value.as_str())
    }
}

fn decode(text: &str) -> Result<String, BadQuery> {
    let spaced = if text.contains('+') {
        Cow::Owned(text.replace('+', " "))
    } else {
        Cow::Borrowed(text)
    };
    percent_decode_str(&spaced)
        .decode_utf8()
        .map(Cow::into_owned)
        .map_err(|_| BadQuery)
}

/// A name or value for a text; what is not UTF-8 is replaced.
pub(crate) fn decode_lossy(text: &str) -> String {
    let spaced = text.replace('+', " ");
    percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_names_and_values_and_keeps_order() {
        let query = QueryParameters::parse("a=1&%61=2&b=x+y%2Bz&c&&=e").unwrap();
        assert_eq!(query.all("a").collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(query.last("a"), Some("2"));
        assert_eq!(query.last("b"), Some("x y+z"));
        assert_eq!(query.last("c"), Some(""));
        assert!(query.has("c") && !query.has("d"));
    }

    #[test]
    fn refuses_what_is_not_utf8() {
        assert_eq!(QueryParameters::parse("a=%ff").unwrap_err(), BadQuery);
        assert_eq!(QueryParameters::parse("%ff").unwrap_err(), BadQuery);
        assert!(
            QueryParameters::parse("a=%zz").is_ok(),
            "a stray percent sign is itself"
        );
    }
}
