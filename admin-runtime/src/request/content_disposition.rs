//! `Content-Disposition` of one part of a multipart form (RFC 7578, section 4.2).

use percent_encoding::percent_decode;

/// The parameters that form fields have; others are ignored.
#[derive(Debug, Default, Eq, PartialEq)]
pub(super) struct ContentDisposition {
    pub(super) name: Option<String>,
    /// `filename`, or `filename*` as some clients send it.
    pub(super) file_name: Option<String>,
}

impl ContentDisposition {
    /// Reads the parameters, in any order and their names in any case. Of a parameter given twice
    /// the last one counts.
    pub(super) fn parse(header: &[u8]) -> Self {
        let mut parsed = Self::default();
        for (name, value) in parameters(&String::from_utf8_lossy(header)) {
            match name.to_ascii_lowercase().as_str() {
                "name" => parsed.name = Some(unquote(value)),
                "filename" => parsed.file_name = Some(unquote(value)),
                "filename*" => parsed.file_name = Some(decode_extended(value)),
                _ => {}
            }
        }
        parsed
    }
}

/// One parameter of a header such as `Content-Type`, its name in any case. If it is given twice, the
/// first one counts.
pub(super) fn parameter(header: &str, wanted: &str) -> Option<String> {
    let mut parameters = parameters(header);
    let (_, value) = parameters.find(|(name, _)| name.eq_ignore_ascii_case(wanted))?;
    Some(unquote(value))
}

/// Names and values, which may be quoted, of `type; name=value; name=value`.
fn parameters(header: &str) -> impl Iterator<Item = (&str, &str)> {
    let (_, mut rest) = split_at_semicolon(header); // the type
    std::iter::from_fn(move || {
        while !rest.is_empty() {
            let (parameter, next) = split_at_semicolon(rest);
            rest = next;
            if let Some((name, value)) = parameter.split_once('=') {
                return Some((name.trim(), value));
            }
        }
        None
    })
}

/// Splits at the first semicolon outside quotes.
fn split_at_semicolon(text: &str) -> (&str, &str) {
    let (mut quoted, mut escaped) = (false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b';' if !quoted => return (&text[..at], &text[at + 1..]),
            _ => {}
        }
    }
    (text, "")
}

/// Removes the quotes, and backslashes before quotes and backslashes; others belong to the names
/// of files on Windows.
fn unquote(value: &str) -> String {
    let value = value.trim();
    let Some(quoted) = value.strip_prefix('"') else {
        return value.to_owned();
    };
    let quoted = quoted.strip_suffix('"').unwrap_or(quoted);
    let mut text = String::with_capacity(quoted.len());
    let mut characters = quoted.chars().peekable();
    while let Some(character) = characters.next() {
        match characters.peek() {
            Some(next @ ('"' | '\\')) if character == '\\' => {
                text.push(*next);
                characters.next();
            }
            _ => text.push(character),
        }
    }
    text
}

/// `UTF-8''na%C3%AFve.py` (RFC 8187).
fn decode_extended(value: &str) -> String {
    let value = unquote(value);
    let encoded = value.splitn(3, '\'').nth(2).unwrap_or(&value);
    percent_decode(encoded.as_bytes())
        .decode_utf8_lossy()
        .into_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parsed(header: &str) -> (Option<String>, Option<String>) {
        let ContentDisposition { name, file_name } = ContentDisposition::parse(header.as_bytes());
        (name, file_name)
    }

    #[test]
    fn reads_parameters_of_all_clients() {
        for (header, name, file_name) in [
            (r#"form-data; name="a""#, Some("a"), None),
            (
                r#"form-data; name="a"; filename="b.py""#,
                Some("a"),
                Some("b.py"),
            ),
            (
                r#"form-data; filename="b.py"; name="a""#,
                Some("a"),
                Some("b.py"),
            ),
            (
                r#"FORM-DATA;Name="a";FILENAME=b.py"#,
                Some("a"),
                Some("b.py"),
            ),
            (
                r#"form-data; name="a"; filename="x; name=b.py""#,
                Some("a"),
                Some("x; name=b.py"),
            ),
            (
                r#"form-data; name="a"; filename="say \"hi\".py""#,
                Some("a"),
                Some(r#"say "hi".py"#),
            ),
            (
                r#"form-data; name="a"; filename="C:\tmp\b.py""#,
                Some("a"),
                Some(r"C:\tmp\b.py"),
            ),
            (
                "form-data; name=\"a\"; filename*=UTF-8''na%C3%AFve.py",
                Some("a"),
                Some("naïve.py"),
            ),
            (
                r#"form-data; name = "a" ; filename = "" "#,
                Some("a"),
                Some(""),
            ),
            ("form-data", None, None),
            ("form-data; name", None, None),
            (r#"form-data; filename="name="#, None, Some("name=")),
            ("", None, None),
        ] {
            let expected = (name.map(str::to_owned), file_name.map(str::to_owned));
            assert_eq!(parsed(header), expected, "{header}");
        }
    }

    proptest! {
        #[test]
        fn no_header_panics(header: Vec<u8>) {
            let _ = ContentDisposition::parse(&header);
        }

        #[test]
        fn quoted_names_survive(name in "[^\r\n\0]*") {
            let quoted = name.replace('\\', "\\\\").replace('"', "\\\"");
            let header = format!("form-data; filename=\"b\"; name=\"{quoted}\"");
            prop_assert_eq!(parsed(&header), (Some(name), Some("b".to_owned())));
        }
    }
}
