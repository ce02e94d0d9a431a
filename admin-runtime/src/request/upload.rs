//! One file of a multipart form.

use bytes::Bytes;
use http::header::CONTENT_TYPE;

use super::content_disposition::parameter;
use super::multipart::{FormPart, MalformedForm, Multipart};
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
        find(request.body(), &boundary, argument.name)
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
    let (media_type, _) = content_type.split_once(';')?;
    let is_form = media_type.trim().eq_ignore_ascii_case(FORM_CONTENT_TYPE);
    let boundary = is_form.then(|| parameter(content_type, "boundary"))??;
    (!boundary.is_empty()).then_some(boundary)
}

/// Refuses encodings of e-mail, which forms do not have (RFC 7578, section 4.7).
fn require_plain(part: &FormPart, name: &str) -> Result<(), AdminError> {
    let encoding = part.headers.get("content-transfer-encoding");
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
fn find(body: &Bytes, boundary: &str, name: &str) -> Result<Option<Upload>, AdminError> {
    let malformed = |MalformedForm| AdminError::bad_request("Malformed multipart/form-data body");
    let mut found = None;
    for part in Multipart::new(body.clone(), boundary).map_err(malformed)? {
        let part = part.map_err(malformed)?;
        let disposition = part.disposition();
        if disposition.name.as_deref() != Some(name) {
            continue;
        }
        require_plain(&part, name)?;
        // A browser sends an empty name where no file was chosen.
        let file_name = disposition.file_name.filter(|name| !name.is_empty());
        found = file_name.map(|file_name| Upload {
            file_name: Some(file_name),
            content_type: part.content_type().map(str::to_owned),
            bytes: part.content,
        });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

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
        for content_type in [
            "multipart/form-data",
            "multipart/form-data; boundary=",
            "multipart/form-data; charset=utf-8",
            "text/plain; boundary=b",
            "",
        ] {
            assert_eq!(boundary(content_type), None, "{content_type}");
        }
    }
}
