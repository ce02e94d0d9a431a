//! The parts of a `multipart/form-data` body that is in memory (RFC 2046, section 5.1, and RFC 7578).

use bytes::Bytes;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use memchr::memmem;

use super::content_disposition::ContentDisposition;

/// Headers of one part: more are malformed.
const MAX_HEADERS: usize = 32;

/// The body is not a form of this boundary.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct MalformedForm;

/// One part; its content is a slice of the body.
#[derive(Debug)]
pub(super) struct FormPart {
    pub(super) headers: HeaderMap,
    pub(super) content: Bytes,
}

impl FormPart {
    pub(super) fn disposition(&self) -> ContentDisposition {
        let disposition = self.headers.get(CONTENT_DISPOSITION);
        disposition.map_or_else(ContentDisposition::default, |value| {
            ContentDisposition::parse(value.as_bytes())
        })
    }

    pub(super) fn content_type(&self) -> Option<&str> {
        self.headers.get(CONTENT_TYPE)?.to_str().ok()
    }
}

/// Reads one part after another.
pub(super) struct Multipart {
    body: Bytes,
    /// `CR LF - - boundary`, which ends a part.
    delimiter: Vec<u8>,
    /// What is not read yet: it begins after the last delimiter.
    at: usize,
    is_at_end: bool,
}

impl Multipart {
    /// Finds the first delimiter.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub(super) fn new(body: Bytes, boundary: &str) -> Result<Self, MalformedForm> {
        let delimiter = format!("\r\n--{boundary}").into_bytes();
        let first = memmem::find(&body, &delimiter[2..]).ok_or(MalformedForm)?;
        Ok(Self {
            at: first + delimiter.len() - 2,
            body,
            delimiter,
            is_at_end: false,
        })
    }

    fn next_part(&mut self) -> Result<Option<FormPart>, MalformedForm> {
        let rest = &self.body[self.at..];
        if rest.starts_with(b"--") {
            return Ok(None);
        }
        let padding = rest.iter().position(|byte| !b" \t".contains(byte));
        let padding = padding.ok_or(MalformedForm)?;
        // The line end of the delimiter is also that of a head without headers.
        let head = &rest[padding..];
        if !head.starts_with(b"\r\n") {
            return Err(MalformedForm);
        }
        let head_bytes = memmem::find(head, b"\r\n\r\n").ok_or(MalformedForm)?;
        let headers = parse_headers(&head[..head_bytes])?;
        let start = self.at + padding + head_bytes + b"\r\n\r\n".len();
        let content = &self.body[start..];
        let length = memmem::find(content, &self.delimiter).ok_or(MalformedForm)?;
        self.at = start + length + self.delimiter.len();
        Ok(Some(FormPart {
            headers,
            content: self.body.slice(start..start + length),
        }))
    }
}

/// Nothing follows an error.
impl Iterator for Multipart {
    type Item = Result<FormPart, MalformedForm>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_at_end {
            return None;
        }
        let part = self.next_part();
        self.is_at_end = !matches!(part, Ok(Some(_)));
        part.transpose()
    }
}

/// Lines that each begin with CR LF. One that begins with white space continues the line before it,
/// as programs for e-mail write long ones. Of a header given twice the last one counts.
fn parse_headers(head: &[u8]) -> Result<HeaderMap, MalformedForm> {
    let mut lines: Vec<Vec<u8>> = Vec::new();
    let mut rest = head;
    while let Some(line) = rest.strip_prefix(b"\r\n") {
        let end = memmem::find(line, b"\r\n").unwrap_or(line.len());
        let (line, next) = line.split_at(end);
        rest = next;
        match lines.last_mut() {
            Some(last) if line.starts_with(b" ") || line.starts_with(b"\t") => {
                last.push(b' ');
                last.extend_from_slice(line);
            }
            _ => lines.push(line.to_vec()),
        }
        if lines.len() > MAX_HEADERS {
            return Err(MalformedForm);
        }
    }
    let mut headers = HeaderMap::with_capacity(lines.len());
    for line in lines {
        let colon = memchr::memchr(b':', &line).ok_or(MalformedForm)?;
        let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
        headers.insert(
            HeaderName::from_bytes(name).map_err(|_| MalformedForm)?,
            HeaderValue::from_bytes(value).map_err(|_| MalformedForm)?,
        );
    }
    Ok(headers)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Name of the part, its headers, its content.
    type Seen = (Option<String>, usize, String);

    fn parts(body: &str) -> Result<Vec<Seen>, MalformedForm> {
        let form = Multipart::new(Bytes::from(body.to_owned()), "b")?;
        form.map(|part| {
            let part = part?;
            let content = String::from_utf8(part.content.to_vec()).unwrap();
            Ok((part.disposition().name, part.headers.len(), content))
        })
        .collect()
    }

    fn seen(name: &str, headers: usize, content: &str) -> Seen {
        (Some(name.to_owned()), headers, content.to_owned())
    }

    #[test]
    fn forms_of_all_clients_are_read() {
        let head = "Content-Disposition: form-data; name=a";
        for (body, expected) in [
            (
                format!("--b\r\n{head}\r\n\r\nx\r\n--b--\r\n"),
                seen("a", 1, "x"),
            ),
            (
                format!("preamble\r\n--b \t\r\n{head}\r\n\r\nx\r\n--b--"),
                seen("a", 1, "x"),
            ),
            (
                format!("--b\r\n{head}\r\nA: 1;\r\n 2;\r\n\t3\r\n\r\n\r\n--b--after"),
                seen("a", 2, ""),
            ),
            (
                format!("--b\r\n{head}\r\n\r\n--b\r\n- -\r\n--\r\n\r\n--b--"),
                seen("a", 1, "--b\r\n- -\r\n--\r\n"),
            ),
            (
                format!("--b\r\ncontent-DISPOSITION:form-data;name=c\r\n{head}\r\n\r\nx\r\n--b--"),
                seen("a", 1, "x"),
            ),
        ] {
            assert_eq!(parts(&body), Ok(vec![expected]), "{body}");
        }
        let two = format!("--b\r\n\r\nfirst\r\n--b\r\n{head}\r\n\r\nsecond\r\n--b--");
        let expected = vec![(None, 0, "first".to_owned()), seen("a", 1, "second")];
        assert_eq!(parts(&two), Ok(expected));
        assert_eq!(parts("--b--"), Ok(vec![]));
    }

    #[test]
    fn folded_headers_are_one_line() {
        let form =
            "--b\r\nContent-Disposition: form-data;\r\n name=a;\r\n\tfilename=f\r\n\r\nx\r\n--b--";
        let part = Multipart::new(Bytes::from_static(form.as_bytes()), "b").unwrap();
        let disposition = part.map(|part| part.unwrap().disposition()).next().unwrap();
        assert_eq!(disposition.name.as_deref(), Some("a"));
        assert_eq!(disposition.file_name.as_deref(), Some("f"));
    }

    #[test]
    fn malformed_forms_are_errors() {
        let long_head = "a: 1\r\n".repeat(MAX_HEADERS + 1);
        for body in [
            "",
            "x",
            "--b",
            "--b\r\n",
            "--b\r\na: 1\r\n\r\n",
            "--b\r\na: 1\r\n\r\nx",
            "--b\r\na: 1\r\n\r\n\r\n--",
            "--b\r\na: 1\r\n\r\nx\r\n--b",
            "--b\r\na: 1\r\n\r\nx\r\n--bc\r\n",
            "--b\r\na: 1\r\n\r\n--b--",
            "--b\r\na 1\r\n\r\nx\r\n--b--",
            "--b\r\na : 1\r\n\r\nx\r\n--b--",
            "--b\r\n a: 1\r\n\r\nx\r\n--b--",
            "--b\r\na: \u{1}\r\n\r\nx\r\n--b--",
            "--b\r\na: 1\nc: 2\r\n\r\nx\r\n--b--",
            "--bx\r\na: 1\r\n\r\nx\r\n--b--",
            &format!("--b\r\n{long_head}\r\nx\r\n--b--"),
        ] {
            assert_eq!(parts(body), Err(MalformedForm), "{body:?}");
        }
    }

    proptest! {
        #[test]
        fn any_content_is_read_back(contents in prop::collection::vec(any::<Vec<u8>>(), 0..4)) {
            let mut body = Vec::new();
            for content in &contents {
                body.extend_from_slice(b"--a long boundary\r\nA: 1\r\n\r\n");
                body.extend_from_slice(content);
                body.extend_from_slice(b"\r\n");
            }
            body.extend_from_slice(b"--a long boundary--");
            let form = Multipart::new(body.into(), "a long boundary").unwrap();
            let read: Vec<Vec<u8>> = form.map(|part| part.unwrap().content.to_vec()).collect();
            prop_assert_eq!(read, contents);
        }

        #[test]
        fn no_body_panics(bytes in r"(--b|\r\n|a: 1|-|b| |x){0,12}") {
            let parts = Multipart::new(Bytes::from(bytes), "b");
            prop_assert!(parts.is_err() || parts.unwrap().count() < 12);
        }
    }
}
