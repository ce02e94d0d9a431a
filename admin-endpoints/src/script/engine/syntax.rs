//! A syntax error in CPython's words.

use ruff_python_parser::{LexicalErrorType, ParseError, ParseErrorType};

/// `str(e)` of the `SyntaxError`: the message, and the line it is on.
pub(super) fn message(error: &ParseError, source: &str) -> String {
    let start = error.location.start().to_usize().min(source.len());
    let line = source.as_bytes()[..start].iter().filter(|byte| **byte == b'\n').count() + 1;
    format!("{} (<string>, line {line})", words(error, line))
}

fn words(error: &ParseError, line: usize) -> String {
    match &error.error {
        ParseErrorType::Lexical(LexicalErrorType::UnclosedStringError) => {
            format!("unterminated string literal (detected at line {line})")
        }
        ParseErrorType::Lexical(LexicalErrorType::IndentationError) => {
            "unindent does not match any outer indentation level".into()
        }
        ParseErrorType::UnexpectedIndentation => "unexpected indent".into(),
        ParseErrorType::RecursionLimitExceeded => "too many nested parentheses".into(),
        ParseErrorType::ExpectedExpression | ParseErrorType::SimpleStatementsOnSameLine => {
            "invalid syntax".into()
        }
        other => lower_first(&other.to_string()),
    }
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|c| c.to_ascii_lowercase());
    first.into_iter().chain(letters).collect()
}

