//! One file of a multipart form.

use std::convert::Infallible;

use bytes::Bytes;
use futures_util::{FutureExt, stream};
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};

use super::content_disposition::ContentDisposition;
use super::{ArgumentDescriptor, ArgumentKind, Extractor, RequestContext};
use crate::response::AdminError;

/// A part of a `multipart/form-data` body, taken by the argument's name.
///
/// `script: Upload` is required (400 without it), `script: Option<Upload>` is not. A part without
/// a file name is a plain field and not a file; of several parts the last one counts. The whole
/// body counts against the server's body limit.
///
/// ```standalone_crate
/// use admin_runtime::{AdminServer, Upload, admin_endpoint};
///
/// #[admin_endpoint(method = "POST", path = "/rules")]
/// async fn rules(rules: Upload) -> String {
///     let (name, kind) = (rules.file_name().unwrap_or("?"), rules.content_type().unwrap_or("?"));
///     format!("{name} of {kind}: {} bytes", rules.bytes().len())
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = AdminServer::builder().build()?;
/// let part = "content-disposition: form-data; name=\"rules\"; filename=\"a.txt\"\r\n\
///             content-type: text/plain\r\n\r\nallow";
/// let post = server.test_client().post("/rules").body(format!("--b\r\n{part}\r\n--b--\r\n"));
/// let reply = post.header("content-type", "multipart/form-data; boundary=b").await;
/// assert_eq!(reply.text(), "a.txt of text/plain: 5 bytes");
///
/// let missing = server.test_client().post("/rules").await;
/// assert!(missing.text().starts_with("Missing file 'rules': send multipart/form-data"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Upload {
    bytes: Bytes,
    file_name: Option<String>,
    content_type: Option<String>,
}

impl Upload {
    /// A file as if a client had sent it, for a test that calls the function itself.
    ///
    /// ```
    /// use admin_runtime::Upload;
    ///
    /// let rules = Upload::new("allow");
    /// assert_eq!((&rules.bytes()[..], rules.file_name()), (&b"allow"[..], None));
    /// ```
    #[must_use]
    pub fn new(bytes: impl Into<Bytes>) -> Self {
        Self {
            bytes: bytes.into(),
            file_name: None,
            content_type: None,
        }
    }

    /// Sets the name that a client would have given the file.
    ///
    /// ```
    /// use admin_runtime::Upload;
    ///
    /// assert_eq!(Upload::new("allow").with_file_name("a.txt").file_name(), Some("a.txt"));
    /// ```
    #[must_use]
    pub fn with_file_name(self, name: impl Into<String>) -> Self {
        Self {
            file_name: Some(name.into()),
            ..self
        }
    }

    /// The content.
    #[must_use]
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The name that the client gave the file: text from outside, not a path to open.
    #[must_use]
    pub fn file_name(&self) -> Option<&str> {
        self.file_name.as_deref()
    }

    /// The media type that the client gave.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.content_type.as_deref()
    }
}

const FORM_CONTENT_TYPE: &str = "multipart/form-data";

impl Extractor for Option<Upload> {
    const KIND: ArgumentKind = ArgumentKind::Body {
        content_type: FORM_CONTENT_TYPE,
        required: false,
    };

    fn extract(
        request: &mut RequestContext,
        argument: &ArgumentDescriptor,
    ) -> Result<Self, AdminError> {
        let content_type = request.headers().get(CONTENT_TYPE);
        let Some(boundary) = content_type
            .and_then(|value| value.to_str().ok())
            .and_then(boundary)
        else {
            return Ok(None);
        };
        // The body is in memory, so every future of the parser is ready at once.
        let body = without_folded_headers(request.body(), &boundary);
        find(body, boundary, argument.name)
            .now_or_never()
            .unwrap_or(Ok(None))
    }
}

impl Extractor for Upload {
    const KIND: ArgumentKind = ArgumentKind::Body {
        content_type: FORM_CONTENT_TYPE,
        required: true,
    };

    fn extract(
        request: &mut RequestContext,
        argument: &ArgumentDescriptor,
    ) -> Result<Self, AdminError> {
        let missing = || {
            AdminError::bad_request(format!(
                "Missing file '{0}': send multipart/form-data with a part of that name (curl -F '{0}=@FILE')",
                argument.name
            ))
        };
        Option::<Self>::extract(request, argument)?.ok_or_else(missing)
    }
}

/// The boundary of a form. Blanks before the semicolon of the media type are allowed.
fn boundary(content_type: &str) -> Option<String> {
    let (media_type, parameters) = content_type.split_once(';')?;
    multer::parse_boundary(format!("{};{parameters}", media_type.trim_end())).ok()
}

/// The body with each header of a part on one line: programs for e-mail fold long ones.
fn without_folded_headers(body: &Bytes, boundary: &str) -> Bytes {
    let delimiter = format!("--{boundary}\r\n");
    let is_fold = |bytes: &[u8]| bytes.starts_with(b"\r\n ") || bytes.starts_with(b"\r\n\t");
    if !body.windows(3).any(is_fold) {
        return body.clone();
    }
    let mut unfolded = Vec::new();
    let mut at = 0;
    while let Some(found) = position(&body[at..], delimiter.as_bytes()) {
        let start = at + found;
        at = start + delimiter.len();
        if start > 0 && !body[..start].ends_with(b"\r\n") {
            continue;
        }
        let length = position(&body[at..], b"\r\n\r\n").unwrap_or(0);
        for line_end in at..at + length {
            if is_fold(&body[line_end..]) {
                if unfolded.is_empty() {
                    unfolded = body.to_vec();
                }
                unfolded[line_end..line_end + 2].copy_from_slice(b"  ");
            }
        }
        at += length;
    }
    if unfolded.is_empty() {
        body.clone()
    } else {
        unfolded.into()
    }
}

fn position(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes
        .windows(wanted.len())
        .position(|window| window == wanted)
}

/// Refuses encodings of e-mail, which forms do not have (RFC 7578, section 4.7).
fn require_plain(part: &multer::Field<'_>, name: &str) -> Result<(), AdminError> {
    let encoding = part.headers().get("content-transfer-encoding");
    let encoding = encoding.and_then(|value| value.to_str().ok()).unwrap_or("");
    match ["base64", "quoted-printable"]
        .iter()
        .find(|refused| encoding.trim().eq_ignore_ascii_case(refused))
    {
        Some(encoding) => Err(AdminError::bad_request(format!(
            "The part '{name}' is encoded as {encoding}: send the file without \
             Content-Transfer-Encoding"
        ))),
        None => Ok(()),
    }
}

/// The last part of that name, if it is a file: a part with a file name.
async fn find(body: Bytes, boundary: String, name: &str) -> Result<Option<Upload>, AdminError> {
    let malformed = |_| AdminError::bad_request("Malformed multipart/form-data body");
    let chunks = stream::iter([Ok::<_, Infallible>(body)]);
    let mut form = multer::Multipart::new(chunks, boundary);
    let mut found = None;
    while let Some(part) = form.next_field().await.map_err(malformed)? {
        let disposition = part.headers().get(CONTENT_DISPOSITION);
        let disposition = disposition.map_or_else(ContentDisposition::default, |value| {
            ContentDisposition::parse(value.as_bytes())
        });
        if disposition.name.as_deref() != Some(name) {
            continue;
        }
        require_plain(&part, name)?;
        // A browser sends an empty name where no file was chosen.
        let file_name = disposition.file_name.filter(|name| !name.is_empty());
        let content_type = part.content_type().map(ToString::to_string);
        let bytes = part.bytes().await.map_err(malformed)?;
        found = file_name.map(|file_name| Upload {
            bytes,
            file_name: Some(file_name),
            content_type,
        });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unfolded(body: &str) -> String {
        let body = without_folded_headers(&Bytes::from(body.to_owned()), "b");
        String::from_utf8(body.to_vec()).unwrap()
    }

    #[test]
    fn folded_headers_of_parts_become_one_line() {
        for (body, expected) in [
            (
                "--b\r\na: 1;\r\n 2;\r\n\t3\r\n\r\nx\r\n y",
                "--b\r\na: 1;   2;  \t3\r\n\r\nx\r\n y",
            ),
            (
                "p\r\n q\r\n--b\r\na: 1\r\n\r\n",
                "p\r\n q\r\n--b\r\na: 1\r\n\r\n",
            ),
            ("x--b\r\na\r\n b\r\n\r\n", "x--b\r\na\r\n b\r\n\r\n"),
            ("--b\r\na\r\n b", "--b\r\na\r\n b"),
            ("", ""),
        ] {
            assert_eq!(unfolded(body), expected);
        }
    }

    #[test]
    fn boundaries_of_all_spellings_are_read() {
        for content_type in [
            "multipart/form-data; boundary=b",
            "Multipart/Form-Data ; Boundary=\"b\"",
            "multipart/form-data\t;charset=utf-8; boundary=b",
        ] {
            assert_eq!(
                boundary(content_type).as_deref(),
                Some("b"),
                "{content_type}"
            );
        }
        for content_type in ["multipart/form-data", "text/plain; boundary=b", ""] {
            assert_eq!(boundary(content_type), None, "{content_type}");
        }
    }
}
