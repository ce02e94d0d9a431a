//! What fuzz targets see of the inside; only there in their build.

use ruff_python_parser::parse_module;

use super::engine::rewrite;

/// A source that parses is rewritten into one that parses, with as many lines; of all others it is
/// said why they do not.
///
/// # Panics
/// Where that does not hold.
pub fn assert_rewriting_keeps_its_laws(source: &str) {
    for allowed in [&[][..], &["json".to_owned(), "os".to_owned()]] {
        match rewrite(source, allowed) {
            Ok(rewritten) => {
                let text = rewritten.source;
                let parsed = parse_module(&text);
                assert!(parsed.is_ok(), "{parsed:?} of {text:?}");
                assert_eq!(text.matches('\n').count(), source.matches('\n').count());
            }
            Err(message) => assert!(!message.is_empty()),
        }
    }
}
