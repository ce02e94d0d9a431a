//! What arrives as a script, before anything is started for it.

use super::limits::{ExceededLimit, ScriptLimits};

/// The text of a script, or the message that says why it is none.
pub(super) fn source_text(bytes: &[u8], limits: &ScriptLimits) -> Result<String, String> {
    if bytes.len() > limits.source_bytes {
        return Err(ExceededLimit::Source.message(limits));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes); // a byte order mark
    if bytes.contains(&0) {
        return Err("source code string cannot contain null bytes".to_owned());
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.to_owned()),
        Err(error) => {
            let at = error.valid_up_to();
            let byte = bytes.get(at).copied().unwrap_or_default();
            Err(format!(
                "the script is not UTF-8: byte 0x{byte:02x} at position {at}"
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_text_is_refused_with_its_place() {
        let limits = ScriptLimits {
            source_bytes: 8,
            ..ScriptLimits::default()
        };
        let read = |bytes: &[u8]| source_text(bytes, &limits);
        assert_eq!(read(b"x = 1"), Ok("x = 1".into()));
        assert_eq!(read(b"\xef\xbb\xbfx = 1"), Ok("x = 1".into()));
        assert_eq!(
            read(b"x = 12345"),
            Err("source limit of 8 bytes exceeded".into())
        );
        assert_eq!(
            read(b"x\0"),
            Err("source code string cannot contain null bytes".into())
        );
        let latin1 = "the script is not UTF-8: byte 0xfc at position 1";
        assert_eq!(read(b"#\xfc"), Err(latin1.into()));
    }
}
