//! The uploaded bytes as text, before anything is started for them.

use std::borrow::Cow;

use admin_runtime::text::excerpt;
use bytes::Bytes;

use super::limits::{ExceededLimit, ScriptLimits};

/// The longest part of an encoding's name that is repeated.
const MAX_QUOTED_CHARS: usize = 40;

/// What a coding cookie has before the colon or equals sign.
const CODING_KEYWORD: &[u8] = b"coding";

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A script that can be decoded: UTF-8, or Latin-1 where a coding cookie says so.
#[derive(Debug)]
pub(super) struct ScriptSource {
    bytes: Bytes,
    encoding: Encoding,
}

impl ScriptSource {
    /// # Errors
    ///
    /// Returns the message for the client.
    pub(super) fn new(bytes: &Bytes, limits: &ScriptLimits) -> Result<Self, String> {
        if bytes.len() > limits.max_source_bytes {
            return Err(ExceededLimit::Source.message(limits));
        }
        if bytes.contains(&0) {
            return Err("source code string cannot contain null bytes".to_owned());
        }
        let marked = bytes.starts_with(BYTE_ORDER_MARK);
        let bytes = bytes.slice(if marked { BYTE_ORDER_MARK.len() } else { 0 }..);
        let encoding = Encoding::declared_in(&bytes)?;
        match encoding {
            Encoding::Latin1 if marked => {
                return Err("encoding problem: latin-1 with BOM".to_owned());
            }
            Encoding::Latin1 => {}
            Encoding::Utf8 => check_utf8(&bytes)?,
        }
        Ok(Self { bytes, encoding })
    }

    /// The size in bytes.
    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// The text, on the heap of the calling thread. All lines end with a line feed, as CPython reads
    /// a file.
    pub(super) fn text(&self) -> String {
        let text = match self.encoding {
            Encoding::Latin1 => self.bytes.iter().map(|byte| char::from(*byte)).collect(),
            Encoding::Utf8 => String::from_utf8_lossy(&self.bytes).into_owned(),
        };
        if text.contains('\r') {
            text.replace("\r\n", "\n").replace('\r', "\n")
        } else {
            text
        }
    }
}

fn check_utf8(bytes: &[u8]) -> Result<(), String> {
    let checked = str::from_utf8(bytes).map(drop);
    checked.map_err(|error| {
        let at = error.valid_up_to();
        let byte = bytes.get(at).copied().unwrap_or_default();
        format!("the script is not UTF-8: byte 0x{byte:02x} at position {at}")
    })
}

#[derive(Debug)]
enum Encoding {
    Utf8,
    Latin1,
}

impl Encoding {
    /// The encoding that one of the first two lines declares (PEP 263), else UTF-8.
    fn declared_in(bytes: &[u8]) -> Result<Self, String> {
        let mut lines = bytes.split(|byte| *byte == b'\n').take(2);
        let first = lines.next().unwrap_or_default();
        let cookie = cookie(first).or_else(|| {
            let is_blank = comment(first).is_some();
            lines.next().filter(|_| is_blank).and_then(cookie)
        });
        let Some(cookie) = cookie else {
            return Ok(Self::Utf8);
        };
        let name = cookie.to_ascii_lowercase().replace('_', "-");
        let is = |prefixes: &[&str]| {
            prefixes.iter().any(|prefix| {
                let rest = name.strip_prefix(prefix);
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
            })
        };
        if is(&["utf-8", "utf8"]) || name == "ascii" || name == "us-ascii" {
            Ok(Self::Utf8)
        } else if is(&["latin-1", "iso-8859-1", "iso-latin-1"]) || name == "latin1" {
            Ok(Self::Latin1)
        } else {
            let cookie = excerpt(&cookie, MAX_QUOTED_CHARS);
            Err(format!(
                "the encoding '{cookie}' is not supported: use UTF-8 or Latin-1"
            ))
        }
    }
}

/// The name in `coding: NAME` or `coding=NAME` of a comment line.
fn cookie(line: &[u8]) -> Option<Cow<'_, str>> {
    let comment = comment(line)?;
    let words = comment.windows(CODING_KEYWORD.len()).enumerate();
    let rest = words
        .filter(|(_, word)| *word == CODING_KEYWORD)
        .find_map(|(at, _)| {
            let rest = &comment[at + CODING_KEYWORD.len()..];
            rest.strip_prefix(b":").or(rest.strip_prefix(b"="))
        })?;
    let name = rest.trim_ascii_start();
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
    let end = name.iter().position(|byte| !is_name(byte));
    let name = &name[..end.unwrap_or(name.len())];
    (!name.is_empty()).then(|| String::from_utf8_lossy(name))
}

/// What follows the white space of a line that is empty or a comment.
fn comment(line: &[u8]) -> Option<&[u8]> {
    let line = line.trim_ascii_start();
    (line.is_empty() || line.starts_with(b"#")).then_some(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<String, String> {
        let source = ScriptSource::new(&Bytes::copy_from_slice(bytes), &ScriptLimits::default());
        source.map(|source| source.text())
    }

    #[test]
    fn text_and_limits_are_checked() {
        let limits = ScriptLimits {
            max_source_bytes: 8,
            ..ScriptLimits::default()
        };
        assert_eq!(
            ScriptSource::new(&Bytes::from_static(b"x = 12345"), &limits).map(|_| ()),
            Err("source limit of 8 bytes exceeded".into())
        );
        assert_eq!(read(b"x = 1"), Ok("x = 1".into()));
        assert_eq!(read(b"\xef\xbb\xbfx = 1"), Ok("x = 1".into()));
        assert_eq!(
            read(b"x\0"),
            Err("source code string cannot contain null bytes".into())
        );
        assert_eq!(
            read(b"#\xfc"),
            Err("the script is not UTF-8: byte 0xfc at position 1".into())
        );
    }

    #[test]
    fn coding_cookies_are_honoured() {
        for (source, text) in [
            (
                &b"# coding: latin-1\nx = '\xfc'"[..],
                "# coding: latin-1\nx = 'ü'",
            ),
            (
                b"#!/usr/bin/python3\n# -*- coding: ISO-8859-1 -*-\n'\xe9'",
                "#!/usr/bin/python3\n# -*- coding: ISO-8859-1 -*-\n'é'",
            ),
            (
                b"\n# vim: set fileencoding=latin1 :\n'\xe9'",
                "\n# vim: set fileencoding=latin1 :\n'é'",
            ),
            (
                b"# coding is coding: latin-1\n'\xe9'",
                "# coding is coding: latin-1\n'é'",
            ),
            (b"# coding=utf_8\n'\xc3\xa9'", "# coding=utf_8\n'é'"),
            (b"x = 1 # coding: cp1252\n", "x = 1 # coding: cp1252\n"),
            (b"x = 1\n# coding: cp1252\n", "x = 1\n# coding: cp1252\n"),
            (b"\n\n# coding: cp1252\n", "\n\n# coding: cp1252\n"),
        ] {
            assert_eq!(read(source).as_deref(), Ok(text));
        }
    }

    #[test]
    fn other_encodings_are_refused_by_name() {
        assert_eq!(
            read(b"# coding: cp1252\nx = '\x80'"),
            Err("the encoding 'cp1252' is not supported: use UTF-8 or Latin-1".into())
        );
    }

    #[test]
    fn lines_end_with_a_line_feed() {
        let text = read(b"s = \"\"\"a\r\nb\rc\n\"\"\"");
        assert_eq!(text, Ok("s = \"\"\"a\nb\nc\n\"\"\"".into()));
        assert_eq!(
            read(b"# coding: latin-1\r\nx"),
            Ok("# coding: latin-1\nx".into())
        );
    }
}
