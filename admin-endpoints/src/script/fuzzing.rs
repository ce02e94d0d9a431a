//! Entry points for fuzz targets; compiled only for them.

use ruff_python_parser::parse_module;

use super::engine::{Operands, rewrite};

/// Asserts that a source that parses is rewritten into one that parses and has as many lines, and
/// that every other source gets an error message.
///
/// # Panics
///
/// If a property does not hold.
pub fn assert_rewriting_properties(source: &str) {
    for allowed in [&[][..], &["json".to_owned(), "os".to_owned()]] {
        match rewrite(source, allowed, Operands::MaybeBool) {
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
