//! Syntax errors with CPython's messages.

use ruff_python_ast::Stmt;
use ruff_python_ast::statement_visitor::{StatementVisitor, walk_stmt};
use ruff_python_parser::{LexicalErrorType, ParseError, ParseErrorType};
use ruff_text_size::{Ranged, TextSize};

/// `str(e)` of the `SyntaxError`: the message and its line.
pub(super) fn message(error: &ParseError, source: &str) -> String {
    let start = error.location.start();
    let before = source.get(..start.to_usize()).unwrap_or(source);
    if let Some((bracket, at)) = never_closed(error, source) {
        return placed(&format!("'{bracket}' was never closed"), at, source);
    }
    let words = match &error.error {
        ParseErrorType::Lexical(LexicalErrorType::UnclosedStringError) => {
            format!(
                "unterminated string literal (detected at line {})",
                line(start, source)
            )
        }
        ParseErrorType::Lexical(LexicalErrorType::IndentationError) => {
            "unindent does not match any outer indentation level".to_owned()
        }
        ParseErrorType::UnexpectedIndentation => "unexpected indent".to_owned(),
        ParseErrorType::RecursionLimitExceeded => "too many nested parentheses".to_owned(),
        ParseErrorType::SimpleStatementsOnSameLine if before.trim_end().ends_with("print") => {
            "Missing parentheses in call to 'print'. Did you mean print(...)?".to_owned()
        }
        ParseErrorType::ExpectedExpression if bracket_at(start, source).is_some() => {
            let bracket = bracket_at(start, source).unwrap_or(')');
            format!("unmatched '{bracket}'")
        }
        ParseErrorType::OtherError(text) if text.starts_with("Expected `except` or") => {
            "expected 'except' or 'finally' block".to_owned()
        }
        ParseErrorType::OtherError(text)
            if text.starts_with("Expected a parameter")
                || text.starts_with("Expected an identifier") =>
        {
            "invalid syntax".to_owned()
        }
        ParseErrorType::ExpectedExpression | ParseErrorType::SimpleStatementsOnSameLine => {
            "invalid syntax".to_owned()
        }
        ParseErrorType::PositionalAfterKeywordArgument => {
            "positional argument follows keyword argument".to_owned()
        }
        ParseErrorType::DuplicateKeywordArgumentError(name) => {
            format!("keyword argument repeated: {name}")
        }
        ParseErrorType::ExpectedToken { expected, .. } if expected.to_string() == "`:`" => {
            "expected ':'".to_owned()
        }
        ParseErrorType::OtherError(text) if text.starts_with("Expected an indented block") => {
            let text = lower_first(text).replace('`', "'");
            format!("{text} on line {}", line(start, source).saturating_sub(1))
        }
        other => lower_first(&other.to_string()),
    };
    placed(&words, start, source)
}

/// A closing bracket without an opening one before it.
fn bracket_at(at: TextSize, source: &str) -> Option<char> {
    let (before, rest) = source.split_at_checked(at.to_usize())?;
    let bracket = rest
        .chars()
        .next()
        .filter(|letter| ")]}".contains(*letter))?;
    let opened = before.matches(['(', '[', '{']).count();
    (opened <= before.matches([')', ']', '}']).count()).then_some(bracket)
}

/// The unclosed bracket that causes an unexpected end of the source.
fn never_closed(error: &ParseError, source: &str) -> Option<(char, TextSize)> {
    if !matches!(error.error, ParseErrorType::Lexical(LexicalErrorType::Eof)) {
        return None;
    }
    let mut open = Vec::new();
    for (at, letter) in source.char_indices() {
        match letter {
            '(' | '[' | '{' => open.push((letter, at)),
            ')' | ']' | '}' => drop(open.pop()),
            _ => {}
        }
    }
    let (bracket, at) = open.pop()?;
    Some((bracket, TextSize::try_from(at).ok()?))
}

/// Finds `return` outside a function, which the engine accepts.
pub(super) fn outside_function(body: &[Stmt], source: &str) -> Result<(), String> {
    let mut search = ReturnSearch(None);
    search.visit_body(body);
    match search.0 {
        Some(at) => Err(placed("'return' outside function", at, source)),
        None => Ok(()),
    }
}

struct ReturnSearch(Option<TextSize>);

impl<'a> StatementVisitor<'a> for ReturnSearch {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::FunctionDef(_) => {}
            Stmt::Return(found) => self.0 = self.0.or(Some(found.start())),
            _ => walk_stmt(self, stmt),
        }
    }
}

fn placed(words: &str, at: TextSize, source: &str) -> String {
    format!("{words} (<string>, line {})", line(at, source))
}

pub(super) fn line(at: TextSize, source: &str) -> usize {
    let before = &source.as_bytes()[..at.to_usize().min(source.len())];
    before.iter().filter(|byte| **byte == b'\n').count() + 1
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|c| c.to_ascii_lowercase());
    first.into_iter().chain(letters).collect()
}
