//! The document, made at the first request.

use std::io::{self, Write as _};
use std::sync::LazyLock;

use admin_runtime::HeaderValue;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

use super::join::join;
use super::modules::{MODULES, STYLE, TEMPLATE};
use super::policy::policy;

/// Where the style is in the template.
const STYLE_PLACE: &str = "/* style */";

/// Where the script is in the template.
const SCRIPT_PLACE: &str = "/* script */";

/// The page, the same for every request.
pub(super) static PAGE: LazyLock<PageDocument> = LazyLock::new(PageDocument::new);

/// A document in both codings, with what its headers say.
pub(super) struct PageDocument {
    pub(super) plain: Bytes,
    /// `None` if it could not be compressed.
    pub(super) gzip: Option<Bytes>,
    /// The tags of both codings.
    pub(super) plain_tag: HeaderValue,
    pub(super) gzip_tag: HeaderValue,
    pub(super) policy: HeaderValue,
}

impl PageDocument {
    fn new() -> Self {
        let script = join(MODULES);
        let html = TEMPLATE
            .replacen(STYLE_PLACE, STYLE, 1)
            .replacen(SCRIPT_PLACE, &script, 1);
        let digest = Sha256::digest(&html);
        let digest: String = digest
            .iter()
            .take(8)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let header = |text: String| {
            HeaderValue::try_from(text).expect("digests and names are visible ASCII characters")
        };
        Self {
            gzip: compressed(&html).ok(),
            plain: Bytes::from(html),
            plain_tag: header(format!("\"{digest}\"")),
            gzip_tag: header(format!("\"{digest}-gzip\"")),
            policy: header(policy(&script, STYLE)),
        }
    }
}

fn compressed(html: &str) -> io::Result<Bytes> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(html.as_bytes())?;
    gzip.finish().map(Bytes::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The most that the page may have, compressed.
    const MAX_GZIP_BYTES: usize = 80 * 1024;

    #[test]
    fn the_page_is_small() {
        let length = PAGE.gzip.as_ref().unwrap().len();
        assert!(length <= MAX_GZIP_BYTES, "{length}");
    }

    #[test]
    fn the_page_has_style_and_script_once() {
        let html = std::str::from_utf8(&PAGE.plain).unwrap();
        assert_eq!(html.matches("<script").count(), 1);
        assert_eq!(html.matches("<style").count(), 1);
        assert!(!html.contains(SCRIPT_PLACE) && !html.contains(STYLE_PLACE));
    }
}
